"""Numbers, dates and lists as people read them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from segcore import wording


def test_numbers_have_thousands_apart_and_a_true_minus():
    assert [wording.count(n) for n in (0, 1, 3012, -21, 1234567)] == ["0", "1", "3,012", "−21", "1,234,567"]
    assert [wording.signed(n) for n in (51, -21, 0)] == ["+51", "−21", "0"]


def test_numbers_are_short_where_there_is_little_room():
    texts = [wording.compact(n) for n in (3012, 99_999, 160_000, 999_499, 999_500, 1_234_567, -250_000)]
    assert texts == ["3,012", "99,999", "160k", "999k", "1.00m", "1.23m", "−250k"]


def test_one_thing_is_no_plural():
    assert wording.plural(1, "customer") == "1 customer"
    assert wording.plural(0, "customer") == "0 customers"
    assert wording.plural(2, "day") == "2 days"
    assert wording.plural(2, "child", "children") == "2 children"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (0.001, "under 1%"),
        (0.005, "1%"),
        (0.234, "23%"),
        (0.235, "24%"),
        (0.994, "99%"),
        (0.995, "over 99%"),
        (0.996, "over 99%"),
        (0.9999999999999999, "over 99%"),
        (1, "100%"),
        (1.2, "120%"),
        (-0.021, "−2%"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_all(share, text):
    assert wording.percent(share) == text


def test_a_share_may_have_decimals():
    assert wording.percent(0.12345, places=1) == "12.3%"
    assert wording.percent(0.0001, places=1) == "under 0.1%"
    assert (wording.percent(0.001, short=True), wording.percent(0.999, short=True)) == ("<1%", ">99%")


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.353, 0.447, "35–45%"),
        (0, 0.0675, "0–7%"),
        (0.353, 1, "35–100%"),
        (0.004, 0.0675, "under 1% to 7%"),
        (0.353, 0.996, "35% to over 99%"),
        (0.0001, 0.9999, "under 1% to over 99%"),
        (0.001, 0.004, "under 1%"),
        (0.351, 0.353, "35%"),
    ],
)
def test_an_interval_ends_at_nothing_or_all_only_if_it_does(low, high, text):
    assert wording.between(low, high) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "€\u00a00.00"),
        (Decimal("12.5"), "€\u00a012.50"),
        (1234, "€\u00a01,234"),
        (Decimal("463187.20"), "€\u00a0463,200"),
        (Decimal("999499"), "€\u00a0999,500"),
        (Decimal("999500"), "€\u00a01.00\u00a0m"),
        (Decimal("4180000"), "€\u00a04.18\u00a0m"),
        (66_900_000, "€\u00a066.9\u00a0m"),
        (77548570.20, "€\u00a077.5\u00a0m"),
        (999_499_999, "€\u00a0999\u00a0m"),
        (2_500_000_000, "€\u00a02.50\u00a0bn"),
        (-592300, "−€\u00a0592,300"),
        (-0.005, "−€\u00a00.01"),
        (-0.001, "€\u00a00.00"),
    ],
)
def test_money_is_short_and_keeps_its_unit(amount, text):
    assert wording.money(amount, "EUR") == text


def test_a_currency_without_a_sign_keeps_its_code():
    assert wording.money(5, "CHF") == "CHF\u00a05.00"


def test_a_change_is_relative_with_one_decimal():
    assert wording.change(Decimal("97.9"), Decimal(100)) == "−2.1%"
    assert wording.change(100, 100) == "0.0%"
    assert wording.change(1100, 100) == "+1,000.0%"
    assert wording.change(50, -100) == "+150.0%"


def test_a_change_from_nothing_has_no_percentage():
    assert wording.change(51, 0) == "from 0"
    assert wording.change(0, 0) == "0.0%"


def test_only_what_is_gone_has_lost_all():
    assert wording.change(0, 10_000) == "−100.0%"
    assert wording.change(4, 10_000) == "−99.9%"


def test_dates_are_written_in_full_and_short():
    day = dt.date(2026, 3, 31)
    assert wording.long_date(day) == "31 March 2026"
    assert wording.short_date(day) == "31 Mar"
    assert wording.month(day) == "March 2026"
    assert wording.middle_month(day) == "Mar 2026"
    assert wording.day_and_month(day, dt.date(2026, 5, 1)) == "31 March"
    assert wording.day_and_month(day, dt.date(2027, 5, 1)) == "31 March 2026"


def test_ordinals_know_the_teens():
    texts = [wording.ordinal(n) for n in (1, 2, 3, 4, 8, 11, 12, 13, 21, 22, 23, 111, 1001)]
    assert texts == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "8th",
        "11th",
        "12th",
        "13th",
        "21st",
        "22nd",
        "23rd",
        "111th",
        "1,001st",
    ]


def test_lists_and_small_numbers_read_as_english():
    assert wording.join(["a", "b", "c"]) == "a, b and c"
    assert wording.join(["a", "b"], "or") == "a or b"
    assert wording.join(["a"]) == "a"
    assert wording.join([]) == ""
    assert [wording.all_of(n) for n in (2, 3, 13)] == ["both", "all three", "all 13"]
    assert [wording.in_words(n) for n in (0, 2, 12, 13)] == ["no", "two", "twelve", "13"]
    assert wording.sentence("nobody moved") == "Nobody moved"


@pytest.mark.parametrize(
    ("value", "more", "text"),
    [
        (21, {"whole": True}, "21"),
        (12345.0, {"whole": True}, "12,345"),
        (-3, {"whole": True}, "−3"),
        (1500, {"per": 365.25, "whole": True}, "4.1"),
        (3800, {"per": 365.25}, "10"),
        (-10, {"per": 365.25}, "0.0"),
        (Decimal("12.5"), {}, "12.50"),
        (Decimal("463187.20"), {}, "463,187"),
        (-250.0, {}, "−250"),
        (0.125, {}, "0.125"),
        (-0.001, {}, "−0.001"),
        (0.0, {}, "0.00"),
        (1e300, {"whole": True}, f"{1e300:,.0f}"),
    ],
)
def test_a_value_is_as_short_as_it_can_be_and_nothing_has_no_minus(value, more, text):
    assert wording.short(value, **more) == text
