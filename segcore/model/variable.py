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
        column = quote_name(self.name)
        numbers = list(range(1, self.classes + 1))
        if self.better == "low":
            numbers.reverse()
        whens = "".join(
            f" when {column} <= {literal(edge)} then {number}"
            for edge, number in zip(self.edges, numbers, strict=False)
        )
        return f"case when {column} is null then null{whens} else {numbers[-1]} end"

    def to_dict(self) -> dict[str, Any]:
        """The variable in types that JSON knows; decimals are texts after `EXACT`."""
        edges: list[Any] = list(self.edges)
        if self.kind == "decimal":  # trailing zeros are the column's, not the edge's
            edges = [EXACT + plain(Decimal(edge)) for edge in edges]
        words = {key: value for key, value in vars(self).items() if key != "edges"}
        return {**words, "kind": self.kind, "edges": edges}

    @classmethod
    def from_dict(cls, item: Mapping[str, Any]) -> ModelVariable:
        """The variable that :meth:`to_dict` wrote; its numbers with a point come as Decimal."""
        given = dict(item)
        kind = _KINDS[given.pop("kind")]
        edges: Any = tuple(kind(edge) for edge in given.pop("edges"))
        return cls(**{**given, "shown_per": float(given["shown_per"]), "edges": edges})
