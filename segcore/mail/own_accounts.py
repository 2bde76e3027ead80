"""The mail of one representative: whom to call, what became of the own customers, and nobody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from segcore import language
from segcore.intervals import FEW
from segcore.language import say as label
from segcore.mail.attached import read_elsewhere
from segcore.mail.gets import OWN_BOOK, OWN_PAGE
from segcore.mail.letter import Attachment, Letter, Picture
from segcore.mail.pictures import own_picture
from segcore.mail.whole import KINDS, subject
from segcore.report.parts import Cell, Table
from segcore.representatives.book import write_book
from segcore.representatives.folder import PAGE
from segcore.representatives.page import SOONEST, call_row, lead, page, those_who_fall
from segcore.sentences import books, calls, followup
from segcore.sentences import mails as say
from segcore.sentences import representatives as of_reps

if TYPE_CHECKING:
    from segcore.mail.letter import Recipient
    from segcore.mail.source import Source
    from segcore.representatives.frame import Frame
    from segcore.representatives.own import Call, Own

SHOWN = 10
"""Customers of the call list that stand in the mail, the first ones."""


def letter(source: Source, recipient: Recipient, own: Own) -> Letter | None:
    """The mail of a representative; None if there is nothing in it.

    Parameters
    ----------
    source
        The run, for what all representatives have in common.
    recipient
        The representative, and what goes with the mail.
    own
        What is the representative's own; nothing else of any customer is read.
    """
    asked = recipient.subscription
    if not own.customers and not own.calls and not own.moves:
        return None
    if asked.only_if_any and not own.calls and not own.moves:
        return None
    with language.spoken(recipient.language):
        return _letter(source, recipient, own)


def _letter(source: Source, recipient: Recipient, own: Own) -> Letter:
    frame, attach = source.frame, recipient.subscription.attach
    shown, paged = own.calls[:SHOWN], OWN_PAGE in attach
    archived = _address(source, own.rep)
    address = None if paged else archived
    attached = say.attached_page(links=archived is not None) if paged else ""
    told = [
        *source.noted(one.drop_date for one in _shown(own) if one.falls and one.drop_date),
        _newer(source) if address else "",
        _moved(frame, own),
        _followed(frame, own),
        attached,
    ]
    return Letter(
        subject=subject(frame.title, frame.run_date, _to_do(frame, own)),
        headline=lead(own).replace("**", ""),
        paragraphs=[text.replace("**", "") for text in told if text],
        tables=[table for table in (_soonest(frame, own), _calls(frame, own)) if table.rows],
        more=say.more(len(own.calls) - len(shown), attached=address is None),
        link=(say.OPEN_OWN, address) if address else None,
        pictures=[_picture(frame, own, recipient.language)] if own.customers else [],
        attachments=[_attachment(source, recipient, own, name) for name in attach],
        customers=_everybody(own) if attach else _named(own),
    )


def _address(source: Source, rep: str) -> str | None:
    return source.link("for", source.secret.folder(source.study.name, rep), PAGE) if source.secret else None


def _newer(source: Source) -> str:
    """That the page, which is of the latest run, is of another one than the mail."""
    latest = source.latest
    return str(say.newer(latest)) if latest and latest > source.run_date else ""


def _calls(frame: Frame, own: Own) -> Table:
    """The first of the call list; no column says more than the representative's own page."""
    heads = [Cell(label("Place"), kind="num"), *_heads(frame)]
    rows = [[call_row(frame, call)[0], *_row(frame, call)] for call in own.calls[:SHOWN]]
    values, below = [call.value for call in own.calls], say.counted(frame.run_date)
    if values != sorted(values, reverse=True):
        below = f"{say.LEFT_ALONE} {below}"
    return Table(heads, rows, label("Call list, by order value"), below=below, kind="to-call")


