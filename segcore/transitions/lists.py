"""Who might be called, and who of them stands where on which list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore.engine.sql import literal, quote_text
from segcore.transitions.names import reps_sql

if TYPE_CHECKING:
    from segcore.engine import Engine, FileEngine

EARLIER = "calls_of_last_run"
"""The table of those who were held out at the last run: customer_id."""


def called_sql(engine: FileEngine, followed: Sequence[str], until: dt.date) -> str:
    """A query: who might be called, and why.

    Parameters
    ----------
    engine
        Holds what :func:`segcore.transitions.calls` needs, and :data:`EARLIER`.
    followed
        The segments that are to be followed up.
    until
        Up to which day falling counts.
    """
    there, moved = engine.columns("customers"), engine.columns("moves")
    name, rep = (f"customers.{c}" if c in there else "NULL::VARCHAR" for c in ("name", "rep"))
    rep = f"nullif(trim({rep}), '')"
    eligible = f"customers.segment in ({', '.join(map(quote_text, followed))})" if followed else "false"
    return f"""
        select * exclude (up, "by", edge),
            case when falls then "by" end as "by", case when falls then edge end as edge,
            case when first then 'held out' when falls then 'falls' else 'follow_up' end as reason
        from (
            select customers.customer_id, {name} as name, {rep} as rep,
                coalesce(named.rep_name, {rep}) as rep_name,
                customers.segment, moves.from_segment as segment_from, moves.state,
                {"moves.mark" if "mark" in moved else "NULL::VARCHAR"} as mark,
                coalesce(spent.value, 0)::DECIMAL(38, 4) as value, spent.last_order,
                clock.drop_date, clock.falls_to, clock."by", clock.edge, customers.rule,
                {"customers.fragile" if "fragile" in there else "NULL::BOOLEAN"} as fragile,
                {eligible} as eligible,
                coalesce(clock.drop_date <= {literal(until.isoformat())}::DATE, false) as falls,
                coalesce(moves.to_rank > moves.from_rank, false) as up,
                {EARLIER}.customer_id is not null and (eligible or not up) as first
            from customers join clock using (customer_id)
            left join moves using (customer_id) left join spent using (customer_id)
            left join ({reps_sql(engine)}) named on named.rep = {rep}
            left join {EARLIER} using (customer_id)
        ) where eligible or falls or first"""


def put_places(engine: Engine, capacity: int | None, share: float, number: str) -> None:
    """Make ``_places``: customer_id, listed, held_out, position, for everybody of ``_called``.

    Parameters
    ----------
    engine
        Holds ``_called``.
    capacity
        How many a representative can call, None for all.
    share
        The share that is held out, 0 for nobody.
    number
        The number of a customer in the draw, an expression over customer_id.
    """
    order = "order by first desc, value desc, customer_id"
    listed = f"rep is null or row_number() over (partition by rep {order}) <= {capacity}"
    engine.execute(
        f"""create or replace table _cut as
        select customer_id, rep, segment, value, first, eligible and not first as pool,
            {listed if capacity else "true"} as listed from _called"""
    )
    # Halves are rounded up, as segcore.holdout does it.
    engine.execute(
        f"""create or replace table _held as
        select customer_id from (
            select customer_id, row_number() over (partition by segment order by number, customer_id) as nth,
                count(*) over (partition by segment) as every
            from (select customer_id, segment, {number} as number from _cut where pool and listed)
        ) where nth <= floor({share!r}::DOUBLE * every + 0.5)"""
        if share
        else "create or replace table _held (customer_id VARCHAR)"
    )
    engine.execute(
        f"""create or replace table _places as
        select customer_id, listed, drawn is not null as held_out, case when listed and drawn is null then
            row_number() over (partition by rep, listed and drawn is null {order}) end::INTEGER as position
        from _cut left join (select customer_id, true as drawn from _held) using (customer_id)"""
    )
    for name in ("_cut", "_held"):
        engine.execute(f"drop table {name}")
