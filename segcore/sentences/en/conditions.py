"""What a rule asks for, in classes and in values."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.wording import duration, join, singular

EVERYONE = "everyone else"
_TIMES = {"hour", "day", "week", "month", "quarter", "year"}


def rule(segment: str, asked: str) -> str:
    """A rule as one sentence: ``Loyal if recency is class 4 or 5``."""
    return f"{segment} {'for' if asked == EVERYONE else 'if'} {asked}"


def within(window: str | None) -> str:
    """The window of what counts in one, to stand behind it: ``in 12 months``."""
    return f" in {duration(window)}" if window else ""


def is_in(variable: str, classes: str) -> str:
    """``recency is class 4 or 5``."""
    return f"{variable} is {classes}"


def classes(numbers: Sequence[int]) -> str:
    """``class 3``, ``class 4 or 5``."""
    return f"class {join(list(map(str, numbers)), 'or')}"


def span(low: int, high: int, count: int) -> str:
    """Classes up to the best or the worst, or in between: ``class 3 or better``, ``class 2 to 4``."""
    if high == count:
        return f"class {low} or better"
    return f"class {high} or worse" if low == 1 else f"class {low} to {high}"


def up_to(value: str) -> str:
    """``up to 30``."""
    return f"up to {value}"


def at_least(value: str) -> str:
    """``15 or more``."""
    return f"{value} or more"


def over(value: str) -> str:
    """``more than 4.1``."""
    return f"more than {value}"


def over_up_to(low: str, high: str) -> str:
    """``more than 1.0 up to 4.1``."""
    return f"more than {low} up to {high}"


def between(low: str, high: str) -> str:
    """``2 to 7``."""
    return f"{low} to {high}"


def counted(label: str, unit: str, amounts: Sequence[str], *, one: bool) -> str:
    """Amounts of a variable: ``last order up to 75 days ago``, ``2 to 7 orders``.

    Parameters
    ----------
    label, unit
        How reports name the variable, and what its value counts.
    amounts
        The ranges that will do.
    one
        Whether the last number of the last range is one of something.
    """
    amount, units = join(amounts, "or"), singular(unit) if one else unit
    if not (len(label) > 1 and label[1].isupper()):  # an abbreviation stays as it is
        label = label[:1].lower() + label[1:]
    if unit and label.casefold().endswith(unit.casefold()):
        return f"{amount} {label[: -len(unit)]}{units}"
    if singular(unit).split(" ")[0] in _TIMES:
        return f"{label} {amount} {units}"
    return f"{label} of {amount} {units}".rstrip()
