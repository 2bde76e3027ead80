"""The real data sets in other clothes give the same transactions, byte for byte."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from dirty.builder import merged
from rendered import GERMAN, Original, as_report, as_workbook
from test_real_data import PARAMS

from segcore.engine import DuckDB
from segcore.params.file import load_study
from segcore.sources import check, collect, ingest

RETAIL = "online_retail_ii.csv.gz"
FIRST_SHEET = 525_461
"""Records of the first of the two sheets as published."""

SOME = 50_000
"""Records of each sheet of the workbook: all of them would take minutes to write."""

TOTAL = {"skip": {"total": "Summe"}}


def retail(data: Path) -> Original:
    return Original(
        data / RETAIL,
        ",",
        numbers=("Quantity", "Price"),
        whole=("Invoice", "StockCode", "Customer ID"),
        dates={"InvoiceDate": ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S")},
    )


def transactions_of(name: str, data: Path, folder: Path, *changes: dict[str, Any]) -> tuple[bytes, Any]:
    """A shipped study with changes: its transactions as Parquet without places, and its reconciliation."""
    folder.mkdir()
    said = yaml.safe_load((PARAMS / f"{name}.yaml").read_text(encoding="utf-8"))
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(merged(said, *changes), default=str), encoding="utf-8")
    study = load_study(path)
    assert study.breaks.from_ is not None
    with DuckDB() as engine:
        check(engine, study, data)
        ingest(engine, study, study.breaks.from_, collect(study, data, folder / "store"), folder / "store")
        # The order is that of the files; without file and record nothing says where a row stood.
        engine.execute(
            "create or replace temp table plain as "
            "select * exclude (file, record) from transactions order by file, record"
        )
        target = folder / "transactions.parquet"
        engine.execute(f"copy plain to '{target}' (format parquet, row_group_size 100000)")
        told = engine.rows(
            "select source, records, loaded, duplicates, excluded, quarantined from reconciliation order by 1"
        )
    return target.read_bytes(), told


@pytest.mark.slow
def test_online_retail_as_a_report_of_sap(shared_data: Path, tmp_path: Path) -> None:
    before, told = transactions_of("online_retail", shared_data, tmp_path / "a")
    assert told == [("transactions", 1_067_371, 779_425, 34_335, 253_611, 0)]
    data = tmp_path / "data"
    data.mkdir()
    as_report(retail(shared_data), data / "umsatz.txt", title="Umsatzliste")
    form = {**GERMAN, "date": "%d.%m.%Y %H:%M:%S"}
    changes = {"sources": {"transactions": {"files": ["umsatz.txt"], "format": form, **TOTAL}}}
    after, told_after = transactions_of("online_retail", data, tmp_path / "b", changes)
    assert told_after == told
    assert after == before


@pytest.fixture
def some_of_both_sheets(shared_data: Path) -> Iterator[list[list[str]]]:
    """The header, and the first records of each sheet as published."""
    rows = retail(shared_data).rows()
    header = next(rows)
    first = list(islice(rows, SOME))
    second = list(islice(rows, FIRST_SHEET - SOME, FIRST_SHEET))
    yield [header, *first, *second]


@pytest.mark.slow
def test_online_retail_as_a_workbook_of_two_sheets(
    shared_data: Path, tmp_path: Path, some_of_both_sheets: list[list[str]]
) -> None:
    header, *records = some_of_both_sheets
    data = tmp_path / "data"
    data.mkdir()
    original = retail(shared_data)
    sheets = {
        name: (original, chain([header], part))
        for name, part in (("Year 2009-2010", records[:SOME]), ("Year 2010-2011", records[SOME:]))
    }
    as_workbook(sheets, data / "online_retail_II.xlsx")
    with (data / "plain.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(some_of_both_sheets)
    plain = {"sources": {"transactions": {"files": ["plain.csv"]}}}
    said = {"files": ["online_retail_II.xlsx"], "format": {"sheets": list(sheets)}}
    before, told = transactions_of("online_retail", data, tmp_path / "a", plain)
    after, told_after = transactions_of(
        "online_retail", data, tmp_path / "b", {"sources": {"transactions": said}}
    )
    assert told_after == told
    assert after == before


AW = {
    "Sales": ("transactions", ("Quantity", "Unit Price", "Sales", "Cost")),
    "Product": ("products", ("Standard Cost",)),
    "Reseller": ("customers", ()),
    "Salesperson": ("reps", ()),
}


def works(data: Path, name: str) -> Original:
    dates = {"OrderDate": ("%Y/%m/%d", "%d.%m.%Y")} if name == "Sales" else {}
    keys = ("ProductKey", "ResellerKey", "EmployeeKey", "SalesTerritoryKey", "EmployeeID")
    return Original(data / f"adventureworks/{name}.csv", "|", numbers=AW[name][1], whole=keys, dates=dates)


@pytest.fixture(scope="module")
def before(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Any]:
    """What AdventureWorks gives as it is published."""
    return transactions_of("adventureworks", shared_data, tmp_path_factory.mktemp("published") / "a")


def test_adventureworks_as_reports_of_sap(
    shared_data: Path, tmp_path: Path, before: tuple[bytes, Any]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    sources: dict[str, Any] = {}
    for name, (kind, _) in AW.items():
        as_report(works(shared_data, name), data / f"{name}.txt", title=f"Liste {name}")
        sources[kind] = {"files": [f"{name}.txt"], **TOTAL}
    sources["transactions"]["format"] = {**GERMAN, "date": "%d.%m.%Y"}
    assert transactions_of("adventureworks", data, tmp_path / "b", {"sources": sources}) == before


def test_adventureworks_as_workbooks(shared_data: Path, tmp_path: Path, before: tuple[bytes, Any]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    sources = {}
    for name, (kind, _) in AW.items():
        original = works(shared_data, name)
        as_workbook({name: (original, original.rows())}, data / f"{name}.xlsx")
        sources[kind] = {"files": [f"{name}.xlsx"]}
    assert transactions_of("adventureworks", data, tmp_path / "b", {"sources": sources}) == before
