"""Which rows of ``followed`` and ``sustained`` sentences are about."""

from __future__ import annotations

import datetime as dt

from segcore.sentences.rows import Row, Table, date, rows
from segcore.wording import decimals

ONE_IN = 20
"""Where at most one in so many who moved up or reached a target did only one of the two, they coincide."""


def runs(table: Table) -> int:
    """How many runs count."""
    return len({row["run_date"] for row in rows(table) if row["run_date"] and not row["left_out"]})


def pooled(table: Table) -> Row:
    """The row over all runs and segments; empty if no run counts."""
    found = [row for row in rows(table) if row["segment"] is None and row["run_date"] is None]
    return found[0] if found else {}


def last(table: Table, previous: dt.date) -> Row:
    """The row over all segments of the time since the run before; empty if that does not count.

    Parameters
    ----------
    table
        The run's ``followed``.
    previous
        The date of the run before.
    """
    together = [row for row in rows(table) if row["segment"] is None and row["run_date"]]
    found = [row for row in together if not row["left_out"] and date(row["run_date"]) > previous]
    return found[-1] if found else {}


def left_out(table: Table, why: str) -> list[dt.date]:
    """The dates of the runs that do not count for a reason."""
    return [row["run_date"] for row in rows(table) if row["left_out"] == why]


def coincide(row: Row) -> bool:
    """Whether reaching a target and moving up are nearly the same."""
    return bool(row and row["up"] and row["apart"] * ONE_IN <= max(row["up"], row["reached"]))


def tenths(number: float) -> str:
    """A number of customers with one place, as expected numbers have it: ``61.4``."""
    return decimals(round(number, 1) + 0.0, 1)


def more(number: float) -> str:
    """A difference of customers with its sign and one place: ``+17.6``, ``0.0``."""
    rounded = round(number, 1) + 0.0
    return decimals(rounded, 1, signed=bool(rounded))


def also(clause: str) -> str:
    """A clause behind a semicolon; nothing of nothing."""
    return f"; {clause}" if clause else ""
