"""What variables count, with a number before it: „1 Bestellung“, „vor 75 Tagen“, „bei 1,5 Jahren“.

A unit comes as the study or a label names it, in English or in German; another one stays as it is.
"""

from __future__ import annotations

DAYS_AGO = "days ago"

_FORMS = {
    "days": ("Tag", "Tage", "Tagen"),
    "weeks": ("Woche", "Wochen", "Wochen"),
    "months": ("Monat", "Monate", "Monaten"),
    "years": ("Jahr", "Jahre", "Jahren"),
    "orders": ("Bestellung", "Bestellungen", "Bestellungen"),
    "markets": ("Markt", "Märkte", "Märkten"),
}
"""Unit → one, more, and more behind a preposition."""
_ALIKE = {DAYS_AGO: "days", "Tage her": "days", **{many: unit for unit, (_, many, _) in _FORMS.items()}}
TIMES = {"days", "weeks", "months", "years"}


def since(unit: str) -> bool:
    """Whether a unit counts days from something up to the run date."""
    return unit in (DAYS_AGO, "Tage her")


def known(unit: str) -> str:
    """The unit by which it is known here; empty for one of a study's own."""
    found = _ALIKE.get(unit, unit)
    return found if found in _FORMS else ""


def name(unit: str, *, one: bool = False, behind: bool = False) -> str:
    """The words of a unit: ``Tage``, ``Tag`` of one, ``Tagen`` behind a preposition."""
    forms = _FORMS.get(known(unit))
    if not forms:
        return unit
    return forms[0] if one else forms[2] if behind else forms[1]


def counted(number: str, unit: str, *, behind: bool = False) -> str:
    """A number of something: ``1 Bestellung``, ``1,5 Jahre``, ``75 Tagen`` behind a preposition."""
    return f"{number} {name(unit, one=number == '1', behind=behind)}".rstrip()
