"""The cheapest change that would lift a customer: an order today, or several, and what must be in them.

The options are built from orders today, for nothing else of a customer can be asked for: the last order
is then 0 days ago, and every order counts one more. Fewest orders win, then fewest new markets, then
the lowest classes of a study's own variables, in the order of the study.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from segcore import tables
from segcore.engine.sql import literal, quote_name
from segcore.rules import rank_grid
from segcore.variables import FREQUENCY, PRODUCTS, RECENCY, YEARS, counts_orders, same_sql

if TYPE_CHECKING:
    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable

Choices: TypeAlias = tuple[tuple[int, ...], ...]
"""For each variable, the classes that it can be given, the cheapest first."""

ONE, MORE, MARKETS = "order", "orders", "markets"
"""What a change may need, as the column ``lift`` names it; then own variables with their class."""

LIFTS = {
    "lift_to": "VARCHAR",
    "lift_rank": "SMALLINT",
    "lift_orders": "INTEGER",
    "lift_products": "INTEGER",
    "lift": "VARCHAR",
}


def make_lifts(engine: Engine, used: Model) -> None:
    """Make ``lifts``: one row for every customer whom some orders today would lift.

    Parameters
    ----------
    engine
        Holds ``customers``, as :func:`segcore.model.apply` made it with ``used``.
    used
        The model of the segments.

    Notes
    -----
    Columns out: customer_id, lift_to and lift_rank (the segment then), lift_orders (how many orders
    today), lift_products (in how many new markets), lift: what the change needs beside the first
    order, separated by commas: ``order`` or ``orders``, ``markets``, and each own variable that must
    reach a class, like ``furniture_orders 3``.

    Customers who are alike are tried once: alike in their rank, in the counts that orders raise, up
    to the highest edge, and in the classes of all else. Windows are those of today: an order today
    is in each of them, but the next run counts without what has left them by then.
    """
    parts = [_Part.of(variable) for variable in used.variables]
    keys = [f"{part.key()} as {quote_name(part.name)}" for part in parts]
    alike = engine.rows(f"select distinct rank, {', '.join(keys)} from customers order by all")
    search = _Search(used, parts)
    rows = [
        (*key, *found)
        for key in alike
        if (found := search.cheapest(key[0], dict(zip((p.name for p in parts), key[1:], strict=True))))
    ]
    columns = {"_rank": "SMALLINT", **{f"_{part.name}": "BIGINT" for part in parts}, **LIFTS}
    tables.put(engine, "_lifts", columns, rows)
    same = [f"{part.key()} = {quote_name('_' + part.name)}" for part in parts]
    engine.execute(
        f"""create or replace table lifts as
        select customer_id, {", ".join(LIFTS)}
        from customers join _lifts on rank = _rank and {" and ".join(same)}"""
    )
    engine.execute("drop table _lifts")


@dataclass(frozen=True, eq=False)
class _Part:
    """What orders today do to a variable.

    Parameters
    ----------
    variable
        The variable.
    kind
        ``last`` (days since the last order, 0 then), ``since`` (stays as it is), ``orders`` (each order
        is one more), ``some orders`` (an order may be one more), ``markets`` or ``own``.
    """

    variable: ModelVariable
    kind: str

    @classmethod
    def of(cls, variable: ModelVariable) -> _Part:
        known = ((RECENCY, "last"), (YEARS, "since"), (FREQUENCY, "orders"), (PRODUCTS, "markets"))
        kind = next((kind for one, kind in known if same_sql(variable.sql, one)), "own")
        return cls(variable, "some orders" if kind == "own" and counts_orders(variable.sql) else kind)

    @property
    def name(self) -> str:
        return self.variable.name

    @property
    def counted(self) -> bool:
        """Whether orders raise it by whole numbers."""
        return self.kind in ("orders", "some orders", "markets")

    def key(self) -> str:
        """By what customers are alike, in SQL: counts above all edges are one, and so are classes."""
        if not self.counted:
            return quote_name(self.variable.column)
        top = literal(self.variable.edges[-1])
        return f"least({quote_name(self.name)}, floor({top})::BIGINT + 1)::BIGINT"

    def class_of(self, value: int) -> int:
        """The class of a count."""
        above = sum(value > edge for edge in self.variable.edges)
        return above + 1 if self.variable.better == "high" else self.variable.classes - above

    def steps(self, value: int) -> list[int]:
        """How many more of it first reach each further interval, ascending."""
        return [int(edge // 1) + 1 - value for edge in self.variable.edges if edge >= value]


def _choices(part: _Part, now: int, orders: int) -> tuple[int, ...]:
    """The classes that some orders today can give a variable, the cheapest first."""
    if part.kind == "last":
        return (part.class_of(0),)
    if part.kind == "since":
        return (now,)
    if part.kind == "orders":
        return (part.class_of(now + orders),)
    if part.kind == "own":
        return tuple(range(now, part.variable.classes + 1))
    steps = (step for step in part.steps(now) if part.kind == "markets" or step <= orders)
    return tuple(part.class_of(now + step) for step in (0, *steps))


class _Search:
    """The cheapest changes under a model.

    Parameters
    ----------
    used, parts
        The model, and what orders do to each of its variables.
    """

    def __init__(self, used: Model, parts: Sequence[_Part]) -> None:
        self._used, self._parts = used, parts
        self._ranks = rank_grid(used.rules)
        places = {"markets": 1, "some orders": 2, "own": 3}
        # Axes in the order in which they are raised last: the search runs through the last one first.
        self._order = sorted(range(len(parts)), key=lambda axis: places.get(parts[axis].kind, 0))
        # Hundreds of counts lead to a few choices of classes: each is looked up once.
        self._choices = lru_cache(maxsize=None)(_choices)
        self._first = lru_cache(maxsize=None)(self._find_first)

    def cheapest(self, rank: int, alike: Mapping[str, int]) -> tuple[Any, ...] | None:
        """The values of :data:`LIFTS` for customers who are alike, None if nothing lifts them."""
        if rank == len(self._used.segments) - 1:
            return None
        for orders in self._numbers(alike):
            choices = tuple(self._choices(part, alike[part.name], orders) for part in self._parts)
            if found := self._first(rank, choices):
                return self._told(orders, alike, choices, found)
        return None

    def _numbers(self, alike: Mapping[str, int]) -> list[int]:
        """How many orders are worth trying."""
        counted = [part for part in self._parts if "orders" in part.kind]
        return sorted({1, *(step for part in counted for step in part.steps(alike[part.name]))})

    def _find_first(self, rank: int, choices: Choices) -> tuple[int, ...] | None:
        """The places of the cheapest choices with a better rank."""
        import numpy as np

        block = self._ranks[np.ix_(*([number - 1 for number in choice] for choice in choices))]
        better = np.argwhere(block.transpose(self._order) > rank)
        if not len(better):
            return None
        found = dict(zip(self._order, better[0].tolist(), strict=True))
        return tuple(found[axis] for axis in range(len(choices)))

    def _told(
        self, orders: int, alike: Mapping[str, int], choices: Choices, found: Sequence[int]
    ) -> tuple[Any, ...]:
        classes = {
            part.name: choice[at] for part, choice, at in zip(self._parts, choices, found, strict=True)
        }
        segment, _ = self._used.rules.segment_of(classes)
        markets, raised = 0, list(self._raised(choices, found))
        for part, at in zip(self._parts, found, strict=True):
            if part.kind == "markets" and at:
                markets = part.steps(alike[part.name])[at - 1]
        needs = [ONE if orders == 1 else MORE, *([MARKETS] if markets else []), *raised]
        return segment, self._used.rules.rank(segment), orders, markets, ", ".join(needs)

    def _raised(self, choices: Choices, found: Sequence[int]) -> Iterator[str]:
        for part, choice, at in zip(self._parts, choices, found, strict=True):
            if at and part.kind in ("some orders", "own"):
                yield f"{part.name} {choice[at]}"