def _soonest(frame: Frame, own: Own) -> Table:
    """Who falls first, by date, wherever on the list; nothing where these are the whole list."""
    first = _first(own)
    rows = [_row(frame, call) for call in first] if len(first) < len(own.calls) else []
    return Table(_heads(frame), rows, label("The first to fall, by date"), kind="soonest")


def _first(own: Own) -> list[Call]:
    return those_who_fall(own.calls)[:SOONEST]


def _heads(frame: Frame) -> list[Cell]:
    value = f"{of_reps.VALUE}, {of_reps.window(frame.window)}"  # phones show no small text of heads
    return [Cell(label("Customer")), Cell(label("Before")), Cell(label("Why")), Cell(value, kind="num")]


def _row(frame: Frame, call: Call) -> list[Cell]:
    _, who, before, why, _, value, _ = call_row(frame, call)
    return [who, before, why, value]


def _to_do(frame: Frame, own: Own) -> str:
    """How many are to be called, and before which day the first one: who only is to be called has longer."""
    first = next((call.drop_date for call in _first(own)), None)
    until = calls.day(frame.until, frame.run_date)
    return str(say.calls(len(own.calls), calls.day(first, frame.run_date) if first else "", until))


def _picture(frame: Frame, own: Own, spoken: str) -> Picture:
    """How many own customers each segment has, and had: who is held out is in the segment all the same."""
    now = Counter(one.segment for one in own.customers)
    moved = {move.customer: move.before for move in own.moves}
    stayed = [one.segment for one in own.customers if one.customer not in moved]
    then = Counter([*stayed, *(segment for segment in moved.values() if segment)])
    rows = [(segment, now[segment]) for segment in frame.colours]
    return own_picture(rows, then if frame.last_run else None, frame.colours, spoken)


def _moved(frame: Frame, own: Own) -> str:
    told = of_reps.moves(list(Counter(move.state for move in own.moves).items()), frame.last_run)
    if not own.moves or frame.last_run is None:
        return f"{told}."
    return str(say.since(told, frame.last_run, frame.run_date))


def _followed(frame: Frame, own: Own) -> str:
    """How many of the own customers were followed up, and the one verdict on all representatives."""
    if not frame.follows or not own.book:
        return ""
    row = own.book
    told = [f"{of_reps.followups(row['followed'], row['eligible'], followup.over(frame.runs))}."]
    if row["followed"] < FEW:
        told.append(of_reps.few(FEW))
    if own.customers:
        told.append(books.verdict(frame.verdict))
    return " ".join(text for text in told if text)


def _attachment(source: Source, recipient: Recipient, own: Own, name: str) -> Attachment:
    readers: dict[str, tuple[str, Callable[[], bytes]]] = {
        OWN_PAGE: (".html", partial(_page, source, own, recipient.language)),
        OWN_BOOK: (".xlsx", partial(_book, source, own, recipient.language)),
    }
    ending, read = readers[name]
    shown = f"{source.study.name}-{source.run_dir.name}{ending}"
    return Attachment(shown, KINDS[ending], read)


def _page(source: Source, own: Own, spoken: str) -> bytes:
    with language.spoken(spoken):
        return read_elsewhere(page(source.frame, own).encode("utf-8"), _address(source, own.rep))


def _book(source: Source, own: Own, spoken: str) -> bytes:
    path = source.scratch / "own.xlsx"
    with language.spoken(spoken):
        write_book(source.frame, own, path)
    return path.read_bytes()


def _shown(own: Own) -> list[Call]:
    """Whose calls stand in the mail itself: the first of the list, and who falls first."""
    first = own.calls[:SHOWN]
    return [*first, *(call for call in _first(own) if call not in first)]


def _named(own: Own) -> frozenset[str]:
    return frozenset(call.customer for call in _shown(own))


def _everybody(own: Own) -> frozenset[str]:
    called = {one.customer for one in own.calls}
    return frozenset(called | {one.customer for one in own.moves} | {one.customer for one in own.customers})
