"""The page of one representative: what is its own, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from segcore.charts import Colour
from segcore.intervals import FEW
from segcore.language import say as label
from segcore.own_code import own_text
from segcore.report.parts import Cell, Table, environment
from segcore.report.written import css, policy
from segcore.representatives.folder import WORKBOOK
from segcore.sentences import books, calls, causes, customers, followup, unshown
from segcore.sentences import representatives as say
from segcore.wording import EN_DASH, count, long_date, money

if TYPE_CHECKING:
    from segcore.representatives.frame import Frame
    from segcore.representatives.own import Call, Customer, Move, Own

SOONEST = 5
"""How many of those who fall first stand before a list that has more customers than these."""

FOLDED = 10
"""Own customers from which on their list is folded away: it is not what there is to do."""

MOST = 1_000
"""Up to how many own customers the page lists; the workbook has all."""


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    anchor, label, finding
        Its name in links, what it is, and what it has found, as its heading.
    tables
        What it shows; those without rows are left out.
    texts
        What is said below.
    folded
        What opens a table that is folded away; empty for one that is open.
    """

    anchor: str
    label: str
    finding: str
    tables: Sequence[Table]
    texts: Sequence[str]
    folded: str = ""


def page(frame: Frame, own: Own) -> str:
    """The page of a representative.

    Parameters
    ----------
    frame
        What the pages of a run have in common.
    own
        What is the representative's own.
    """
    from markupsafe import Markup

    facts = [
        (label("Run"), long_date(frame.run_date)),
        (label("Next run"), long_date(frame.until)),
        (label("Own customers"), count(len(own.customers))),
    ]
    sections = [_calls(frame, own), _moves(frame, own), _followups(frame, own), _customers(frame, own)]
    return (
        environment()
        .get_template("representative.html.j2")
        .render(
            policy=policy(),
            css=Markup(_css(tuple(frame.colours.items()))),
            title=say.title(own.name, frame.title, frame.run_date),
            study=frame.title,
            name=own.name,
            facts=facts,
            lead=lead(own),
            workbook=WORKBOOK,
            yours=say.YOURS_ONLY,
            sections=[section for section in sections if section],
        )
    )


@lru_cache(maxsize=2)
def _css(colours: tuple[tuple[str, Colour], ...]) -> str:
    return css(dict(colours), own_text("representatives/page.css"))


def lead(own: Own) -> str:
    """What there is to do, in a sentence or two."""
    call = first_to_fall(own)
    first = (call.name or call.customer, call.drop_date) if call and call.drop_date else None
    if not own.customers and not own.calls:
        return str(say.NOBODY)
    told: str = say.lead(len(own.calls), len(those_who_fall(own.calls)), first)
    return told


def first_to_fall(own: Own) -> Call | None:
    """Who of the call list falls first, None if nobody does."""
    return next(iter(those_who_fall(own.calls)), None)


def those_who_fall(found: Sequence[Call]) -> list[Call]:
    """Who of a list falls, by date and place."""
    falling = [(call.drop_date, call.place, call) for call in found if call.falls and call.drop_date]
    return [call for *_, call in sorted(falling)]


def _calls(frame: Frame, own: Own) -> Section:
    heads = [
        Cell(label("Place"), kind="num"),
        Cell(label("Customer")),
        Cell(label("Before")),
        Cell(label("Why")),
        Cell(label("Segment")),
        Cell(say.VALUE, say.window(frame.window), "num"),
        Cell(label("Last order")),
    ]
    table = Table(heads, [call_row(frame, call) for call in own.calls], label("Call list"), kind="to-call")
    windows = calls.windows(frame.windows) if frame.windows else ""
    texts = [say.BELOW_CALLS, windows, unshown.NOT_SHOWN["calls"]] if own.calls else []
    until = calls.day(frame.until, frame.run_date)
    shown = [_soonest(frame, own.calls), table]
    return Section("calls", label("Call list"), say.finding(len(own.calls), until), shown, texts)


def _soonest(frame: Frame, found: Sequence[Call]) -> Table:
    """Who of a list falls first, by date; nothing where the list is no longer than this."""
    first = those_who_fall(found)[:SOONEST]
    if len(found) == len(first):
        first = []
    heads = [
        Cell(label("Before")),
        Cell(label("Customer")),
        Cell(label("Why")),
        Cell(say.VALUE, say.window(frame.window), "num"),
        Cell(label("Place"), kind="num"),
    ]
    cells = [call_row(frame, call) for call in first]
    rows = [[before, who, why, value, place] for place, who, before, why, _, value, _ in cells]
    return Table(heads, rows, label("The first to fall"), kind="soonest")


