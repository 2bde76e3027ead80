"""The same order lines in every format become the same transactions."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError

TEXT = HEADER + line("K1", "A1") + line("K2", "A2")
ROWS = [row.split(";") for row in TEXT.splitlines()]
WIDTHS = [max(len(row[at]) for row in ROWS) + 2 for at in range(len(ROWS[0]))]


def as_list(rows: list[list[str]]) -> bytes:
    """As SAP prints it: a title, rules, and the header again on the second page."""
    lines = ["|" + "|".join(f"{text:<{width}}" for text, width in zip(row, WIDTHS, strict=True)) + "|"
             for row in rows]  # fmt: skip
    rule = "-" * len(lines[0])
    page = [rule, lines[0], rule]
    return "\n".join(
        ["Umsatz, Seite 1", "", *page, lines[1], "Seite 2", "", *page, *lines[2:], rule, ""]
    ).encode()


def as_fixed(rows: list[list[str]]) -> bytes:
    return "".join("".join(f"{text:<{width}}" for text, width in zip(row, WIDTHS, strict=True)) + "\n"
                   for row in rows).encode()  # fmt: skip


def as_zip(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def as_parquet(rows: list[list[str]]) -> bytes:
    """With the types that a database would give."""
    columns = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
    table = pa.table(
        {
            **{name: pa.array(values) for name, values in columns.items()},
            "Datum": pa.array([dt.datetime.strptime(text, "%d.%m.%Y").date() for text in columns["Datum"]]),
            "Umsatz": pa.array(
                [Decimal(text.replace(".", "").replace(",", ".")) for text in columns["Umsatz"]]
            ),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def test_what_a_study_says_of_texts_must_not_contradict_typed_cells(engine: Engine, tmp_path: Path) -> None:
    """12.345 became 12345, and the 3rd of February the 2nd of March, where cells had types of their own."""
    changes = (
        ("amount: Umsatz", 'amount: {from: Umsatz, decimal: "."}'),
        ("order_date: Datum", 'order_date: {from: Datum, date: "%Y-%d-%m"}'),
    )
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path, {"sales.parquet": as_parquet(ROWS)}, *changes)
    assert caught.value.problems == (
        "sales.parquet: must not be read with dates like %Y-%d-%m, for the days of its cells are told like "
        "%Y-%m-%d, and one text would be two dates; deliver it as CSV",
        "sales.parquet: columns.amount.decimal must be that of the format, ',', for so the numbers of its "
        "cells are told (got '.'); say it in format.decimal",
    )


def test_a_column_whose_thousands_are_its_decimal_sign_is_told(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ingest_files(
            engine,
            tmp_path,
            {"sales.csv": TEXT},
            ("amount: Umsatz", 'amount: {from: Umsatz, thousands: ","}'),
        )
    assert caught.value.problems == (
        "sales.csv: columns.amount.thousands must differ from its decimal sign (both are ','); say decimal: "
        "there, too",
    )


COLUMNS = "customer_id, order_id, item, order_date, market, amount"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sales.csv.gz", gzip.compress(TEXT.encode()), ""),
        ("sales.zip", as_zip({"b.csv": TEXT}), ""),
        ("sales.zip", as_zip({"1.csv": HEADER + line("K1", "A1"), "2.csv": HEADER + line("K2", "A2")}), ""),
        ("sales.lst", as_list(ROWS), "type: list, "),
        ("sales.txt", as_fixed(ROWS), f"type: fixed, widths: {WIDTHS}, "),
        ("sales.parquet", as_parquet(ROWS), ""),
    ],
)
def test_every_format_gives_the_same_transactions(
    engine: Engine, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    change = [("encoding: cp1252", f"{said}encoding: cp1252")]
    skip = [("    unique: record\n", '    unique: record\n    skip: {page: "*Seite ?"}\n')]
    ingest_files(engine, tmp_path / "a", {"sales.csv": TEXT})
    wanted = engine.rows(f"select {COLUMNS} from transactions order by all")
    assert len(wanted) == 2
    study = change + (skip if said.startswith("type: list") else [])
    ingest_files(engine, tmp_path / "b", {name: content}, *study)
    assert engine.rows(f"select {COLUMNS} from transactions order by all") == wanted
