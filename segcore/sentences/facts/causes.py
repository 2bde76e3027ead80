"""What the tables ``marks`` and ``bridge`` add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segcore.sentences.rows import Row, Table, rows

ORDER = ("earned", "aged", "corrected", "boundary", "rules", "model")
"""The marks, the customers' own first."""

OWN, OURS = ("earned", "aged"), ("boundary", "rules", "model")

OFTEN = 4
"""From one in so many fragile movers on, the finding on moves says how many are."""


def movers(marks: Table) -> list[Row]:
    """The rows of those who moved, in the order of their marks."""
    found = [row for row in rows(marks) if row["mark"] in ORDER]
    return sorted(found, key=lambda row: ORDER.index(row["mark"]))


@dataclass(frozen=True)
class Moves:
    """How many customers moved: all, by what they did themselves, by our method, and by late orders."""

    every: int
    own: int
    ours: int
    corrected: int


def moves(marks: Table) -> Moves:
    """Whose the moves of the table ``marks`` were."""
    n = dict.fromkeys(ORDER, 0)
    for row in movers(marks):
        n[row["mark"]] += row["customers"]
    every, own, ours = (sum(n[mark] for mark in of) for of in (ORDER, OWN, OURS))
    return Moves(every, own, ours, n["corrected"])


def moved(marks: Table, direction: str) -> list[Row]:
    """The marks of those who moved up, or down, that anybody has."""
    return [row for row in movers(marks) if row["direction"] == direction and row["customers"]]


def ways(marks: Table) -> list[str]:
    """Up and down, as far as anybody moved so."""
    return [way for way in ("up", "down") if moved(marks, way)]


def fragile(marks: Table) -> tuple[int, int] | None:
    """How many movers are fragile, and of how many; None where nobody moved or it is not known."""
    found = movers(marks)
    every = sum(row["customers"] for row in found)
    if not every or any(row.get("fragile") is None for row in found):
        return None
    return sum(row["fragile"] for row in found), every


def often_fragile(marks: Table) -> int:
    """How many movers are fragile where they are a quarter or more; 0 for fewer, or where it is not known."""
    n, every = fragile(marks) or (0, 0)
    return n if n and n * OFTEN >= every else 0


def resized(found: Table, names: Sequence[str]) -> list[tuple[str, int]]:
    """Segments with the customers that the new model alone gave them; those whom it gave none are left out.

    Parameters
    ----------
    found
        The table ``bridge``, see :func:`segcore.transitions.causes`.
    names
        The segments that are spoken of.
    """
    every, made = rows(found), []
    for name in names:
        before, after = (
            sum(r["customers"] for r in every if (r["from_segment"], r["to_segment"]) == sides)
            for sides in ((name, None), (None, name))
        )
        if after != before:
            made.append((name, after - before))
    return made


@dataclass(frozen=True)
class Placed:
    """Whom the new model places elsewhere than the one before.

    Parameters
    ----------
    customers
        All who have a segment by both.
    elsewhere, better, worse
        How many of them are placed elsewhere, and in which way, where there is an order.
    most
        The pair of segments that most of these share, and whether it is the only pair.
    """

    customers: int
    elsewhere: int
    better: int
    worse: int
    most: Row
    only: bool


def placed(found: Table, segments: Sequence[str]) -> Placed | None:
    """Whom the new model places elsewhere; None without a bridge.

    Parameters
    ----------
    found
        The table ``bridge``.
    segments
        The segments of this run, best first.
    """
    every = [row for row in rows(found) if row["from_segment"] and row["to_segment"]]
    if not every:
        return None
    best = {name: place for place, name in enumerate(segments)}
    others = [row for row in every if row["from_segment"] != row["to_segment"]]
    steps = [(row["customers"], _step(row, best)) for row in others]
    return Placed(
        sum(row["customers"] for row in every),
        sum(number for number, _ in steps),
        sum(number for number, step in steps if step > 0),
        sum(number for number, step in steps if step < 0),
        max(others, key=lambda row: row["customers"], default={}),
        len(others) == 1,
    )


def _step(row: Row, best: Mapping[str, int]) -> int:
    if row["from_segment"] not in best:
        return 0
    return best[row["from_segment"]] - best[row["to_segment"]]
