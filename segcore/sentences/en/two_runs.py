"""What the dashboard says of two runs beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from segcore.sentences.en.followup import more
from segcore.wording import join, long_date, plural, signed

WENT = "Where the customers of the earlier run are in the later one; what was in between does not count"
NO_FLOWS = (
    "Who went from which segment to which is not shown for these two runs: the later one was made before "
    "segcore counted that for runs that do not follow each other."
)


def stale(study: str) -> str:
    """Why it is not shown who went where if the later run was made after another earlier one."""
    return (
        "Who went from which segment to which is not shown for these two runs: the later one, or one between "
        "them, was made before the run it was compared with was withdrawn, added or made again; "
        f"segcore backfill {study} --stale makes it again."
    )


def compared(
    dates: tuple[dt.date, dt.date], all_of: tuple[int, int], segments: Mapping[str, tuple[int, int]]
) -> str:
    """What is to be said of two runs: how many customers, and which segment grew and shrank most.

    Parameters
    ----------
    dates
        The earlier and the later run date.
    all_of
        How many customers both have.
    segments
        Segment → how many customers it has in both.
    """
    change = all_of[1] - all_of[0]
    how = (
        f"{plural(abs(change), 'customer')} {'more' if change > 0 else 'fewer'}"
        if change
        else "as many customers"
    )
    told = f"On {long_date(dates[1])} there were {how} {'than' if change else 'as'} on {long_date(dates[0])}"
    steps = {name: now - before for name, (before, now) in segments.items()}
    ends = (max(steps, key=lambda n: steps[n], default=""), min(steps, key=lambda n: steps[n], default=""))
    parts = [
        f"{name} {'grew' if way > 0 else 'shrank'} most ({signed(steps[name])})"
        for name, way in zip(ends, (1, -1), strict=True)
        if name and steps[name] * way > 0
    ]
    return f"{told}; {join(parts)}." if parts else f"{told}; every segment is as large as it was."


def pair(segment: str, day: dt.date, customers: int) -> str:
    """A segment in one of two runs."""
    return f"{segment}, {long_date(day)}: {plural(customers, 'customer')}"


def points(share: float) -> str:
    """How two shares differ: ``+4.2 points``."""
    return f"{more(share * 100)} points"
