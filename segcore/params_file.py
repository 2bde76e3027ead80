"""Reading a study: YAML text → :class:`segcore.params.Study`, or every problem at once."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from segcore.errors import ParamsError
from segcore.params import Study

SECRET = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice; plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_study(path: Path | str) -> Study:
    """Read one study.

    Parameters
    ----------
    path
        ``params/NAME.yaml``; the file's name without its ending is the study's name.

    Raises
    ------
    ParamsError
        With every problem of the file, each as ``FILE: KEY must … (got …)``.
    """
    path = Path(path)
    raw = _read(path)
    secrets = [
        f"{path}: {key} must not stand in a study, for studies are archived: "
        "put secrets into the environment and remove the key"
        for key in _secret_keys(raw)
    ]
    if secrets:
        raise ParamsError(*secrets)
    taken = [k for k in ("name", "path") if k in raw]
    if taken:
        raise ParamsError(*(f"{path}: {k}: is not a key of a study; the file's name says it" for k in taken))
    try:
        return Study(**raw, name=path.stem, path=path)
    except ValidationError as error:
        raise ParamsError(*_problems(path, raw, error)) from None


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


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        others = sorted(p.name for p in path.parent.glob("*.yaml")) if path.parent.is_dir() else []
        hint = f"; {path.parent} holds {', '.join(others)}" if others else ""
        raise ParamsError(f"{path}: there must be a study in this file (no such file{hint})") from None
    except (UnicodeDecodeError, IsADirectoryError, PermissionError) as error:
        raise ParamsError(f"{path}: must be a readable UTF-8 text file (got {error})") from None
    try:
        raw = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: must be YAML ({_where(error)})") from None
    if not isinstance(raw, dict):
        raise ParamsError(f"{path}: must be keys and values, starting with title: (got {_shown(raw)})")
    return {str(key): value for key, value in raw.items()}


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _secret_keys(node: object, at: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{at}.{key}" if at else str(key)
            # Column maps carry the company's own words; only settings can hold secrets.
            if SECRET.search(str(key)) and isinstance(value, str | int | float) and ".columns" not in at:
                yield here
            yield from _secret_keys(value, here)


def _problems(path: Path, raw: dict[str, Any], error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        loc = [str(part) for part in item["loc"] if not _is_union_branch(str(part))]
        key = ".".join(loc)
        # Models whose own checks fail list several problems in one text.
        for text in item["msg"].removeprefix("Value error, ").split("; "):
            yield f"{path}: {_sentence(key, text, item, raw)}"


def _is_union_branch(part: str) -> bool:
    return part.startswith(("tuple[", "literal[", "constrained-", "function-"))


_EXPECTED = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be keys and values",
    "date_type": "must be a date like 2025-12-31",
    "model_type": "must be keys and values",
}


def _sentence(key: str, text: str, item: Any, raw: dict[str, Any]) -> str:
    kind, got = item["type"], item["input"]
    if kind == "extra_forbidden":
        return f"{key} is not a key of a study{_meant(item['loc'])}"
    if kind == "missing":
        return f"{key} must be given (it is missing)"
    if kind == "value_error":
        if isinstance(got, str | int | float | dt.date):
            return f"{key} {text} (got {_shown(got)})"
        return f"{key}: {text}" if key else text
    expected = _EXPECTED.get(kind) or text[0].lower() + text[1:]
    looks_like_text = kind == "string_type" and isinstance(got, bool | int | float | dt.date)
    quotes = "; put it in quotes" if looks_like_text else ""
    return f"{key}: {expected}{quotes} (got {_shown(got)})"


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
    text = repr(value) if not isinstance(value, dt.date) else value.isoformat()
    return text if len(text) <= 60 else text[:57] + "…"
