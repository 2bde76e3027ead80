"""What the report counts from a run's tables; only small results leave the engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.params import Study

YEAR = "12 months"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Orders:
    """What was ordered.

    Parameters
    ----------
    newest
        Date of the newest order up to the run date.
    window
        Over which time value counts: "12 months", or the population's own window if it is shorter.
    value
        The amount ordered within the window up to each run date; None where the orders at hand do
        not reach back that far.
    """

    newest: dt.date
    window: str
    value: Mapping[dt.date, Decimal | None]


def orders(engine: Engine, study: Study, dates: Sequence[dt.date]) -> Orders:
    """Sum up the orders of ``transactions`` for some run dates, the last of which is this run's."""
    window = _window(engine, study, dates[-1])
    days: list[tuple[dt.date, Decimal]] = engine.rows(
        "select order_date, sum(amount) from transactions group by order_date order by order_date"
    )
    since = {day: _before(engine, day, window) for day in dates}
    value: dict[dt.date, Decimal | None] = {
        end: sum((amount for day, amount in days if since[end] < day <= end), ZERO)
        # A window that reaches back before the first order would make any trend a rise.
        if since[end] >= days[0][0] - dt.timedelta(days=7) or end == dates[-1]
        else None
        for end in dates
    }
    return Orders(days[-1][0], window, value)


def _window(engine: Engine, study: Study, run_date: dt.date) -> str:
    active = study.population.active_within
    return active if active and _before(engine, run_date, active) > _before(engine, run_date, YEAR) else YEAR


def _before(engine: Engine, day: dt.date, window: str) -> dt.date:
    sql = f"select ($day::DATE - interval {quote_text(window)})::DATE"
    found: dt.date = engine.rows(sql, {"day": day})[0][0]
    return found


def values_by_segment(engine: Engine, run_date: dt.date, window: str) -> dict[str, Decimal]:
    """The amount that the customers of each segment ordered within the window."""
    rows = engine.rows(
        "with spent as (select customer_id, sum(amount) as value from transactions "
        f"where order_date > $run_date::DATE - interval {quote_text(window)} group by customer_id) "
        "select segment, sum(value) from customers join spent using (customer_id) group by segment",
        {"run_date": run_date},
    )
    return dict(rows)


def middle_halves(engine: Engine, model: Model) -> dict[tuple[str, str], tuple[object, object]]:
    """(segment, variable) → the first and the third quartile, both of them values of customers."""
    names = [variable.name for variable in model.variables]
    quartiles = ", ".join(f"quantile_disc({quote_name(name)}, [0.25, 0.75])" for name in names)
    rows = engine.rows(f"select segment, {quartiles} from customers group by segment")
    return {(row[0], name): tuple(pair) for row in rows for name, pair in zip(names, row[1:], strict=True)}


def censored(engine: Engine, study: Study) -> float | None:
    """Which share of customers first ordered in the data's first 30 days, so that years are cut off.

    None if it does not matter: the study has no years, or knows since when it has its customers.
    """
    customers = study.sources.customers
    if "years" not in study.variables or (customers and "since" in customers.columns):
        return None
    rows = engine.rows(
        "with firsts as (select min(order_date) as day from transactions group by customer_id) "
        "select avg((day < (select min(day) from firsts) + 30)::INTEGER) from firsts"
    )
    return float(rows[0][0])


def sums(frame: pd.DataFrame, source: str) -> dict[str, int]:
    """What became of the records of a source, over all its files."""
    own = frame[frame["source"] == source].drop(columns=["source", "file"])
    return {str(name): int(total) for name, total in own.sum().items()}
