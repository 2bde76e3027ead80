"""Text → numbers, dates and keys: strictly, and against a second reading by plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.engine import DuckDB
from segcore.params import Column, Format
from segcore.sources.parse import date_pattern, parsed_column, record_key

GERMAN = Format(decimal=",", thousands=".")
FORMATS = [
    Format(),
    Format(thousands=","),
    Format(decimal=","),
    GERMAN,
    Format(decimal=",", thousands=" "),
    Format(thousands="'"),
]
DAY_FORMS = ["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%d%m%Y", "%Y-%m-%d %H:%M:%S"]
BLANKS = " \t\u00a0"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def parse(engine: DuckDB, text: str | None, name: str, column: Column, layout: Format) -> object:
    """The value that a text has in a column."""
    parsed = parsed_column(name, column, "raw", layout)
    inner = f'select {parsed.text} as "text {name}" from (select $text::VARCHAR as raw)'
    return engine.rows(f"select {parsed.value} from ({inner})", {"text": text})[0][0]


def number(engine: DuckDB, text: str | None, layout: Format = GERMAN) -> object:
    return parse(engine, text, "amount", Column.model_validate("U"), layout)


def day(engine: DuckDB, text: str | None, form: str) -> object:
    return parse(engine, text, "order_date", Column.model_validate("D"), Format(date=form))


def key(engine: DuckDB, text: str | None, **how: object) -> object:
    return parse(engine, text, "customer_id", Column.model_validate({"from": "K", **how}), GERMAN)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1.234.567,89", "1234567.89"),
        ("1234,56", "1234.56"),
        ("1.234", "1234"),
        ("-1.234,5", "-1234.5"),
        ("1.234,5-", "-1234.5"),
        ("+3,5", "3.5"),
        ("0,0001", "0.0001"),
        ("12,50000", "12.5"),
        ("99999999999999,9999", "99999999999999.9999"),
        ("\u00a0 7,5\t", "7.5"),
    ],
)
def test_a_number_in_the_form_of_its_file_is_read_exactly(engine: DuckDB, text: str, value: str) -> None:
    assert number(engine, text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "12.34,5",
        "1.2345,6",
        "1,23E+05",
        "0,00001",
        "1,234.56",
        "1234.5",
        "--5",
        "-5-",
        "+5-",
        "5,",
        ",5",
        "5,00 EUR",
        "(5,00)",
        "5 %",
        "#MULTIVALUE",
        "NaN",
        "inf",
        "1 234,5",
        "100000000000000,0",
        "٣",
    ],
)
def test_anything_else_is_refused(engine: DuckDB, text: str) -> None:
    assert number(engine, text) is None


def grouped(digits: str, separator: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] * bool(head) + [digits[i : i + 3] for i in range(head, len(digits), 3)]
    return separator.join(groups)


@settings(deadline=None)
@given(
    value=st.decimals(min_value=0, max_value=10**14 - 1, places=4),
    layout=st.sampled_from(FORMATS),
    sign=st.sampled_from(["", "+", "-", "trailing"]),
    with_groups=st.booleans(),
    places=st.integers(0, 4),
    around=st.text(BLANKS, max_size=2),
)
def test_every_number_can_be_written_and_read_back(
    engine: DuckDB, value: Decimal, layout: Format, sign: str, with_groups: bool, places: int, around: str
) -> None:
    value = round(value, places)
    whole, _, rest = f"{value:.{places}f}".partition(".")
    whole = grouped(whole, layout.thousands) if layout.thousands and with_groups else whole
    text = whole + (layout.decimal + rest if places else "")
    text = text + "-" if sign == "trailing" else sign + text
    expected = -value if sign in ("-", "trailing") else value
    assert number(engine, around + text + around, layout) == expected


def read_by_hand(text: str, layout: Format) -> Decimal | None:
    """The same rules without a regular expression."""
    text = text.strip(BLANKS)
    signed = text[:1] in ("+", "-")
    if signed and text.endswith("-"):
        return None
    negative = text.startswith("-") or text.endswith("-")
    text = text[1:] if signed else text.removesuffix("-")
    whole, point, rest = text.partition(layout.decimal)
    if layout.thousands and layout.thousands in whole:
        first, *groups = whole.split(layout.thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
        whole = first + "".join(groups)
    rest = rest[:4] + rest[4:].rstrip("0")
    digits = set(whole + rest) <= set("0123456789")
    if not whole or bool(point) != bool(rest) or len(rest) > 4 or not digits:
        return None
    value = Decimal(f"{whole}.{rest or 0}")
    return None if value >= 10**14 else -value if negative else value


@settings(deadline=None)
@given(text=st.text("0123456789.,-+' Ee", max_size=12), layout=st.sampled_from(FORMATS))
def test_numbers_are_read_as_by_hand(engine: DuckDB, text: str, layout: Format) -> None:
    assert number(engine, text, layout) == read_by_hand(text, layout)


@settings(deadline=None)
@given(value=st.dates(dt.date(1000, 1, 1)), form=st.sampled_from(DAY_FORMS))
def test_every_day_can_be_written_and_read_back(engine: DuckDB, value: dt.date, form: str) -> None:
    assert day(engine, value.strftime(form), form) == value


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("1.2.2025", "%d.%m.%Y", dt.date(2025, 2, 1)),
        ("\u00a029.02.2024 ", "%d.%m.%Y", dt.date(2024, 2, 29)),
        ("2011-12-09 12:50:00", "%Y-%m-%d %H:%M:%S", dt.date(2011, 12, 9)),
        ("2011-12-09 23:59:59", "%Y-%m-%d %H:%M:%S", dt.date(2011, 12, 9)),
        ("31.12.25", "%d.%m.%y", dt.date(2025, 12, 31)),
        ("31.12.9999", "%d.%m.%Y", dt.date(9999, 12, 31)),
        ("5. Mar 2025", "%d. %b %Y", dt.date(2025, 3, 5)),
    ],
)
def test_a_day_in_the_form_of_its_file_is_read(engine: DuckDB, text: str, form: str, value: dt.date) -> None:
    assert day(engine, text, form) == value


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31.02.2025", "%d.%m.%Y"),
        ("29.02.2025", "%d.%m.%Y"),
        ("00.00.0000", "%d.%m.%Y"),
        ("31.12.25", "%d.%m.%Y"),
        ("01.02.03", "%d.%m.%Y"),
        ("2025-12-31", "%d.%m.%Y"),
        ("31.12.2025 10:00", "%d.%m.%Y"),
        ("46022", "%d.%m.%Y"),
        ("12/31/2025", "%d/%m/%Y"),
        ("2025111", "%Y%m%d"),
        ("20251301", "%Y%m%d"),
        ("2011-12-09", "%Y-%m-%d %H:%M:%S"),
        ("2011-12-09 24:00:00", "%Y-%m-%d %H:%M:%S"),
        ("#N/A", "%Y-%m-%d"),
    ],
)
def test_any_other_day_is_refused(engine: DuckDB, text: str, form: str) -> None:
    assert day(engine, text, form) is None


def test_a_date_s_pattern_takes_what_stands_around_the_parts_literally() -> None:
    assert date_pattern("%d.%m.%Y") == r"\d{1,2}\.\d{1,2}\.\d{4}"
    assert date_pattern("%Y%m%d") == r"\d{4}\d{2}\d{2}"


@pytest.mark.parametrize("text", [None, "", " ", "\u00a0\t"])
def test_nothing_is_not_a_failure_but_null(engine: DuckDB, text: str | None) -> None:
    assert (number(engine, text), day(engine, text, "%Y-%m-%d"), key(engine, text)) == (None, None, None)


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8))
def test_text_loses_the_blanks_around_it_and_nothing_else(engine: DuckDB, text: str) -> None:
    assert key(engine, text) == (text.strip(BLANKS) or None)


@settings(deadline=None)
@given(
    text=st.text("0123456789K.", min_size=1, max_size=9),
    width=st.integers(1, 6),
    suffix=st.sampled_from([None, ".0", "0"]),
)
def test_keys_lose_their_suffix_and_digits_are_padded(
    engine: DuckDB, text: str, width: int, suffix: str | None
) -> None:
    kept = text.removesuffix(suffix or "")
    padded = kept.zfill(width) if kept.isdigit() and len(kept) <= width else kept
    assert key(engine, text, zero_pad=width, strip_suffix=suffix) == (padded or None)


def test_a_column_of_any_name_may_be_a_date_or_a_number(engine: DuckDB) -> None:
    shipped = Column.model_validate({"from": "V", "date": "%d.%m.%Y"})
    weight = Column.model_validate({"from": "G", "decimal": "."})
    assert parse(engine, "1.2.2025", "shipped", shipped, Format()) == dt.date(2025, 2, 1)
    assert parse(engine, "1.5", "weight", weight, Format(decimal=",")) == Decimal("1.5")


def test_a_record_s_key_is_the_same_in_any_order_of_columns_and_knows_them_all(engine: DuckDB) -> None:
    def hashed(names: list[str], values: list[str | None]) -> object:
        columns = ", ".join(f"${name} as c{i}" for i, name in enumerate("xyz"[: len(names)]))
        sql = record_key([(name, f"c{i}") for i, name in enumerate(names)])
        bound = dict(zip("xyz", values, strict=False))
        return engine.rows(f"select {sql} from (select {columns})", bound)[0][0]

    assert hashed(["a", "b"], ["1", "2"]) == hashed(["b", "a"], ["2", "1"])
    assert hashed(["a", "b"], ["1", "2"]) != hashed(["a", "b"], ["2", "1"])
    assert hashed(["a", "b"], ["1", None]) == hashed(["a", "b"], ["1", ""])
    # Two columns of one name are two columns.
    assert hashed(["a", "", ""], ["1", "2", "3"]) != hashed(["a", "", ""], ["1", "9", "3"])
