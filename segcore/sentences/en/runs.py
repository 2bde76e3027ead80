"""What all runs together show: how segments grew and shrank, and how long customers stay in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.facts.runs import growth, seen
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
    found = growth(sizes, changed, STEADY)
    if found.since and not found.steps:
        return "The model is another one, so sizes do not compare with those before"
    steady, steps = found.steady, found.steps
    if steady:
        told = "; ".join(f"{_have(names)} {_steadily(streak, steps)}" for streak, names in steady[:2])
        every = found.since and any(abs(streak) == steps for streak, _ in steady[:2])
        return f"{told} since the model changed" if every else told
    if not found.most:
        return f"Every segment is as large as in {month(found.first)}"
    since = f"most since {month(found.first)}, "
    clauses: list[str] = []
    for change, names in found.most:
        how = f"{_have(names)} {'grown' if change > 0 else 'shrunk'}"
        number = f"by {plural(abs(change), 'customer')}{' each' if len(names) > 1 else ''}"
        clauses.append(f"{how} {'' if clauses else since}{number}")
    return join(clauses)


def _have(names: Sequence[str]) -> str:
    return f"{join(names)} {'has' if len(names) == 1 else 'have'}"


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
    found = seen(sizes)
    if not found.apart:
        return []
    low, high = found.apart
    apart = plural(low, "day") if low == high else f"{low} to {high} days"
    charts = {1: "The chart starts", 2: "Both charts have the same scale and start"}.get(
        found.segments, f"All {in_words(found.segments)} charts have the same scale and start"
    )
    told = [f"{charts} at zero. Runs are {apart} apart."]
    if changed:
        where = "a dotted line" if len(changed) == 1 else "dotted lines"
        told.append(
            f"**Another model:** where {where} stand{'s' * (len(changed) == 1)}, segments were made with "
            "another model from there on, so part of the step is not the customers’ doing."
        )
    if found.retired:
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
