"""What a reader must know before acting: it stands on top of the report and is printed after a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.wording import long_date, percent, plural


def stale(newest: dt.date, run_date: dt.date) -> str:
    """The newest order is older than the study allows."""
    gap = (run_date - newest).days
    return (
        f"The newest order is of {long_date(newest)}, {plural(gap, 'day')} before the run date. "
        "Old data alone move customers down: "
        "check whether an extract is missing before acting on this report."
    )


def other_model(study: str, earlier: Sequence[dt.date]) -> str:
    """The two runs that are compared used different rules or breaks; earlier: all runs before, ascending."""
    return (
        f"The segments of {long_date(earlier[-1])} were made with other rules or breaks, so part of the "
        "moves is not the customers’ doing. To compare like with like, make the earlier runs again: "
        f"segcore backfill {study} --from {earlier[0]} --to {earlier[-1]} --force"
    )


def cut_off(share: float) -> str:
    """Years cannot be trusted."""
    return (
        f"{percent(share)} of customers first ordered in the first 30 days of the data, so many have "
        "been customers for longer than their years say. To mend it, name a column for since: in the study."
    )
