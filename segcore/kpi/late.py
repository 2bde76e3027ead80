"""Follow-ups that cannot be what they say, or that came after the order they would claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

KINDS = (
    "unknown customer",
    "before the first order",
    "unknown representative",
    "twice",
    "after the order",
)
"""What can be wrong with a follow-up; the first that applies is said."""


def late(engine: Engine) -> pd.DataFrame:
    """Make ``late``: the follow-ups since the previous run with which something is wrong.

    Parameters
    ----------
    engine
        Holds ``followups``, ``transactions``, ``facts``, ``last_run``, ``eligible``; ``reps`` and
        ``customers_source`` if the study has them.

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
    - of an unknown representative: not in the list of representatives, if the study has one,
    - there twice: another one of this customer, day and representative stands before it,
    - after the order: the first follow-up of an eligible customer who had ordered since the previous
      run before that day; order_date says when. It claims nothing: the days up to the order count
      as unfollowed, for the others as for this one, and nobody changes group for it.

    Follow-ups before the previous run were listed then; in a first run there is nothing to list.
    """
    reps = "listed.rep not in (select rep from reps)" if engine.has("reps") else "false"
    account = "select NULL::VARCHAR as customer_id where false"
    if engine.has("customers_source"):
        account = "select distinct customer_id from customers_source"
    engine.execute(
        f"""create or replace table late as
        with listed as (
            select customer_id, date::DATE as date, rep, file, record,
                row_number() over (partition by customer_id, date::DATE, rep order by file, record) as number
            from followups, last_run, facts where date::DATE > last_run and date::DATE <= run_date
        ),
        seen as (
            select customer_id, min(order_date) as first_order from transactions
            semi join listed using (customer_id) group by customer_id
        ),
        judged as (
            select listed.*, last_run + order_on as ordered,
                case when first_order is null and accounts.customer_id is null then {_kind(0)}
                    when first_order is null or first_order > date then {_kind(1)}
                    when {reps} then {_kind(2)}
                    when number > 1 then {_kind(3)}
                    when date = last_run + followed_on and order_on < followed_on then {_kind(4)} end as kind
            from listed cross join last_run left join seen using (customer_id)
            left join ({account}) accounts using (customer_id) left join eligible using (customer_id)
        )
        select customer_id, date, rep, file, record, kind,
            case when kind = {_kind(4)} then ordered end::DATE as order_date
        from judged where kind is not null"""
    )
    order = ", ".join(map(quote_text, KINDS))
    return engine.frame(
        "select kind, count(*) as followups, count(distinct customer_id) as customers from late "
        f"group by kind order by list_position([{order}], kind)"
    )


def _kind(number: int) -> str:
    return quote_text(KINDS[number])