def call_row(frame: Frame, call: Call) -> list[Cell]:
    """A customer of the call list: place, customer, before, why, segment, order value, last order.

    Dates only: nobody knows when a page or a mail is read.
    """
    falls = call.falls and call.drop_date is not None
    day = call.drop_date if falls and call.drop_date else frame.until
    return [
        Cell(count(call.place), kind="num"),
        _who(call.customer, call.name),
        Cell(customers.day(day), say.to(call.falls_to) if falls else label("at the latest"), "day"),
        Cell(call.reason, kind="why"),
        _in(frame, call.segment),
        Cell(money(call.value, frame.currency), kind="num"),
        _day(call.last_order),
    ]


def _moves(frame: Frame, own: Own) -> Section:
    counted = list(Counter(move.state for move in own.moves).items())
    heads = [
        Cell(label("Customer")),
        Cell(label("Move")),
        Cell(label("From")),
        Cell(label("To")),
        Cell(label("Cause")),
        Cell(say.VALUE, say.window(frame.window), "num"),
        Cell(label("Last order")),
    ]
    table = Table(heads, [_move(frame, move) for move in own.moves], label("Moves"), kind="moved")
    return Section("moves", label("Moves"), say.moves(counted, frame.last_run), [table], [])


def _move(frame: Frame, move: Move) -> list[Cell]:
    why = move.mark or move.state
    return [
        _who(move.customer, move.name),
        Cell(customers.STATES.get(move.state, move.state)),
        _in(frame, move.before),
        _in(frame, move.segment),
        Cell(causes.REASONS.get(why, why), kind="why"),
        Cell(money(move.value, frame.currency), kind="num"),
        _day(move.last_order),
    ]


def _followups(frame: Frame, own: Own) -> Section | None:
    """The own row of ``books`` in figures, what was to be expected, and the verdict on all."""
    if not frame.follows:
        return None
    head, row = label("Follow-ups"), {**own.book, "runs": frame.runs}
    if not own.book:
        return Section("followups", head, say.NO_FOLLOWUPS, [], [])
    known = row["expected"] is not None
    heads = [
        Cell(label("Eligible"), label("to be followed up"), "num"),
        Cell(label("Followed"), kind="num"),
        Cell(label("Reached"), followup.WHO_REACHED, "num"),
        Cell(label("Reached after a follow-up"), kind="num"),
        Cell(label("Expected"), label("of these"), "num"),
        Cell(label("Difference"), label("not an effect"), "num"),
    ]
    cells = [
        *(Cell(count(row[name]), kind="num") for name in ("eligible", "followed", "reached")),
        Cell(count(round(row["after"])) if known else EN_DASH, kind="num"),
        Cell(followup.tenths(row["expected"]) if known else EN_DASH, kind="num"),
        Cell(followup.more(row["difference"]) if known else EN_DASH, kind="num"),
    ]
    table = Table(heads, [cells], label("Follow-ups"), kind="figures")
    few, runs = row["followed"] < FEW, followup.over(frame.runs)
    texts = [
        followup.since(row, runs),
        say.WHOEVER,
        say.few(FEW) if few else followup.expected(row),
        books.verdict(frame.verdict) if own.customers else "",
        followup.NOT_SHOWN["books"],
    ]
    return Section("followups", head, say.followups(row["followed"], row["eligible"], runs), [table], texts)


def _customers(frame: Frame, own: Own) -> Section:
    heads = [
        Cell(label("Customer")),
        Cell(label("Segment")),
        Cell(label("In it since")),
        Cell(label("Why")),
        Cell(say.VALUE, say.window(frame.window), "num"),
        Cell(label("Last order")),
    ]
    shown = own.customers[:MOST]
    more = say.more(len(shown), len(own.customers), WORKBOOK)
    table = Table(heads, [_customer(frame, one) for one in shown], label("Own customers"), kind="all")
    found, folded = say.customers(len(own.customers)), label("Show them") if len(shown) > FOLDED else ""
    return Section("customers", label("Own customers"), found, [table], [more] if more else [], folded)


def _customer(frame: Frame, one: Customer) -> list[Cell]:
    return [
        _who(one.customer, one.name),
        _in(frame, one.segment),
        Cell(say.since(one.since, at_least=one.at_least), kind="day"),
        Cell(one.rule or EN_DASH, kind="why"),
        Cell(money(one.value, frame.currency), kind="num"),
        _day(one.last_order),
    ]


def _who(customer: str, name: str | None) -> Cell:
    return Cell(name or customer, label("no. {number}", number=customer) if name else "", "who")


def _in(frame: Frame, segment: str | None) -> Cell:
    return Cell(segment or EN_DASH, colour=frame.colours.get(segment or ""))


def _day(day: dt.date | None) -> Cell:
    return Cell(customers.day(day) if day else EN_DASH, kind="day")
