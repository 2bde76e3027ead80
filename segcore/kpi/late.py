"""Follow-ups that cannot be what they say, or that came after the order they would claim."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.transitions.earlier import next_run, view

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import FileEngine

KINDS = (
    "unknown customer",
    "before the first order",
    "logged late",
    "unknown representative",
    "twice",
    "after the order",
)
"""What can be wrong with a follow-up; the first that applies is said."""


def late(engine: FileEngine, earlier: Sequence[Path] = ()) -> pd.DataFrame:
    """Make ``late``: the follow-ups that the previous run did not have and with which something is wrong.

    Parameters
    ----------
    engine
        Holds ``followups``, ``transactions``, ``facts``, ``last_run``, ``eligible``; ``reps`` and
        ``customers_source`` if the study has them, ``renumbered`` if it has that.
    earlier
        Folders of the earlier runs, ascending; the last one's ``followups`` say what it had.

    Returns
    -------
    DataFrame
        kind, followups, customers: one row for each kind that there is, in the order of :data:`KINDS`.

    Notes
    -----
    Columns out: customer_id, date, rep, file and record (where the follow-up stands), kind, and
    order_date. A follow-up is

    - of an unknown customer: no order up to the run date, and no account of this number,
    - before the first order: of a customer who had not ordered until then,
    - logged late: dated on the previous run's date or before it, but the previous run did not have it
      (no other one of this customer, under the number of today, day and representative). No run counts
      it, for earlier runs stay as they were published,
    - of an unknown representative: not in the list of representatives, if the study has one,
    - there twice: another one of this customer, day and representative stands before it,
    - after the order: the first follow-up of an eligible customer who had ordered since the previous
      run before that day; order_date says when. It claims nothing: the days up to the order count
      as unfollowed, for the others as for this one, and nobody changes group for it.

    What the previous run had was listed by then; in a first run there is nothing to list. Where the previous
    run kept no ``followups`` it was made when there was no log, and none of before it is late.
    """
    _put_new(engine, earlier)
    reps = "listed.rep not in (select rep from reps)" if engine.has("reps") else "false"
    account = "select NULL::VARCHAR as customer_id where false"
    if engine.has("customers_source"):
        account = "select distinct customer_id from customers_source"
    engine.execute(
        f"""create or replace table late as
        with listed as (
            select customer_id, date::DATE as date, rep, file, record,
                row_number() over (partition by customer_id, date::DATE, rep order by file, record) as number
            from _new_followups
        ),
        seen as (
            select customer_id, min(order_date) as first_order from transactions
            semi join listed using (customer_id) group by customer_id
        ),
        judged as (
            select listed.*, last_run + order_on as ordered,
                case when first_order is null and accounts.customer_id is null then {_kind(0)}
                    when first_order is null or first_order > date then {_kind(1)}
                    when date <= last_run then {_kind(2)}
                    when {reps} then {_kind(3)}
                    when number > 1 then {_kind(4)}
                    when date = last_run + followed_on and order_on < followed_on then {_kind(5)} end as kind
            from listed cross join last_run left join seen using (customer_id)
            left join ({account}) accounts using (customer_id) left join eligible using (customer_id)
            where date > last_run or number = 1  -- what counts nowhere is not told twice
        )
        select customer_id, date, rep, file, record, kind,
            case when kind = {_kind(5)} then ordered end::DATE as order_date
        from judged where kind is not null"""
    )
    order = ", ".join(map(quote_text, KINDS))
    return engine.frame(
        "select kind, count(*) as followups, count(distinct customer_id) as customers from late "
        f"group by kind order by list_position([{order}], kind)"
    )


def _put_new(engine: FileEngine, earlier: Sequence[Path]) -> None:
    """Make ``_new_followups``: those since the previous run, and those of before that it did not have."""
    new = "date::DATE > last_run"
    path = earlier[-1] / "data" / "followups.parquet" if earlier else None
    if path and path.exists():
        had = view("followups", next_run(engine) - 1)
        engine.read_parquet(path, had)
        number, renumbered = "had.customer_id", ""
        if engine.has("renumbered"):
            number = "coalesce(becomes, had.customer_id)"
            renumbered = "left join renumbered on renumbered.customer_id = had.customer_id"
        new = (
            f"({new} or not exists (select 1 from (select {number} as customer_id, had.date::DATE as day, "
            f"had.rep from {had} as had {renumbered}) as known "
            "where known.customer_id = followups.customer_id "
            "and known.day = followups.date::DATE and known.rep is not distinct from followups.rep))"
        )
    engine.execute(
        "create or replace temp table _new_followups as select followups.* from followups, last_run, facts "
        f"where last_run is not null and followups.date::DATE <= run_date and {new}"
    )


def _kind(number: int) -> str:
    return quote_text(KINDS[number])
