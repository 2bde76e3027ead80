"""What the page of a representative says around the own customers, and what a run says of such pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.en.workbook import WHO_MOVED
from segcore.wording import count, join, long_date, plural, short_date

MOVED = {
    "up": ("moved up", "moved up"),
    "down": ("moved down", "moved down"),
    "unranked": ("left a segment that no longer exists", "left a segment that no longer exists"),
    "new": ("is new", "are new"),
    "returned": ("returned", "returned"),
    "gone": ("is gone", "are gone"),
}
"""Move → what one customer did, and what several did; in the order in which they are told."""

SHEETS = {
    "calls": "whom to call before the next run, in the order of calling",
    "moves": WHO_MOVED,
    "customers": "every own customer of this run, the best segments and the highest order value first",
}
"""Sheet of the workbook → what its rows are."""

FIRST_RUN = "This is the first run: moves appear from the next run on"
NOBODY = "No customer of this run is yours, so there is nobody to call."
NO_FOLLOWUPS = "No customer of yours was to be followed up yet, or no follow-up is recorded"
WHOEVER = (
    "All these figures, also the expected and the difference, are of your customers, whoever followed them "
    "up: they are not of your own work."
)
VALUE = "Order value"
BELOW_CALLS = (
    "**Before:** the first day on which the segment falls if nothing is ordered, or the next run for who "
    "is to be followed up. An order before that day moves it."
)
YOURS_ONLY = (
    "This page holds your customers only. It is made anew with every run, at the same address, so a bookmark "
    "stays right."
)


def finding(calls: int, until: str) -> str:
    """How many are to be called, as a heading."""
    if not calls:
        return f"Nobody is to be called before {until}"
    return f"Call {plural(calls, 'customer')} before {until}"


def lead(calls: int, falling: int, first: tuple[str, dt.date] | None) -> str:
    """What there is to do: how many fall unless they order, and who is the first, with dates only.

    Parameters
    ----------
    calls, falling
        How many are on the call list, and how many of them fall up to the next run.
    first
        Name and drop date of who falls first, None for nobody.
    """
    if not calls:
        return "There is nobody on your call list."
    if not falling or first is None:
        return f"**{plural(calls, 'customer')} {'is' if calls == 1 else 'are'} on your call list**."
    who, when = first[0], long_date(first[1])
    if calls == 1:
        return f"**1 customer is on your call list**: {who} falls on {when}, unless it orders."
    told = f"**{count(calls)} customers are on your call list**"
    if falling == 1:
        return f"{told}. One falls unless it orders: {who}, on {when}."
    every = "all of them" if falling == calls else f"{count(falling)} of them"
    return f"{told}; {every} fall unless they order. The first to fall is {who}, on {when}."


def moves(counted: Sequence[tuple[str, int]], last_run: dt.date | None) -> str:
    """What became of the own customers since the last run, as a heading.

    Parameters
    ----------
    counted
        Moves, see :data:`MOVED`, and how many customers made each.
    last_run
        None for a first run.
    """
    if last_run is None:
        return FIRST_RUN
    there = dict(counted)
    told = [
        f"{count(there[move])} {words[there[move] > 1]}" for move, words in MOVED.items() if there.get(move)
    ]
    return join(told) if told else "None of your customers changed segment"


def followups(followed: int, eligible: int, when: str) -> str:
    """How many of the own customers anybody followed up, as a heading; ``when`` says over how many runs."""
    were = f"{count(followed)} {'was' if followed == 1 else 'were'}, by whomever"
    return (
        f"Of {plural(eligible, 'customer')} of yours to be followed up {when}, "
        f"{were if followed else 'none was, by anybody'}"
    )


def few(least: int) -> str:
    """That so few were followed up that nothing can be said of them."""
    return f"Under {least} were followed up: too few to judge."


def customers(number: int) -> str:
    """How many customers are the representative's own, as a heading."""
    return (
        f"{plural(number, 'customer')} {'is' if number == 1 else 'are'} yours"
        if number
        else ("No customer of this run is yours")
    )


def more(shown: int, every: int, file: str) -> str:
    """How many stand in the workbook only; nothing if all are shown."""
    return f"{plural(every - shown, 'more customer')} in {file}." if every > shown else ""


def since(day: dt.date | None, *, at_least: bool) -> str:
    """Since which run a customer is in its segment: ``31 Mar 2026``, ``at least 19 Feb 2025``."""
    if day is None:
        return "–"
    told = f"{short_date(day)} {day.year}"
    return f"{told} or before" if at_least else told


def to(segment: str | None) -> str:
    """Where a customer falls to, behind the day."""
    return f"then {segment}" if segment else "then in no segment"


def window(window: str | None) -> str:
    """Over which time order value counts, as a table has it below the head."""
    return f"last {window}" if window else "all orders"


def title(name: str, study: str, day: dt.date) -> str:
    """The title of a page and of a workbook."""
    return f"{name}: {study}, {long_date(day)}"


def about(name: str) -> str:
    """Whose the workbook is."""
    return f"The customers of {name}, and nobody else's."
