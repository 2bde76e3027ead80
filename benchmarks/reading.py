"""Reading extracts: every line counted, split, typed and judged; from text and from a workbook.

Each figure is that of a process of its own, ``python -m benchmarks.reading STUDY DATA STORE``, which says
how long the reading took and how much memory it and the largest of its children held.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.harness import BIN, ROOT, MissingData, real_data, scratch_project, timed
from benchmarks.table import Row

MILLION = 1_000_000
GIB = 1 << 30

STUDY = """\
title: Reading
currency: EUR
memory_limit: 1GB
sources:
  transactions:
    files: ["{files}"]
    format: {{delimiter: ";", decimal: ",", thousands: ".", date: "%d.%m.%Y"}}
    columns: {{customer_id: Kunde, order_id: Auftrag, item: Position, order_date: Datum, market: Sparte,
              amount: Umsatz}}
    unique: [order_id, item]
variables: {{recency: {{classes: 5}}}}
breaks: {{policy: refit}}
segments: {{Good: {{}}, Bad: {{}}}}
"""

# Eight columns: those of the study, a text with umlauts, and a quantity.
LINES = """
select 'C' || lpad((hash(i // 3) % {customers})::VARCHAR, 7, '0') as Kunde,
    'Großhandel Müller ' || (i % 977)::VARCHAR as Name,
    'SO' || (i // 3)::VARCHAR as Auftrag,
    i % 3 as Position,
    {day} as Datum,
    'M' || (hash(i * 31) % 8)::VARCHAR as Sparte,
    {amount} as Umsatz,
    1 + i % 7 as Menge
from range({first}, {last}) t(i)
"""
DAY = "DATE '2023-01-01' + (hash(i // 3 + 7) % 900)::INTEGER"
GERMAN = {
    "day": f"strftime({DAY}, '%d.%m.%Y')",
    "amount": "replace(((hash(i * 17) % 100000) / 100)::DECIMAL(18, 2)::VARCHAR, '.', ',')",
}
TYPED = {"day": DAY, "amount": "(hash(i * 17) % 100000) / 100"}


class Reading(NamedTuple):
    """What a reading took: seconds, seconds of another one that found all parsed, bytes of both kinds."""

    seconds: float
    cached: float
    memory: int
    child: int


def lines(count: int, *, first: int = 0, form: dict[str, str] = GERMAN) -> str:
    """The query of so many lines; the same ones each time."""
    return LINES.format(first=first, last=first + count, customers=100_000, **form)


def write_text(target: Path, query: str, *, encoding: str = "utf-8") -> None:
    """Write lines as text between semicolons."""
    duckdb.execute(f"copy ({query}) to '{target}' (delimiter ';', header)")
    if encoding != "utf-8":
        target.write_bytes(target.read_text(encoding="utf-8").encode(encoding))


def write_workbook(target: Path, query: str) -> None:
    """Write lines as a workbook with numbers and dates of its own."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet = book.add_worksheet()
        found = duckdb.execute(query)
        sheet.write_row(0, 0, [column[0] for column in found.description])
        number = 0
        while batch := found.fetchmany(10_000):
            for row in batch:
                number += 1
                for at, value in enumerate(row):
                    if at == 4:
                        sheet.write_datetime(number, at, value, day)
                    elif isinstance(value, str):
                        sheet.write_string(number, at, value)
                    else:
                        sheet.write_number(number, at, value)


def reading(folder: Path, files: str) -> Reading:
    """Read the files of a folder in a process of its own."""
    study = folder / "reading.yaml"
    study.write_text(STUDY.format(files=files), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.reading", str(study), str(folder), str(folder / "store")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Reading(**json.loads(done.stdout))


def read(study_path: Path, data: Path, store: Path) -> Reading:
    """Read a study's extracts in this process, twice."""
    import datetime as dt

    from segcore.engine import DuckDB
    from segcore.params.file import load_study
    from segcore.sources import collect, ingest

    study = load_study(study_path)
    taken = []
    for _ in range(2):
        with DuckDB(memory_limit=study.memory_limit) as engine:
            start = time.perf_counter()
            ingest(engine, study, dt.date(2025, 12, 31), collect(study, data, store), store)
            taken.append(time.perf_counter() - start)
    own, child = (
        resource.getrusage(who).ru_maxrss * 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Reading(taken[0], taken[1], own, child)


def utf_16(folder: Path) -> Iterator[Row]:
    write_text(folder / "sales.csv", lines(MILLION), encoding="utf-16")
    found = reading(folder, "sales.csv")
    yield _seconds("a million records in UTF-16, everything checked", found.seconds, 4)
    yield _memory("peak memory of that", found.memory, 1)


def linear(folder: Path) -> Iterator[Row]:
    taken = []
    for number in (1, 10):
        write_text(folder / f"sales{number}.csv", lines(number * MILLION))
        found = reading(folder, f"sales{number}.csv")
        taken.append(found.seconds)
    ratio = taken[1] / taken[0]
    yield Row(
        "ten million records against one million",
        f"{ratio:.1f} × ({taken[1]:.1f} s, {taken[0]:.1f} s)",
        "at most 12 ×",
        ratio <= 12,
    )
    yield _memory("peak memory of ten million records", found.memory, 2)


def cumulative(folder: Path) -> Iterator[Row]:
    for number in range(16):
        write_text(folder / f"sales_{number}.csv", lines(100_000, first=number * 10_000))
    found = reading(folder, "sales_*.csv")
    yield _seconds("16 cumulative deliveries of 100,000 lines, parsed before", found.cached, 0.6)


def workbook(folder: Path) -> Iterator[Row]:
    write_workbook(folder / "sales.xlsx", lines(MILLION, form=TYPED))
    found = reading(folder, "sales.xlsx")
    yield _seconds("a workbook of a million rows and eight columns", found.seconds, 20)
    yield _memory("peak memory of its child process", found.child, 1.2)


def checking(folder: Path) -> Iterator[Row]:
    data = real_data("online_retail_ii.csv.gz")
    project = scratch_project(folder / "project")
    command = [str(BIN / "segcore"), "check", "params/online_retail.yaml"]
    for what, most in (("cold", 6), ("cached", 1.5)):
        seconds = timed([command], project, SEGCORE_DATA_DIR=str(data))
        yield _seconds(f"segcore check of Online Retail II, {what}", seconds, most)


def _seconds(what: str, seconds: float, most: float) -> Row:
    return Row(what, f"{seconds:.2f} s", f"under {most} s", seconds < most)


def _memory(what: str, held: int, most: float) -> Row:
    return Row(what, f"{held / GIB:.2f} GiB", f"under {most} GiB", held < most * GIB)


PARTS: tuple[Callable[[Path], Iterator[Row]], ...] = (utf_16, linear, cumulative, workbook, checking)


def rows() -> list[Row]:
    found: list[Row] = []
    for part in PARTS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                found += part(Path(folder))
            except MissingData as missing:
                found.append(Row(part.__name__, f"not measured: {missing}", "", False))
    return found


if __name__ == "__main__":
    print(json.dumps(read(*map(Path, sys.argv[1:4]))._asdict()))
