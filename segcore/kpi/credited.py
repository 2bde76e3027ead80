"""Whose customers they are whose representative changed inside the period: a second reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import tables
from segcore.transitions.names import reps_sql

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine

CREDITED = {
    "customer_id": "VARCHAR",
    **dict.fromkeys(("rep", "rep_name", "rep_now", "rep_now_name"), "VARCHAR"),
    "order_date": "DATE",
    **dict.fromkeys(("credit_rep", "credit_name", "credit_by"), "VARCHAR"),
    "reached": "BOOLEAN",
}


def credited(engine: Engine) -> pd.DataFrame:
    """Make ``credited``: who was to be followed up and has another representative than at the last run.

    Parameters
    ----------
    engine
        Holds ``eligible``, ``customers``, ``transactions``, ``last_run`` and ``facts``; ``reps`` and
        ``customers_source`` if the study has them.

    Notes
    -----
    Columns out: customer_id; rep (at the last run, for whom the customer counts in every other table) and
    rep_now, with their names; order_date (of the first order after the day of the first follow-up, else
    of the first since the last run; NULL for none); credit_rep and credit_name (for whom the customer
    would count by that order), credit_by (``order``: the order has a representative of its own;
    ``validity``: the record of today's representative holds since a day before or after it; NULL where
    neither is known, and then there is no credit_rep); reached.
    """
    known, bought = engine.columns("customers"), engine.columns("transactions")
    if "rep" not in known:
        return tables.put(engine, "credited", CREDITED, [])
    valid = "select NULL::VARCHAR as customer_id, NULL::DATE as valid_from where false"
    if engine.has("customers_source") and "valid_from" in engine.columns("customers_source"):
        valid = "select customer_id, valid_from from customers_source"
    own = "nullif(trim(transactions.rep), '')" if "rep" in bought else "NULL::VARCHAR"
    engine.execute(
        f"""create or replace table credited as
        with changed as (
            select customer_id, eligible.rep, nullif(trim(customers.rep), '') as rep_now, followed_on, reached
            from eligible join customers using (customer_id) where rep_now <> eligible.rep
        ),
        ordered as (
            select customer_id, coalesce(min(order_date) filter (order_date > last_run + followed_on),
                min(order_date)) as order_date
            from transactions join changed using (customer_id), last_run, facts
            where order_date > last_run and order_date <= run_date group by customer_id
        ),
        owned as (
            select customer_id, min_by({own}, order_id) filter ({own} is not null) as own
            from transactions semi join ordered using (customer_id, order_date) group by customer_id
        ),
        told as (
            select changed.*, order_date::DATE as order_date, case when own is not null then own
                when valid_from <= order_date then rep_now when valid_from > order_date then rep end
                as credit_rep,
                case when own is not null then 'order' when credit_rep is not null then 'validity' end
                as credit_by
            from changed left join ordered using (customer_id) left join owned using (customer_id)
            left join ({valid}) valid using (customer_id)
        ),
        named as ({reps_sql(engine)})
        select customer_id, told.rep, coalesce(before.rep_name, told.rep) as rep_name, rep_now,
            coalesce(now.rep_name, rep_now) as rep_now_name, order_date, credit_rep,
            coalesce(own.rep_name, credit_rep) as credit_name, credit_by, reached
        from told left join named before on before.rep = told.rep
        left join named now on now.rep = rep_now left join named own on own.rep = credit_rep"""
    )
    return tables.rows(engine, "credited")
