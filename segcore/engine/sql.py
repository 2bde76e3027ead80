"""The one place that quotes identifiers and literals for SQL text."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal


def quote_name(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def quote_names(names: Iterable[str]) -> str:
    """Identifiers, quoted and separated by commas."""
    return ", ".join(map(quote_name, names))


def quote_text(text: str) -> str:
    """A text literal."""
    return "'" + text.replace("'", "''") + "'"


def literal(value: str | int | float | Decimal | None) -> str:
    """A literal for a value that becomes part of exported SQL, where nothing can be bound."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return quote_text(value)
    if isinstance(value, float):
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    return str(value)
