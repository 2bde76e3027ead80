"""What all runs together show: how segments grew and shrank, and how long customers stay in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise

from segcore.sentences.rows import Table, rows
from segcore.wording import count, in_words, join, long_date, month, percent, plural, sentence

STEADY = 3
"""From how many times in a row on growing or shrinking is told as such."""


def over_runs(sizes: Table, changed: Sequence[dt.date] = ()) -> str:
    """The finding about segments over runs: what grows or shrinks steadily, or else most.

    Parameters
    ----------
    sizes
        The table, see :func:`segcore.transitions.sizes`.
    changed
        The runs with another model than the one before; sizes are compared from the last of them on.
    """
    found = [row for row in rows(sizes) if row["rank"] is not None]
    since_change = max(map(_day, changed), default=None)
    if since_change:
        found = [row for row in found if _day(row["run_date"]) >= since_change]
    ranks = {row["segment"]: row["rank"] for row in found}
    dates = sorted({row["run_date"] for row in found})
    if since_change and len(dates) == 1:
        return "The model is another one, so sizes do not compare with those before"
    known = {(row["segment"], row["run_date"]): row["customers"] for row in found}
    series = {name: [known[name, day] for day in dates] for name in sorted(ranks, key=lambda s: -ranks[s])}
    steady = _grouped({name: _streak(numbers) for name, numbers in series.items()}, STEADY)
    if steady:
        steps = len(dates) - 1
        told = "; ".join(f"{_have(names)} {_steadily(streak, steps)}" for streak, names in steady[:2])
        every = since_change and any(abs(streak) == steps for streak, _ in steady[:2])
        return f"{told} since the model changed" if every else told
    changes = _grouped({name: numbers[-1] - numbers[0] for name, numbers in series.items()}, 1)
    if not changes:
        return f"Every segment is as large as in {month(dates[0])}"
    most = [(change, names) for change, names in changes if abs(change) == abs(changes[0][0])]
    since = f"most since {month(dates[0])}, "
    clauses: list[str] = []
    for change, names in most:
        how = f"{_have(names)} {'grown' if change > 0 else 'shrunk'}"
        number = f"by {plural(abs(change), 'customer')}{' each' if len(names) > 1 else ''}"
        clauses.append(f"{how} {'' if clauses else since}{number}")
    return join(clauses)


def _day(date: dt.date) -> dt.date:
    """A day without its time, which a frame gives it."""
    return dt.date(date.year, date.month, date.day)


def _grouped(numbers: Mapping[str, int], least: int) -> list[tuple[int, list[str]]]:
    """Number → the segments that have it, largest first; those below the least are left out."""
    groups: dict[int, list[str]] = {}
    for name, number in numbers.items():
        if abs(number) >= least:
            groups.setdefault(number, []).append(name)
    return sorted(groups.items(), key=lambda group: -abs(group[0]))


def _have(names: Sequence[str]) -> str:
    return f"{join(names)} {'has' if len(names) == 1 else 'have'}"


def _streak(numbers: Sequence[int]) -> int:
    """How many times in a row, up to now, it grew (positive) or shrank (negative)."""
    length = 0
    for before, after in zip(numbers[-2::-1], numbers[:0:-1], strict=True):
        step = (after > before) - (after < before)
        if not step or (length and (step > 0) != (length > 0)):
            break
        length += step
    return length


def _steadily(streak: int, steps: int) -> str:
    how = "grown" if streak > 0 else "shrunk"
    return f"{how} in every run" if abs(streak) == steps else f"{how} {in_words(abs(streak))} times in a row"


def how_to_read(sizes: Table, changed: Sequence[dt.date] = ()) -> list[str]:
    """How the picture of all runs is read.

    Parameters
    ----------
    sizes
        The table, see :func:`segcore.transitions.sizes`.
    changed
        The dates of runs whose segments were made with another model than in the run before.
    """
    found = rows(sizes)
    ranks = {row["segment"]: row["rank"] for row in found}
    dates = sorted({row["run_date"] for row in found})
    gaps = sorted((after - before).days for before, after in pairwise(dates))
    if not gaps:
        return []
    apart = plural(gaps[0], "day") if gaps[0] == gaps[-1] else f"{gaps[0]} to {gaps[-1]} days"
    charts = {1: "The chart starts", 2: "Both charts have the same scale and start"}.get(
        len(ranks), f"All {in_words(len(ranks))} charts have the same scale and start"
    )
    told = [f"{charts} at zero. Runs are {apart} apart."]
    if changed:
        where = "a dotted line" if len(changed) == 1 else "dotted lines"
        told.append(
            f"**Another model:** where {where} stand{'s' * (len(changed) == 1)}, segments were made with "
            "another model from there on, so part of the step is not the customers’ doing."
        )
    if None in ranks.values():
        told.append("Grey: a segment that no longer exists.")
    return told


def flows(table: Table) -> str:
    """How the number of customers and the share of movers compare with earlier runs."""
    found = rows(table)
    first, now = found[0], found[-1]
    if len(found) == 1:
        return f"This is the first run: {plural(now['customers'], 'customer')}."
    more = now["customers"] - first["customers"]
    how = f"{count(abs(more))} {'more' if more > 0 else 'fewer'} than" if more else "as many as"
    told = [
        f"{plural(now['customers'], 'customer')}, {how} in the first run, {long_date(first['run_date'])}."
    ]
    rates = [(row["up"] + row["down"]) / row["both"] for row in found if row["both"]]
    if now["both"] and len(rates) > 1:
        told.append(
            f"{sentence(percent(rates[-1]))} of those in both runs moved up or down; "
            f"before it was {_between(rates[:-1])}."
        )
    return " ".join(told)


def _between(shares: Sequence[float]) -> str:
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"between {low} and {high}"
