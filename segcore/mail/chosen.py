"""The mail about some customers of a run: those for whom holds what somebody asked for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from segcore import language
from segcore.engine.sql import quote_text
from segcore.language import say as label
from segcore.mail.gets import LIST
from segcore.mail.letter import Attachment, Letter, Picture
from segcore.mail.pictures import chosen_picture
from segcore.mail.whole import KINDS, subject
from segcore.outputs.lines import guarded, money, named, value_head, write_lines
from segcore.report.parts import Cell, Table
from segcore.sentences import causes, customers
from segcore.sentences import mails as say
from segcore.sentences import representatives as of_reps
from segcore.wording import EN_DASH
from segcore.wording import money as in_words

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.mail.letter import Recipient
    from segcore.mail.source import Source
    from segcore.mail.subscriptions import Where

SHOWN = 15
"""Customers that stand in the mail, those with the highest order value."""

CUSTOMERS = "customers.html"
"""The page on which readers look customers up."""

IN_LINKS = {
    "segment": "segment",
    "rep": "rep",
    "region": "attribute.region",
    "move": "state",
    "cause": "cause",
}
"""What somebody may ask for → its filter on the page; the page has none for markets."""


class Found(NamedTuple):
    """A customer who is what somebody asked for. Nothing here depends on who is held out."""

    customer: str
    name: str | None
    segment: str | None
    before: str | None
    state: str | None
    mark: str | None
    value: Decimal
    last_order: dt.date | None


def reps(engine: Engine) -> list[str] | None:
    """The representatives of a run's customers; None where no customer has one."""
    query = "select distinct trim(rep) as rep from listed where trim(rep) <> '' order by 1"
    return [row[0] for row in engine.rows(query)] or None


def regions(engine: Engine) -> list[str] | None:
    """The regions of a run's customers; None where nobody says of which region they are."""
    if not _places(engine):
        return None
    return [
        row[0] for row in engine.rows(f"select distinct region from {_told(engine)} order by 1") if row[0]
    ]


def markets(engine: Engine) -> list[str] | None:
    """The markets in which a run's customers ordered; None where orders have no market."""
    if not _has(engine, "transactions", "market"):
        return None
    query = "select distinct market from transactions semi join listed using (customer_id) order by 1"
    return [row[0] for row in engine.rows(query) if row[0]]


def letter(source: Source, recipient: Recipient) -> Letter | None:
    """The mail about some customers, as far as all its readers get the same; None if there is nothing in it.

    Parameters
    ----------
    source
        The run.
    recipient
        One of the readers: language, which customers, what goes with it, and whether a mail that names
        nobody is none.
    """
    engine, frame = source.engine, source.frame
    spoken, asked_for = recipient.language, recipient.subscription
    where, attach = asked_for.where, asked_for.attach
    engine.execute(f"create or replace temp table chosen as {_chosen(engine, where)}")
    number = engine.rows("select count(*) from chosen")[0][0]
    if asked_for.only_if_any and not number:
        return None
    shown = [Found(*row) for row in engine.rows(f"select {_COLUMNS} from {_ORDERED} limit {SHOWN}")]
    with language.spoken(spoken):
        asked = say.asked(where.asked, source.names)
        finding, headline = f"{say.fit(number)} {asked}", say.fits(number, asked)
        if not number and before_moves(source, where):
            finding, headline = say.NO_MOVES_YET, say.FIRST_RUN
        address, listed = _address(source, where), LIST in attach
        about = _about(source, where, address, listed=listed)
        return Letter(
            subject=subject(frame.title, frame.run_date, finding),
            headline=headline,
            paragraphs=[*source.noted(), *(about if number else [say.NO_LIST] * listed)],
            tables=[_table(source, shown)] if shown else [],
            more=say.more(number - len(shown), attached=listed, there=exact(where)),
            link=(say.OPEN_CUSTOMERS if exact(where) else say.OPEN_MORE, address) if address else None,
            pictures=[_picture(source, spoken)] if number else [],
            attachments=[_attachment(source, spoken, _chosen(engine, where)) for _ in attach if number],
            customers=_everybody(engine) if attach else frozenset(one.customer for one in shown),
        )


def before_moves(source: Source, where: Where) -> bool:
    """Whether it is asked for moves, and there was no run before to compare with."""
    return source.frame.last_run is None and bool(where.move or where.cause)


def exact(where: Where) -> bool:
    """Whether the page of all customers can show just these."""
    return all(key in IN_LINKS and len(values) == 1 for key, values in where.asked.items())


def _about(source: Source, where: Where, address: str | None, *, listed: bool) -> list[str]:
    """Where all of them stand, and what the page shows if it shows more."""
    told = [say.ATTACHED_LIST] if listed else []
    if address and not exact(where):
        single = {key: values for key, values in where.asked.items() if key in _single(where)}
        told.append(say.shows(say.asked(single, source.names), attached=listed))
    return told


