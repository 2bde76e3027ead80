from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import customers as say


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def hard(text: str) -> str:
    """The text with no-break spaces, which stand as tildes in it."""
    return text.replace("~", "\u00a0")


NOW, BEFORE = dt.date(2026, 3, 31), dt.date(2025, 12, 31)


def test_how_many_are_in_the_list():
    assert say.finding(1204, 0, NOW, None) == (
        "1.204 Kunden am 31. März 2026. Dies ist der erste Lauf; Wechsel erscheinen ab dem nächsten Lauf."
    )
    assert say.finding(1204, 0, NOW, BEFORE) == (
        "1.204 Kunden am 31. März 2026. Seit dem 31. Dezember 2025 ist niemand weggefallen."
    )
    assert say.finding(1, 1, NOW, BEFORE) == (
        "1 Kunde am 31. März 2026 und 1 Kunde, der seit dem 31. Dezember 2025 weggefallen ist."
    )
    assert say.finding(1204, 1021, NOW, BEFORE) == (
        "1.204 Kunden am 31. März 2026 und 1.021 Kunden, die seit dem 31. Dezember 2025 weggefallen sind."
    )


def test_without_scripts():
    assert say.first_rows(20, 20) == (
        "Ohne Skripte lässt sich die Tabelle nicht durchsuchen. Sie zeigt alle Kunden."
    )
    assert say.first_rows(500, 1204) == (
        "Ohne Skripte lässt sich die Tabelle nicht durchsuchen und zeigt nur 500 von 1.204 Kunden."
    )


def test_parts_of_a_list():
    assert say.part("Champions", 1, 1) == "Champions"
    assert say.part("Champions", 2, 3) == "Champions, Teil 2 von 3"
    assert say.part_holds("Champions", 1, "A1", "A1") == "Champions: 1 Kunde, Nummer A1"
    assert say.part_holds("Champions", 10_000, "A1", "Z9") == "Champions: 10.000 Kunden, Nummern A1 bis Z9"


def test_days_and_heads():
    assert [say.day(date) for date in (NOW, dt.date(2025, 9, 5))] == [
        "31. März 2026",
        "5. Sep. 2025",
    ]
    assert say.value_head("EUR", "12 months") == "EUR, 12 Monate"
    assert say.value_head("EUR", None) == "EUR, alle Bestellungen"
    assert say.back(NOW) == "Bericht vom 31. März 2026"
