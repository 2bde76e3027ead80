"""What a mail says around what the run's own sentences tell: subjects, links, and why the reader gets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from segcore.intervals import FEW
from segcore.sentences.en.workbook import WHY
from segcore.sentences.rows import Row
from segcore.wording import count, day_and_month, join, long_date, percent, plural, signed

MOVED = {
    "up": "moved up",
    "down": "moved down",
    "stayed": "stayed in their segment",
    "unranked": "out of a segment that no longer exists",
    "new": "new",
    "returned": "returned",
    "gone": "gone",
}
"""Move → what is said of those who are asked for, behind "customers"."""

FIRST_RUN = "This is the first run: moves appear from the next one on."
ATTACHED_PAGE = "Your page is attached: it opens in any browser, and needs nothing else."
ATTACHED_REPORT = "The report is attached: it opens in any browser, and needs nothing else."
ATTACHED_LIST = "All of them stand in the attached list."
WHY_REPORT = "because you asked to be told what the report says"
WHY_OWN = "because these customers are yours; it holds nobody else’s"
OPEN_REPORT = "Open the report"
OPEN_OWN = "Open your page"
OPEN_CUSTOMERS = "Look these customers up"


def greeting(name: str) -> str:
    """The first line; the name may be empty."""
    return f"Hello {name}," if name else "Hello,"


def subject(title: str, day: dt.date, finding: str) -> str:
    """The subject: the study, the date of the run, and what was found."""
    return f"{title}, {long_date(day)}: {finding}"


def reached(now: Row, targets: Sequence[str]) -> str:
    """Of those who needed attention, how many are better off now, in a subject.

    Parameters
    ----------
    now
        The row of ``headline`` of this run.
    targets
        The segments to be in now.
    """
    customers, there = now["customers"], now["in_target"]
    if not customers:
        return f"nobody was in {now['segment']}"
    share = percent(now["share"]) if customers >= FEW and there > 1 else count(there) if there else "none"
    verb = "is" if there == 1 or not there else "are"
    return f"{share} of {count(customers)} in {now['segment']} {verb} now {join(targets, 'or')}"


def customers(number: int, change: int | None) -> str:
    """How many customers there are, in a subject; by how many more or fewer, None in a first run."""
    told = plural(number, "customer")
    return f"{told} ({signed(change)})" if change else told


def calls(number: int, until: str) -> str:
    """How many are to be called, in a subject."""
    return f"{plural(number, 'customer')} to call before {until}" if number else "nobody to call"


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
        return f"{plural(calls, 'customer')} {'is' if calls == 1 else 'are'} on your call list."
    who, when = first[0], long_date(first[1])
    if calls == 1:
        return f"1 customer is on your call list: {who} falls on {when}, unless it orders."
    told = f"{count(calls)} customers are on your call list"
    if falling == 1:
        return f"{told}. One falls unless it orders: {who}, on {when}."
    every = "all of them" if falling == calls else f"{count(falling)} of them"
    return f"{told}; {every} fall unless they order, the first on {when}: {who}."


def counted(run_date: dt.date) -> str:
    """Up to which day a mail counts days, which is not the day on which somebody reads it."""
    return f"Days since an order are counted up to {long_date(run_date)}."


def since(told: str, day: dt.date, run_date: dt.date) -> str:
    """What became of the own customers since the last run."""
    return f"Since {day_and_month(day, run_date)}: {told}."


def fit(number: int) -> str:
    """How many customers are what somebody asked for, in a subject."""
    return plural(number, "customer") if number else "nobody"


def fits(number: int, asked: str) -> str:
    """How many customers are what somebody asked for, as a sentence."""
    if not number:
        return f"Nobody is what you asked for: customers {asked}."
    return f"{plural(number, 'customer')} {'is' if number == 1 else 'are'} what you asked for: {asked}."


def asked(where: Mapping[str, Sequence[str]]) -> str:
    """Which customers somebody asked for: ``in At risk, of North, moved down``.

    Parameters
    ----------
    where
        segment, region, market, move, cause → what was given; what was not is left out.
    """
    words = {
        "segment": "in {}",
        "region": "of {}",
        "market": "with orders in {}",
        "move": "{}",
        "cause": "with the cause “{}”",
    }
    known = {"move": MOVED, "cause": WHY}
    return ", ".join(
        told.format(join([known.get(key, {}).get(name, name) for name in where[key]], "or"))
        for key, told in words.items()
        if where.get(key)
    )


def more(number: int, *, attached: bool) -> str:
    """How many a table leaves out, and where they stand."""
    where = "in the attached file" if attached else "behind the link"
    return f"{plural(number, 'more customer')} {where}." if number else ""


def why(study: str, what: str, *, monthly: bool) -> str:
    """Why somebody gets the mail; what is one of the next three."""
    often = "once a month about" if monthly else "after each run of"
    return f"You get this mail {often} “{study}”, {what}."


def why_customers(asked: str) -> str:
    """Which customers a reader asked for."""
    return f"because you asked for customers {asked}"


def leave(where: str) -> str:
    """How to get no more mails; where is an address of the web or, with ``mailto:``, of mail."""
    address = where.removeprefix("mailto:").partition("?")[0]
    if where.startswith("mailto:"):
        return f"To get no more of them, write to {address}."
    return f"To get no more of them: {where}"
