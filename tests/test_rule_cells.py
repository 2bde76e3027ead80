from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.model import ModelVariable
from segcore.rules import Cell, CellError, Rule, any_class, read_cell


@pytest.mark.parametrize(
    ("text", "allowed", "written"),
    [
        ("*", (1, 2, 3, 4, 5), "*"),
        ("4", (4,), "4"),
        (">=4", (4, 5), ">=4"),
        (">= 4", (4, 5), ">=4"),
        ("≥4", (4, 5), ">=4"),
        ("<=2", (1, 2), "<=2"),
        ("≤2", (1, 2), "<=2"),
        ("2..4", (2, 3, 4), "2..4"),
        ("2…4", (2, 3, 4), "2..4"),
        ("4..5", (4, 5), ">=4"),
        ("4-5", (4, 5), ">=4"),
        ("2 – 3", (2, 3), "2..3"),
        ("4|5", (4, 5), ">=4"),
        ("5|1|1", (1, 5), "1|5"),
        (">=1", (1, 2, 3, 4, 5), "*"),
        ("3..3", (3,), "3"),
    ],
)
def test_a_cell_is_read_in_every_form_and_written_in_one(text, allowed, written):
    cell = read_cell(f" {text} ", "recency", 5)
    assert cell.allowed == allowed
    assert cell.text == written


@st.composite
def cells(draw):
    classes = draw(st.integers(2, 9))
    allowed = draw(st.sets(st.integers(1, classes), min_size=1))
    return Cell("recency", tuple(sorted(allowed)), classes)


@given(cells())
def test_what_segcore_writes_into_a_cell_it_reads_back(cell):
    assert read_cell(cell.text, cell.variable, cell.classes) == cell


@given(st.text(max_size=12), st.integers(2, 9))
def test_whatever_stands_in_a_cell_is_classes_or_an_error_that_shows_it(text, classes):
    try:
        cell = read_cell(text, "recency", classes)
    except CellError as error:
        got = repr(text.strip()) if text.strip() else "an empty cell"
        assert str(error).startswith("must be ")
        assert f"(got {got})" in str(error)
    else:
        assert set(cell.allowed) <= set(range(1, classes + 1))


@pytest.mark.parametrize(
    "text",
    [
        "04. Mai",
        "4. Mai",
        "4-May",
        "5-Apr",
        "Apr 05",
        "05-Apr-26",
        "4. Mai 2026",
        "May 4, 2026",
        "05.04.2026",
        "5.4.26",
        "04.05",
        "04.05.",
        "4/5",
        "04/05/2026",
        "4/5/26",
        "2026-05-04",
        "2026-04-05 00:00:00",
        "2026/4/5",
        "46117",
    ],
)
def test_a_cell_that_a_spreadsheet_made_a_date_says_what_to_write_instead(text):
    with pytest.raises(CellError) as error:
        read_cell(text, "recency", 5)
    assert str(error.value) == (
        f"must be *, 5, >=5, <=1, 4..5 or 4|5 (got {text!r}): the cell looks like a date that a "
        "spreadsheet made of 4-5; write 4..5"
    )


@pytest.mark.parametrize("text", ["12. Mär", "01.03.2026", "Mrz 26", "2026-12-24", "1-Dez", "4/4"])
def test_a_date_behind_which_no_range_is_found_is_still_called_one(text):
    with pytest.raises(CellError) as error:
        read_cell(text, "years", 2)
    assert str(error.value) == (
        f"must be *, 2, >=2, <=1, 1..2 or 1|2 (got {text!r}): the cell looks like a date that a "
        "spreadsheet made of a range; write it with two dots, like 1..2"
    )


@pytest.mark.parametrize(
    "text", ["6", "0", ">=6", "<=0", "<=6", "4..6", "0..2", "1|7", pytest.param("9" * 5000, id="very long")]
)
def test_a_class_that_the_variable_does_not_have_is_an_error(text):
    with pytest.raises(CellError) as error:
        read_cell(text, "recency", 5)
    assert str(error.value) == f"must be a class from 1 to 5, 5 being best (got {text!r})"


@pytest.mark.parametrize("text", ["x", "5..4", "4,5", "4.5", ">4", "=4", "-1", "4||5", "4 5", "May", "٤"])
def test_a_cell_of_no_form_lists_the_forms(text):
    with pytest.raises(CellError) as error:
        read_cell(text, "recency", 5)
    assert str(error.value) == f"must be *, 5, >=5, <=1, 4..5 or 4|5 (got {text!r})"


def test_an_empty_cell_is_told_to_be_a_star():
    with pytest.raises(CellError) as error:
        read_cell("  ", "recency", 5)
    assert str(error.value) == (
        "must be *, 5, >=5, <=1, 4..5 or 4|5 (got an empty cell); write * where any class will do"
    )


