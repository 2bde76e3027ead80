"""What a study and its model say of values, each text made once however many customers it is said of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from segcore import variables
from segcore.rules import Cell, shown
from segcore.rules.words import condition
from segcore.sentences import why as say

if TYPE_CHECKING:
    from segcore.model import Model, ModelVariable
    from segcore.params import Study

Row = Mapping[str, Any]

KEPT = 100_000
"""How many texts of a kind are kept; amounts and dates have more, in large studies."""


class Told:
    """The parts of why cards that depend on the study and its model alone.

    Parameters
    ----------
    study
        The study.
    used
        The model of its segments.
    """

    def __init__(self, study: Study, used: Model) -> None:
        self.study, self.used = study, used
        self._actions = {name: segment.action for name, segment in study.segments.items()}
        self._rules = {rule.line: rule for rule in used.rules.rules}
        # Kept by each object: what is kept belongs to one model.
        self.rule = lru_cache(KEPT)(self._rule)
        self._variable = lru_cache(KEPT)(self._made)
        self._interval = lru_cache(KEPT)(self._in_words)
        self._dropping = lru_cache(KEPT)(self._drop)
        self._lifting = lru_cache(KEPT)(self._lift)

    def action(self, segment: str | None) -> str:
        """What is to be done with a segment's customers."""
        return self._actions.get(segment or "", "")

    def variables(self, customer: Row) -> list[dict[str, Any]]:
        """The values of a row of ``customers``, their classes, and the edges that are near."""
        fragile = bool(customer.get("fragile"))
        return [
            self._variable(v.name, customer[v.name], customer[v.column], fragile) for v in self.used.variables
        ]

    def drop(self, clock: Row) -> dict[str, Any] | None:
        """On which day the segment falls, of a row of ``clock``."""
        if clock.get("drop_date") is None:
            return None
        return self._dropping(clock["drop_date"], clock["falls_to"], clock["by"], clock["edge"])

    def lift(self, clock: Row) -> dict[str, Any] | None:
        """What would lift, of a row of ``clock``."""
        if clock.get("lift") is None:
            return None
        return self._lifting(clock["lift_to"], clock["lift_orders"], clock["lift_products"], clock["lift"])

    def _rule(self, line: int | None) -> dict[str, Any] | None:
        rule = None if line is None else self._rules.get(line)
        if rule is None:
            return None
        return {"line": line, "says": rule.condition(self.used.by_name), "note": rule.note}

    def _made(self, name: str, value: Any, number: int, fragile: bool) -> dict[str, Any]:
        variable = self.used.by_name[name]
        return {
            "name": name,
            "label": variables.label(variable),
            "value": str(value) if isinstance(value, Decimal) else value,
            "says": say.value(shown(value, variable), variables.unit(variable), variable.window),
            "class": number,
            "classes": variable.classes,
            "interval": self._interval(name, number, number),
            "near": [say.near(*found) for found in _near(variable, value)] if fragile else [],
        }

    def _drop(self, day: dt.date, falls_to: str, by: str, edge: float) -> dict[str, Any]:
        variable = self.used.by_name[by]
        return {
            "drop_date": day.isoformat(),
            "falls_to": falls_to,
            "by": by,
            "limit": shown(int(edge), variable) + f" {variables.unit(variable)}".rstrip(),
            "label": variables.label(variable),
        }

    def _lift(self, to: str, orders: int, markets: int, lift: str) -> dict[str, Any]:
        asked = [part.rsplit(" ", 1) for part in lift.split(", ") if " " in part]
        needs = [self._from(name, int(number)) for name, number in asked]
        return {"lift_to": to, "orders": orders, "markets": markets, "needs": needs}

    def _from(self, name: str, number: int) -> str:
        """What it takes to be in a class of a variable or in a better one, in words."""
        return self._interval(name, number, self.used.by_name[name].classes)

    def _in_words(self, name: str, first: int, last: int) -> str:
        """From which class of a variable to which, in words."""
        cell = Cell(name, tuple(range(first, last + 1)), self.used.by_name[name].classes)
        return condition((cell,), self.used.by_name)


def _near(variable: ModelVariable, value: Any) -> Iterator[tuple[str, str, str]]:
    """The edges in whose interval the value lies: the edge, and from where to where it could lie."""
    if not variable.known:
        return
    for edge, low, high in zip(variable.edges, variable.low, variable.high, strict=True):
        # The value may be on either side of an edge that may lie anywhere from low to high.
        if low < value <= high:
            yield (shown(edge, variable), shown(low, variable), shown(high, variable))
