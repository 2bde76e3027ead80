"""The drop clock: on which day a customer's segment falls if nothing is bought, and what would lift it.

Everything comes from the model and the customers of one run; no order line is read again. With
nothing bought only those variables move that count days, which :func:`segcore.variables.counts_days`
tells. So the days on which classes change are known, and between two of them nothing does.

One thing is not foreseen: orders that fall out of a window. A customer whose orders are about to
leave the window of frequency may fall earlier than the clock says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from segcore.engine.sql import literal, quote_name, quote_names, quote_text
from segcore.transitions.lifts import make_lifts
from segcore.variables import counts_days

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable
    from segcore.rules import Rule


def clock(engine: Engine, used: Model, run_date: dt.date) -> None:
    """Make ``clock``: one row for every customer of the run.

    Parameters
    ----------
    engine
        Holds ``customers``, as :func:`segcore.model.apply` made it with ``used``.
    used
        The model of the segments.
    run_date
        The only "today".

    Notes
    -----
    Columns out: customer_id; drop_date (the first day on which the rank is lower than today's if
    nothing is bought), falls_to, falls_to_rank, by (the variable whose edge is passed that day) and
    edge (as a number, in the variable's own unit), all NULL for somebody who never falls; then the
    cheapest change that lifts, NULL if none does: lift_to, lift_rank, lift_orders, lift_products,
    lift, see :func:`segcore.transitions.lifts.make_lifts`.

    A class is an interval (lower, upper], so a variable of whole days passes an edge ``edge - value
    + 1`` days after the run date. Where several are passed on one day, ``by`` is one of which low
    values are best, for only these become worse by waiting.
    """
    make_lifts(engine, used)
    engine.execute(
        f"""create or replace table clock as
        with drops as ({_drops(used)})
        select customer_id, {literal(run_date.isoformat())}::DATE + first.days::INTEGER as drop_date,
            {_by_line(used, "first.line", lambda rule: quote_text(rule.segment))} as falls_to,
            first.rank as falls_to_rank, first."by" as "by", first.edge as edge,
            lift_to, lift_rank, lift_orders, lift_products, lift
        from customers left join drops using (customer_id) left join lifts using (customer_id)"""
    )
    engine.execute("drop table lifts")


def _drops(used: Model) -> str:
    """Customer → the first day with a lower rank: days from now, by, edge, line and rank."""
    moving = [variable for variable in used.variables if counts_days(variable.sql)]
    passed = [_passed(used, moving, variable, place) for place, variable in enumerate(moving)]
    if not passed:
        nothing = "{'days': NULL::BIGINT, 'by': NULL::VARCHAR, 'edge': NULL::DOUBLE, "
        nothing += "'line': NULL::SMALLINT, 'rank': NULL::SMALLINT}"
        return f"select NULL::VARCHAR as customer_id, {nothing} as first where false"
    classes = ", ".join(
        f"cast({v.class_sql()} as smallint) as {quote_name(v.column)}"
        if v in moving
        else quote_name(v.column)
        for v in used.variables
    )
    return f"""
        select customer_id, arg_min(
            {{'days': days, 'by': "by", 'edge': edge, 'line': line, 'rank': then_rank}}, (days, place)
        ) as first
        from (
            select *, {_by_line(used, "line", lambda rule: str(used.rules.rank(rule.segment)))}::SMALLINT
                as then_rank
            from (
                select customer_id, rank, days, place, "by", edge, {used.rule_sql()}::SMALLINT as line
                from (select *, {classes} from ({" union all ".join(passed)}))
            )
        )
        where then_rank < rank group by customer_id"""


def _passed(used: Model, moving: list[ModelVariable], variable: ModelVariable, place: int) -> str:
    """The days on which a variable passes its edges, and what counts days on each of them."""
    name = quote_name(variable.name)
    # What gets worse comes first, should another variable pass an edge on the same day.
    order = place if variable.better == "low" else place + len(moving)
    edges = ", ".join(map(literal, variable.edges))
    later = ", ".join(f"{quote_name(v.name)} + days as {quote_name(v.name)}" for v in moving)
    kept = quote_names(v.column for v in used.variables if v not in moving)
    return f"""
        select customer_id, rank, days, {order} as place, {quote_text(variable.name)} as "by",
            edge, {later}{", " if kept else ""}{kept}
        from (
            select *, floor(passed - {name})::BIGINT + 1 as days, passed::DOUBLE as edge
            from customers, unnest([{edges}]) as edges(passed) where {name} <= passed
        )"""


def _by_line(used: Model, line: str, given: Callable[[Rule], str]) -> str:
    """What a rule gives, found by its line."""
    whens = " ".join(f"when {rule.line} then {given(rule)}" for rule in used.rules.rules)
    return f"case {line} {whens} end"
