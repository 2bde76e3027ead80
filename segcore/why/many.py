"""The cards of many customers at once, from the tables of a run that an engine holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names
from segcore.why.card import Card
from segcore.why.told import Row, Told

if TYPE_CHECKING:
    from segcore.engine import Engine

KNOWN = ("name", "rep_name", "value", "last_order")
ASKED = {
    "customers": ("segment", "rule", "fragile", "rep"),
    "moves": ("state", "from_segment", "to_segment", "mark"),
    "history": (
        "path", "since", "times_entered", "days_in_segment", "at_least", "best_segment", "previous_segment",
        "first_run", "last_run",
    ),
    "clock": ("drop_date", "falls_to", "by", "edge", "lift_to", "lift_orders", "lift_products", "lift"),
}  # fmt: skip
"""Table → what a card asks of it, beside the variables and their classes."""


def cards(
    engine: Engine, told: Told, run_date: dt.date, asked: str, *, only: Sequence[str] | None = None
) -> Iterator[Card]:
    """The cards of the customers of a table, without their places on the call list.

    Parameters
    ----------
    engine
        Holds ``customers``, and ``moves``, ``history``, ``clock`` and ``facts`` if the run has them.
    told
        The words of the study and of its model.
    run_date
        The date of the run.
    asked
        The table of those who are asked for: customer_id, name, rep_name (its name, or else its number),
        value, last_order. The cards come in the order of its customer_id.
    only
        These of them, all if left out.
    """
    there = {name: _there(engine, told, name) for name in ASKED if engine.has(name)}
    columns = [
        f"{quote_name(name)}.{quote_name(c)}"
        for name, found in there.items()
        for c in ("customer_id", *found)
    ]
    joins = " ".join(
        f"left join {quote_name(name)} on {quote_name(name)}.customer_id = asked.customer_id"
        for name in there
    )
    window = engine.rows("select value_window from facts")[0][0]
    which = "" if only is None else "where customer_id in (select unnest($only::VARCHAR[]))"
    found = engine.rows(
        f"select asked.customer_id, {', '.join(f'asked.{name}' for name in KNOWN)}, {', '.join(columns)} "
        f"from (select customer_id, {quote_names(KNOWN)} from {quote_name(asked)} {which}) asked {joins} "
        "order by asked.customer_id",
        {"only": None if only is None else list(only)},
    )
    for customer_id, name, rep_name, value, last, *more in found:
        rows: dict[str, Row] = {table: {} for table in (*ASKED, "calls")}
        rows["everybody"] = {"customer_id": customer_id, "name": name}
        place = 0
        for table, names in there.items():
            # One that the table does not have comes with nothing but NULL.
            values = more[place + 1 : place + 1 + len(names)]
            rows[table] = {} if more[place] is None else dict(zip(names, values, strict=True))
            place += 1 + len(names)
        yield Card(told, run_date, rows, rep_name, window, value, last)


def _there(engine: Engine, told: Told, table: str) -> list[str]:
    known = engine.columns(table)
    wanted = [*ASKED[table]]
    if table == "customers":
        wanted += [name for v in told.used.variables for name in (v.name, v.column)]
    return [name for name in dict.fromkeys(wanted) if name in known]
