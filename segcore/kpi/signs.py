"""What the checks look for, each a query over the customers who were to be followed up.

A sign gives rep, hits, of, detail: how many customers of a book show it, and of how many that could.
A fact gives rep, customer_id, hits, of, others_hits, others_of, p_value, detail, as
:mod:`segcore.kpi.suspicions` keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from segcore import variables
from segcore.engine.sql import literal, quote_name, quote_text
from segcore.variables import counts_days

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model
    from segcore.model.variable import ModelVariable

SOON = 7
"""Days after an order within which a follow-up looks as if it were to claim it."""

NEAR = 0.05
"""How far from an edge a value that is no count is still at it, as a share of the edge."""

HALF = 0.5
"""The share of what was ordered from which on a credit undoes it."""

ORDERED = """select eligible.rep, customer_id, order_id, min(order_date) as day
    from transactions join eligible using (customer_id), last_run, facts
    where order_date > last_run and order_date <= run_date and amount > 0
    group by eligible.rep, customer_id, order_id"""
"""The orders since the previous run of those who were to be followed up."""


def bunching(_: Engine, used: Model) -> str:
    """Who ordered and now lies just above an edge, of those who lie just above or at it."""
    # No order can be cut to fit what goes by the calendar.
    counted = [v for v in used.variables if v.better == "high" and not counts_days(v.sql)]
    parts = [_at_edges(variable) for variable in counted if variable.edges]
    if not parts:
        return ""
    return (
        "select rep, sum(above)::BIGINT, sum(above + below)::BIGINT, detail "
        f"from ({' union all '.join(parts)}) "
        "group by rep, detail order by all"
    )


def _at_edges(variable: ModelVariable) -> str:
    value, whole = quote_name(variable.name), variable.kind == "integer"
    edges = " union all ".join(
        f"select {literal(edge)} as edge, {1 if whole else literal(abs(float(edge)) * NEAR)} as step"
        for edge in variable.edges
    )
    return f"""select eligible.rep, {quote_text(variables.label(variable))} as detail,
        count(*) filter ({value} > edge and {value} <= edge + step) as above,
        count(*) filter ({value} > edge - step and {value} <= edge) as below
    from eligible join customers using (customer_id), ({edges}) edges
    where order_on is not null group by eligible.rep"""


def split(_: Engine, __: Model) -> str:
    """Who has two orders on one day or on two days in a row, of those who ordered."""
    return f"""select rep, count(*) filter (near), count(*), 'orders'
    from (
        select rep, customer_id, coalesce(bool_or(date_diff('day', before, day) <= 1), false) as near
        from (select *, lag(day) over (partition by customer_id order by day, order_id) as before
            from ({ORDERED}))
        group by rep, customer_id
    ) group by rep order by rep"""


def undone(engine: Engine, _: Model) -> str:
    """Whose order was credited after it had lifted them, of those who moved up in the last two runs."""
    credit = "select customer_id, order_date, amount from transactions where amount < 0"
    if engine.has("credits"):
        credit += " union all select customer_id, order_date, amount from credits"
    return f"""with lifted as (
        select customer_id, rep, segment, run_date, run_date - days + order_on as since
        from followable, last_run where (reached or up) and run_date >= last_run
    ),
    bought as (
        select customer_id, lifted.run_date, sum(amount) as value
        from lifted join transactions using (customer_id)
        where amount > 0 and order_date >= since and order_date <= lifted.run_date group by all
    ),
    credited as (
        select customer_id, lifted.run_date, -sum(amount) as value
        from lifted join ({credit}) credit using (customer_id), facts
        where order_date >= since and order_date <= facts.run_date group by all
    )
    select rep, count(*) filter (credited.value >= bought.value * {HALF}), count(*), 'credits'
    from lifted join bought using (customer_id, run_date) left join credited using (customer_id, run_date)
    group by rep order by rep"""


def after_the_order(_: Engine, __: Model) -> str:
    """Whose first follow-up came within a week after an order, of those who were followed up."""
    return f"""select rep, count(*) filter (order_on < followed_on and followed_on - order_on <= {SOON}),
        count(*), 'follow-ups'
    from eligible where followed_on is not null group by rep order by rep"""


def strangers(_: Engine, __: Model) -> str:
    """Whom a representative followed up though another one has the account, of all whom that one did."""
    return """select log.rep, count(distinct customer_id) filter (log.rep <> eligible.rep),
        count(distinct customer_id), 'follow-ups'
    from (select customer_id, nullif(trim(rep), '') as rep, date::DATE as date from followups) log
    join eligible using (customer_id), last_run, facts
    where date > last_run and date <= run_date and eligible.rep is not null
    group by log.rep order by log.rep"""


def changed(engine: Engine, _: Model) -> str:
    """Customers whose representative is another one than at the previous run."""
    if "rep" not in engine.columns("customers"):
        return ""
    return """select eligible.rep, customer_id, NULL, NULL, NULL, NULL, NULL, nullif(trim(customers.rep), '')
    from eligible join customers using (customer_id)
    where eligible.rep is not null and nullif(trim(customers.rep), '') <> eligible.rep
    order by eligible.rep, customer_id"""


def two_books(engine: Engine, _: Model) -> str:
    """Customers with orders of two representatives since the previous run, whoever has the account."""
    if "rep" not in engine.columns("transactions"):
        return ""
    rep = "nullif(trim(transactions.rep), '')"
    return f"""select eligible.rep, customer_id, NULL, NULL, NULL, NULL, NULL,
        array_to_string(list(distinct {rep} order by {rep}), ' / ')
    from transactions join eligible using (customer_id), last_run, facts
    where order_date > last_run and order_date <= run_date and {rep} is not null
    group by eligible.rep, customer_id having count(distinct {rep}) > 1
    order by eligible.rep, customer_id"""


Query = Callable[["Engine", "Model"], str]

SIGNS: dict[str, Query] = {
    "just above an edge": bunching,
    "orders on adjacent days": split,
    "credited afterwards": undone,
    "followed up after the order": after_the_order,
    "followed up by another": strangers,
}
"""Check → what it counts by representative; nothing to ask where the query is empty."""

FACTS: dict[str, Query] = {
    "another representative now": changed,
    "in two books": two_books,
}
"""Check → the customers whom it names."""
