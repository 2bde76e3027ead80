"""The real data sets in other clothes give the same transactions, byte for byte."""

from __future__ import annotations

import csv
import json
import shutil
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from dirty.builder import merged
from rendered import GERMAN, Original, as_report, as_workbook
from small_sources import read_here
from test_real_data import PARAMS

from segcore.engine import DuckDB
from segcore.params.file import load_study
from segcore.sources import check, collect, ingest

RETAIL = "online_retail_ii.csv.gz"
FIRST_SHEET = 525_461
"""Records of the first of the two sheets as published."""

BLOCK, SOME = 50_000, 2_000
"""So many records of every block are read, and all negative prices: all of them would take minutes."""

TOTAL = {"skip": {"total": "Summe"}}


def retail(data: Path, name: str = RETAIL) -> Original:
    return Original(
        data / name,
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


@pytest.fixture(scope="module")
def sheets(shared_data: Path) -> tuple[list[list[str]], ...]:
    """The header, and records of the one and the other sheet as published."""
    rows = retail(shared_data).rows()
    header = next(rows)
    found: tuple[list[list[str]], ...] = ([], [])
    for number, row in enumerate(rows):
        if number % BLOCK < SOME or row[header.index("Price")].startswith("-"):
            found[number >= FIRST_SHEET].append(row)
    return [header], *found


@pytest.fixture(scope="module")
def plain(sheets: tuple[list[list[str]], ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with these records as they are published."""
    folder = tmp_path_factory.mktemp("plain")
    with (folder / "plain.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(chain(*sheets))
    return folder


@pytest.fixture(scope="module")
def retail_before(plain: Path) -> tuple[bytes, Any]:
    """What they give."""
    sources = {"sources": {"transactions": {"files": ["plain.csv"]}}}
    made, told = transactions_of("online_retail", plain, plain / "a", sources)
    assert told[0][1] > 40_000
    assert min(told[0][2:5]) > 0
    return made, told


@pytest.mark.slow
def test_online_retail_as_a_report_of_sap(
    plain: Path, retail_before: tuple[bytes, Any], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    as_report(retail(plain, "plain.csv"), data / "umsatz.txt", title="Umsatzliste")
    form = {**GERMAN, "date": "%d.%m.%Y %H:%M:%S"}
    changes = {"sources": {"transactions": {"files": ["umsatz.txt"], "format": form, **TOTAL}}}
    assert transactions_of("online_retail", data, tmp_path / "b", changes) == retail_before


@pytest.mark.slow
def test_online_retail_as_a_workbook_of_two_sheets(
    sheets: tuple[list[list[str]], ...],
    retail_before: tuple[bytes, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read_here(monkeypatch)
    header, *parts = sheets
    data = tmp_path / "data"
    data.mkdir()
    original = retail(tmp_path)
    names = ("Year 2009-2010", "Year 2010-2011")
    written = {name: (original, chain(header, part)) for name, part in zip(names, parts, strict=True)}
    as_workbook(written, data / "online_retail_II.xlsx")
    said = {"files": ["online_retail_II.xlsx"], "format": {"sheets": list(names)}}
    changes = {"sources": {"transactions": said}}
    assert transactions_of("online_retail", data, tmp_path / "b", changes) == retail_before


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
def published(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AdventureWorks as it is published, but for three quarters of its sales."""
    folder = tmp_path_factory.mktemp("published")
    shutil.copytree(shared_data / "adventureworks", folder / "adventureworks")
    sales = folder / "adventureworks" / "Sales.csv"
    header, *lines = sales.read_bytes().splitlines(keepends=True)
    sales.write_bytes(b"".join([header, *(line for n, line in enumerate(lines) if n % 400 < 100)]))
    return folder


@pytest.fixture(scope="module")
def before(published: Path) -> tuple[bytes, Any]:
    """What it gives."""
    return transactions_of("adventureworks", published, published / "a")


def test_adventureworks_as_reports_of_sap(published: Path, tmp_path: Path, before: tuple[bytes, Any]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    sources: dict[str, Any] = {}
    for name, (kind, _) in AW.items():
        as_report(works(published, name), data / f"{name}.txt", title=f"Liste {name}")
        sources[kind] = {"files": [f"{name}.txt"], **TOTAL}
    sources["transactions"]["format"] = {**GERMAN, "date": "%d.%m.%Y"}
    assert transactions_of("adventureworks", data, tmp_path / "b", {"sources": sources}) == before


def test_adventureworks_as_workbooks(
    published: Path, tmp_path: Path, before: tuple[bytes, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_here(monkeypatch)
    data = tmp_path / "data"
    data.mkdir()
    sources = {}
    for name, (kind, _) in AW.items():
        original = works(published, name)
        as_workbook({name: (original, original.rows())}, data / f"{name}.xlsx")
        sources[kind] = {"files": [f"{name}.xlsx"]}
    assert transactions_of("adventureworks", data, tmp_path / "b", {"sources": sources}) == before
