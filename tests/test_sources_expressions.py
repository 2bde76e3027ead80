"""A study's SQL: checked before any work, and blamed when it fails for a record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_sources import HEADER, Change, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.errors import ParamsError

SOUND = HEADER + line()
COLUMNS = "customer_id, order_id, item, order_date, market, amount"


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def problems(engine: Engine, folder: Path, *changes: Change) -> list[str]:
    """The sentences about a study; the folder is left out of them."""
    with pytest.raises(ParamsError) as caught:
        ingest_files(engine, folder, {"sales.csv": SOUND}, *changes)
    return [text.replace(f"{folder}/", "") for text in caught.value.problems]


@pytest.mark.parametrize(
    ("change", "key", "sql", "names", "fault"),
    [
        (
            ("unique: record", "exclude: {big: amoun > 5}"),
            "sources.transactions.exclude.big",
            "amoun > 5",
            COLUMNS,
            "'amoun' is none of these); did you mean amount?",
        ),
        (
            ("unique: record", "exclude: {all: amount}"),
            "sources.transactions.exclude.all",
            "amount",
            COLUMNS,
            "it gives DECIMAL(18,4), not true or false)",
        ),
        (
            ("amount: Umsatz", 'value: Umsatz\n      amount: {sql: "value *"}'),
            "sources.transactions.columns.amount.sql",
            "value *",
            "customer_id, order_id, item, order_date, market, value",
            "it cannot be read from '*' on); write one expression, without a semicolon",
        ),
        (
            ("{recency: {classes: 2}}", "{last: {classes: 2, sql: max(order_date)}}"),
            "variables.last.sql",
            "max(order_date)",
            COLUMNS,
            "it gives DATE, not a number)",
        ),
        (
            ("{recency: {classes: 2}}", "{sales: {classes: 2, sql: amount}}"),
            "variables.sales.sql",
            "amount",
            COLUMNS,
            'Binder Error: column "amount" must appear in the GROUP BY clause or must be part of '
            "an aggregate function.)",
        ),
    ],
    ids=["unknown column", "no condition", "broken", "no number", "no aggregate"],
)
def test_an_expression_that_does_not_bind_is_told_before_any_work(
    engine: Engine, tmp_path: Path, change: Change, key: str, sql: str, *, names: str, fault: str
) -> None:
    assert problems(engine, tmp_path, change) == [
        f"acme.yaml: {key}: must be SQL over {names} (got {sql!r}: {fault}"
    ]
    assert not (tmp_path / "inputs").exists()


def test_all_expressions_that_do_not_bind_are_told_at_once(engine: Engine, tmp_path: Path) -> None:
    changes = (
        ("amount: Umsatz", 'amount: Umsatz\n      double: {sql: "amont * 2"}'),
        ("unique: record", "exclude: {a: double > 5, b: x > 5}"),
        ("{recency: {classes: 2}}", "{y: {classes: 2, sql: sum(z)}}"),
    )
    keys = [text.split(": ")[1] for text in problems(engine, tmp_path, *changes)]
    assert keys == [
        "sources.transactions.columns.double.sql",
        "sources.transactions.exclude.b",
        "variables.y.sql",
    ]


def test_an_expression_may_use_the_type_that_another_gives(engine: Engine, tmp_path: Path) -> None:
    changes = (
        ("amount: Umsatz", 'amount: Umsatz\n      length: {sql: "length(market)"}'),
        ("unique: record", "exclude: {short: length < 4}"),
    )
    ingest_files(engine, tmp_path, {"sales.csv": SOUND + line(order="A2", market="X")}, *changes)
    assert engine.rows("select order_id, length from transactions") == [("A1", 4)]


def test_an_expression_that_fails_for_a_record_is_the_study_s_fault(engine: Engine, tmp_path: Path) -> None:
    change = ("unique: record", "exclude: {old: order_id::INTEGER < 5}")
    assert problems(engine, tmp_path, change) == [
        "acme.yaml: sources.transactions.exclude.old: must work for all records (got Conversion Error: "
        "Could not convert string 'A1' to INT32 when casting from source column order_id); "
        "try_cast gives NULL where cast fails"
    ]


def test_a_date_from_an_expression_is_a_day_and_counts_as_one(engine: Engine, tmp_path: Path) -> None:
    shipped = "order_date: {sql: \"try_strptime(shipped, '%Y%m%d %H:%M')\"}\n      shipped: Datum"
    content = HEADER + line(date="20251231 23:59") + line(order="A2", date="20260101 00:01")
    ingest_files(engine, tmp_path, {"sales.csv": content}, ("order_date: Datum", shipped))
    assert engine.columns("transactions")["order_date"] == "DATE"
    assert engine.rows("select order_id, order_date::VARCHAR from transactions") == [("A1", "2025-12-31")]
    assert engine.rows("select loaded, after_run_date from reconciliation") == [(1, 1)]
