"""How far deliveries are apart, and so how often a first study is to be run."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

USUAL = range(38, 53)
"""So many days apart, deliveries fit the interval of a study that says none, 45 days."""
SHORT = 14  # files that come more often are no reason to look at customers as often
LONG = 370
UNEVEN = 0.15
LEAST = 3  # two deliveries have one distance, which may be chance


@dataclass(frozen=True)
class Rhythm:
    """``run_every`` of a study, "" to leave it out; and what is to be said about it, "" for nothing."""

    every: str = ""
    note: str = ""


def rhythm_of(dates: Iterable[dt.date]) -> Rhythm:
    """What the dates of deliveries say; nothing where they are few, uneven, or about 45 days apart.

    Examples
    --------
    >>> rhythm_of(dt.date(2025, 1, 1) + dt.timedelta(days=91 * n) for n in range(4)).every
    '91 days'
    >>> rhythm_of(dt.date(2025, month, 1) for month in (1, 4, 7)).every
    '3 months'
    >>> rhythm_of(dt.date(2025, 1, 1) + dt.timedelta(days=45 * n) for n in range(4)).every
    ''
    """
    days = sorted(set(dates))
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if len(days) < LEAST:
        return Rhythm()
    usual = median_low(gaps)
    uneven = any(abs(gap - usual) > UNEVEN * usual for gap in gaps)
    if uneven or usual in USUAL or usual > LONG:
        return Rhythm()
    every = _months(days) or (f"{usual} days" if usual > 1 else "1 day")
    if usual < SHORT:
        told = f"please check: {len(days)} deliveries of orders are {every} apart; run_every stays 45 days"
        return Rhythm("", f"{told}, so write it if there shall be a run as often")
    return Rhythm(every, f"{len(days)} deliveries of orders are {every} apart, by the dates in their names")


def _months(days: list[dt.date]) -> str:
    """Their distance in months, if they are of one day of the month or each of its last; else ""."""
    steps = {12 * (b.year - a.year) + b.month - a.month for a, b in pairwise(days)}
    last = all(day.day == calendar.monthrange(day.year, day.month)[1] for day in days)
    if len(steps) > 1 or not (last or len({day.day for day in days}) == 1):
        return ""
    (step,) = steps
    return "1 month" if step == 1 else f"{step} months"
