"""How segments grew and shrank over runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from segcore.sentences.rows import Table, rows


@dataclass(frozen=True)
class Growth:
    """How segments grew and shrank over the runs that compare.

    Parameters
    ----------
    first
        The date of the first run that compares.
    since
        The date of the last change of the model, None without one.
    steps
        How many times a run followed another.
    steady
        How often in a row, up to now, they grew (positive) or shrank (negative) → the segments, longest
        first.
    most
        The greatest change of all, up and down as far as both are there → the segments.
    """

    first: dt.date
    since: dt.date | None
    steps: int
    steady: list[tuple[int, list[str]]]
    most: list[tuple[int, list[str]]]


def growth(sizes: Table, changed: Sequence[dt.date], least: int) -> Growth:
    """What grows or shrinks at least so many times in a row, or else most.

    Parameters
    ----------
    sizes
        The table, see :func:`segcore.transitions.sizes`.
    changed
        The runs with another model than the one before; sizes are compared from the last of them on.
    least
        From how many times in a row on.
    """
    found = [row for row in rows(sizes) if row["rank"] is not None]
    since = max((_plain(day) for day in changed), default=None)
    if since:
        found = [row for row in found if _plain(row["run_date"]) >= since]
    ranks = {row["segment"]: row["rank"] for row in found}
    dates = sorted({row["run_date"] for row in found})
    known = {(row["segment"], row["run_date"]): row["customers"] for row in found}
    series = {name: [known[name, day] for day in dates] for name in sorted(ranks, key=lambda s: -ranks[s])}
    changes = _grouped({name: numbers[-1] - numbers[0] for name, numbers in series.items()}, 1)
    return Growth(
        first=dates[0],
        since=since,
        steps=len(dates) - 1,
        steady=_grouped({name: _streak(numbers) for name, numbers in series.items()}, least),
        most=[(change, names) for change, names in changes if abs(change) == abs(changes[0][0])],
    )


def _plain(date: dt.date) -> dt.date:
    """A day without its time, which a frame gives it."""
    return dt.date(date.year, date.month, date.day)


def _grouped(numbers: Mapping[str, int], least: int) -> list[tuple[int, list[str]]]:
    """Number → the segments that have it, largest first; those below the least are left out."""
    groups: dict[int, list[str]] = {}
    for name, number in numbers.items():
        if abs(number) >= least:
            groups.setdefault(number, []).append(name)
    return sorted(groups.items(), key=lambda group: -abs(group[0]))


def _streak(numbers: Sequence[int]) -> int:
    """How many times in a row, up to now, it grew (positive) or shrank (negative)."""
    length = 0
    for before, after in zip(numbers[-2::-1], numbers[:0:-1], strict=True):
        step = (after > before) - (after < before)
        if not step or (length and (step > 0) != (length > 0)):
            break
        length += step
    return length


@dataclass(frozen=True)
class Seen:
    """What a picture of all runs shows.

    Parameters
    ----------
    segments
        How many, those that no longer exist with them.
    retired
        Whether one no longer exists.
    apart
        The fewest and the most days between two runs; None with a single run.
    """

    segments: int
    retired: bool
    apart: tuple[int, int] | None


def seen(sizes: Table) -> Seen:
    """What a picture of all runs shows; sizes: see :func:`segcore.transitions.sizes`."""
    found = rows(sizes)
    ranks = {row["segment"]: row["rank"] for row in found}
    dates = sorted({row["run_date"] for row in found})
    gaps = [(after - before).days for before, after in pairwise(dates)]
    return Seen(len(ranks), None in ranks.values(), (min(gaps), max(gaps)) if gaps else None)
