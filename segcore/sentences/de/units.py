"""What variables count, with a number before it: „1 Bestellung“, „75 Tage her“, „bei 1,5 Jahren“.

A unit comes as the study or a label names it, in English or in German; another one stays as it is.
"""

from __future__ import annotations

_FORMS = {
    "days ago": ("Tag her", "Tage her", "Tagen"),
    "days": ("Tag", "Tage", "Tagen"),
    "weeks": ("Woche", "Wochen", "Wochen"),
    "months": ("Monat", "Monate", "Monaten"),
    "years": ("Jahr", "Jahre", "Jahren"),
    "orders": ("Bestellung", "Bestellungen", "Bestellungen"),
    "markets": ("Markt", "Märkte", "Märkten"),
}
"""Unit → one, more, and more behind a preposition."""
_KNOWN = {**_FORMS, **{forms[1]: forms for forms in _FORMS.values()}}


def name(unit: str, *, one: bool = False, behind: bool = False) -> str:
    """The words of a unit: ``Tage``, ``Tag`` of one, ``Tagen`` behind a preposition."""
    forms = _KNOWN.get(unit)
    if not forms:
        return unit
    return forms[2] if behind and not one else forms[0] if one else forms[1]


def counted(number: str, unit: str, *, behind: bool = False) -> str:
    """A number of something: ``1 Bestellung``, ``1,5 Jahre``, ``75 Tagen`` behind a preposition."""
    return f"{number} {name(unit, one=number == '1', behind=behind)}".rstrip()
