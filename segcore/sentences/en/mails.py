"""What a mail says around what the run's own sentences tell: subjects, links, and why the reader gets it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row
from segcore.wording import count, day_and_month, join, long_date, percent, plural, signed

MOVED = {
    "up": "moved up",
    "down": "moved down",
    "stayed": "stayed in their segment",
    "unranked": "came from a segment that no longer exists",
    "new": "ordered for the first time",
    "returned": "ordered again",
    "gone": "dropped out",
}
"""Move → what is said of those who are asked for, behind "customers who"."""

CAUSED = {
    "earned": "their orders",
    "aged": "the passing of time",
    "corrected": "corrected or late records",
    "boundary": "moved boundaries",
    "rules": "changed rules",
    "model": "a changed model",
}
"""Mark → what is said of those who are asked for, behind "customers who moved because of"."""

MASKED = "whom only the new model keeps where they were"
NAMELESS = "representative {}"
FIRST_RUN = "This is the first run: moves appear from the next one on."
ATTACHED_LIST = "All of them stand in the attached list."
NO_MOVES_YET = "first run, no moves yet"
NO_LIST = "No list is attached, for nobody would be in it."
LEFT_ALONE = "Whoever was left alone since the last run stands first."
WHY_REPORT = "because you asked to be told what the report says"
WHY_OWN = "because these customers are yours; it holds nobody else’s"
OPEN_REPORT = "Open the report"
OPEN_OWN = "Open your page"
OPEN_CUSTOMERS = "Look these customers up"
OPEN_MORE = "Open the page of customers"


def greeting(name: str) -> str:
    """The first line; the name may be empty."""
    return f"Hello {name}," if name else "Hello,"


def subject(finding: str, title: str, day: dt.date) -> str:
    """The subject: what was found, the study, and the date of the run."""
    return f"{finding} – {title}, {long_date(day)}"


def attached_page(*, links: bool) -> str:
    """That the reader's own page is attached; ``links`` is whether it leads to other files."""
    return f"Your page is attached: it opens in any browser{_needs(links=links)}."


def attached_report(*, links: bool) -> str:
    """The same of the report."""
    return f"The report is attached: it opens in any browser{_needs(links=links)}."


def _needs(*, links: bool) -> str:
    return "; only its links need access to where reports are kept" if links else ", and needs nothing else"


def replaces(run_date: dt.date) -> str:
    """That a mail takes the place of an earlier one."""
    return (
        f"This mail replaces the one that you had about {long_date(run_date)} before: the run was made again."
    )


def warned(heads: Sequence[str], newest: dt.date | None) -> str:
    """What readers must know before acting, in few words.

    Parameters
    ----------
    heads
        What each warning is called, with its full stop.
    newest
        The date of the newest order if that is old, None if it is not.
    """
    told = f"**Before you act, note:** {' '.join(heads)}"
    if newest is None:
        return told
    return f"{told} The newest order is of {long_date(newest)}, so customers may stand too low."


def aged(run_date: dt.date, today: dt.date, past: int, due: dt.date | None) -> str:
    """How old a run was when a mail about it was made.

    Parameters
    ----------
    run_date, today
        The date of the run, and the day on which the mail was made.
    past
        How many of the customers in the mail fall on a day that had come.
    due
        The date of the next run if that had come, else None.
    """
    told = []
    if past:
        ordered = "it ordered" if past == 1 else "they ordered"
        told.append(f"{plural(past, 'customer')} below would have fallen by then, unless {ordered}")
    if due:
        told.append(f"the next run was due on {long_date(due)}")
    return (
        f"**This run is of {long_date(run_date)}**, {plural((today - run_date).days, 'day')} before this "
        f"mail was made: {'; '.join(told)}."
    )


def newer(latest: dt.date) -> str:
    """That the reader's own page is of a later run than the mail."""
    return f"Your page shows the newer run of {long_date(latest)}, so it says something else than this mail."


def segments(run_date: dt.date) -> str:
    """What the table of segments is called."""
    return f"Segments on {long_date(run_date)}"


