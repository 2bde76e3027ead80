"""What belongs to whom: the rows of a run's tables, cut into the share of each representative.

One ordered pass over each table, some representatives at a time; what leaves this module for a page or
a workbook are the rows of one representative, and nothing of any other.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from segcore.engine.sql import quote_text
from segcore.outputs.workbook.of_a_run import PLACES
from segcore.transitions import reps_sql

if TYPE_CHECKING:
    from segcore.engine import Engine

TABLES = (
    "listed",
    "calls",
    "history",
    "rules",
    "reps",
    "books",
    "followed",
    "verdict",
    "facts",
    "flows",
    "records",
)
"""The tables of a run that are read."""

AT_ONCE = 200
"""Representatives whose rows are in memory together."""

Row = Mapping[str, Any]
Kind = TypeVar("Kind")


class Call(NamedTuple):
    """A customer on the call list; who is held out is on none."""

    place: int
    customer: str
    name: str | None
    segment: str
    before: str | None
    state: str | None
    mark: str | None
    value: Decimal
    last_order: dt.date | None
    drop_date: dt.date | None
    falls_to: str | None
    falls: bool
    reason: str
    rule: str | None


class Move(NamedTuple):
    """A customer who is not where it was at the last run."""

    customer: str
    name: str | None
    state: str
    before: str | None
    segment: str | None
    mark: str | None
    value: Decimal
    last_order: dt.date | None


class Customer(NamedTuple):
    """A customer of this run. Nothing here depends on who is held out, and no drop date is told."""

    customer: str
    name: str | None
    segment: str
    since: dt.date | None
    at_least: bool
    rule: str | None
    value: Decimal
    last_order: dt.date | None


@dataclass(frozen=True)
class Own:
    """All that is a representative's own.

    Parameters
    ----------
    rep, name
        The number, and the name or else the number.
    calls, moves, customers
        The own call list in its order, the own moves, the own customers with the best segments first.
    book
        The own row of ``books``, empty where there is none.
    """

    rep: str
    name: str
    calls: Sequence[Call]
    moves: Sequence[Move]
    customers: Sequence[Customer]
    book: Row


def people(engine: Engine) -> list[tuple[int, str, str]]:
    """Make ``people``: everybody who has customers in a run or in its source of representatives.

    Parameters
    ----------
    engine
        Holds ``listed``, and ``reps`` if the run has them.

    Returns
    -------
    list of (int, str, str)
        Number from 1 in the order of rep, rep, and name or else rep; also the columns of the table.
    """
    known = "union select nullif(trim(rep), '') from reps" if engine.has("reps") else ""
    engine.execute(
        f"""create or replace temp table people as
        select row_number() over (order by every.rep) as number, every.rep,
            coalesce(rep_name, every.rep) as name
        from (select rep from listed {known}) every
        left join ({reps_sql(engine)}) named on trim(named.rep) = every.rep
        where every.rep is not null order by every.rep"""
    )
    every: list[tuple[int, str, str]] = [
        (number, rep, name) for number, rep, name in engine.rows("from people order by number")
    ]
    return every


def shares(engine: Engine) -> Iterator[Own]:
    """The share of each representative, in the order of ``people``.

    Parameters
    ----------
    engine
        Holds ``people`` and :data:`TABLES` as far as the run has them.
    """
    _put_ordered(engine)
    books = _books(engine)
    every = engine.rows("from people order by number")
    for start in range(0, len(every), AT_ONCE):
        some = every[start : start + AT_ONCE]
        found = {name: _some(engine, name, some[0][0], some[-1][0]) for name in ("calls", "moves", "here")}
        for number, rep, name in some:
            yield Own(
                rep,
                name,
                [Call(*row) for row in only(found["calls"], number)],
                [Move(*row) for row in only(found["moves"], number)],
                [Customer(*row) for row in only(found["here"], number)],
                books.get(rep, {}),
            )


def only(rows: Sequence[tuple[Any, ...]], number: int) -> list[tuple[Any, ...]]:
    """The rows of one representative, without the number that they begin with and are ordered by."""
    first = bisect_left(rows, number, key=_number)
    return [row[1:] for row in rows[first : bisect_right(rows, number, key=_number)]]


def _number(row: tuple[Any, ...]) -> int:
    return int(row[0])


def _some(engine: Engine, name: str, first: int, last: int) -> list[tuple[Any, ...]]:
    if not engine.has(f"own_{name}"):
        return []
    return engine.rows(
        f"select * exclude (nth) from own_{name} where number between {first} and {last} order by number, nth"
    )


def _put_ordered(engine: Engine) -> None:
    """Make own_calls, own_moves and own_here: who belongs to whom, in order; nth counts within each."""
    if engine.has("calls"):
        ruled = engine.has("rules")
        _put(
            engine,
            "calls",
            f"""select number, calls.position as nth, calls.position, calls.customer_id, calls.name,
                calls.segment, segment_from, state, mark, value, last_order, drop_date, falls_to, falls,
                says, {"rules.rule" if ruled else "NULL::VARCHAR"}
            from calls join people using (rep) {"left join rules on rules.line = calls.rule" if ruled else ""}
            where calls.position is not null""",
        )
    places = " ".join(f"when {quote_text(move)} then {place}" for move, place in PLACES.items())
    _put(
        engine,
        "moves",
        f"""select number, row_number() over (
                partition by number order by case state {places} end, value desc, customer_id) as nth,
            customer_id, listed.name, state, from_segment, segment, mark, value, last_order
        from listed join people using (rep) where state <> 'stayed'""",
    )
    since = "NULL::DATE, false"
    history = ""
    if engine.has("history"):
        since, history = "since, coalesce(at_least, false)", "left join history using (customer_id)"
    _put(
        engine,
        "here",
        f"""select number, row_number() over (
                partition by number order by listed.rank desc, value desc, customer_id) as nth,
            customer_id, listed.name, listed.segment, {since}, listed.rule, value, listed.last_order
        from listed join people using (rep) {history} where listed.segment is not null""",
    )


def _put(engine: Engine, name: str, query: str) -> None:
    engine.execute(f"create or replace temp table own_{name} as select * from ({query}) order by number, nth")


def _books(engine: Engine) -> dict[str, Row]:
    """Representative → the row of ``books``."""
    if not engine.has("books"):
        return {}
    names = list(engine.columns("books"))
    rows = (dict(zip(names, row, strict=True)) for row in engine.rows("from books where rep is not null"))
    return {row["rep"]: row for row in rows}
