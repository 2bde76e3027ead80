"""What tables add up to, for the sentences of every language: numbers and names, but no words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore.intervals import FEW, MOST_FALSE
from segcore.sentences.rows import Row, Table, rows

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("attribute", "market", "representative", "size", "age")
"""Kinds of attributes, in the order in which they are named."""


def without_rank(accounts: Table) -> dict[str, int]:
    """Segments of the last run that the study no longer has → their customers then.

    Parameters
    ----------
    accounts
        The table, see :func:`segcore.transitions.accounts`.
    """
    return {
        row["segment"]: row["customers"]
        for row in rows(accounts)
        if row["rank"] is None and row["part"] == "start" and row["customers"]
    }


def shares_that_stayed(matrix: Table) -> dict[float, list[str]]:
    """Share of those who stayed → the segments that have it, among those of 20 customers or more.

    Parameters
    ----------
    matrix
        The table, see :func:`segcore.transitions.matrix`.
    """
    shares: dict[float, list[str]] = {}
    for row in rows(matrix):
        if row["state"] == "stayed" and row["row_total"] >= FEW:
            shares.setdefault(row["share"], []).append(row["from_segment"])
    return shares


@dataclass(frozen=True)
class Part:
    """One number of the equation that every record is in.

    Parameters
    ----------
    sign
        "", "=" or "+".
    number
        Records.
    words
        What became of them.
    """

    sign: str
    number: int
    words: str


def measured(table: pd.DataFrame) -> pd.DataFrame:
    """The gates as they are shown; table: the run's ``gates``."""
    limit = table["limit"].astype(object).where(table["limit"].notna(), "")
    return table[["source", "gate", "file", "found", "limit", "state"]].assign(limit=limit)


def by_source(table: pd.DataFrame, parts: Iterable[str]) -> dict[str, dict[str, int]]:
    """Source → records, loaded and so on; table: the run's ``records``."""
    return {str(row["source"]): {name: int(row[name]) for name in parts} for row in table.to_dict("records")}


@dataclass(frozen=True)
class Months:
    """In which months orders are.

    Parameters
    ----------
    orders
        First day of a month → its orders.
    first, last, most
        The first and the last month with orders, and the latest with most.
    least
        The earliest with fewest between the first and the last, which may be cut; None if there is none.
    missing
        Months in between without an order.
    """

    orders: dict[dt.date, int]
    first: dt.date
    last: dt.date
    most: dt.date
    least: dt.date | None
    missing: list[dt.date]


def monthly(frame: pd.DataFrame) -> Months:
    """In which months orders are; frame: month (its first day), orders."""
    days = [_day(value) for value in frame["month"]]
    orders = dict(zip(days, map(int, frame["orders"]), strict=True))
    first, last, most = min(days), max(days), max(days, key=lambda day: (orders[day], day))
    whole = [day for day in days if first < day < last]
    least = min(whole, key=lambda day: (orders[day], day)) if whole else None
    return Months(orders, first, last, most, least, [d for d in _each(first, last) if d not in orders])


def _each(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of all months from one to another."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]


def _day(value: Any) -> dt.date:
    """A date as a frame has it, whole days or with a time."""
    return value.date() if isinstance(value, dt.datetime) else value


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


def in_one_line(text: str, longest: int) -> str:
    """A name in one line; one without an end is cut."""
    whole = re.sub(r"[^\S\xa0]+", " ", text).strip()
    return whole if len(whole) <= longest else f"{whole[: longest - 1]}…"


def more_than_chance(insights: Table) -> list[Row]:
    """The rows that are more than chance, see :func:`segcore.transitions.insights`."""
    return [row for row in rows(insights) if row["q_value"] is not None and row["q_value"] <= MOST_FALSE]


def tested_attributes(found: Sequence[Row], longest: int) -> tuple[int, list[str]]:
    """How many levels were tested, and of which attributes, by kind and name."""
    tested = [row for row in found if row["p_value"] is not None]
    ordered = sorted(tested, key=lambda row: (KINDS.index(row["kind"]), row["attribute"]))
    return len(tested), list(dict.fromkeys(in_one_line(row["attribute"], longest) for row in ordered))
