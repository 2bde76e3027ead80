"""Durations and units behind the words that change them, in German."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segcore import language
from segcore.sentences.de import durations, units


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


@pytest.mark.parametrize(
    ("window", "dative", "genitive", "note"),
    [
        ("12 months", "in den letzten 12 Monaten", "der letzten 12 Monate", "letzte 12 Monate"),
        ("45 days", "in den letzten 45 Tagen", "der letzten 45 Tage", "letzte 45 Tage"),
        ("1 month", "im letzten Monat", "des letzten Monats", "letzter Monat"),
        ("1 day", "im letzten Tag", "des letzten Tages", "letzter Tag"),
        ("1 week", "in der letzten Woche", "der letzten Woche", "letzte Woche"),
        ("3 years", "in den letzten 3 Jahren", "der letzten 3 Jahre", "letzte 3 Jahre"),
    ],
)
def test_durations_have_cases(window: str, dative: str, genitive: str, note: str) -> None:
    told = (durations.in_the_last(window), durations.of_the_last(window), durations.last(window))
    assert told == (dative, genitive, note)


def test_the_last_year_is_not_that_of_the_calendar() -> None:
    assert durations.in_the_last("1 year") == "in den letzten 12 Monaten"
    assert durations.within("1 year") == "in 1 Jahr"


@pytest.mark.parametrize(
    ("number", "unit", "told", "behind"),
    [
        ("1", "Tage her", "1 Tag her", "1 Tag her"),
        ("75", "days ago", "75 Tage her", "75 Tagen"),
        ("1,5", "years", "1,5 Jahre", "1,5 Jahren"),
        ("3", "Besuche", "3 Besuche", "3 Besuche"),
        ("9,50", "", "9,50", "9,50"),
    ],
)
def test_units_have_cases(number: str, unit: str, told: str, behind: str) -> None:
    assert (units.counted(number, unit), units.counted(number, unit, behind=True)) == (told, behind)