def _single(where: Where) -> dict[str, str]:
    """What is asked for and can stand in a link, which has one value of each."""
    return {key: values[0] for key, values in where.asked.items() if key in IN_LINKS and len(values) == 1}


_COLUMNS = ", ".join(
    ("customer_id", "name", "segment", "from_segment", "state", "mark", "value", "last_order")
)
_ORDERED = "chosen order by value desc, customer_id"


def _picture(source: Source, spoken: str) -> Picture:
    """In which segments the customers are, and were: where those of one segment came from, say."""
    now, then = _counted(source.engine, "segment"), _counted(source.engine, "from_segment")
    frame = source.frame
    rows = [(segment, now.get(segment, 0)) for segment in frame.colours]
    return chosen_picture(rows, then if frame.last_run else None, frame.colours, spoken)


def _counted(engine: Engine, column: str) -> dict[str, int]:
    query = f"select {column}, count(*) from chosen where {column} is not null group by 1 order by 1"
    return dict(engine.rows(query))


def _everybody(engine: Engine) -> frozenset[str]:
    return frozenset(row[0] for row in engine.rows("select customer_id from chosen"))


def _has(engine: Engine, table: str, column: str) -> bool:
    return engine.has(table) and column in engine.columns(table)


def _places(engine: Engine) -> list[str]:
    """Where it stands of which region somebody is: in this run, or else in the source, for who is gone."""
    return [table for table in ("customers", "customers_source") if _has(engine, table, "region")]


def _told(engine: Engine) -> str:
    """``listed`` with the region of each."""
    places = _places(engine)
    joins = " ".join(f"left join {table} using (customer_id)" for table in places)
    region = ", ".join(f"{table}.region::VARCHAR" for table in places)
    told = f"nullif(trim(coalesce({region})), '')" if places else "NULL::VARCHAR"
    return f"(select listed.*, {told} as region from listed {joins}) told"


def _chosen(engine: Engine, where: Where) -> str:
    """A query: the rows of ``listed`` for whom everything holds."""
    columns = {"segment": "segment", "rep": "trim(rep)", "region": "region", "move": "state", "cause": "mark"}
    holds = [_one_of(column, getattr(where, key)) for key, column in columns.items() if getattr(where, key)]
    if where.market:
        holds.append(
            f"customer_id in (select customer_id from transactions where {_one_of('market', where.market)})"
        )
    return f"select * from {_told(engine)} where {' and '.join(holds)}"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(map(quote_text, values))})"


def _address(source: Source, where: Where) -> str | None:
    """The page of all customers, filtered as far as one value of each is asked for."""
    link = source.link(source.run_dir.name, CUSTOMERS)
    single = {IN_LINKS[key]: value for key, value in _single(where).items()}
    return f"{link}#{urlencode(single)}" if link and single else link


def _table(source: Source, shown: list[Found]) -> Table:
    heads = [
        Cell(label("Customer")),
        Cell(label("Segment")),
        Cell(label("Move")),
        Cell(f"{of_reps.VALUE}, {of_reps.window(source.frame.window)}", kind="num"),
        Cell(label("Last order")),
    ]
    return Table(heads, [_row(source, one) for one in shown], label("Customers"), kind="chosen")


def _row(source: Source, one: Found) -> list[Cell]:
    why = one.mark or one.state or ""
    number = label("no. {number}", number=one.customer) if one.name else ""
    colour = source.frame.colours.get(one.segment or "")
    return [
        Cell(one.name or one.customer, number, "who"),
        Cell(one.segment or EN_DASH, colour=colour),
        Cell(customers.STATES.get(one.state or "", EN_DASH), causes.REASONS.get(why, "")),
        Cell(in_words(one.value, source.frame.currency), kind="num"),
        Cell(customers.day(one.last_order) if one.last_order else EN_DASH, kind="day"),
    ]


def _attachment(source: Source, spoken: str, query: str) -> Attachment:
    name = f"{source.study.name}-{source.run_dir.name}-customers.csv"
    return Attachment(name, KINDS[".csv"], partial(_list, source, spoken, query))


def _list(source: Source, spoken: str, query: str) -> bytes:
    """All of them as CSV, in the order of the mail; no text in it is a formula."""
    engine, path = source.engine, source.scratch / "chosen.csv"
    representative, reps = named(engine, "chosen.rep")
    columns = {
        "customer_id": guarded("customer_id"),
        "name": guarded("name"),
        "segment": guarded("segment"),
        "from_segment": guarded("from_segment"),
        "state": guarded("state"),
        "mark": guarded("mark"),
        "region": guarded("region"),
        "representative": guarded(representative),
        value_head(engine): money("value"),
        "last_order": "last_order",
    }
    told = f"({query}) chosen {reps} order by value desc, customer_id"
    with language.spoken(spoken):
        write_lines(engine, path, columns, told, spreadsheet=source.kept.spreadsheet)
    return path.read_bytes()
