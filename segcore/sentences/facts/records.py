"""What the tables of the records add up to, and in which months orders are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


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
