"""The five shapes of deliveries in the documentation: each piece of YAML reads files of its shape."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml

from segcore import checking
from segcore.engine import ENGINES, FileEngine
from segcore.params.file import load_study
from segcore.sources import check, check_gates, collect, ingest

PAGE = (Path(__file__).parents[1] / "docs" / "writing-a-study.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## Five shapes of deliveries\n")[1].split("\n## ")[0]
SHAPES = dict(enumerate(re.findall(r"```yml\n(.*?)```", SECTION, re.DOTALL), start=1))
STUDY = """\
title: ACME
currency: EUR
variables: {recency: {classes: 2}}
breaks: {policy: refit}
segments: {Good: {}, Bad: {}}
"""
DAY = dt.date(2026, 3, 31)
BO = "Kunde;Auftrag;Position;Datum;Sparte;Umsatz;Land\n"
UNICODE = "Umsatzliste\n\nKunde\tAuftrag\tDatum\tSparte\tUmsatz\n"
STOCK = "Kunde;Auftrag;Datum;Sparte;Umsatz;Stand\n"


@pytest.fixture
def engine() -> Iterator[FileEngine]:
    with ENGINES["duckdb"]() as engine:
        yield engine


def read(
    engine: FileEngine, folder: Path, shape: str, files: Mapping[str, bytes | list[list[Any]]]
) -> list[tuple[Any, ...]]:
    """Ingest files as a piece of YAML says; customer, order, date, market and amount of every line."""
    data = folder / "data"
    data.mkdir()
    for name, content in files.items():
        if isinstance(content, bytes):
            (data / name).write_bytes(content)
        else:
            write_workbook(data / name, content)
    path = folder / "acme.yaml"
    path.write_text(STUDY + shape, encoding="utf-8")
    study = load_study(path)
    check(engine, study, data)
    extracts = collect(study, data, folder / "inputs")
    ingest(engine, study, DAY, extracts, folder / "inputs")
    check_gates(engine, study, extracts)
    return engine.rows(
        "select customer_id, order_id, order_date::VARCHAR, market, amount::DECIMAL(18, 2) "
        "from transactions order by all"
    )


def write_workbook(path: Path, rows: list[list[Any]]) -> None:
    """Two sheets with the same header: 2024 holds all records but the last, 2025 the last."""
    with xlsxwriter.Workbook(str(path)) as book:
        as_date = book.add_format({"num_format": "dd.mm.yyyy"})
        for name, some in {"2024": rows[:-1], "2025": [rows[0], rows[-1]]}.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(some):
                for place, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(number, place, cell, as_date)
                    else:
                        sheet.write(number, place, cell)


def account(engine: FileEngine) -> dict[str, tuple[int, ...]]:
    """Source → records, loaded, duplicates, excluded and quarantined."""
    found = engine.rows("select source, records, loaded, duplicates, excluded, quarantined from records")
    return {source: tuple(numbers) for source, *numbers in found}


def test_there_are_five_shapes_of_some_ten_lines() -> None:
    assert list(SHAPES) == [1, 2, 3, 4, 5]
    assert all(8 <= shape.count("\n") <= 13 for shape in SHAPES.values())
    assert all(list(yaml.safe_load(shape)) == ["sources"] for shape in SHAPES.values())


def test_business_objects_csv(engine: FileEngine, tmp_path: Path) -> None:
    first = BO + "4711;A1;10;31.01.2026;Büro;1.234,56;DE\n4712;A2;10;01.02.2026;Büro;10,00-;DE\n"
    second = BO + "4711;A1;10;31.01.2026;Büro;1.200,00;DE\n"
    files = {"umsatz_1.csv": first.encode("cp1252"), "umsatz_2.csv": second.encode("cp1252")}
    assert read(engine, tmp_path, SHAPES[1], files) == [
        ("0000004711", "A1", "2026-01-31", "Büro", Decimal("1200.00")),
        ("0000004712", "A2", "2026-02-01", "Büro", Decimal("-10.00")),
    ]
    assert account(engine) == {"transactions": (3, 2, 1, 0, 0)}


UNICODE_LINES = (
    UNICODE + "K1\tA1\t31.01.2026\tBüro\t1.234,56\n" + "K2\tA2\t01.02.2026\tMöbel\t5,00\n"
    "Summe Januar\t\t\t\t{total}\nGedruckt am 01.03.2026\t\t\t\t\n"
)


def test_unicode_text_with_titles_and_a_total(engine: FileEngine, tmp_path: Path) -> None:
    text = UNICODE_LINES.format(total="1.239,56")
    assert read(engine, tmp_path, SHAPES[2], {"umsatz_1.txt": text.encode("utf-16")}) == [
        ("K1", "A1", "2026-01-31", "Büro", Decimal("1234.56")),
        ("K2", "A2", "2026-02-01", "Möbel", Decimal("5.00")),
    ]
    assert engine.rows("select rule, lines from skipped order by rule") == [
        ("above the header", 2),
        ("header", 1),
        ("printed", 1),
        ("total", 1),
    ]
    assert engine.rows("select said, found from controls") == [(Decimal("1239.56"), Decimal("1239.56"))]
    assert engine.rows("select state from gates where gate = 'control'") == [("ok",)]


def test_a_total_that_disagrees_stops(engine: FileEngine, tmp_path: Path) -> None:
    text = UNICODE_LINES.format(total="1.300,00")
    read(engine, tmp_path, SHAPES[2], {"umsatz_1.txt": text.encode("utf-16")})
    assert engine.rows("select state from gates where gate = 'control'") == [("stopped",)]


def test_a_total_that_nobody_named_is_quarantined(engine: FileEngine, tmp_path: Path) -> None:
    text = UNICODE_LINES.format(total="1.239,56")
    unnamed = SHAPES[2].replace('total: "Summe*", ', "")
    read(engine, tmp_path, unnamed, {"umsatz_1.txt": text.encode("utf-16")})
    assert engine.rows("select record, rule from quarantine") == [(6, "total")]


def test_a_workbook_with_two_sheets(engine: FileEngine, tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Customer", "Invoice", "Line", "Date", "Market", "Net value"],
        [4711, 1, 10, dt.date(2024, 1, 31), "Paper", 1234.5],
        [4711, 1, 20, dt.date(2024, 1, 31), "Pens", 0.1],
        [4712.0, 2, 10, dt.date(2025, 2, 1), "Paper", -3],
    ]
    assert read(engine, tmp_path, SHAPES[3], {"sales_1.xlsx": rows}) == [
        ("0000004711", "1", "2024-01-31", "Paper", Decimal("1234.50")),
        ("0000004711", "1", "2024-01-31", "Pens", Decimal("0.10")),
        ("0000004712", "2", "2025-02-01", "Paper", Decimal("-3.00")),
    ]


def test_heads_lines_and_products(engine: FileEngine, tmp_path: Path) -> None:
    files = {
        "lines.csv": b"Auftrag;Position;Artikel;Netto\nA1;1;P1;5,00\nA1;2;P2;2,50\n"
        b"A2;1;P1;9,00\nA3;1;P1;1,00\n",
        "heads.csv": b"Auftrag;Kunde;Datum;Status\nA1;K1;31.01.2026;ok\nA2;K2;01.02.2026;Storno\n"
        b"A4;K4;01.02.2026;ok\n",
        "products.csv": b"Artikel;Warengruppe\nP1;Paper\nP2;Pens\n",
    }
    assert read(engine, tmp_path, SHAPES[4], files) == [
        ("K1", "A1", "2026-01-31", "Paper", Decimal("5.00")),
        ("K1", "A1", "2026-01-31", "Pens", Decimal("2.50")),
    ]
    assert account(engine)["transactions"] == (4, 2, 0, 1, 1)
    assert engine.rows("select record, rule from quarantine") == [(5, "orders")]
    assert engine.rows("select unused from records where source = 'orders'") == [(1,)]


DELIVERIES = {
    "orders_31.12.2025.csv": (
        STOCK + "K1;A1;01.12.2025;Paper;10,0;31.12.2025\nK2;A2;02.12.2025;Paper;7,0;31.12.2025\n"
    ).encode(),
    "orders_28.02.2026.csv": (
        STOCK + "K1;A1;01.12.2025;Paper;10,00;28.02.2026\nK3;A3;01.02.2026;Paper;3,00;28.02.2026\n"
    ).encode(),
}


def test_overlapping_deliveries_count_each_record_once(engine: FileEngine, tmp_path: Path) -> None:
    lines = read(engine, tmp_path, SHAPES[5], DELIVERIES)
    assert [line[1] for line in lines] == ["A1", "A2", "A3"]
    assert account(engine) == {"transactions": (4, 3, 1, 0, 0)}


def test_of_snapshots_the_newest_counts(engine: FileEngine, tmp_path: Path) -> None:
    shape = SHAPES[5].replace("deliveries: cumulative", "deliveries: snapshot")
    lines = read(engine, tmp_path, shape, DELIVERIES)
    assert [line[1] for line in lines] == ["A1", "A3"]
    assert account(engine) == {"transactions": (4, 2, 0, 2, 0)}
    assert engine.rows("select rule, records from excluded where records > 0") == [("an older delivery", 2)]


BROKEN = """\
4711;A200;10;31.02.2026;Büro;5,00;DE
1,23E+05;A201;10;01.02.2026;Büro;5,00;DE
4712;A202;10;01.02.2026;Büro;1,234.56;DE
Summe;;;;;820,00;
"""


def test_the_check_in_the_docs_is_what_is_printed(tmp_path: Path) -> None:
    lines = "".join(f"4711;A{n};10;{n % 28 + 1:02}.03.2026;Büro;{n},50;DE\n" for n in range(40))
    (tmp_path / "params").mkdir()
    (tmp_path / "data").mkdir()
    study = tmp_path / "params" / "acme.yaml"
    study.write_text(STUDY + SHAPES[1], encoding="utf-8")
    (tmp_path / "data" / "umsatz_2026-03-31.csv").write_bytes((BO + lines + BROKEN).encode("cp1252"))
    (tmp_path / "data" / "Umsatz_2026-02-28.csv").write_text("")
    with checking.check_study(study, DAY, root=tmp_path) as (checked, engine):
        told = "\n".join(checking.told(checked, engine))
    section = PAGE.split("\n### Look before the first run\n")[1]
    (shown,) = re.findall(r"```text\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    assert shown.split() == told.split()
