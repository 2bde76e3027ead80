"""How large the segments are, what their customers ordered, and where their middle halves lie."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from segcore import tables
from segcore.engine.sql import literal, quote_name, quote_text

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study

YEAR = "12 months"
SOON = 7
"""Days by which the first order may miss the start of a window; nobody orders on every day."""
BEGIN = 30
"""Whoever first ordered in so many days of the data may well have ordered before they begin."""


def facts(engine: Engine, study: Study, run_date: dt.date) -> pd.DataFrame:
    """What holds for the whole run, in one row.

    Parameters
    ----------
    engine
        Holds ``transactions`` and ``customers``; gets the table ``facts``.
    study
        Its variables, population and sources.
    run_date
        The only "today".

    Returns
    -------
    DataFrame
        run_date, customers, first_order, newest_order (the dates of the first and the newest order
        line), value_window (over which time order value counts: 12 months, or what the population
        is active within if that is shorter; None where the data do not reach back that far, and
        all orders count), years_cut_off (the share of customers who first ordered in the data's
        first 30 days, so that they may be older than their years say; None if that does not matter,
        because the study has no years or knows since when it has its customers), population and
        exclude (who counts and what is excluded, as the study says it).
    """
    first, newest = engine.rows("select min(order_date), max(order_date) from transactions")[0]
    customers = engine.rows("select count(*) from customers")[0][0]
    window: str | None = _window(engine, study, run_date)
    if window and first > _before(engine, run_date, window) + dt.timedelta(days=SOON):
        window = None
    columns = {
        "run_date": "DATE", "customers": "BIGINT", "first_order": "DATE", "newest_order": "DATE",
        "value_window": "VARCHAR", "years_cut_off": "DOUBLE", "population": "VARCHAR", "exclude": "VARCHAR",
    }  # fmt: skip
    cut_off = _cut_off(engine, study, (run_date - first).days)
    exclude = "; ".join(f"{name}: {sql}" for name, sql in study.sources.transactions.exclude.items())
    row = (run_date, customers, first, newest, window, cut_off, study.population.active_within, exclude)
    return tables.put(engine, "facts", columns, [row])


def _window(engine: Engine, study: Study, run_date: dt.date) -> str:
    active = study.population.active_within
    return active if active and _before(engine, run_date, active) > _before(engine, run_date, YEAR) else YEAR


def _before(engine: Engine, day: dt.date, window: str) -> dt.date:
    sql = f"select ($day::DATE - interval {quote_text(window)})::DATE"
    found: dt.date = engine.rows(sql, {"day": day})[0][0]
    return found


def _cut_off(engine: Engine, study: Study, oldest: int) -> float | None:
    """The share of customers whose years are nearly those of the data; see :func:`facts`."""
    customers = study.sources.customers
    if "years" not in study.variables or (customers and "since" in customers.columns):
        return None
    # Without since, years are the days since the first order.
    share = engine.rows(f"select avg((years > {oldest - BEGIN})::INTEGER) from customers")[0][0]
    return float(share)


def segments(engine: Engine, model: Model) -> pd.DataFrame:
    """How many customers each segment has, and what they ordered.

    Parameters
    ----------
    engine
        Holds ``transactions``, ``customers`` and ``facts``; gets the table ``segments``.
    model
        The model of the segments.

    Returns
    -------
    DataFrame
        segment, rank (worst 0), customers, share (of all customers, 0 to 1), value (what they
        ordered within ``facts.value_window`` up to the run date, exactly), value_share (of the
        value of all; NULL where that is not positive, for then shares say nothing), share_to_here and
        value_share_to_here (of this and all better segments together), fragile (how many of its customers
        lie so close to an edge that it is not sure; NULL if that is not known). All segments, best
        first.
    """
    run_date, window = engine.rows("select run_date, value_window from facts")[0]
    since = (
        f"where transactions.order_date > {_date(run_date)} - interval {quote_text(window)}" if window else ""
    )
    names = ", ".join(f"({literal(name)}, {model.rules.rank(name)}::SMALLINT)" for name in model.segments)
    engine.execute(
        f"create or replace table segments as with names as (from (values {names}) t(segment, rank)), "
        "sizes as (select segment, count(*) as customers, "
        "count(*) filter (fragile) as fragile from customers group by segment), "
        "spent as (select customers.segment, sum(transactions.amount) as value from transactions "
        f"join customers using (customer_id) {since} group by customers.segment), "
        "counted as (select segment, rank, coalesce(customers, 0) as customers, "
        "coalesce(value, 0)::DECIMAL(38, 4) as value, "
        "case when (select count(fragile) = count(*) from customers) then coalesce(fragile, 0) end "
        "as fragile "
        "from names left join sizes using (segment) left join spent using (segment)) "
        "select segment, rank, customers, customers / sum(customers) over () as share, value, "
        "case when sum(value) over () > 0 then value / sum(value) over () end as value_share, "
        "sum(customers) over better / sum(customers) over () as share_to_here, "
        "case when sum(value) over () > 0 then sum(value) over better / sum(value) over () end "
        "as value_share_to_here, fragile from counted window better as (order by rank desc)"
    )
    return tables.rows(engine, "segments")


def _date(day: dt.date) -> str:
    return f"DATE {quote_text(day.isoformat())}"


def profile(engine: Engine, model: Model) -> pd.DataFrame:
    """Where the values of each segment's customers lie.

    Parameters
    ----------
    engine
        Holds ``customers``; gets the table ``profile``.
    model
        The model of the segments.

    Returns
    -------
    DataFrame
        segment, rank, variable, position (of the variable in the study, from 0), customers,
        quarter, median, three_quarters: values of customers, as they stand in ``customers`` (years
        in days), so that at most a quarter of them lies below the first and at most a quarter above
        the last. None for a segment without customers. Best segment first.
    """
    names = [variable.name for variable in model.variables]
    quartiles = ", ".join(f"quantile_disc({quote_name(name)}, [0.25, 0.5, 0.75])::DOUBLE[]" for name in names)
    found = {
        segment: (customers, values)
        for segment, customers, *values in engine.rows(
            f"select segment, count(*), {quartiles} from customers group by segment"
        )
    }
    rows = []
    for segment in model.segments:
        customers, values = found.get(segment, (0, [[None] * 3] * len(names)))
        rank = model.rules.rank(segment)
        rows += [
            (segment, rank, name, position, customers, *quarters)
            for position, (name, quarters) in enumerate(zip(names, values, strict=True))
        ]
    columns = {
        "segment": "VARCHAR", "rank": "SMALLINT", "variable": "VARCHAR", "position": "SMALLINT",
        "customers": "BIGINT", "quarter": "DOUBLE", "median": "DOUBLE", "three_quarters": "DOUBLE",
    }  # fmt: skip
    return tables.put(engine, "profile", columns, rows)
