"""Labels, numbers and dates in the language that a study asks for."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from segcore import language, wording
from segcore.sentences import segments

DAY, NBSP = dt.date(2026, 3, 5), "\u00a0"


@pytest.fixture
def german():
    with language.spoken("de"):
        yield


def test_what_is_spoken_ends_with_its_block() -> None:
    with language.spoken("de"):
        assert language.current() == "de"
    assert language.current() == "en"


def test_what_is_spoken_in_one_thread_is_not_in_another(german) -> None:
    with ThreadPoolExecutor(1) as other:
        assert other.submit(language.current).result() == "en"


def test_a_label_is_filled_in() -> None:
    assert language.say("All on {day}", day="5 March") == "All on 5 March"
    assert language.say("100 {x}") == "100 {x}"  # nothing to fill in, nothing is read as a place


def test_a_label_that_a_language_lacks_is_an_error(german) -> None:
    with pytest.raises(KeyError, match="a label that nobody has translated"):
        language.say("a label that nobody has translated")


def test_a_subject_without_sentences_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="nothing_of_this_name"):
        from segcore.sentences import nothing_of_this_name  # noqa: F401


def test_sentences_are_those_of_the_language_spoken_when_they_are_said() -> None:
    assert segments.company("ACME customers") == "ACME has"


def test_whole_numbers_in_german(german) -> None:
    assert [wording.count(n) for n in (0, 3012, -21, 1234567)] == ["0", "3.012", "−21", "1.234.567"]
    assert [wording.signed(n) for n in (51, -2100, 0)] == ["+51", "−2.100", "0"]
    assert [wording.compact(n) for n in (3012, 160_200, 1_234_567)] == [
        "3.012",
        f"160{NBSP}Tsd.",
        f"1,23{NBSP}Mio.",
    ]
    assert [wording.ordinal(n) for n in (1, 8, 22)] == ["1.", "8.", "22."]


def test_shares_in_german(german) -> None:
    assert [wording.percent(share) for share in (0.234, 0.0001, 0.9999, 1)] == [
        f"23{NBSP}%",
        f"unter 1{NBSP}%",
        f"über 99{NBSP}%",
        f"100{NBSP}%",
    ]
    assert wording.percent(0.0234, places=1) == f"2,3{NBSP}%"
    assert wording.percent(0.0001, places=1, short=True) == f"<0,1{NBSP}%"
    assert wording.between(0.35, 0.45) == f"35–45{NBSP}%"
    assert wording.between(0.0001, 0.07) == f"unter 1{NBSP}% bis 7{NBSP}%"
    assert [wording.change(now, 1000) for now in (979, 1004, 1000)] == [
        f"−2,1{NBSP}%",
        f"+0,4{NBSP}%",
        f"0,0{NBSP}%",
    ]
    assert wording.change(5, 0) == "von 0"


def test_money_in_german(german) -> None:
    amounts = (Decimal("4180000"), Decimal("-463187"), Decimal("12.5"), Decimal("2500000000"))
    assert [wording.money(amount, "EUR") for amount in amounts] == [
        f"4,18{NBSP}Mio.{NBSP}€",
        f"−463.200{NBSP}€",
        f"12,50{NBSP}€",
        f"2,50{NBSP}Mrd.{NBSP}€",
    ]
    assert [wording.short(value) for value in (4.1, 12.5, 463187, 0.125, -3)] == [
        "4,10",
        "12,50",
        "463.187",
        "0,125",
        "−3,00",
    ]


def test_decimals_in_german(german) -> None:
    assert [wording.decimals(number, 2) for number in (1234.5, -0.25)] == ["1.234,50", "−0,25"]
    assert [wording.plain(number) for number in (1234.5, -0.25, 7.0)] == ["1.234,5", "−0,25", "7"]


def test_durations_in_german(german) -> None:
    lengths = ("45 days", "2 weeks", "12 months", "1 month", "1 year", "3 years", None)
    assert [wording.duration(length) for length in lengths] == [
        "45 Tage",
        "2 Wochen",
        "12 Monate",
        "1 Monat",
        "1 Jahr",
        "3 Jahre",
        "",
    ]
    behind = [wording.duration(length, behind=True) for length in lengths]
    assert behind == ["45 Tagen", "2 Wochen", "12 Monaten", "1 Monat", "1 Jahr", "3 Jahren", ""]


def test_dates_and_lists_in_german(german) -> None:
    assert wording.long_date(DAY) == "5. März 2026"
    assert wording.short_date(DAY) == "5.3."
    assert wording.day_and_month(DAY, dt.date(2026, 1, 1)) == "5. März"
    assert wording.month(DAY) == "März 2026"
    assert wording.middle_month(dt.date(2026, 9, 1)) == "Sep. 2026"
    assert wording.join(["a", "b", "c"]) == "a, b und c"
    assert wording.join(["a", "b"], "oder") == "a oder b"
    assert wording.some(["a", "b", "c", "d"], of=1207) == "a, b, c und 1.204 weitere"
    assert [wording.all_of(number) for number in (2, 3)] == ["beide", "alle drei"]
