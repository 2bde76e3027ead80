"""A rule in words, from the same cells that execute it.

Without a model, a condition speaks of classes ("recency is class 4 or 5"); with a model's edges, of
values ("last order up to 75 days ago"). A class is an interval (lower, upper], so whole numbers
run from the edge below plus one, and other numbers are "more than" the edge below. What counts in
a window names it: "2 or more orders in 12 months".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from segcore import variables as variables_of
from segcore.rules.cells import Cell
from segcore.sentences import conditions as say
from segcore.wording import count, decimals, join
from segcore.wording import plain as digits

Value: TypeAlias = int | float | Decimal


class Described(Protocol):
    """What the words of a condition need to know of a variable; a model's variables know it."""

    @property
    def name(self) -> str:
        """Canonical name."""

    @property
    def label(self) -> str:
        """How reports name it."""

    @property
    def unit(self) -> str:
        """What the value counts, in the plural, or an empty text."""

    @property
    def better(self) -> Literal["high", "low"]:
        """Which values are the best class."""

    @property
    def shown_per(self) -> float:
        """Values are divided by this when they are shown."""

    @property
    def window(self) -> str | None:
        """The window of orders that count, None for all."""

    @property
    def edges(self) -> tuple[Value, ...]:
        """The inner edges, ascending."""


def condition(
    cells: Sequence[Cell],
    variables: Mapping[str, Described] | None = None,
    windows: Mapping[str, str] | None = None,
) -> str:
    """What the cells of a rule ask for, as the part of a sentence after "if".

    Parameters
    ----------
    cells
        The rule's cells.
    variables
        Name → variable with its edges, to speak of values; without, of classes.
    windows
        Name → window of orders that count, where it speaks of classes.

    Returns
    -------
    str
        ``EVERYONE`` of the sentences if every class of every variable will do.
    """
    asked = [cell for cell in cells if not cell.any]
    if not asked:
        return say.EVERYONE
    if variables is None:
        names = (f"{cell.variable}{say.within((windows or {}).get(cell.variable))}" for cell in asked)
        return join([say.is_in(name, _classes(cell)) for name, cell in zip(names, asked, strict=True)])
    described = ((cell, variables[cell.variable]) for cell in asked)
    return join([_in_values(cell, variable) + say.within(variable.window) for cell, variable in described])


def interval(variable: Described, low: int, high: int) -> tuple[Value | None, Value | None]:
    """The values (lower, upper] of the classes low..high, None where they have no end.

    Parameters
    ----------
    variable
        A variable with k - 1 edges; class k is best.
    low, high
        Classes from 1 to k, low at most high.
    """
    edges, count = variable.edges, len(variable.edges) + 1
    first, last = (low, high) if variable.better == "high" else (count + 1 - high, count + 1 - low)
    return (edges[first - 2] if first > 1 else None), (edges[last - 1] if last < count else None)


def shown(value: Value, variable: Described) -> str:
    """A value as people read it: its unit's size, thousands apart, a true minus sign."""
    if variable.shown_per != 1:
        return decimals(float(value) / variable.shown_per, 1)
    if isinstance(value, Decimal):
        return decimals(value, max(2, len(plain(value).partition(".")[2])))
    if isinstance(value, float):
        return decimals(value, 2) if abs(value) >= 1 else digits(value, 3)
    return count(value)


def plain(value: Decimal) -> str:
    """A decimal's digits without trailing zeros; `normalize` would round long ones."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _classes(cell: Cell) -> str:
    (low, high), more = cell.spans[0], len(cell.spans) > 1
    if more or high <= low + 1:
        return say.classes(cell.allowed)
    return say.span(low, high, cell.classes)


def _in_values(cell: Cell, variable: Described) -> str:
    spans = list(cell.spans if variable.better == "high" else reversed(cell.spans))
    ranges = [_range(variable, *interval(variable, low, high)) for low, high in spans]
    named = variables_of.label(variable), variables_of.unit(variable)
    return say.counted(*named, [text for text, _ in ranges], one=ranges[-1][1])


def _range(variable: Described, lower: Value | None, upper: Value | None) -> tuple[str, bool]:
    """The values between two edges, and whether the last number is one of something."""
    whole = variable.shown_per == 1 and all(isinstance(edge, int) for edge in variable.edges)
    if lower is None:
        assert upper is not None  # a cell that accepts every class has no words of its own
        return say.up_to(shown(upper, variable)), whole and upper == 1
    if upper is None:
        if whole and variable.better == "high":
            return say.at_least(shown(int(lower) + 1, variable)), False
        return say.over(shown(lower, variable)), whole and lower == 1
    if not whole:
        return say.over_up_to(shown(lower, variable), shown(upper, variable)), False
    first = int(lower) + 1
    if first == upper:
        return shown(first, variable), first == 1
    return say.between(shown(first, variable), shown(upper, variable)), False
