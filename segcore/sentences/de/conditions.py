"""What a rule asks for, in classes and in values."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.wording import duration, join

EVERYONE = "alle übrigen"
_TIMES = {"Stunden", "Tage", "Tagen", "Wochen", "Monate", "Monaten", "Quartale", "Jahre", "Jahren"}
_ONE = {
    "Bestellungen": "Bestellung", "Märkte": "Markt", "Tage": "Tag", "Tagen": "Tag", "Wochen": "Woche",
    "Monate": "Monat", "Monaten": "Monat", "Jahre": "Jahr", "Jahren": "Jahr",
}  # fmt: skip
"""What a variable counts → one of it; what a study names itself stays."""


def rule(segment: str, asked: str) -> str:
    """A rule as one sentence: ``Loyal: recency in Klasse 4 oder 5``."""
    return f"{segment}: {asked}"


def within(window: str | None) -> str:
    """The window of what counts in one, to stand behind it: ``in 12 Monaten``."""
    return f" in {duration(window, behind=True)}" if window else ""


def is_in(variable: str, classes: str) -> str:
    """``recency in Klasse 4 oder 5``."""
    return f"{variable} in {classes}"


def classes(numbers: Sequence[int]) -> str:
    """``Klasse 3``, ``Klasse 4 oder 5``."""
    return f"Klasse {join(list(map(str, numbers)), 'oder')}"


def span(low: int, high: int, count: int) -> str:
    """Classes up to the best or the worst, or in between: ``Klasse 3 oder besser``, ``Klasse 2 bis 4``."""
    if high == count:
        return f"Klasse {low} oder besser"
    return f"Klasse {high} oder schlechter" if low == 1 else f"Klasse {low} bis {high}"


def up_to(value: str) -> str:
    """``höchstens 30``."""
    return f"höchstens {value}"


def at_least(value: str) -> str:
    """``mindestens 15``."""
    return f"mindestens {value}"


def over(value: str) -> str:
    """``mehr als 4,1``."""
    return f"mehr als {value}"


def over_up_to(low: str, high: str) -> str:
    """``mehr als 1,0 bis 4,1``."""
    return f"mehr als {low} bis {high}"


def between(low: str, high: str) -> str:
    """``2 bis 7``."""
    return f"{low} bis {high}"


def counted(label: str, unit: str, amounts: Sequence[str], *, one: bool) -> str:
    """Amounts of a variable: ``letzte Bestellung höchstens 75 Tage her``, ``2 bis 7 Bestellungen``."""
    amount = join(amounts, "oder")
    first, _, rest = unit.partition(" ")
    units = f"{_ONE.get(first, first)} {rest}".rstrip() if one else unit
    named = label.replace("Letzte ", "letzte ", 1)  # all else begins with a noun, or is the study's own
    if unit and label.casefold() == unit.casefold():
        return f"{amount} {units}"
    if unit and label.casefold().endswith(unit.casefold()):
        return f"{amount} {named}"
    if first in _TIMES:
        return f"{named} {amount} {units}"
    return f"{named} von {amount} {units}".rstrip()
