"""Durations behind the words that change them: „in den letzten 12 Monaten“, „der letzten 12 Monate“."""

from __future__ import annotations

from segcore.wording import duration


def within(window: str) -> str:
    """``in 12 Monaten``."""
    return f"in {duration(window, behind=True)}"


def in_the_last(window: str) -> str:
    """``in den letzten 12 Monaten``, ``im letzten Monat``."""
    number, unit = duration(_clear(window), behind=True).split()
    if number != "1":
        return f"in den letzten {number} {unit}"
    return f"in der letzten {unit}" if unit in FEMININE else f"im letzten {unit}"


def of_the_last(window: str) -> str:
    """``der letzten 12 Monate``, ``des letzten Monats``."""
    number, unit = duration(_clear(window)).split()
    if number != "1":
        return f"der letzten {number} {unit}"
    return f"der letzten {unit}" if unit in FEMININE else f"des letzten {unit}{GENITIVE.get(unit, 's')}"


def last(window: str) -> str:
    """``letzte 12 Monate``, ``letzter Monat``, as a note beside a heading."""
    number, unit = duration(_clear(window)).split()
    if number != "1":
        return f"letzte {number} {unit}"
    return f"letzte{'' if unit in FEMININE else 'r'} {unit}"


def _clear(window: str) -> str:
    """The last year would be that of the calendar."""
    return "12 months" if window in ("1 year", "1 years") else window


FEMININE, GENITIVE = {"Woche"}, {"Tag": "es"}
