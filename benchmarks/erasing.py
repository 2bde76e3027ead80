"""One of a million customers is erased from eight runs with ten million order lines each.

One run is made by the runner and stands at eight dates, as files of its own; their stored extracts are one
and the same CSV file of all orders, and one of all names.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.harness import BIN, ROOT, peak_memory, scratch_project
from benchmarks.many_orders import CUSTOMERS, RUN_DATE, write_lines, write_study
from benchmarks.table import Row
from segcore import archive
from segcore.archive import Places

STUDY, RUNS, EVERY = "million", 8, 45
MOST_FILES, MOST_ALL, MOST_MEMORY = 60, 600, 4e9
SOURCE = (
    "  customers:\n    files: [names.csv]\n    columns: {customer_id: customer_id, name: name, rep: rep}\n"
)


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        project = prepared(Path(temporary) / "project")
        bare = Path(temporary) / "bare"
        shutil.copytree(project, bare, symlinks=True)
        without_books(Places(bare, STUDY))
        return [*measured(bare, MOST_FILES, "Parquet and pages only"), *measured(project, MOST_ALL)]


def prepared(project: Path, customers: int = CUSTOMERS) -> Path:
    """A project with eight runs."""
    scratch_project(project)
    data = project / "data"
    data.mkdir()
    write_lines(data / "orders.csv", customers=customers)
    duckdb.execute(
        f"""copy (select 'C' || lpad(c::VARCHAR, 7, '0') as customer_id, 'Firma ' || md5(c::VARCHAR) as name,
            'R' || (c % 100)::VARCHAR as rep from range({customers}) t(c)) to '{data / "names.csv"}'"""
    )
    study = write_study(project / "params", ROOT / "params" / "online_retail.rules.csv")
    study.write_text(study.read_text(encoding="utf-8").replace("variables:\n", f"{SOURCE}variables:\n", 1))
    command = [str(BIN / "segcore"), "run", str(study.relative_to(project)), "--date", RUN_DATE]
    peak_memory(command, project, SEGCORE_DATA_DIR="data")
    _stand_eight_times(Places(project, STUDY))
    return project


def without_books(places: Places) -> None:
    """Let the runs have no stored extracts and no workbooks: tables and pages only."""
    before = None
    (places.runs / "ledger.jsonl").unlink()
    for folder in archive.published(places.runs):
        facts = archive.open_run(folder).manifest
        date = dt.date.fromisoformat(folder.name)
        stage = places.staging(date)
        folder.rename(stage)
        for path in stage.rglob("*.xlsx"):
            path.unlink()
        told = {name: value for name, value in facts.items() if name not in ("outputs", "seal", "schema")}
        told |= {"inputs": [], "previous": before}
        run = json.loads((stage / "run.json").read_text(encoding="utf-8"))
        (stage / "run.json").write_text(json.dumps({**run, "inputs": []}), encoding="utf-8")
        known = {name: of for name, of in facts["outputs"].items() if (stage / name).exists()}
        known.pop("run.json", None)
        before = archive.publish(places, archive.seal(stage, told, known=known)).reference
    shutil.rmtree(places.inputs)
    shutil.rmtree(places.reports, ignore_errors=True)
    archive.finish(places)


def measured(
    project: Path, most: float = MOST_ALL, with_what: str = "with stored extracts and workbooks"
) -> list[Row]:
    """Erase the first customer of the call list, what it took, and whether anything is left."""
    places = Places(project, STUDY)
    calls = places.published(dt.date.fromisoformat(RUN_DATE)) / "data" / "listed.parquet"
    number, name = duckdb.execute(
        f"select customer_id, name from '{calls}' order by value desc limit 1"
    ).fetchall()[0]
    ((customers,),) = duckdb.execute(
        f"select count(*) from '{calls.with_name('customers.parquet')}'"
    ).fetchall()
    command = [str(BIN / "segcore"), "erase", STUDY, number]
    looked, erased = spent(command, project), spent([*command, "--yes"], project)
    start = time.perf_counter()
    subprocess.run([BIN / "segcore", "verify", STUDY], cwd=project, check=True, capture_output=True)
    verified = time.perf_counter() - start
    left = leftover(places, [text for text in (number, name) if text])
    what = f"1 of {customers:,} customers from {RUNS} runs, {with_what}"
    peak = max(looked.memory, erased.memory)
    return [
        Row(f"say where {what} stands", str(looked), f"under {most} s", looked.seconds < most),
        Row(
            f"erase {what}", f"{erased} (verify: {verified:.0f} s)", f"under {most} s", erased.seconds < most
        ),
        Row(
            "its peak of memory",
            f"{peak / 1e9:.2f} GB",
            f"under {MOST_MEMORY / 1e9:.0f} GB",
            peak < MOST_MEMORY,
        ),
        Row("files with bytes of the customer afterwards", f"{len(left)} {left[:3] or ''}", "0", not left),
    ]


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds of the clock and of processors, and bytes of memory."""

    seconds: float
    processor: float
    memory: int

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s ({self.processor:.0f} s of processors)"


