"""A variable with its edges: which values are which class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from segcore.engine.sql import literal, quote_name
from segcore.errors import ModelError
from segcore.rules import interval, plain
from segcore.variables import Better

if TYPE_CHECKING:
    from segcore.params import Study

Edges: TypeAlias = tuple[int | float | Decimal, ...]
Scale: TypeAlias = Literal["linear", "log"]

CLASS = "_class"
EXACT = "\0"
"""Marks a text that becomes a number in JSON; no text of a study can hold it."""

_BOUNDS = ("edges", "low", "high")
_KINDS: dict[str, type[int] | type[float] | type[Decimal]] = {
    "integer": int,
    "float": float,
    "decimal": Decimal,
}


@dataclass(frozen=True)
class ModelVariable:
    """A variable and its edges.

    Parameters
    ----------
    name, label, unit, better, shown_per, sql
        As in :class:`segcore.variables.Variable`; the unit of money is the study's currency.
    classes
        How many classes it has; the highest is the best.
    scale
        The scale on which its edges were fitted.
    window
        The window of orders that count, None for all.
    edges
        The ``classes - 1`` inner edges, ascending, each a value of the data: all int, all float or
        all Decimal. Interval i is (edges[i - 1], edges[i]], open to both sides at the ends.
    """

    name: str
    label: str
    unit: str
    better: Better
    classes: int
    scale: Scale
    shown_per: float
    sql: str
    window: str | None
    edges: Edges
    sizes: tuple[int, ...] = ()
    gvf: float | None = None
    low: Edges = ()
    high: Edges = ()

    @classmethod
    def of(cls, study: Study, name: str, edges: Edges, *, scale: Scale | None = None) -> ModelVariable:
        """A study's variable with edges, fitted on the study's scale if no other is given."""
        variable, wanted = study.resolved_variables()[name], study.variables[name]
        return cls(
            name=name,
            label=variable.label,
            unit=study.currency if variable.unit == "currency" else variable.unit,
            better=variable.better,
            classes=len(edges) + 1,
            scale=scale or wanted.scale,
            shown_per=variable.shown_per,
            sql=variable.sql,
            window=wanted.window if variable.windowed else None,
            edges=edges,
        )

    def __post_init__(self) -> None:
        ascending = all(low < high for low, high in zip(self.edges, self.edges[1:], strict=False))
        if len(self.edges) != self.classes - 1 or not ascending:
            raise ModelError(
                f"{self.name} must have {self.classes - 1} ascending edges for {self.classes} classes "
                f"(got {', '.join(map(str, self.edges)) or 'none'})"
            )
        if self.sizes and len(self.sizes) != self.classes:
            raise ModelError(f"{self.name} must have {self.classes} sizes (got {len(self.sizes)})")
        if (self.low or self.high) and not (self.known and all(map(self._holds, range(len(self.edges))))):
            raise ModelError(f"{self.name} must have an interval around each edge, ascending as these do")

    def _holds(self, place: int) -> bool:
        low, high = self.low[place], self.high[place]
        ascending = place == 0 or (self.low[place - 1] <= low and self.high[place - 1] <= high)
        return ascending and low <= self.edges[place] <= high

    @property
    def known(self) -> bool:
        """Whether it is known how far each edge could lie elsewhere."""
        return len(self.low) == len(self.high) == len(self.edges)

    @property
    def column(self) -> str:
        """The column that holds its class."""
        return self.name + CLASS

    @property
    def kind(self) -> str:
        """Of which type the edges are: integer, float or decimal."""
        if any(isinstance(edge, Decimal) for edge in self.edges):
            return "decimal"
        return "float" if any(isinstance(edge, float) for edge in self.edges) else "integer"

    def bounds(self, number: int) -> tuple[int | float | Decimal | None, int | float | Decimal | None]:
        """The values (lower, upper] of a class, None where it has no end."""
        return interval(self, number, number)

    def class_sql(self) -> str:
        """A CASE expression over the column ``name`` that gives the class; NULL for no value."""
        return self._class_sql(self.edges)

    def possible_sql(self) -> tuple[str, str]:
        """The same for the worst and the best class that the edges' intervals allow.

        An edge may be any value from its low to its high: values above the low and up to the high may
        lie on either side of it.
        """
        high, low = self._class_sql(self.high), self._class_sql(self.low)
        return (high, low) if self.better == "high" else (low, high)

    def _class_sql(self, edges: Edges) -> str:
        column = quote_name(self.name)
        numbers = list(range(1, self.classes + 1))
        if self.better == "low":
            numbers.reverse()
        whens = "".join(
            f" when {column} <= {literal(edge)} then {number}"
            for edge, number in zip(edges, numbers, strict=False)
        )
        return f"case when {column} is null then null{whens} else {numbers[-1]} end"

    def to_dict(self) -> dict[str, Any]:
        """The variable in types that JSON knows; decimals are texts after `EXACT`."""
        numbers = {name: [self._number(edge) for edge in getattr(self, name)] for name in _BOUNDS}
        words = {key: value for key, value in vars(self).items() if key not in numbers}
        sizes, gvf = list(words.pop("sizes")), words.pop("gvf")
        return {
            **words,
            "kind": self.kind,
            "edges": numbers["edges"],
            "sizes": sizes or None,
            "gvf": gvf,
            "low": numbers["low"] or None,
            "high": numbers["high"] or None,
        }

    def _number(self, edge: int | float | Decimal) -> Any:
        # Trailing zeros are the column's, not the edge's.
        return EXACT + plain(Decimal(edge)) if self.kind == "decimal" else edge

    @classmethod
    def from_dict(cls, item: Mapping[str, Any]) -> ModelVariable:
        """The variable that :meth:`to_dict` wrote; its numbers with a point come as Decimal."""
        given = dict(item)
        kind = _KINDS[given.pop("kind")]
        bounds: dict[str, Any] = {
            name: tuple(kind(edge) for edge in given.pop(name) or ()) for name in _BOUNDS
        }
        sizes, gvf = tuple(map(int, given.pop("sizes") or ())), given.pop("gvf")
        known = {"sizes": sizes, "gvf": None if gvf is None else float(gvf)}
        return cls(**{**given, **bounds, **known, "shown_per": float(given["shown_per"])})
