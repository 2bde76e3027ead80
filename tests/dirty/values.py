"""Single values as people and programs write them: numbers, dates, keys (classes 7, 15 to 38, 56, 57, 71)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from .builder import ONE, USUAL, Case, Draft, Expected, Style, cases, changed, one, refusing, with_cell

AT = 9
"""Which order gets the value: the tenth."""


class Cell(NamedTuple):
    """A text in one column, and what it is: a value, or a refusal."""

    number: str
    what: str
    column: str
    raw: str
    value: Any = None
    format: dict[str, Any] | None = None


def _number(number: str, what: str, texts: dict[str, Any], **layout: Any) -> list[Cell]:
    return [
        Cell(number, what, "amount", raw, Decimal(value) if value else None, layout)
        for raw, value in texts.items()
    ]


def _date(number: str, what: str, texts: dict[str, Any], **layout: Any) -> list[Cell]:
    return [
        Cell(number, what, "order_date", raw, dt.date.fromisoformat(value) if value else None, layout)
        for raw, value in texts.items()
    ]


def _key(number: str, what: str, texts: dict[str, Any], column: str = "customer_id") -> list[Cell]:
    return [Cell(number, what, column, raw, value) for raw, value in texts.items()]


def _refused_keys(number: str, what: str, *texts: str) -> list[Cell]:
    return _key(number, what, dict.fromkeys(texts))


CELLS: tuple[Cell, ...] = (
    *_refused_keys("7", "mojibake in a key", "MÃ¼ller", "GroÃŸ-1", "K\ufffd12"),
    *_number("15", "point where a comma is declared", {"1234.56": None, "10.5": None, "1,234.56": None}),
    *_number(
        "16", "thousands by dot", {"1.234,56": "1234.56", "1.234.567,89": "1234567.89", "234,50": "234.5"}
    ),
    *_number(
        "16", "dots in wrong places", {"12.34,5": None, "1.2345,6": None, "1..234,56": None, ".234,5": None}
    ),
    *_number(
        "16", "thousands by apostrophe", {"1'234,56": "1234.56", "1’234’567,89": "1234567.89"}, thousands="'"
    ),
    *_number(
        "16",
        "thousands by blank",
        {"1 234,56": "1234.56", "1\u00a0234,56": "1234.56", "1\u202f234,56": "1234.56"},
        thousands=" ",
    ),
    *_number(
        "17",
        "trailing minus",
        {"100,00-": "-100", "1.234,56-": "-1234.56", "0,05-": "-0.05", "-100,00-": None, "+5,00": "5"},
    ),
    *_number(
        "18",
        "accounting signs",
        {
            "(100,00)": "-100",
            "(1.234,56)": "-1234.56",
            "100,00 CR": "-100",
            "100,00 DR": "100",
            "(100,00": None,
        },
    ),
    *_number("19", "too many decimals", {"0,12345": None, "1.234,567891": None, "10,00001": None}),
    *_number(
        "20",
        "own currency beside",
        {"5,00 EUR": "5", "€ 5,00": "5", "EUR 1.234,56": "1234.56", "5,00 €": "5", "-5,00 EUR": "-5"},
    ),
    *_number("20", "unit or overflow", {"12 %": None, "*****": None, "5,00 ST": None, "**5,00": None}),
    *_number(
        "20",
        "no number of a report",
        {"0x10": None, "inf": None, "nan": None, "1E3": None, "٣,00": None, "+-5,00": None, "9" * 20: None},
    ),
    *_number(
        "21",
        "foreign currency beside",
        {"5,00 USD": None, "$ 5,00": None, "CHF 1.234,56": None, "£5,00": None},
    ),
    *_date(
        "22",
        "date of another form",
        {
            "2025-03-15": None,
            "03/15/2025": None,
            "20250315": None,
            "15-03-2025": None,
            "15.03.2025 08:30": None,
        },
    ),
    *_date("23", "initial date", {"00.00.0000": None, "00000000": None, "0": None}),
    *_date("25", "two-digit year", {"15.03.25": None, "01.02.03": None, "1.2.25": None, "01.02.202": None}),
    *_date(
        "25",
        "two-digit year of a stated century",
        {"15.03.25": "2025-03-15", "01.02.03": "2003-02-01", "15.03.2025": None},
        date="%d.%m.%y",
        century=2000,
    ),
    *_date("26", "serial number of a spreadsheet", {"46022": None, "45731,5": None, "44197": None}),
    *_date(
        "28",
        "day or time that there is not",
        {"30.02.2025": None, "31.04.2025": None, "29.02.2025": None, "32.01.2025": None, "15.13.2025": None},
    ),
    *_date("28", "day of another age", {"1 5.03.2025": None, "15.03.1025": None, "15.03.2205": None}),
    *_date(
        "28",
        "midnight at the end of a day",
        {"15.03.2025 24:00:00": None, "15.03.2025 23:60:00": None, "15.03.2025": None},
        date="%d.%m.%Y %H:%M:%S",
    ),
    *_key("29", "padded with zeros", {"103": "103", "K103": "K103", "1-03": "1-03"}),
    *_refused_keys("31", "scientific notation", "1.23E+05", "1,23E+05", "1E+10", "4,50012E+09"),
    *_refused_keys(
        "32", "digits lost after fifteen", "1234567890123456000", "400638133393123000", "4006381333931230000"
    ),
    *_refused_keys("33", "date where an id was", "01. Feb", "2025-02-01 00:00:00", "Feb 01", "01.02.2025"),
    *_key("34", "protective formula", {'="0000100"': "0000100", '="A-17"': "A-17", '="103"': "103"}),
    *_key("35", "leading apostrophe", {"'0001": "0001", "'103": "103", "'A17": "A17"}),
    *_refused_keys("36", "multivalue", "#MULTIVALUE", "#MEHRFACHWERT", " #MULTIVALUE "),
    *_key("36", "multivalue order", {"#MULTIVALUE": None, "#MEHRFACHWERT": None}, "order_id"),
    *_number("36", "multivalue amount", {"#MULTIVALUE": None, "#MEHRFACHWERT": None, "#multivalue": None}),
    *_number("37", "error of BusinessObjects", {"#COMPUTATION": None, "#DATASYNC": None, "#DIV/0": None}),
    *_refused_keys(
        "37", "error of BusinessObjects as key", "#UNAVAILABLE", "#SYNTAX", "#CONTEXT", "#OVERFLOW", "#ERROR"
    ),
    *_refused_keys("37", "cut result as key", "#PARTIALRESULT", "#TOREFRESH", "#SECURITY"),
    *_refused_keys(
        "38", "error of a spreadsheet", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#####", "#NV", "#BEZUG!"
    ),
    *_number("38", "error of a spreadsheet as amount", {"#N/A": None, "#WERT!": None, "#####": None}),
    *_key(
        "56",
        "invisible characters",
        {"103\u00a0": "103", "\u200b103": "103", "10\u00ad3": "103", "\ufeff103": "103", "103 \u2009": "103"},
    ),
    *_key("56", "decomposed letters", {"Mu\u0308ller": "Müller", "Cafe\u0301": "Café", "O\u0308l": "Öl"}),
    *_refused_keys("57", "control characters in a key", "10\x003", "\x1f103", "1\x0803"),
    *_key("57", "control characters in an order", {"A\x00": None, "A\x1f1": None, "\x01A": None}, "order_id"),
    *_refused_keys("71", "nothing by another name", "#", "-", "n/a", "NULL", "Nicht zugeordnet", "", "  "),
    *_key(
        "71", "nothing as an order", {"#": None, "n/a": None, "NULL": None, "Not assigned": None}, "order_id"
    ),
    *_key("71", "country", {"NA": "NA", "NO": "NO", "None of these": "None of these"}, "market"),
    *_date("72", "fiscal period", {"013.2025": None, "2025.016": None, "KW53/2025": None, "53.2025": None}),
    *_key("1.6", "full-width letters", {"１０３": "103", "１０３４": "1034", "Ｋ103": "K103"}),
    *_date("1.8", "shifted dates", {"1.15.2025": None, "0.3.2025": None, "15..2025": None}),
)


def _draft(cell: Cell) -> Draft:
    if cell.value is not None:
        expected = changed(AT, **{cell.column: cell.value})
    else:
        # In a file of another encoding a broken letter is one of UTF-8, which is told of the whole line.
        expected = refusing(AT, "" if cell.number == "7" else cell.column)
    if cell.number in ("56", "1.6"):
        # Made sound, or refused: both are honest.
        expected = Expected(expected.rows, or_quarantined=(AT + 2,))
    if cell.raw == "1.234":
        # A thousand as is declared, or in the other form a little more than one: refused where others differ.
        expected = replace(expected, or_refused=True)
    text = _whole(cell)
    return one(text, expected, format=cell.format or {})


def _whole(cell: Cell) -> str:
    layout = cell.format or {}
    date = layout.get("date", "%d.%m.%Y")
    style = Style(thousands=layout.get("thousands", "."), date=date)
    return with_cell(AT, cell.column, cell.raw, style)


def made() -> Iterator[Case]:
    """All of these cases."""
    names = dict.fromkeys((cell.number, cell.what) for cell in CELLS)
    for number, what in names:
        cells = [cell for cell in CELLS if (cell.number, cell.what) == (number, what)]
        # Of letters of ASCII all encodings make the same text.
        plain = all(cell.raw.isascii() for cell in cells)
        yield from cases(number, what, map(_draft, cells), ONE if plain else USUAL)
