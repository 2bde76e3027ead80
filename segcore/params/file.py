"""Reading a study: YAML text → :class:`segcore.params.Study`, or every problem at once."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from segcore.disk import start_of
from segcore.errors import ParamsError
from segcore.params import Study
from segcore.params.forms import NAME
from segcore.params.yaml import BYTES, read_yaml
from segcore.project import check_ending

SECRET = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)


def load_study(path: Path | str, raw: bytes | None = None) -> Study:
    """Read one study.

    Parameters
    ----------
    path
        ``params/NAME.yaml``; the file's name without its ending is the study's name.
    raw
        The file's bytes, if they were read already.

    Raises
    ------
    ParamsError
        With every problem of the file, each as ``FILE: KEY must … (got …)``.
    """
    path = Path(path)
    check_ending(path)
    keys = _keys_and_values(path, read_study(path) if raw is None else raw)
    secrets = [
        f"{path}: {key} must not stand in a study, for studies are archived: "
        "put secrets into the environment and remove the key"
        for key in _secret_keys(keys)
    ]
    if secrets:
        raise ParamsError(*secrets)
    if not NAME.fullmatch(path.stem):
        raise ParamsError(
            f"{path}: must be named with lower-case letters, digits and _, starting with a letter "
            f"(got {path.stem!r}); rename the file and its rule table"
        )
    taken = [k for k in ("name", "path") if k in keys]
    if taken:
        raise ParamsError(*(f"{path}: {k} is not a key of a study; the file's name says it" for k in taken))
    try:
        return Study(**keys, name=path.stem, path=path)
    except ValidationError as error:
        raise ParamsError(*_problems(path, error)) from None


def parse_run_date(text: str, *, option: str = "--date") -> dt.date:
    """The run date that a user wrote, as a date.

    Raises
    ------
    ParamsError
        If ``text`` is not a day of the calendar written like 2025-12-31.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ParamsError(f"{option} must be a day written as YYYY-MM-DD, like 2025-12-31 (got {text!r})")


def read_study(path: Path) -> bytes:
    """The bytes of a study's file.

    Raises
    ------
    ParamsError
        If there is no such file, with the studies that lie beside it.
    """
    try:
        return start_of(path, BYTES + 1)
    except FileNotFoundError:
        others = sorted(p.name for p in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
        hint = f"; {path.parent} holds {', '.join(others)}" if others else ""
        raise ParamsError(f"{path}: there must be a study in this file (no such file{hint})") from None
    except OSError as error:
        raise ParamsError(f"{path}: must be a readable UTF-8 text file (got {error.strerror})") from None


def _keys_and_values(path: Path, raw: bytes) -> dict[str, Any]:
    if len(raw) > BYTES:
        raise ParamsError(
            f"{path}: must be at most {BYTES:,} bytes, as even large studies are (it is larger); "
            "give the file of a study"
        )
    try:
        found = read_yaml(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path}: must be a readable UTF-8 text file (got {error})") from None
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: must be YAML ({_where(error)})") from None
    if not isinstance(found, dict):
        raise ParamsError(f"{path}: must be keys and values, starting with title: (got {_shown(found)})")
    return {str(key): value for key, value in found.items()}


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if isinstance(error, yaml.reader.ReaderError):
        problem = f"the control character U+{error.character:04X} stands in it"
    if "'\\t'" in problem:
        problem = "a tab stands where only blanks may"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _secret_keys(node: object, at: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{at}.{key}" if at else str(key)
            # Maps of columns and exclusions carry the company's own words; only settings hold secrets.
            own_words = at.endswith((".columns", ".exclude"))
            if SECRET.search(str(key)) and not isinstance(value, dict) and not own_words:
                yield here
            yield from _secret_keys(value, here)


def _problems(path: Path, error: ValidationError) -> Iterator[str]:
    items = error.errors(include_url=False)
    faulty = {item["loc"] for item in items}
    for item in items:
        # A list whose only entry is wrong is not too short as well.
        if item["type"] == "too_short" and any(loc[:-1] == item["loc"] for loc in faulty):
            continue
        # Models whose own checks fail list several problems in one text.
        for text in item["msg"].removeprefix("Value error, ").split("\n"):
            yield f"{path}: {_sentence(item, text)}"


_EXPECTED = {
    "string_type": "must be text",
    "string_unicode": "must be text without halves of characters",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list like [a, b]",
    "dict_type": "must be keys and values",
    "date_type": "must be a date like 2025-12-31",
    "model_type": "must be keys and values",
    "literal_error": "must be {expected}",
    "too_short": "must have {min_length} or more entries",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
}


def _sentence(item: Any, text: str) -> str:
    kind, got, loc = item["type"], item["input"], item["loc"]
    key = ".".join(str(part) for part in loc if part != "[key]" and not _is_union_branch(str(part)))
    if kind == "extra_forbidden":
        return f"{key} is not a key of a study{_meant(loc)}"
    if kind == "missing":
        return f"{key} must be given (it is missing)"
    if loc and loc[-1] == "[key]" and not isinstance(got, str):
        return f"{key.rpartition('.')[0]}: the key {got} must be text; put it in quotes"
    if kind == "value_error":
        shown = "" if isinstance(got, dict) else f" (got {_shown(got)})"
        return f"{key}: {text}{shown}" if key else text
    expected = _EXPECTED.get(kind, text[0].lower() + text[1:]).format(**item.get("ctx", {}))
    looks_like_text = kind == "string_type" and isinstance(got, bool | int | float | dt.date)
    quotes = "; put it in quotes" if looks_like_text else ""
    return f"{key}: {expected}{quotes} (got {_shown(got)})"


def _is_union_branch(part: str) -> bool:
    return part.startswith(("tuple[", "literal[", "constrained-", "function-"))


def _meant(loc: tuple[Any, ...]) -> str:
    model: Any = Study
    for part in loc[:-1]:
        model = _child(model, str(part))
    names = _keys(model)
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f"; did you mean {close[0]}?" if close else (f"; it may be {', '.join(names)}" if names else "")


def _keys(model: Any) -> list[str]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    fields = model.model_fields.items()
    return [field.alias or name for name, field in fields if name not in ("name", "path")]


def _child(model: Any, part: str) -> Any:
    """The model below ``part``; dictionaries are passed through by their values' model."""
    field = next((f for n, f in getattr(model, "model_fields", {}).items() if (f.alias or n) == part), None)
    return _model_in(field.annotation) if field is not None else model


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(arg) for arg in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def _shown(value: object) -> str:
    text = _in_words(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _in_words(value: object) -> str:
    """A value as the study has it, for dates stand there as they are."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and any(isinstance(entry, dt.date) for entry in value):
        return f"[{', '.join(map(_in_words, value))}]"
    return repr(value)
