"""What the workbook of a run says beside its rows, in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences import workbook as say
from segcore.sentences.en import workbook as english


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


DAY = dt.date(2026, 3, 31)


def test_sheets_and_columns_are_those_of_the_english_workbook_in_other_words() -> None:
    sheets = ((say.SEGMENTS, english.SEGMENTS), (say.CALLS, english.CALLS), (say.MOVERS, english.MOVERS))
    for sheet, other in (*sheets, (say.CUSTOMERS, english.CUSTOMERS)):
        assert say.what(sheet) != english.what(other)
    for german_words, words in ((say.MOVE, english.MOVE), (say.WHY, english.WHY)):
        assert list(german_words) == list(words)
        assert not set(german_words.values()) & set(words.values())
    assert list(say.COLUMN) == list(english.COLUMN)
    same = [name for name, (_, meaning) in say.COLUMN.items() if meaning == english.COLUMN[name][1]]
    assert same == []


def test_headings_of_one_sheet_are_not_the_same() -> None:
    flows = [heading for heading, _ in say.COLUMN.values() if heading[0] in "+−="]
    assert len(set(flows)) == len(flows) == 10


def test_it_says_which_run_it_is() -> None:
    assert say.run(DAY, dt.date(2025, 12, 31)) == (
        "Lauf vom 31. März 2026, verglichen mit dem Lauf vom 31. Dezember 2025."
    )
    assert say.run(DAY, None) == "Lauf vom 31. März 2026, der erste; Wechsel gibt es noch nicht."
    assert say.counted(1, "12 months", "EUR") == (
        "1 Kunde. Bestellwert ist, was ein Kunde in den letzten 12 Monaten bestellt hat, in EUR."
    )
    assert say.counted(1200, None, "EUR") == (
        "1.200 Kunden. Bestellwert ist, was ein Kunde insgesamt bestellt hat, in EUR."
    )
    assert say.left_out(100_000) == (
        "Das Blatt Kunden fehlt, denn mehr als 100.000 Kunden sind zu viele für eine Arbeitsmappe: "
        "Hier stehen nur, wer gewechselt hat und wer anzurufen ist. Alle Kunden beider Läufe stehen in "
        "der Datei moves.csv daneben."
    )


def test_columns_of_money_say_of_when_and_in_what() -> None:
    assert say.within(say.COLUMN["value"][1], "12 months", "EUR") == (
        "Wert der Bestellungen des Kunden in den letzten 12 Monaten, in EUR."
    )
    assert say.within(say.COLUMN["worth"][1], None, "EUR") == (
        "Wert der Bestellungen aller Kunden des Segments insgesamt, in EUR."
    )


def test_columns_of_variables_and_attributes() -> None:
    assert say.of_variable("Bestellungen", "Bestellungen", "12 months") == "Bestellungen in 12 Monaten"
    assert say.of_variable("Letzte Bestellung", "Tage her", None) == "Letzte Bestellung, Tage her"
    assert say.of_variable("Kunde seit", "Jahren", None) == "Kunde seit (Jahre)"
    assert say.variable("Kunde seit", "Jahren", None) == "Kunde seit (Jahre): eine der Variablen der Studie."
    assert say.variable("Bestellungen", "Bestellungen", "12 months") == (
        "Bestellungen, in den letzten 12 Monaten: eine der Variablen der Studie."
    )
    assert say.variable("Letzte Bestellung", "Tage her", None) == (
        "Letzte Bestellung, Tage her: eine der Variablen der Studie."
    )
    assert say.of_attribute("sales_area") == "Sales area"
    assert say.attribute("sales_area") == (
        "Das Merkmal sales_area aus den Kundendaten (Quelle customers), wie geliefert."
    )
