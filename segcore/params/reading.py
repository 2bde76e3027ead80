"""Strict reading of a YAML file that people write: its keys and values, or every problem at once."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from segcore.disk import start_of
from segcore.errors import ParamsError
from segcore.params.yaml import BYTES, read_yaml

SECRET = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """What a file is, for what is said of it.

    Parameters
    ----------
    name
        Of the kind, like ``a study``.
    model
        What its keys and values are.
    begins
        The key with which it usually begins.
    archived
        Why no secret may stand in it.
    beside
        Which files of the kind lie in a folder.
    """

    name: str
    model: type[BaseModel]
    begins: str
    archived: str
    beside: Callable[[Path], Sequence[Path]]


def bytes_of(path: Path, kind: Kind) -> bytes:
    """The bytes of a file, as many as it may have and one more.

    Raises
    ------
    ParamsError
        If there is no such file, with those of the kind that lie beside it.
    """
    try:
        return start_of(path, BYTES + 1)
    except FileNotFoundError:
        others = [other.name for other in kind.beside(path.parent)] if path.parent.is_dir() else []
        hint = f"; {path.parent} holds {', '.join(others)}" if others else ""
        raise ParamsError(f"{path}: there must be {kind.name} in this file (no such file{hint})") from None
    except OSError as error:
        raise ParamsError(f"{path}: must be a readable UTF-8 text file (got {error.strerror})") from None


def keys_and_values(path: Path, raw: bytes, kind: Kind) -> dict[str, Any]:
    """What a file says, none of it checked but that no key looks like a secret.

    Raises
    ------
    ParamsError
        If it is no YAML within limits, not keys and values, or may hold secrets.
    """
    if len(raw) > BYTES:
        raise ParamsError(
            f"{path}: must be at most {BYTES:,} bytes, as even large studies are (it is larger); "
            f"give the file of {kind.name}"
        )
    try:
        found = read_yaml(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path}: must be a readable UTF-8 text file (got {error})") from None
    except yaml.YAMLError as error:
        raise ParamsError(f"{path}: must be YAML ({_where(error)})") from None
    if not isinstance(found, dict):
        wanted = f"must be keys and values, starting with {kind.begins}:"
        raise ParamsError(f"{path}: {wanted} (got {shown(found)})")
    keys = {str(key): value for key, value in found.items()}
    if secrets := [
        f"{path}: {key} must not stand in {kind.name}, for {kind.archived}: "
        "put secrets into the environment and remove the key"
        for key in _secret_keys(keys)
    ]:
        raise ParamsError(*secrets)
    return keys


def _where(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if isinstance(error, yaml.reader.ReaderError):
        problem = f"the control character U+{error.character:04X} stands in it"
    if "'\\t'" in problem:
        problem = "a tab stands where only blanks may"
    return f"line {mark.line + 1}: {problem}" if mark else str(problem)


def _secret_keys(node: object, at: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for place, entry in enumerate(node):
            yield from _secret_keys(entry, f"{at}.{place}")
    if isinstance(node, dict):
        for key, value in node.items():
            here = f"{at}.{key}" if at else str(key)
            # Maps of columns and exclusions carry the company's own words; only settings hold secrets.
            own_words = at.endswith((".columns", ".exclude"))
            if SECRET.search(str(key)) and not isinstance(value, dict) and not own_words:
                yield here
            yield from _secret_keys(value, here)


def problems(path: Path, error: ValidationError, kind: Kind) -> Iterator[str]:
    """What is wrong with the keys and values of a file, one sentence for each."""
    items = error.errors(include_url=False)
    faulty = {item["loc"] for item in items}
    for item in items:
        # A list whose only entry is wrong is not too short as well.
        if item["type"] == "too_short" and any(loc[:-1] == item["loc"] for loc in faulty):
            continue
        # Models whose own checks fail list several problems in one text.
        for text in item["msg"].removeprefix("Value error, ").split("\n"):
            yield f"{path}: {_sentence(item, text, kind)}"


_EXPECTED: Mapping[str, str] = {
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


def _sentence(item: Any, text: str, of: Kind) -> str:
    kind, got, loc = item["type"], item["input"], item["loc"]
    key = ".".join(str(part) for part in loc if part != "[key]" and not _is_union_branch(str(part)))
    if kind == "extra_forbidden":
        return f"{key} is not a key of {of.name}{_meant(loc, of.model)}"
    if kind == "missing":
        return f"{key} must be given (it is missing)"
    if loc and loc[-1] == "[key]" and not isinstance(got, str):
        return f"{key.rpartition('.')[0]}: the key {got} must be text; put it in quotes"
    if kind == "value_error":
        found = "" if isinstance(got, dict) else f" (got {shown(got)})"
        return f"{key}: {text}{found}" if key else text
    expected = _EXPECTED.get(kind, text[0].lower() + text[1:]).format(**item.get("ctx", {}))
    looks_like_text = kind == "string_type" and isinstance(got, bool | int | float | dt.date)
    quotes = "; put it in quotes" if looks_like_text else ""
    return f"{key}: {expected}{quotes} (got {shown(got)})"


def _is_union_branch(part: str) -> bool:
    return part.startswith(("tuple[", "literal[", "constrained-", "function-"))


def _meant(loc: tuple[Any, ...], whole: type[BaseModel]) -> str:
    model: Any = whole
    for part in loc[:-1]:
        model = _child(model, str(part))
    return did_you_mean(str(loc[-1]), _keys(model))


def did_you_mean(given: str, names: list[str]) -> str:
    """What somebody meant who wrote a name that is not known, or which there are; begins with a ``;``."""
    close = difflib.get_close_matches(given, names, n=1)
    return f"; did you mean {close[0]}?" if close else (f"; it may be {', '.join(names)}" if names else "")


def _keys(model: Any) -> list[str]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    fields = model.model_fields.items()
    apart = ("name", "path") if "path" in model.model_fields else ()  # a study's, which its file's name says
    return [field.alias or name for name, field in fields if name not in apart]


def _child(model: Any, part: str) -> Any:
    """The model below ``part``; dictionaries are passed through by their values' model."""
    field = next((f for n, f in getattr(model, "model_fields", {}).items() if (f.alias or n) == part), None)
    return _model_in(field.annotation) if field is not None else model


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(arg) for arg in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def shown(value: object) -> str:
    """A value as a sentence has it, cut where it is long."""
    text = _in_words(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _in_words(value: object) -> str:
    """A value as the study has it, for dates stand there as they are."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list) and any(isinstance(entry, dt.date) for entry in value):
        return f"[{', '.join(map(_in_words, value))}]"
    return repr(value)
