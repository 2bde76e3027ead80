"""Values of tables that other programs made: numbers as integers, texts within lists, bytes."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

from segcore.engine.sql import quote_text
from segcore.privacy.decoding import OpaqueError
from segcore.privacy.person import Person

PLAIN = (dt.date, dt.time, Decimal, UUID)
"""What JSON has as a text that DuckDB reads again."""


def number_of(value: object) -> str | None:
    """A customer's number as a text, however its column is typed."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float | Decimal) and value == value // 1:
        return str(int(value))
    return None if value is None else str(value)


def is_of(value: object, ids: tuple[str, ...]) -> bool:
    """Whether a value is one of some numbers; a number that is no text has no zeros in front."""
    number = number_of(value)
    if isinstance(value, str | bytes) or number is None:
        return number in ids
    return number in {one.lstrip("0") for one in ids if one.isdigit()}


def cleaned(value: Any, person: Person) -> Any:
    """A value with the marker in its texts; the same one if it holds nobody.

    Raises
    ------
    OpaqueError
        If bytes that are no text hold the person.
    """
    if isinstance(value, str):
        return person.taken_out(value) if person.is_in(value) else value
    if isinstance(value, bytes) and person.may_be_in(value):
        try:
            return person.taken_out(value.decode()).encode()
        except UnicodeDecodeError:
            if person.is_in_bytes(value):
                raise OpaqueError("bytes in a table hold the customer") from None
    if isinstance(value, list | tuple):
        return [cleaned(one, person) for one in value]
    if isinstance(value, dict):
        return {cleaned(key, person): cleaned(one, person) for key, one in value.items()}
    return value


def literal(value: Any, kind: str) -> str:
    """SQL of a value of a type.

    Raises
    ------
    OpaqueError
        If nobody can write it.
    """
    if isinstance(value, str):
        return quote_text(value)
    if isinstance(value, bytes):
        return f"encode({quote_text(value.decode())})"
    return f"{quote_text(json.dumps(value, ensure_ascii=False, default=_text))}::JSON::{kind}"


def _text(value: object) -> str:
    if isinstance(value, PLAIN):
        return str(value)
    raise OpaqueError(f"a {type(value).__name__} within a table cannot be written")
