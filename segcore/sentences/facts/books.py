"""Which representatives can be compared, and how often chance alone puts one outside the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

from segcore.intervals import LEVEL, LIMITS, against_limits
from segcore.sentences.rows import Row, Table, rows

Side: TypeAlias = Literal["above", "within", "below", "no comparison", "too few"]

JUDGED = ("above", "within", "below")
"""What :func:`side` says of a representative who can be compared."""


def side(row: Row) -> Side:
    """Where a representative lies against the limits within which chance alone stays.

    Parameters
    ----------
    row
        Of the table ``books``.
    """
    if row["expected"] is None:
        return "no comparison"
    return "too few" if row["few"] else against_limits(row)


def judged(books: Table) -> list[tuple[str, Side]]:
    """Name and side of everybody who can be compared; a representative who is not recorded is nobody."""
    known = [(row["name"], side(row)) for row in rows(books) if row["recorded"]]
    return [(name, where) for name, where in known if where in JUDGED]


def elsewhere(credited: Sequence[Row]) -> tuple[int, dict[str, int], dict[str, int]]:
    """How many who reached would count for another; name → how many fewer, and how many more, in the end.

    Parameters
    ----------
    credited
        The rows of the run's ``credited``.
    """
    other = [row for row in credited if row["reached"] and row["credit_rep"] not in (None, row["rep"])]
    less, more = (Counter(row[name] for row in other) for name in ("rep_name", "credit_name"))
    return len(other), dict(sorted((less - more).items())), dict(sorted((more - less).items()))


def by_luck(representatives: int) -> float:
    """The probability that chance alone puts one or more of so many outside the 95 % limits."""
    return float(1 - LIMITS["95"] ** representatives)


def places(p: float) -> int:
    """As how many places keep a p value on its side of the limit, and above nothing."""
    return next(n for n in range(2, 20) if (round(p, n) <= LEVEL) == (p <= LEVEL) and round(p, n) > 0)
