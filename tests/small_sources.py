"""A small study over extracts that tests write themselves."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from segcore.engine import Engine
from segcore.params import Study
from segcore.params.file import load_study
from segcore.sources import check, collect, ingest
from segcore.sources.formats import Delivery, child, parquet, workbook

DAY = dt.date(2025, 12, 31)
TEXT = """\
title: ACME
currency: EUR
sources:
  transactions:
    files: ["sales*"]
    format: {encoding: cp1252, delimiter: ";", decimal: ",", thousands: ".", date: "%d.%m.%Y"}
    columns:
      customer_id: Kunde
      order_id: Auftrag
      item: Position
      order_date: Datum
      market: Sparte
      amount: Umsatz
    unique: record
variables: {recency: {classes: 2}}
breaks: {policy: refit}
segments: {Good: {}, Bad: {}}
"""
HEADER = "Kunde;Auftrag;Position;Datum;Sparte;Umsatz\n"
KEY = ("unique: record", "unique: [order_id, item]")
Change = tuple[str, str]


def written(folder: Path, *changes: Change, text: str = TEXT) -> Path:
    """Write ``acme.yaml`` with some of its words changed."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def study_in(folder: Path, *changes: Change) -> Study:
    return load_study(written(folder, *changes))


def deliver(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write extracts into the data folder; text is written in cp1252."""
    data = folder / "data"
    for name, content in files.items():
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("cp1252"))
    return data


def ingest_files(
    engine: Engine,
    folder: Path,
    files: Mapping[str, str | bytes],
    *changes: Change,
    run_date: dt.date = DAY,
) -> Study:
    """Everything from writing the study to ``transactions``, the way a run does it."""
    study = study_in(folder, *changes)
    data = deliver(folder, files)
    check(engine, study, data)
    ingest(engine, study, run_date, collect(study, data, folder / "inputs"), folder / "inputs")
    return study


def line(customer: str = "K1", order: str = "A1", **more: str) -> str:
    """One record, sound unless said otherwise."""
    fields = {"item": "10", "date": "01.02.2025", "market": "Büro", "amount": "1,00", **more}
    return ";".join([customer, order, *fields.values()]) + "\n"


def read_here(patch: pytest.MonkeyPatch) -> None:
    """Let files be read in this process that otherwise a child reads, which imports for a second."""
    for module in (child, parquet, workbook):
        patch.setattr(module, "in_child", _directly)


def _directly(work: str, delivery: Delivery, **_: int) -> Iterator[pa.RecordBatch]:
    module, _, name = work.partition(":")
    yield from getattr(importlib.import_module(module), name)(delivery)
