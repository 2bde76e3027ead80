"""The rows of a file → their parsed form: values, the first fault, what was left out, the record's key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_values import shape

from segcore.engine import DuckDB
from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.sources.parse import Shape, parse_query

GERMAN: dict[str, Any] = {"decimal": ",", "thousands": ".", "date": "%d.%m.%Y"}
ORDER: dict[str, Any] = {"customer_id": "Kunde", "order_date": "Datum", "amount": "Umsatz"}
HEADER = ("Kunde", "Datum", "Umsatz", "Stand")
FAULT = "_bad_column, _bad_raw, _bad_rule, _bad_reason"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def rows_of(records: Sequence[Sequence[str | None]], skip: str = "NULL", fault: str = "NULL") -> str:
    """SQL of the rows that a file with these records has."""
    texts = [["NULL" if text is None else quote_text(text) for text in record] for record in records]
    values = ", ".join(f"({number}, {', '.join(record)})" for number, record in enumerate(texts, start=2))
    names = ", ".join(f"c{place}" for place in range(len(texts[0])))
    return (
        f"select 1::INTEGER as _lines, {skip}::VARCHAR as _skip, {fault}::VARCHAR as _fault, * "
        f"from (values {values}) v(record, {names})"
    )


def parsed(engine: DuckDB, how: Shape, what: str, *records: Sequence[str | None], **marks: str) -> list[Any]:
    """Some of the columns of the parsed form, in the order of the records."""
    query = parse_query(how, rows_of(records, **marks))
    return engine.rows(f"select {what} from ({query}) order by record")


def keys_of(
    engine: DuckDB, *records: Sequence[str | None], names: Sequence[str] = HEADER, **how: Any
) -> list[Any]:
    made = shape("transactions", how.pop("columns", ORDER), names, unique="record", **{**GERMAN, **how})
    return [key for (key,) in parsed(engine, made, "_record_key", *records)]


SOUND = ("K1", "31.12.2025", "1.234,50", "")


def test_the_parsed_form_has_these_columns_and_no_others(engine: DuckDB) -> None:
    columns = {**ORDER, "net": {"sql": "amount / 2", "type": "number"}}
    query = parse_query(shape("transactions", columns, HEADER, **GERMAN), rows_of([SOUND]))
    engine.execute(f"create or replace temp view parsed_form as {query}")
    assert engine.columns("parsed_form") == {
        "record": "INTEGER",
        "_lines": "INTEGER",
        "_skip": "VARCHAR",
        "_record_key": "UUID",
        "customer_id": "VARCHAR",
        "order_date": "DATE",
        "amount": "DECIMAL(18,4)",
        "net": "DECIMAL(38,8)",
        "_bad_column": "VARCHAR",
        "_bad_raw": "VARCHAR",
        "_bad_rule": "VARCHAR",
        "_bad_reason": "VARCHAR",
        "_structural": "BOOLEAN",
        "_unread": 'STRUCT("column" VARCHAR, raw VARCHAR, "rule" VARCHAR)[]',
    }
    assert engine.rows("from parsed_form") == [
        (
            *(2, 1, None, None, "K1", dt.date(2025, 12, 31), Decimal("1234.5"), Decimal("617.25")),
            *(None, None, None, None, False, None),
        )
    ]


def test_the_first_fault_in_the_order_of_the_study_is_told_with_its_raw_text(engine: DuckDB) -> None:
    how = shape("transactions", ORDER, HEADER, **GERMAN)
    found = parsed(engine, how, FAULT, ("1E+05", "x", "x", ""), ("K1", " x ", "y", ""), SOUND)
    assert found == [
        (
            *("customer_id", "1E+05", "exponent"),
            "must be a key with all its digits (a spreadsheet rounded it to a power of ten)",
        ),
        ("order_date", "x", "date", "must be a date like 31.12.2025 (%d.%m.%Y)"),
        (None, None, None, None),
    ]


def test_a_record_that_cannot_be_split_has_its_fault_and_no_other(engine: DuckDB) -> None:
    how = shape("transactions", ORDER, HEADER, unique="record", **GERMAN)
    fault = "'must have as many fields as the header (it has more)'"
    found = parsed(engine, how, f"_structural, _record_key, {FAULT}", ("", "x", "", ""), fault=fault)
    assert found == [
        (True, None, None, None, "columns", "must have as many fields as the header (it has more)")
    ]


def test_what_is_no_record_is_never_refused_and_has_no_key(engine: DuckDB) -> None:
    columns = {**ORDER, "rep": {"file": r"(\d+)"}}
    how = shape("transactions", columns, HEADER, unique="record", file="7.csv", **GERMAN)
    found = parsed(engine, how, f"_skip, _record_key, rep, {FAULT}", HEADER, skip="'header'")
    assert found == [("header", None, None, None, None, None, None)]


def test_columns_are_found_by_name_or_by_position(engine: DuckDB) -> None:
    how = shape("transactions", {"customer_id": 2, "amount": "B", "market": 2}, ("", "", "B"), **GERMAN)
    assert parsed(engine, how, "customer_id, amount, market", ("x", "K1", "5")) == [("K1", Decimal(5), "K1")]


@pytest.mark.parametrize(("origin", "told"), [("Kunde", "'Kunde'"), (4, "4")])
def test_a_column_that_is_not_there_is_told(origin: str | int, told: str) -> None:
    how = shape("transactions", {"customer_id": origin}, ("A", "B"), file="sales.csv")
    with pytest.raises(InputError) as raised:
        parse_query(how, "x")
    assert raised.value.problems == (
        f"sales.csv: must have the column {told} (got A, B); ask for the export again",
    )


def test_a_column_may_stand_in_the_file_s_name(engine: DuckDB) -> None:
    columns = {"customer_id": "Kunde", "rep": {"file": r"visits_(\w+)\.csv", "zero_pad": 3}}
    how = shape("followups", columns, ("Kunde",), file="visits_7.csv")
    assert parsed(engine, how, f"customer_id, rep, {FAULT}", ("K1",)) == [
        ("K1", "007", None, None, None, None)
    ]
    other = shape("followups", columns, ("Kunde",), file="besuche.csv")
    assert parsed(engine, other, f"rep, {FAULT}", ("K1",)) == [
        (None, "rep", "besuche.csv", "file", r"must stand in the file's name, as visits_(\w+)\.csv says")
    ]


CUSTOMER = {"customer_id": "Nr", "name": "Name", "rep": "VB", "since": "Seit", "score": "Punkte"}
CUSTOMER_TYPES: dict[str, Any] = {**CUSTOMER, "score": {"from": "Punkte", "type": "number"}}


def test_optional_attributes_of_a_lookup_are_left_out_and_counted(engine: DuckDB) -> None:
    how = shape("customers", CUSTOMER_TYPES, tuple(CUSTOMER.values()), date="%d.%m.%Y")
    what = f"customer_id, name, rep, since, score, _unread, {FAULT}"
    nothing = (None,) * 4
    assert parsed(
        engine,
        how,
        what,
        ("1", "#REF!", "1E+05", " 01.01.1900", "x"),
        ("2", "Meier", "V1", "00.00.0000", "1.5"),
        ("3", "-", "#", "31.12.9999", "-"),
    ) == [
        (
            *("1", None, None, None, None),
            [
                {"column": "name", "raw": "#REF!", "rule": "error value"},
                {"column": "rep", "raw": "1E+05", "rule": "exponent"},
                {"column": "since", "raw": "01.01.1900", "rule": "suspect date"},
                {"column": "score", "raw": "x", "rule": "number"},
            ],
            *nothing,
        ),
        ("2", "Meier", "V1", None, Decimal("1.5"), None, *nothing),
        ("3", "-", None, None, None, None, *nothing),
    ]


def test_keys_required_columns_and_validity_of_a_lookup_are_not_optional(engine: DuckDB) -> None:
    columns = {"product": "P", "market": "M", "valid_from": "V"}
    how = shape("products", columns, ("P", "M", "V"), date="%d.%m.%Y")
    sound = ("P1", "M1", "01.01.2025")
    bad = [(*sound[:place], "#REF!", *sound[place + 1 :]) for place in range(3)]
    assert parsed(engine, how, "_bad_column, _bad_rule, _unread", sound, *bad) == [
        (None, None, None),
        *((name, "error value", None) for name in columns),
    ]


def test_in_other_kinds_an_optional_attribute_refuses_the_record(engine: DuckDB) -> None:
    how = shape("transactions", {"customer_id": "K", "price": "P"}, ("K", "P"))
    assert parsed(engine, how, "_bad_column, _unread", ("K1", "x")) == [("price", None)]


def test_expressions_see_wide_numbers_and_dates(engine: DuckDB) -> None:
    columns = {
        "quantity": "Q",
        "price": "P",
        "d": {"from": "D", "type": "date"},
        "amount": {"sql": "quantity * price"},
        "order_date": {"sql": "d + 1"},
        "market": {"sql": "year(d)"},
    }
    how = shape("transactions", columns, ("Q", "P", "D"))
    found = parsed(engine, how, "amount, order_date, market", ("1000000", "99999999.9999", "2025-12-31"))
    assert found == [(Decimal("99999999999900"), dt.date(2026, 1, 1), "2025")]


class TestRecordKey:
    """Equal records are equal by value, whatever they look like."""

    def test_two_ways_of_writing_one_value_are_one_record(self, engine: DuckDB) -> None:
        same = [
            ("K1", "1.2.2025", "1234,5", ""),
            (" K1", "01.02.2025", "1.234,50", " "),
            ('="K1"', "01.02.2025 ", "1.234,5000", None),
            ("\ufeffK1", "1.02.2025", "1.234,50 EUR", "\u00a0"),
        ]
        assert len(set(keys_of(engine, *same))) == 1

    @pytest.mark.parametrize(
        "other",
        [
            ("K2", *SOUND[1:]),
            ("k1", *SOUND[1:]),
            ("K1", "30.12.2025", "1.234,50", ""),
            ("K1", "31.12.2025", "1.234,51", ""),
            ("K1", "31.12.2025", "1.234,50-", ""),
            ("K1", "31.12.2025", "1.234,50", "x"),
            ("K1", "31.12.2025", "", "1.234,50"),
            ("", *SOUND[1:]),
        ],
    )
    def test_another_value_is_another_record(self, engine: DuckDB, other: Sequence[str]) -> None:
        one, two = keys_of(engine, SOUND, other)
        assert one != two

    def test_dates_are_compared_with_their_time(self, engine: DuckDB) -> None:
        form = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
        records = [("K1", text, "1", "") for text in ("31.12.2025 10:00", "31.12.2025 10:01", "31.12.2025")]
        assert len(set(keys_of(engine, *records, date=form))) == 3
        midnight = [("K1", text, "1", "") for text in ("31.12.2025 0:00", "31.12.2025")]
        assert len(set(keys_of(engine, *midnight, date=form))) == 1

    def test_what_cannot_be_read_is_compared_as_text(self, engine: DuckDB) -> None:
        texts = ["x", " x", "y", "31.12.2025 10:00", ""]
        keys = keys_of(engine, *(("K1", text, "1", "") for text in texts))
        assert keys[0] == keys[1]
        assert len(set(keys)) == 4

    def test_the_order_of_the_columns_does_not_matter(self, engine: DuckDB) -> None:
        turned = keys_of(engine, SOUND[::-1], names=HEADER[::-1])
        assert turned == keys_of(engine, SOUND)
        exchanged = (SOUND[0], *SOUND[2:0:-1], SOUND[3])
        assert keys_of(engine, exchanged) != keys_of(engine, SOUND)

    def test_ignored_columns_are_not_compared(self, engine: DuckDB) -> None:
        other = (*SOUND[:3], "refreshed today")
        assert len(set(keys_of(engine, SOUND, other))) == 2
        assert len(set(keys_of(engine, SOUND, other, ignore=("Stand",)))) == 1

    def test_a_column_that_is_mapped_twice_is_compared_by_both_values(self, engine: DuckDB) -> None:
        columns = {"customer_id": {"from": "K", "strip_suffix": ".0"}, "written": "K"}
        assert len(set(keys_of(engine, ("1.0",), ("1",), names=("K",), columns=columns))) == 2
        del columns["written"]
        assert len(set(keys_of(engine, ("1.0",), ("1",), names=("K",), columns=columns))) == 1

    def test_what_stands_in_the_file_s_name_is_compared_too(self, engine: DuckDB) -> None:
        columns = {"customer_id": "K", "rep": {"file": r"(\w)\.csv"}}
        keys = [keys_of(engine, ("1",), names=("K",), columns=columns, file=f"{rep}.csv") for rep in "ab"]
        assert keys[0] != keys[1]

    def test_only_whole_records_need_a_key(self, engine: DuckDB) -> None:
        how = shape("transactions", ORDER, HEADER, unique=("customer_id",), **GERMAN)
        assert parsed(engine, how, "_record_key", SOUND) == [(None,)]

    @settings(deadline=None, max_examples=30)
    @given(
        records=st.lists(
            st.tuples(st.sampled_from(["a", "b", "", None]), st.sampled_from(["a", "b", "ab", ""])),
            min_size=2,
            max_size=12,
        )
    )
    def test_keys_are_equal_where_the_texts_are(self, engine: DuckDB, records: list[Any]) -> None:
        keys = keys_of(engine, *records, names=("x", "y"), columns={"customer_id": "x"})
        assert len(set(keys)) == len({(x or "", y) for x, y in records})
