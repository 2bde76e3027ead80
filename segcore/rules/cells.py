"""One cell of a rule table: which classes of one variable a rule asks for.

A cell is written ``*``, ``4``, ``>=4``, ``<=2``, ``4..5`` or ``4|5``. ``4-5`` is read too, but
spreadsheets turn it into a date, so segcore never writes it and says so when it finds such a date.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from segcore.engine.sql import quote_name

_ONE = re.compile(r"([0-9]+)")
_AT_LEAST = re.compile(r"(?:>=|≥)\s*([0-9]+)")
_AT_MOST = re.compile(r"(?:<=|≤)\s*([0-9]+)")
_RANGE = re.compile(r"([0-9]+)\s*(?:\.\.|…|-|–)\s*([0-9]+)")
_CHOICE = re.compile(r"[0-9]+(?:\s*\|\s*[0-9]+)+")

_MONTHS = (
    ("jan", "januar", "january", "jän", "jänner"),
    ("feb", "februar", "february"),
    ("mar", "march", "mär", "mrz", "märz", "maerz"),
    ("apr", "april"),
    ("may", "mai"),
    ("jun", "june", "juni"),
    ("jul", "july", "juli"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("oct", "october", "okt", "oktober"),
    ("nov", "november"),
    ("dec", "december", "dez", "dezember"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
_NUMERIC_DATE = re.compile(
    r"(?:(\d{4})([-./])(\d{1,2})\2(\d{1,2})"  # 2026-05-04
    r"|(\d{1,2})([-./])(\d{1,2})\6(?:\d{4}|\d{2})"  # 05.04.2026, 4/5/26
    r"|(\d{1,2})/(\d{1,2})"  # 4/5
    r"|(\d{1,2})\.(\d{1,2})\."  # 4.5.
    r"|(\d{2})\.(\d{2}))"  # 04.05
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)
_DAY_ZERO = dt.date(1899, 12, 30)  # spreadsheets count days from here


class CellError(ValueError):
    """A cell that cannot be read; the text says what it must be."""


@dataclass(frozen=True)
class Cell:
    """The classes of one variable that a rule accepts.

    Parameters
    ----------
    variable
        The variable's name.
    allowed
        The accepted classes, ascending; at least one.
    classes
        How many classes the variable has; the highest is the best.
    """

    variable: str
    allowed: tuple[int, ...]
    classes: int

    @property
    def any(self) -> bool:
        """Whether every class is accepted."""
        return len(self.allowed) == self.classes

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The accepted classes as (lowest, highest) of each unbroken stretch, ascending."""
        found: list[tuple[int, int]] = []
        for number in self.allowed:
            if found and found[-1][1] == number - 1:
                found[-1] = (found[-1][0], number)
            else:
                found.append((number, number))
        return tuple(found)

    @property
    def text(self) -> str:
        """The cell as segcore writes it.

        Examples
        --------
        >>> Cell("recency", (4, 5), classes=5).text, Cell("recency", (2, 3), classes=5).text
        ('>=4', '2..3')
        """
        if self.any:
            return "*"
        if len(self.spans) > 1:
            return "|".join(map(str, self.allowed))
        low, high = self.spans[0]
        if low == high:
            return str(low)
        if high == self.classes:
            return f">={low}"
        return f"<={high}" if low == 1 else f"{low}..{high}"

    def sql(self, suffix: str = "_class") -> str:
        """The condition over the column ``<variable><suffix>``, ``true`` if any class will do."""
        if self.any:
            return "true"
        column = quote_name(self.variable + suffix)
        if len(self.spans) > 1:
            return f"{column} in ({', '.join(map(str, self.allowed))})"
        low, high = self.spans[0]
        if low == high:
            return f"{column} = {low}"
        if high == self.classes:
            return f"{column} >= {low}"
        return f"{column} <= {high}" if low == 1 else f"{column} between {low} and {high}"


def any_class(variable: str, classes: int) -> Cell:
    """The cell ``*``."""
    return Cell(variable, tuple(range(1, classes + 1)), classes)


def read_cell(text: str, variable: str, classes: int) -> Cell:
    """Read one cell.

    Parameters
    ----------
    text
        What stands in the cell.
    variable, classes
        The variable of the column, and how many classes it has.

    Raises
    ------
    CellError
        If the cell is empty, looks like a date, names a class outside 1..classes, or is none of
        the forms. The text is the part of a message that follows "FILE: line N, COLUMN: ".
    """
    written = text.strip()
    if written == "*":
        return any_class(variable, classes)
    wanted = _classes(written, classes)
    if wanted is None or (max(wanted) > 31 and _date_behind(written)):
        raise CellError(_unreadable(written, classes))
    outside = [number for number in wanted if not 1 <= number <= classes]
    if outside:
        raise CellError(f"must be a class from 1 to {classes}, {classes} being best (got {written!r})")
    return Cell(variable, tuple(sorted(set(wanted))), classes)


def forms(classes: int) -> str:
    """The forms of a cell, in numbers that fit a variable with so many classes."""
    best = classes
    return f"*, {best}, >={best}, <=1, {best - 1}..{best} or {best - 1}|{best}"


def _classes(written: str, classes: int) -> list[int] | None:
    """The classes that a cell names, in or out of range; None if it is none of the forms."""
    if found := _ONE.fullmatch(written):
        return [_number(found[1])]
    if found := _AT_LEAST.fullmatch(written):
        return list(range(low, classes + 1)) if (low := _number(found[1])) <= classes else [low]
    if found := _AT_MOST.fullmatch(written):
        high = _number(found[1])
        return list(range(1, high + 1)) if 1 <= high <= classes else [high]
    if found := _RANGE.fullmatch(written):
        low, high = _number(found[1]), _number(found[2])
        return ([low, high] if high > classes else list(range(low, high + 1))) if low <= high else None
    if _CHOICE.fullmatch(written):
        return [_number(number) for number in written.split("|")]
    return None


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else 10**9  # outside either way, and never too long


def _unreadable(written: str, classes: int) -> str:
    if not written:
        return f"must be {forms(classes)} (got an empty cell); write * where any class will do"
    must = f"must be {forms(classes)} (got {written!r})"
    date = _date_behind(written)
    if date is None:
        return must
    low, high = sorted(date)
    if 1 <= low < high <= classes:
        made_of, write = f"{low}-{high}", f"{low}..{high}"
    else:
        made_of, write = "a range", f"it with two dots, like {classes - 1}..{classes}"
    return f"{must}: the cell looks like a date that a spreadsheet made of {made_of}; write {write}"


def _date_behind(written: str) -> tuple[int, int] | None:
    """The two numbers of a range that may have become this date, or None if it is no date."""
    if found := _NUMERIC_DATE.fullmatch(written):
        groups = found.groups()
        pairs = (groups[2:4], (groups[4], groups[6]), groups[7:9], groups[9:11], groups[11:13])
        first, second = next(pair for pair in pairs if pair[0] is not None)
        return int(first), int(second)
    if re.fullmatch(r"[345]\d{4}", written):  # a date's number: 30000 is in 1982, 59999 in 2064
        day = _DAY_ZERO + dt.timedelta(days=int(written))
        return day.month, day.day
    words = [word for word in re.split(r"[\s.,/-]+", written.casefold()) if word]
    months = [_MONTH_OF[word] for word in words if word in _MONTH_OF]
    numbers = [_number(word) for word in words if word.isdecimal()]
    if len(months) != 1 or not numbers or len(months) + len(numbers) != len(words):
        return None
    return months[0], min(numbers)
