"""What a run says of one customer, read from its tables and its model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import model, tables, transitions
from segcore.dates import next_due
from segcore.engine import open_engine
from segcore.engine.sql import literal
from segcore.sentences import why as say
from segcore.why.looking import find
from segcore.why.told import Row, Told

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.model import Model
    from segcore.params import Study

OF_ONE = ("customers", "moves", "history", "clock", "calls")
EVERYBODY = "select customer_id, max(name) as name from ({}) group by customer_id"


@dataclass(frozen=True)
class Card:
    """All that a run says of a customer.

    Parameters
    ----------
    told
        The words of the study and of the model of its segments.
    run_date
        The date of the run.
    rows
        Table → the customer's row in it, empty where it has none.
    rep_name, window
        The name of the representative, and over which time order value counts.
    value, last_order
        The order value, and the day of the last order, None for nobody known to have ordered.
    """

    told: Told
    run_date: dt.date
    rows: Mapping[str, Row]
    rep_name: str | None
    window: str | None
    value: Decimal
    last_order: dt.date | None

    @property
    def customer(self) -> Row:
        """The row of ``customers``; empty for somebody who is not in the run."""
        return self.rows["customers"]

    @property
    def lines(self) -> list[str]:
        """The card for people."""
        return list(say.card(self.as_json(), self.told.study.currency))

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The card as heads and texts, without the line that names the customer."""
        return list(say.lines(self.as_json(), self.told.study.currency, self.run_date))

    def as_json(self) -> dict[str, Any]:
        """The card for machines; what is not known is None."""
        history, moves, clock = self.rows["history"], self.rows["moves"], self.rows["clock"]
        customer, told = self.customer, self.told
        return {
            "study": told.study.name,
            "run_date": self.run_date.isoformat(),
            "customer_id": self.rows["everybody"]["customer_id"],
            "name": self.rows["everybody"]["name"],
            "rep": customer.get("rep"),
            "representative": self.rep_name,
            "segment": customer.get("segment"),
            "action": told.action(customer.get("segment")),
            "rule": told.rule(customer.get("rule")),
            "order_value": str(self.value),
            "value_window": self.window,
            "last_order": _iso(self.last_order),
            "variables": told.variables(customer) if customer else [],
            "fragile": customer.get("fragile"),
            "drop": told.drop(clock) or self._out(),
            "lift": told.lift(clock),
            "best": customer.get("segment") == told.used.segments[0],
            "move": {name: moves.get(name) for name in ("state", "from_segment", "to_segment", "mark")},
            "history": {
                name: _iso(history.get(name))
                for name in (
                    "path", "since", "times_entered", "days_in_segment", "at_least", "best_segment",
                    "previous_segment", "first_run", "last_run",
                )
            },
            "call": self._call(),
        }  # fmt: skip

    def _out(self) -> dict[str, Any] | None:
        """When the customer is no longer counted, where only that comes of waiting."""
        active = self.told.study.population.active_within
        if active is None or self.last_order is None or not self.customer:
            return None
        return {"drop_date": _iso(next_due(self.last_order, active)), "falls_to": None}

    def _call(self) -> dict[str, Any] | None:
        found = self.rows["calls"]
        if not found:
            return None
        return {name: found[name] for name in ("position", "reason", "listed", "held_out", "first")}


def why(study: Study, customer: str, run_dir: Path) -> Card:
    """The card of a customer in a run.

    Parameters
    ----------
    study
        The study as the run keeps it.
    customer
        The customer's number, see :func:`segcore.why.find`.
    run_dir
        The folder of the published run.

    Raises
    ------
    UsageError
        If the run knows no such customer.
    ModelError
        If the run's model cannot be read.
    """
    used, day = model.read(run_dir / "model.json"), dt.date.fromisoformat(run_dir.name)
    with open_engine(study, run_dir) as engine:
        for name in ("customers", "moves", "history", "clock", "calls"):
            tables.load(engine, run_dir, name)
        tables.load(engine, run_dir, "facts", "transactions", "reps", "renumbered")
        engine.execute(f"create table everybody as {_everybody(engine)}")
        found = find(engine, customer, where=f"{study.name}/{run_dir.name}")
        window = engine.rows("select value_window from facts")[0][0]
        rows = {name: _row(engine, name, found) for name in (*OF_ONE, "everybody")}
        if rows["customers"] and not engine.has("clock"):
            rows["clock"] = _clock(engine, used, found, day)
        value, last = _ordered(engine, found, day, window)
        rep = rows["customers"].get("rep")
        return Card(Told(study, used), day, rows, _rep_name(engine, rep), window, value, last)


def _everybody(engine: FileEngine) -> str:
    """Everybody whom the run knows, with names as far as it has them."""
    named = "name" in engine.columns("customers")
    known = [f"select customer_id, {'name' if named else 'NULL'}::VARCHAR as name from customers"]
    known += [f"select customer_id, NULL from {name}" for name in ("moves", "history") if engine.has(name)]
    return EVERYBODY.format(" union all ".join(known))


def _row(engine: FileEngine, name: str, customer: str) -> Row:
    if not engine.has(name):
        return {}
    rows = engine.rows(f'select * from "{name}" where customer_id = $customer', {"customer": customer})
    return dict(zip(engine.columns(name), rows[0], strict=True)) if rows else {}


def _clock(engine: FileEngine, used: Model, customer: str, day: dt.date) -> Row:
    """The clock of one customer of a run that kept none."""
    engine.execute(f"create table one as select * from customers where customer_id = {literal(customer)}")
    engine.execute("drop view if exists customers")
    engine.execute("create or replace table customers as from one")
    transitions.clock(engine, used, day)
    return _row(engine, "clock", customer)


def _ordered(
    engine: FileEngine, customer: str, day: dt.date, window: str | None
) -> tuple[Decimal, dt.date | None]:
    within = f"and order_date > $day::DATE - interval {literal(window)}" if window else ""
    value, last = engine.rows(
        f"select coalesce(sum(amount) filter (order_date <= $day {within}), 0)::DECIMAL(38, 4), "
        "max(order_date) from transactions where customer_id = $customer",
        {"day": day, "customer": customer},
    )[0]
    return value, last


def _rep_name(engine: FileEngine, rep: str | None) -> str | None:
    names = f"select rep_name from ({transitions.reps_sql(engine)}) where rep = trim($rep)"
    rows = engine.rows(names, {"rep": rep}) if rep is not None else []
    return (rows[0][0] if rows else None) or rep


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
