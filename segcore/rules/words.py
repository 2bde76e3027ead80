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

from segcore.rules.cells import Cell
from segcore.wording import join, singular

Value: TypeAlias = int | float | Decimal

EVERYONE = "everyone else"
_TIMES = {"hour", "day", "week", "month", "quarter", "year"}


class Described(Protocol):
    """What the words of a condition need to know of a variable; a model's variables know it."""

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
        "everyone else" if every class of every variable will do.
    """
    asked = [cell for cell in cells if not cell.any]
    if not asked:
        return EVERYONE
    if variables is None:
        names = (f"{cell.variable}{_within((windows or {}).get(cell.variable))}" for cell in asked)
        return join([f"{name} is {_classes(cell)}" for name, cell in zip(names, asked, strict=True)])
    described = ((cell, variables[cell.variable]) for cell in asked)
    return join([_in_values(cell, variable) + _within(variable.window) for cell, variable in described])


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
        text = f"{float(value) / variable.shown_per:,.1f}"
    elif isinstance(value, Decimal):
        places = max(2, len(plain(value).partition(".")[2]))
        text = f"{value:,.{places}f}"
    elif isinstance(value, float):
        text = f"{value:,.2f}" if abs(value) >= 1 else f"{value:.3g}"
    else:
        text = f"{value:,}"
    return text.replace("-", "−")


def plain(value: Decimal) -> str:
    """A decimal's digits without trailing zeros; `normalize` would round long ones."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _within(window: str | None) -> str:
    return f" in {window}" if window else ""


def _classes(cell: Cell) -> str:
    (low, high), more = cell.spans[0], len(cell.spans) > 1
    if low == high and not more:
        return f"class {low}"
    if more or high == low + 1:
        return f"class {join(list(map(str, cell.allowed)), 'or')}"
    if high == cell.classes:
        return f"class {low} or better"
    return f"class {high} or worse" if low == 1 else f"class {low} to {high}"


def _in_values(cell: Cell, variable: Described) -> str:
    spans = list(cell.spans if variable.better == "high" else reversed(cell.spans))
    ranges = [_range(variable, *interval(variable, low, high)) for low, high in spans]
    amount = join([text for text, _ in ranges], "or")
    unit = singular(variable.unit) if ranges[-1][1] else variable.unit
    label = variable.label
    if not (len(label) > 1 and label[1].isupper()):  # an abbreviation stays as it is
        label = label[:1].lower() + label[1:]
    if variable.unit and label.casefold().endswith(variable.unit.casefold()):
        return f"{amount} {label[: -len(variable.unit)]}{unit}"
    if singular(variable.unit).split(" ")[0] in _TIMES:
        return f"{label} {amount} {unit}"
    return f"{label} of {amount} {unit}".rstrip()


def _range(variable: Described, lower: Value | None, upper: Value | None) -> tuple[str, bool]:
    """The values between two edges, and whether the last number is one of something."""
    whole = variable.shown_per == 1 and all(isinstance(edge, int) for edge in variable.edges)
    if lower is None:
        assert upper is not None  # a cell that accepts every class has no words of its own
        return f"up to {shown(upper, variable)}", whole and upper == 1
    if upper is None:
        if whole and variable.better == "high":
            return f"{shown(int(lower) + 1, variable)} or more", False
        return f"more than {shown(lower, variable)}", whole and lower == 1
    if not whole:
        return f"more than {shown(lower, variable)} up to {shown(upper, variable)}", False
    first = int(lower) + 1
    if first == upper:
        return shown(first, variable), first == 1
    return f"{shown(first, variable)} to {shown(upper, variable)}", False
