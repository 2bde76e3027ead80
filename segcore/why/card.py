"""What a run says of one customer, read from its tables and its model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import model, tables, transitions
from segcore.dates import next_due
from segcore.engine import open_engine
from segcore.engine.sql import literal
from segcore.rules import Cell, shown
from segcore.rules.words import condition
from segcore.sentences import why as say
from segcore.why.looking import find

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.model import Model, ModelVariable
    from segcore.params import Study

OF_ONE = ("customers", "moves", "history", "clock", "calls")
EVERYBODY = "select customer_id, max(name) as name from ({}) group by customer_id"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """All that a run says of a customer.

    Parameters
    ----------
    study, run_date
        The study and date of the run.
    used
        The model of its segments.
    rows
        Table → the customer's row in it, empty where it has none.
    rep_name, window
        The name of the representative, and over which time order value counts.
    value, last_order
        The order value, and the day of the last order, None for nobody known to have ordered.
    """

    study: Study
    run_date: dt.date
    used: Model
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
        return list(say.card(self.as_json(), self.study.currency))

    def as_json(self) -> dict[str, Any]:
        """The card for machines; what is not known is None."""
        history, moves = self.rows["history"], self.rows["moves"]
        return {
            "study": self.study.name,
            "run_date": self.run_date.isoformat(),
            "customer_id": self.rows["everybody"]["customer_id"],
            "name": self.rows["everybody"]["name"],
            "rep": self.customer.get("rep"),
            "representative": self.rep_name,
            "segment": self.customer.get("segment"),
            "action": self._action(),
            "rule": self._rule(),
            "order_value": str(self.value),
            "value_window": self.window,
            "last_order": _iso(self.last_order),
            "variables": [dict(self._variable(variable)) for variable in self._variables()],
            "fragile": self.customer.get("fragile"),
            "drop": self._drop(),
            "lift": self._lift(),
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

    def _action(self) -> str:
        segment = self.study.segments.get(self.customer.get("segment") or "")
        return segment.action if segment else ""

    def _rule(self) -> dict[str, Any] | None:
        line = self.customer.get("rule")
        rule = next((rule for rule in self.used.rules.rules if rule.line == line), None)
        if rule is None:
            return None
        return {"line": line, "says": rule.condition(self.used.by_name), "note": rule.note}

    def _variables(self) -> Iterator[ModelVariable]:
        return iter(self.used.variables if self.customer else ())

    def _variable(self, variable: ModelVariable) -> Iterator[tuple[str, Any]]:
        value, number = self.customer[variable.name], self.customer[variable.column]
        yield "name", variable.name
        yield "label", variable.label
        yield "value", str(value) if isinstance(value, Decimal) else value
        yield "says", say.value(shown(value, variable), variable.unit, variable.window)
        yield "class", number
        yield "classes", variable.classes
        yield "interval", condition((Cell(variable.name, (number,), variable.classes),), self.used.by_name)
        yield "near", [say.near(*found) for found in self._near(variable, value)]

    def _near(self, variable: ModelVariable, value: Any) -> Iterator[tuple[str, str, str]]:
        """The edges in whose interval the value lies: the edge, and from where to where it could lie."""
        if not variable.known or not self.customer.get("fragile"):
            return
        for edge, low, high in zip(variable.edges, variable.low, variable.high, strict=True):
            # The value may be on either side of an edge that may lie anywhere from low to high.
            if low < value <= high:
                yield (shown(edge, variable), shown(low, variable), shown(high, variable))

    def _drop(self) -> dict[str, Any] | None:
        found = self.rows["clock"]
        if found.get("drop_date") is None:
            return self._out()
        variable = self.used.by_name[found["by"]]
        return {
            "drop_date": _iso(found["drop_date"]),
            "falls_to": found["falls_to"],
            "by": found["by"],
            "limit": shown(int(found["edge"]), variable) + f" {variable.unit}".rstrip(),
            "label": variable.label,
        }

    def _out(self) -> dict[str, Any] | None:
        """When the customer is no longer counted, where only that comes of waiting."""
        active = self.study.population.active_within
        if active is None or self.last_order is None or not self.customer:
            return None
        return {"drop_date": _iso(next_due(self.last_order, active)), "falls_to": None}

    def _lift(self) -> dict[str, Any] | None:
        found = self.rows["clock"]
        if found.get("lift") is None:
            return None
        asked = [part.rsplit(" ", 1) for part in found["lift"].split(", ") if " " in part]
        needs = [self._from(name, int(number)) for name, number in asked]
        return {
            "lift_to": found["lift_to"],
            "orders": found["lift_orders"],
            "markets": found["lift_products"],
            "needs": needs,
        }

    def _from(self, name: str, number: int) -> str:
        """What it takes to be in a class of a variable or in a better one, in words."""
        classes = self.used.by_name[name].classes
        return condition((Cell(name, tuple(range(number, classes + 1)), classes),), self.used.by_name)

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
        return Card(study, day, used, rows, _rep_name(engine, rep), window, value, last)


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
