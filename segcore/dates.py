"""The run dates of a backfill, and the date on which the next run is due."""

from __future__ import annotations

import calendar
import datetime as dt

from segcore.errors import ParamsError


def dates_between(first: dt.date, last: dt.date, every: str) -> list[dt.date]:
    """The dates from ``first`` on, one interval apart, that do not lie after ``last``.

    Parameters
    ----------
    first, last
        The range.
    every
        Like "45 days", "2 weeks", "1 month" or "1 year". Months and years are counted from
        ``first``; where a month has no such day, its last day is taken.

    Raises
    ------
    ParamsError
        If ``first`` lies after ``last``.

    Examples
    --------
    >>> [str(day) for day in dates_between(dt.date(2025, 1, 31), dt.date(2025, 3, 31), "1 month")]
    ['2025-01-31', '2025-02-28', '2025-03-31']
    """
    if first > last:
        raise ParamsError(f"--from must not lie after --to (got {first} and {last}); exchange them")
    dates = [first]
    while (following := _later(first, every, len(dates))) is not None and following <= last:
        dates.append(following)
    return dates


def latest_due(last: dt.date, every: str, today: dt.date) -> dt.date | None:
    """The latest day up to today on which a run is due, None if none is due yet.

    Parameters
    ----------
    last
        The date of the latest run. Runs are due one interval after it, two intervals, and so on.
    every
        As for :func:`dates_between`.
    today
        The day on which somebody asks.

    Examples
    --------
    >>> str(latest_due(dt.date(2025, 12, 31), "45 days", dt.date(2026, 4, 1)))
    '2026-03-31'
    """
    due = dates_between(last, max(last, today), every)[-1]
    return due if due > last else None


def next_due(last: dt.date, every: str) -> dt.date:
    """The day on which the run after the latest one is due; the latest one itself at the calendar's end."""
    return _later(last, every, 1) or last


def one_before(day: dt.date, every: str) -> dt.date:
    """The day one interval before a day; the calendar's first one if it does not reach so far back.

    Examples
    --------
    >>> str(one_before(dt.date(2026, 3, 31), "1 month"))
    '2026-02-28'
    """
    try:
        return _added(day, every, -1)
    except (OverflowError, ValueError):
        return dt.date.min


def _later(day: dt.date, every: str, times: int) -> dt.date | None:
    """The day that many intervals later; None behind the end of the calendar."""
    try:
        return _added(day, every, times)
    except (OverflowError, ValueError):
        return None


def _added(day: dt.date, every: str, times: int) -> dt.date:
    number, unit = every.split()
    count = int(number) * times
    if unit.startswith(("day", "week")):
        return day + dt.timedelta(days=count * (7 if unit.startswith("week") else 1))
    months = day.month - 1 + count * (12 if unit.startswith("year") else 1)
    year, month = day.year + months // 12, months % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