def headline(now: Row, targets: Sequence[str], previous: dt.date) -> str:
    """Of those who needed attention, how many were better off at the run; nothing in it is of today.

    Parameters
    ----------
    now
        The row of ``headline`` of the run.
    targets
        The segments to be in.
    previous
        The date of the run before.
    """
    customers, there, run_date = now["customers"], now["in_target"], now["run_date"]
    when = f"in {now['segment']} on {day_and_month(previous, run_date)}"
    goal = f"{join(targets, 'or')} on {long_date(run_date)}"
    if not customers:
        return f"No customer was {when}"
    if customers == 1:
        return f"The one customer {when} was {'' if there else 'not '}{goal}"
    done = {0: "none was", 1: "1 was"}.get(there, f"{count(there)} were")
    if there == customers:
        done = f"{'both' if customers == 2 else f'all {count(customers)}'} were"
    return f"Of {count(customers)} customers {when}, {done} {goal}"


def reached(now: Row, targets: Sequence[str]) -> str:
    """Of those who needed attention, how many were better off at the run, in a subject.

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
    return f"{share} of {count(customers)} in {now['segment']} reached {join(targets, 'or')}"


def customers(number: int, change: int | None) -> str:
    """How many customers there are, in a subject; by how many more or fewer, None in a first run."""
    told = plural(number, "customer")
    return f"{told} ({signed(change)})" if change else told


def calls(number: int, first: str, until: str) -> str:
    """How many are to be called, in a subject: before which day somebody falls, or else the next run is."""
    if not number:
        return "nobody to call"
    some = first and number > 1
    return f"{plural(number, 'customer')} to call{', the first' if some else ''} before {first or until}"


def counted(run_date: dt.date) -> str:
    """Up to which day a mail counts days, which is not the day on which somebody reads it."""
    return f"Days since an order are counted up to {long_date(run_date)}."


def since(told: str, day: dt.date, run_date: dt.date) -> str:
    """What became of the own customers since the last run."""
    return f"Since {day_and_month(day, run_date)}: {told}."


def fit(number: int) -> str:
    """How many customers are what somebody asked for, in a subject."""
    return plural(number, "customer") if number else "no customer"


def fits(number: int, asked: str) -> str:
    """How many customers are what somebody asked for, as a sentence."""
    return f"There {'is' if number < 2 else 'are'} {fit(number)} {asked}."


def asked(where: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> str:
    """Which customers somebody asked for: ``in At risk, of North, who moved down``.

    Parameters
    ----------
    where
        segment, rep, region, market, move, cause → what was given; what was not is left out.
    names
        Representative → name, of those who have one.
    """
    given = {
        **where,
        "rep": [names.get(rep, NAMELESS.format(rep)) for rep in where.get("rep", ())],
        "move": [MOVED[move] for move in where.get("move", ())],
    }
    words = {
        "segment": "in {}",
        "rep": "looked after by {}",
        "region": "of {}",
        "market": "with orders in {}",
        "move": "who {}",
    }
    told = [words[key].format(join(list(given[key]), "or")) for key in words if given.get(key)]
    return ", ".join([*told, *_caused(where.get("cause", ()))])


def _caused(causes: Sequence[str]) -> list[str]:
    told = [CAUSED[cause] for cause in causes if cause in CAUSED]
    parts = [f"who moved because of {join(told, 'or')}"] if told else []
    parts += [MASKED] if "masked" in causes else []
    return [join(parts, "or")] if parts else []


def shows(asked: str, *, attached: bool) -> str:
    """That the page shows more customers than the mail; asked is what it can filter, "" for nothing."""
    told = f"The page shows all customers {asked}" if asked else "The page shows all customers"
    return f"{told}; those of this mail are {'in the list' if attached else 'among them'}."


def more(number: int, *, attached: bool, there: bool = True) -> str:
    """How many a table leaves out, and where they stand; ``there`` is whether the page shows just them."""
    where = "in the attached file" if attached else "behind the link"
    if not attached and not there:
        where = "not listed here"
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
