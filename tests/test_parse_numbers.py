"""Numbers as ERP systems, accountants and spreadsheets write them, and against a reading by plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_values import read, reason, shape

from segcore.engine import DuckDB
from segcore.sources.styles import mixed_styles
from segcore.sources.values.columns import parsed_columns

GERMAN = {"decimal": ",", "thousands": "."}
ENGLISH = {"thousands": ","}
STYLES: list[dict[str, Any]] = [
    {},
    ENGLISH,
    {"decimal": ","},
    GERMAN,
    {"decimal": ",", "thousands": " "},
    {"thousands": "'"},
    {"thousands": " "},
]


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def test_numbers_in_the_form_of_their_file_are_read_exactly(engine: DuckDB) -> None:
    values = {
        "1.234,56": "1234.56",
        "1.234.567,89": "1234567.89",
        "1234,56": "1234.56",
        "1.234": "1234",
        "-1.234,5": "-1234.5",
        "1.234,5-": "-1234.5",
        "1.234,5 -": "-1234.5",
        "+3,5": "3.5",
        "- 3,5": "-3.5",
        "\u22123,5": "-3.5",
        "0,0001": "0.0001",
        "12,50000": "12.5",
        "007": "7",
        "0,00-": "0",
        "99999999999999,9999": "99999999999999.9999",
        "\u00a0 7,5\t": "7.5",
        "(1.234,50)": "-1234.5",
        "( 5 )": "-5",
        "5,00 CR": "-5",
        "5,00CR": "-5",
        "5,00cr": "-5",
        "5,00 DR": "5",
    }
    expected = [(Decimal(value), None) for value in values.values()]
    assert read(engine, "amount", list(values), **GERMAN) == expected


def test_the_study_s_currency_may_stand_on_either_side(engine: DuckDB) -> None:
    values = {
        "5,00 EUR": "5",
        "EUR 5,00": "5",
        "EUR5,00": "5",
        "5,00\u00a0€": "5",
        "€5": "5",
        "€ 5,00": "5",
        "-€ 5,00": "-5",
        "€-5,00": "-5",
        "5,00-€": "-5",
        "5,00 €-": "-5",
        "(€5,00)": "-5",
        "(5,00) EUR": "-5",
        "5,00 EUR CR": "-5",
        "CR": None,
        "EUR": None,
    }
    found = read(engine, "amount", list(values), **GERMAN)
    assert found == [(v and Decimal(v), None if v else "number") for v in values.values()]


@pytest.mark.parametrize(
    ("currency", "texts"),
    [
        ("USD", ["$57.68", "US$ 57.68", "57.68 USD", "$ 57.68"]),
        ("CHF", ["CHF 57.68", "Fr. 57.68", "57.68 SFr."]),
        ("GBP", ["£57.68", "GBP 57.68"]),
        ("JPY", ["¥57.68", "57.68 JPY"]),
        ("DKK", ["57.68 kr.", "kr 57.68"]),
        ("CRC", ["57.68 CRC", "CRC57.68"]),
    ],
)
def test_every_currency_has_its_signs(engine: DuckDB, currency: str, texts: list[str]) -> None:
    assert set(read(engine, "amount", texts, currency=currency)) == {(Decimal("57.68"), None)}


def test_another_currency_is_named_as_such(engine: DuckDB) -> None:
    texts = ["5,00 USD", "$5,00", "USD 5,00", "-5,00 £", "(5,00 CHF)", "1.234,00- GBP", "¥ 5"]
    assert read(engine, "amount", texts, **GERMAN) == [(None, "currency")] * len(texts)
    assert reason(engine, "amount", "5,00 USD", **GERMAN) == "must be in EUR"


def test_thousands_may_be_set_off_by_every_kind_of_blank_and_apostrophe(engine: DuckDB) -> None:
    blanks = ["1 234,5", "1\u00a0234,5", "1\u202f234,5", "1\u2009234,5", "1\u202f234,5 €"]
    assert set(read(engine, "amount", blanks, decimal=",", thousands=" ")) == {(Decimal("1234.5"), None)}
    apostrophes = ["1'234.5", "1\u2019234.5", "CHF 1'234.5"]
    found = read(engine, "amount", apostrophes, thousands="'", currency="CHF")
    assert set(found) == {(Decimal("1234.5"), None)}


REFUSED = {
    "number": [
        *("12.34,5", "1.2345,6", "1.23.456", "1,23E+05", "0,00001", "--5", "-5-", "+5-", "5,", ",5", "(-5)"),
        *("-5 CR", "(5) CR", "5,00 STK", "5 %", "5,00%", "NaN0", "inf", "1 234,5", "100000000000000,0", "٣"),
        *("1'234,5", "x", "1.234,5 6", "5 5", "()", "(5", "5)", "5,00 EURO"),
    ],
    "decimal sign": ["1,234.56", "1234.5", "1.23", "1,234.56-", "12,345,678", "$1,234.56"[1:]],
    "error value": [
        "#MULTIVALUE",
        "#####",
        "***",
        "#DIV/0!",
        "#DIV/0",
        "#REF!",
        "#N/A",
        "#WERT!",
        "#OVERFLOW",
    ],
}


@pytest.mark.parametrize("rule", REFUSED)
def test_anything_else_is_refused_by_a_named_rule(engine: DuckDB, rule: str) -> None:
    assert read(engine, "amount", REFUSED[rule], **GERMAN) == [(None, rule)] * len(REFUSED[rule])


def test_a_refused_number_is_told_what_it_must_be(engine: DuckDB) -> None:
    assert [
        reason(engine, "amount", text, **GERMAN) for text in ("x", "1.5", "#REF!", "100000000000000")
    ] == [
        "must be a number like 1.234,56 with at most four decimals",
        "must be a number like 1.234,56 (in this one the decimal sign is '.')",
        "must be a value, not the error that a report or a spreadsheet shows in its place",
        "must be a number with at most 14 digits before the decimal sign",
    ]


def test_what_stands_for_nothing_is_no_number_and_no_failure(engine: DuckDB) -> None:
    texts = [None, "", " ", "\u00a0\t", "\u200b", "-", "--", "#", "n/a", "NULL", "k.A.", "(leer)"]
    assert read(engine, "amount", texts, **GERMAN) == [(None, None)] * len(texts)


def test_a_study_says_what_stands_for_nothing(engine: DuckDB) -> None:
    found = read(engine, "amount", ["0", " 0 ", "-", "5"], empty=["0"])
    assert found == [(None, None), (None, None), (None, "number"), (Decimal(5), None)]
    assert read(engine, "amount", ["0", "9"], column={"from": "X", "empty": ["9"]}, empty=["0"]) == [
        (Decimal(0), None),
        (None, None),
    ]


def test_a_column_may_be_written_in_a_style_of_its_own(engine: DuckDB) -> None:
    weight = {"from": "X", "decimal": "."}
    assert read(engine, "weight", ["1.5"], column=weight, decimal=",") == [(Decimal("1.5"), None)]
    assert read(engine, "weight", ["1.5"], column={"from": "X", "type": "number"}) == [(Decimal("1.5"), None)]
    assert read(engine, "weight", ["1.5"]) == [("1.5", None)]


def test_the_styles_in_one_column_are_counted(engine: DuckDB) -> None:
    how = shape("transactions", {"amount": "U"}, ["U"], **ENGLISH)
    texts = ["1,234", "1,234.56", "1.234,56", "5", "12,34", "1.5", "", "x", "1,234.5-"]
    values = ", ".join(f"({number}, '{text}')" for number, text in enumerate(texts, start=2))
    rows = f"select NULL as _skip, NULL as _fault, * from (values {values}) v(record, c0)"
    (column,) = parsed_columns(how)
    # other: 1.234,56 and 12,34; either: 1,234
    assert engine.rows(mixed_styles(how, column, rows)) == [(2, 4, "1.234,56", 1, 2, "1,234")]


def grouped(digits: str, separator: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] * bool(head) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return separator.join(groups)


SIGNS = {
    "{}": 1,
    "+{}": 1,
    "-{}": -1,
    "{}-": -1,
    "\u2212{}": -1,
    "({})": -1,
    "{} CR": -1,
    "{} DR": 1,
    "{} EUR": 1,
    "-€{}": -1,
    "EUR {}-": -1,
}


@settings(deadline=None)
@given(
    value=st.decimals(min_value=0, max_value=10**14 - 1, places=4),
    style=st.sampled_from(STYLES),
    sign=st.sampled_from(list(SIGNS)),
    with_groups=st.booleans(),
    places=st.integers(0, 4),
    around=st.text(" \t\u00a0", max_size=2),
)
def test_every_number_can_be_written_and_read_back(
    engine: DuckDB,
    value: Decimal,
    style: dict[str, Any],
    sign: str,
    with_groups: bool,
    places: int,
    around: str,
) -> None:
    value = round(value, places)
    whole, _, rest = f"{value:.{places}f}".partition(".")
    whole = grouped(whole, style["thousands"]) if "thousands" in style and with_groups else whole
    text = sign.format(whole + (style.get("decimal", ".") + rest if places else ""))
    assert read(engine, "amount", [around + text + around], **style) == [(SIGNS[sign] * value, None)]


def read_by_hand(text: str, decimal: str, thousands: str | None) -> Decimal | None:
    """The same rules without a regular expression."""
    text = text.strip(" ")
    enclosed = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip(" ") if enclosed else text
    signs = sum((text[:1] in tuple("+-"), text[-1:] == "-", enclosed))
    negative = text.startswith("-") or text.endswith("-") or enclosed
    text = text[1:].removeprefix(" ") if text[:1] in tuple("+-") else text
    text = text[:-1].removesuffix(" ") if text.endswith("-") else text
    whole, point, rest = text.partition(decimal)
    if thousands and thousands in whole:
        first, *groups = whole.split(thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
        whole = first + "".join(groups)
    rest = rest[:4] + rest[4:].rstrip("0")
    digits = set(whole + rest) <= set("0123456789")
    if signs > 1 or not whole or bool(point) != bool(rest) or len(rest) > 4 or not digits:
        return None
    value = Decimal(f"{whole}.{rest or 0}")
    return None if value >= 10**14 else -value if negative else value


@settings(deadline=None)
@given(
    texts=st.lists(st.text("0123456789.,-+' Ee()", max_size=12), max_size=20), style=st.sampled_from(STYLES)
)
def test_numbers_are_read_as_by_hand(engine: DuckDB, texts: list[str], style: dict[str, Any]) -> None:
    found = [value for value, _ in read(engine, "amount", texts, **style)]
    assert found == [read_by_hand(text, style.get("decimal", "."), style.get("thousands")) for text in texts]
