"""What the orders say of the customers of two runs: whether, when and for how much they ordered."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from segcore.engine.sql import literal, quote_text
from segcore.profile import SOON

if TYPE_CHECKING:
    from segcore.engine import Engine


def spent(engine: Engine) -> None:
    """Make ``spent``: one row for every customer with an order.

    Parameters
    ----------
    engine
        Holds ``transactions``, ``facts`` (run_date, value_window, …) and ``last_run``.

    Notes
    -----
    Columns out: customer_id, first_order, last_order, value and value_before: ordered within
    ``facts.value_window`` up to the run date and up to that of the previous run. Where the window
    is NULL all orders count; without a previous run value_before is NULL.
    """
    run_date, window = _facts(engine)
    engine.execute(
        f"""create or replace table spent as
        select customer_id, min(order_date) as first_order, max(order_date) as last_order,
            sum(amount) filter ({_within(window, "$today")})::DECIMAL(38, 4) as value,
            sum(amount) filter ({_within(window, "last_run")})::DECIMAL(38, 4) as value_before
        from transactions, last_run
        group by customer_id""",
        {"today": run_date},
    )


def most_bought_sql(engine: Engine) -> str:
    """A query over what customers bought up to the previous run: customer_id, main_market.

    Parameters
    ----------
    engine
        Holds ``transactions`` with markets, ``facts`` and ``last_run``.

    Notes
    -----
    The main market is the one with the greatest amount within ``facts.value_window``; of equal ones the last
    by name. Who ordered nothing in the window has no row.
    """
    _, window = _facts(engine)
    return f"""
    select customer_id, max_by(market, (amount, market)) as main_market
    from (
        select customer_id, market, sum(amount) as amount from transactions, last_run
        where {_within(window, "last_run")} group by customer_id, market
    ) group by customer_id"""


def values(engine: Engine) -> str:
    """A query over what was ordered up to each run date: run_date, value.

    Parameters
    ----------
    engine
        Holds ``transactions``, ``facts`` and ``runs``.

    Notes
    -----
    Orders count within ``facts.value_window``. The value of an earlier run is NULL where the orders
    at hand do not reach back that far: a window that begins before the first order would make any
    trend a rise.
    """
    today, window = _facts(engine)
    since = f"run_date - interval {quote_text(window)}" if window else "NULL::DATE"
    return f"""
    select run_date,
        case when run_date = {literal(str(today))}::DATE or {since} >= first_day - {SOON}
            then coalesce(sum(amount) filter ({_within(window, "run_date")}), 0) end::DECIMAL(38, 4) as value
    from runs cross join (select min(order_date) as first_day from transactions)
    left join (select order_date, sum(amount) as amount from transactions group by order_date) on true
    group by run_date, first_day"""


def _within(window: str | None, end: str) -> str:
    """The condition that an order counts at a date."""
    since = f"and order_date > {end}::DATE - interval {quote_text(window)}" if window else ""
    return f"order_date <= {end}::DATE {since}"


def _facts(engine: Engine) -> tuple[dt.date, str | None]:
    row = engine.rows("select run_date, value_window from facts")[0]
    return row[0], row[1]
