"""What a reader must know before acting: it stands on top of the report and is printed after a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row
from segcore.wording import count, join, long_date, percent, plural


def stale(newest: dt.date, run_date: dt.date, allowed: int) -> str:
    """The newest order is older than the days that the study allows; nothing if it is not."""
    gap = (run_date - newest).days
    if gap <= allowed:
        return ""
    return (
        f"The newest order is of {long_date(newest)}, {plural(gap, 'day')} before the run date. "
        "Old data alone move customers down: "
        "check whether an extract is missing before acting on this report."
    )


def other_model(previous: dt.date, again: str | None, *, held_out: bool = False) -> str:
    """The two runs that are compared used different rules, breaks, populations or exclusions.

    Parameters
    ----------
    previous
        The date of the run before.
    again
        The command that makes earlier runs with those of today; empty where breaks are made anew in every
        run, so that none can; None where the study wants new breaks from this run on.
    held_out
        Whether earlier runs may have held customers out; made again after their time, they hold nobody out.
    """
    told = (
        f"The segments of {long_date(previous)} were made with other rules or breaks, or of another "
        "population or other exclusions, so part of the moves is not the customers’ doing; "
        "“Why they moved” tells which."
    )
    if again is None:
        return told
    if not again:
        return f"{told} It is so in every run, for the study makes its breaks anew each time."
    lost = ""
    if held_out:
        lost = (
            " Runs that are made again lose their hold-outs, and with them what these say of the effect of "
            "following up."
        )
    return f"{told}{lost} To compare like with like, make the earlier runs again: {again}"


def missing(dates: Sequence[dt.date], previous: dt.date | None) -> str:
    """Which runs were published and are gone, and with which one this run is compared in their place.

    Parameters
    ----------
    dates
        Those between the previous run and this one.
    previous
        The run date that this one is compared with; None if there is none.
    """
    if not dates:
        return ""
    one = len(dates) == 1
    instead = (
        f"is compared with that of {long_date(previous)}" if previous else "has no run to be compared with"
    )
    return (
        f"The {'run' if one else 'runs'} of {join([long_date(day) for day in dates])} "
        f"{'was published and is' if one else 'were published and are'} missing now, so this run {instead}. "
        f"Put {'it' if one else 'them'} back from a copy and make this run again."
    )


def erased(previous: dt.date) -> str:
    """Somebody was taken out of the run that this one is compared with, after it was made."""
    return (
        f"Since the run of {long_date(previous)} was made, customers were erased from it. This report "
        "compares with those who are left, so its numbers of that date may be smaller than on the page of "
        "that run."
    )


def cut_off(share: float) -> str:
    """Years cannot be trusted."""
    return (
        f"{percent(share)} of customers first ordered in the first 30 days of the data, so many have "
        "been customers for longer than their years say. To mend it, name a column for since: in the study."
    )


def starved(draw: Sequence[Row], capacity: int | None) -> str:
    """The capacity leaves off so many who are to be followed up that nothing can be said of the others.

    Parameters
    ----------
    draw
        The rows of the table ``draw``.
    capacity
        To how many each list is cut, None for all.
    """
    every, listed = (sum(row[name] for row in draw) for name in ("eligible", "listed"))
    if capacity is None or listed >= min(every, FEW):
        return ""
    stand = f"{'none' if not listed else count(listed)} of {plural(every, 'customer')}"
    return (
        f"Cut to follow_up.capacity: {count(capacity)}, the lists hold {stand} to be followed up, fewer than "
        f"{FEW}: too few to say what follow-ups do. The other places go to customers who fall and are worth "
        "more; to follow up more, raise capacity."
    )


def gates(found: Iterable[Row]) -> list[tuple[str, str]]:
    """Gates that warn or were passed, each with its name; found: rows of the run's ``gates``."""
    told = []
    for row in found:
        name = f"{row['source']}.{row['gate']}"
        if row["state"] == "warned":
            told.append((f"{NAMES[row['gate']]}.", f"{row['told']}."))
        elif row["state"] == "accepted":
            told.append((f"Passed once: {name}.", f"{row['told']}. Accepted because: {row['because']}."))
    return told


NAMES = {
    "quarantine": "Refused records",
    "unread": "Unreadable attributes",
    "match": "Unknown keys",
    "alike": "Keys in two ways of writing",
    "shrunk": "A delivery shrank",
    "overlap": "Deliveries that have nothing in common",
    "copied": "A file delivered twice",
    "repeated": "Repeated keys",
    "contradicted": "Contradictions",
    "control": "Totals disagree",
    "months": "A month without orders",
    "limit": "A file that may be cut off",
    "missing_file": "A file is missing",
    "unmatched_file": "A file that nobody reads",
}
"""Gate → how a warning of it begins."""
