"""Cells that have a type of their own → text as every other extract has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

Row = Sequence[Any]

REMEMBERED = 100_000


def writer(decimal: str) -> Callable[[Row], list[str]]:
    """What turns a row of cells into text.

    Numbers have the 15 digits that a spreadsheet shows, no thousands, and no decimals if they are
    whole. Where that is not all of their digits they stay powers of ten, by which a damaged key is
    known. Dates are ``2025-12-31``, with a time ``2025-12-31 13:45:00``.

    Parameters
    ----------
    decimal
        The sign between a number and its decimals.
    """

    def number(value: float) -> str:
        text = f"{value:.15g}"
        if "e+" in text:
            text = text.upper()
        elif "e" in text:
            text = f"{Decimal(text):f}"
        # Minus zero is how some programs write what they took away from itself.
        return "0" if text == "-0" else text.replace(".", decimal)

    as_text = {
        float: _Once(number),
        int: _Once(number),
        bool: _Once(lambda value: "TRUE" if value else "FALSE"),
        dt.date: _Once(dt.date.isoformat),
        dt.datetime: _Once(lambda value: value.isoformat(" ", "seconds")),
        dt.time: _Once(lambda value: value.isoformat("seconds")),
        dt.timedelta: _Once(_duration),
    }

    def row(cells: Row) -> list[str]:
        return [cell if type(cell) is str else as_text[type(cell)][cell] for cell in cells]

    return row


class _Once(dict[Any, str]):
    """Value → text, written once while it is remembered: in a column most values come again."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, value: Any) -> str:
        if len(self) >= REMEMBERED:
            self.clear()
        text = self[value] = self._write(value)
        return text


def _duration(value: dt.timedelta) -> str:
    """Hours, which may be more than a day has, as ``36:00:00``."""
    seconds = int(abs(value.total_seconds()))
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