@pytest.mark.parametrize(
    ("text", "words", "sql"),
    [
        ("4", "is class 4", '"recency_class" = 4'),
        ("4..5", "is class 4 or 5", '"recency_class" >= 4'),
        (">=3", "is class 3 or better", '"recency_class" >= 3'),
        ("<=2", "is class 1 or 2", '"recency_class" <= 2'),
        ("<=3", "is class 3 or worse", '"recency_class" <= 3'),
        ("2..4", "is class 2 to 4", '"recency_class" between 2 and 4'),
        ("1|3|5", "is class 1, 3 or 5", '"recency_class" in (1, 3, 5)'),
    ],
)
def test_the_cell_that_executes_also_explains(text, words, sql):
    rule = Rule("Loyal", (read_cell(text, "recency", 5),), line=2)
    assert rule.sentence() == f"Loyal if recency {words}"
    assert rule.sql() == sql


def test_a_rule_in_classes_leaves_out_what_any_class_satisfies():
    rule = Rule(
        "Champions",
        (
            read_cell(">=4", "recency", 5),
            read_cell(">=3", "frequency", 5),
            any_class("years", 3),
            read_cell("2", "products", 2),
        ),
    )
    assert rule.sentence() == (
        "Champions if recency is class 4 or 5, frequency is class 3 or better and products is class 2"
    )
    assert rule.sql() == '"recency_class" >= 4 and "frequency_class" >= 3 and "products_class" = 2'


def test_a_rule_without_any_condition_takes_everyone_else():
    rule = Rule("Lost", (any_class("recency", 5), any_class("years", 3)))
    assert rule.sentence() == "Lost for everyone else"
    assert rule.sql() == "true"


def test_a_rule_in_classes_names_the_windows_of_its_variables():
    cells = (read_cell(">=4", "recency", 5), read_cell(">=3", "frequency", 5))
    assert Rule("Champions", cells).sentence(windows={"frequency": "12 months"}) == (
        "Champions if recency is class 4 or 5 and frequency in 12 months is class 3 or better"
    )


def variable(name, edges, **words):
    given = {
        "label": name.capitalize(),
        "unit": "",
        "better": "high",
        "shown_per": 1.0,
        "window": None,
        **words,
    }
    return ModelVariable(name=name, classes=len(edges) + 1, scale="linear", sql="", edges=edges, **given)


RECENCY = variable("recency", (30, 75, 135, 360), label="Last order", unit="days ago", better="low")
FREQUENCY = variable("frequency", (1, 4, 7, 14), label="Orders", unit="orders")
YEARS = variable("years", (365, 1500), label="With us", unit="years", shown_per=365.25)
PRODUCTS = variable("products", (1,), unit="markets")
IN_A_YEAR = variable("frequency", (1, 4, 7, 14), label="Orders", unit="orders", window="12 months")
VALUE = variable("monetary", (500,), label="Order value", unit="EUR", window="1 year")


def in_values(described, text):
    cell = read_cell(text, described.name, described.classes)
    return Rule("Loyal", (cell,)).condition({described.name: described})


@pytest.mark.parametrize(
    ("described", "text", "words"),
    [
        (RECENCY, "5", "last order up to 30 days ago"),
        (RECENCY, ">=4", "last order up to 75 days ago"),
        (RECENCY, "3", "last order 76 to 135 days ago"),
        (RECENCY, "1", "last order more than 360 days ago"),
        (RECENCY, "<=2", "last order more than 135 days ago"),
        (RECENCY, "1|5", "last order up to 30 or more than 360 days ago"),
        (FREQUENCY, "5", "15 or more orders"),
        (FREQUENCY, "1", "up to 1 order"),
        (FREQUENCY, "2..3", "2 to 7 orders"),
        (YEARS, "3", "with us more than 4.1 years"),
        (YEARS, "2", "with us more than 1.0 up to 4.1 years"),
        (YEARS, "1", "with us up to 1.0 years"),
        (PRODUCTS, "2", "products of 2 or more markets"),
        (PRODUCTS, "1", "products of up to 1 market"),
        (IN_A_YEAR, ">=2", "2 or more orders in 12 months"),
        (IN_A_YEAR, "1", "up to 1 order in 12 months"),
        (VALUE, "2", "order value of 501 or more EUR in 1 year"),
    ],
)
def test_a_rule_in_values_speaks_of_days_and_orders(described, text, words):
    assert in_values(described, text) == words


def test_decimals_floats_and_thousands_read_well_in_values():
    money = variable("monetary", (Decimal("255.8000"), Decimal("12345.678")), label="Order value", unit="EUR")
    assert in_values(money, "2") == "order value of more than 255.80 up to 12,345.678 EUR"
    share = variable("returns", (-0.125, 0.5), label="EDI share")
    assert in_values(share, "2") == "EDI share of more than −0.125 up to 0.5"
    single = variable("furniture_orders", (3, 4, 2000), label="Furniture orders", unit="orders")
    assert in_values(single, "2") == "4 furniture orders"
    assert in_values(single, "4") == "2,001 or more furniture orders"


def test_a_sentence_joins_its_values_with_commas_and_a_last_and():
    described = {v.name: v for v in (RECENCY, FREQUENCY, YEARS)}
    written = zip(described.values(), (">=4", ">=4", "3"), strict=True)
    row = tuple(read_cell(text, v.name, v.classes) for v, text in written)
    assert Rule("Champions", row).sentence(described) == (
        "Champions if last order up to 75 days ago, 8 or more orders and with us more than 4.1 years"
    )