def spent(command: list[str], folder: Path) -> Spent:
    """Run a command; nobody looks at its memory meanwhile, which takes a processor of its own."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "SEGCORE_DATA_DIR": "data"},
            stdout=told,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise RuntimeError(told.read().decode())
    return Spent(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def leftover(places: Places, texts: list[str]) -> list[str]:
    """The files in which one of some texts stands still: as bytes, in rows or in members."""
    found = []
    for path in sorted(path for folder in (places.runs, places.reports) for path in folder.rglob("*")):
        if not path.is_file() or path.suffix == ".sqlite":
            continue
        if any(text.encode() in piece for piece in _pieces(path) for text in texts) or (
            path.suffix == ".parquet" and _in_rows(path, texts)
        ):
            found.append(path.name)
    return found


def _pieces(path: Path) -> Iterator[bytes]:
    yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as members:
            yield from (members.read(name) for name in members.namelist())


def _in_rows(path: Path, texts: list[str]) -> bool:
    told = duckdb.execute(f"describe from '{path}'").fetchall()
    columns = [f'"{name}"' for name, kind, *_ in told if kind == "VARCHAR"]
    asked = " or ".join(f"contains({column}, ?)" for column in columns for _ in texts)
    values = texts * len(columns)
    return bool(
        columns and duckdb.execute(f"select 1 from '{path}' where {asked} limit 1", values).fetchall()
    )


def _stand_eight_times(places: Places) -> None:
    """Let a published run stand at eight dates, each compared with the one before."""
    (folder,) = archive.published(places.runs)
    last = dt.date.fromisoformat(folder.name)
    aside = places.root / "made"
    folder.rename(aside)
    (places.runs / "ledger.jsonl").unlink()
    facts = archive.open_run(aside).manifest
    before = None
    for back in reversed(range(RUNS)):
        date = last - dt.timedelta(days=EVERY * back)
        stage = places.staging(date)
        shutil.copytree(aside, stage, ignore=shutil.ignore_patterns("manifest.json"))
        told = {name: value for name, value in facts.items() if name not in ("outputs", "seal", "schema")}
        told |= {"run_date": date.isoformat(), "previous": before}
        dated = _dated(stage, date)
        known = {name: of for name, of in facts["outputs"].items() if name not in dated}
        before = archive.publish(places, archive.seal(stage, told, known=known)).reference
    shutil.rmtree(aside)
    archive.finish(places)


def _dated(stage: Path, date: dt.date) -> set[str]:
    """Let the small tables of a run say that it is of a date; gives their names."""
    names = {f"data/{table}.parquet" for table in ("flows", "sizes", "facts", "headline", "expected_sizes")}
    for name in names:
        made = stage / "made.parquet"
        duckdb.execute(
            f"copy (select * replace (DATE '{date}' as run_date) from '{stage / name}') to '{made}'"
        )
        made.replace(stage / name)
    return names


if __name__ == "__main__":  # in two steps: make the project, then measure in copies of it
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("make", "measure", "measure-files"):
        sys.exit("python -m benchmarks.erasing make|measure|measure-files PROJECT [CUSTOMERS]")
    project, number = Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else CUSTOMERS
    if sys.argv[1] == "make":
        print(prepared(project, number))
    elif sys.argv[1] == "measure":  # changes the project
        print(*measured(project), sep="\n")
    else:
        without_books(Places(project, STUDY))
        print(*measured(project, MOST_FILES, "Parquet and pages only"), sep="\n")
