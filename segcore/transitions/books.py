"""The accounts of two runs: what movers did, and what came into every segment and went out of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from segcore import tables
from segcore.engine.sql import literal
from segcore.errors import SegcoreError
from segcore.transitions.states import MOVES

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

PARTS = {
    "start": 1,
    "up into": 1,
    "down into": 1,
    "other into": 1,
    "new": 1,
    "returned": 1,
    "up out of": -1,
    "down out of": -1,
    "other out of": -1,
    "gone": -1,
    "end": 0,
}
"""The parts of a segment's account and how each counts; what they add up to is the end."""

INTO = {"up": "up into", "down": "down into", "unranked": "other into", "new": "new", "returned": "returned"}
OUT_OF = {"up": "up out of", "down": "down out of", "unranked": "other out of", "gone": "gone"}
MEASURES = ("customers", "ordered", "value")
COUNTS = """count(customer_id) as customers,
    count(customer_id) filter (ordered) as ordered,
    count(customer_id) filter (ordered is not true) as idle,
    coalesce(sum(value), 0)::DECIMAL(38, 4) as value"""


def movers(engine: Engine) -> pd.DataFrame:
    """Make ``movers``: one row for every kind of move, also where nobody made it.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.moves` leaves.

    Notes
    -----
    Columns out: move (one of :data:`segcore.transitions.MOVES`), position, customers, ordered (how
    many of them ordered after the previous run's date), idle (how many did not), value (ordered within
    the value window up to the run date; by those who are gone, up to the previous run's), missing (of
    how many the data hold no order any more). A first run has no rows.
    """
    engine.execute(
        f"""create or replace table movers as
        select move, position, {COUNTS},
            count(customer_id) filter (not known) as missing
        from ({_listed(MOVES, "move")}) left join moved on moved.state = move
        where exists (from moves)
        group by move, position"""
    )
    return tables.rows(engine, "movers")


def accounts(engine: Engine) -> pd.DataFrame:
    """Make ``accounts``: for every segment, how its customers of the previous run became those of now.

    Parameters
    ----------
    engine
        Holds ``customers`` and what :func:`segcore.transitions.moves` leaves.

    Notes
    -----
    Columns out: segment, rank (NULL for a retired one), part (of :data:`PARTS`), position,
    customers, ordered, idle, value. Every segment of this and of the previous run has every part; the
    last three are as in :func:`movers`, so the start of a segment is what its customers of then
    order now. A first run has no rows.

    Raises
    ------
    SegcoreError
        If the customers of a segment, how many of them ordered or what they ordered is not
        start + what came in − what went out: the moves do not belong to these runs.
    """
    engine.execute(
        f"""create or replace table accounts as
        with entries as (
            select segment, 'start' as part, customer_id from previous
            union all select segment, 'end', customer_id from customers
            union all select to_segment, {_named(INTO)}, customer_id from moves where state <> 'stayed'
            union all select from_segment, {_named(OUT_OF)}, customer_id from moves where state <> 'stayed'
        ),
        kept as (
            select segment, rank from segment_codes
            where rank is not null or segment in (select segment from previous)
        )
        select segment, rank, part, position, {COUNTS}
        from kept cross join ({_listed(PARTS, "part")})
        left join (entries left join moved using (customer_id)) using (segment, part)
        where exists (from moves)
        group by segment, rank, part, position"""
    )
    _check(engine)
    return tables.rows(engine, "accounts")


def across(accounts: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The accounts as people read them: a segment in a row, from its start through in and out to its end.

    Parameters
    ----------
    accounts
        As :func:`accounts` gives them.
    measure
        What is shown: customers, ordered or value. Parts that no segment has are left out.
    """
    shown = accounts.pivot(index="segment", columns="part", values=measure)
    there = [part for part in PARTS if part in ("start", "end") or shown.get(part, accounts[measure]).any()]
    return shown.reindex(index=accounts["segment"].unique(), columns=there).rename_axis(None, axis=1)


def _check(engine: Engine) -> None:
    sign = " ".join(f"when {literal(part)} then {sign}" for part, sign in PARTS.items())
    sums = ", ".join(f"sum({m} * case part {sign} end), sum({m}) filter (part = 'end')" for m in MEASURES)
    problems = [
        f"accounts of {segment}: {measure}, start + in − out, must be those of the end "
        f"(got {made.normalize():f} and {end.normalize():f}); make this run again"
        for segment, *row in engine.rows(f"select segment, {sums} from accounts group by segment order by 1")
        for measure, made, end in zip(MEASURES, *(map(Decimal, row[n::2]) for n in (0, 1)), strict=True)
        if made != end
    ]
    if problems:
        raise SegcoreError(*problems)


def _named(parts: dict[str, str]) -> str:
    cases = " ".join(f"when {literal(state)} then {literal(part)}" for state, part in parts.items())
    return f"case state {cases} end"


def _listed(names: Iterable[str], column: str) -> str:
    rows = ", ".join(f"({literal(name)}, {n}::SMALLINT)" for n, name in enumerate(names, start=1))
    return f"from (values {rows}) listed({column}, position)"
