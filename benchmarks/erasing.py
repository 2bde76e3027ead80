"""One of a million customers is erased from eight runs with ten million order lines each.

One run is made by the runner and stands at eight dates, as files of its own; their stored extracts are one
and the same CSV file of all orders, and one of all names.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
import time
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
        return measured(project)


def prepared(project: Path) -> Path:
    """A project with eight runs."""
    scratch_project(project)
    data = project / "data"
    data.mkdir()
    write_lines(data / "orders.csv")
    duckdb.execute(
        f"""copy (select 'C' || lpad(c::VARCHAR, 7, '0') as customer_id, 'Firma ' || md5(c::VARCHAR) as name,
            'R' || (c % 100)::VARCHAR as rep from range({CUSTOMERS}) t(c)) to '{data / "names.csv"}'"""
    )
    study = write_study(project / "params", ROOT / "params" / "online_retail.rules.csv")
    study.write_text(study.read_text(encoding="utf-8").replace("variables:\n", f"{SOURCE}variables:\n", 1))
    command = [str(BIN / "segcore"), "run", str(study.relative_to(project)), "--date", RUN_DATE]
    peak_memory(command, project, SEGCORE_DATA_DIR="data")
    _stand_eight_times(Places(project, STUDY))
    return project


def measured(project: Path) -> list[Row]:
    """Erase the first customer of the call list, and what it took."""
    places = Places(project, STUDY)
    calls = places.published(dt.date.fromisoformat(RUN_DATE)) / "data" / "listed.parquet"
    (number,) = duckdb.execute(f"select customer_id from '{calls}' order by value desc limit 1").fetchall()[0]
    command = [str(BIN / "segcore"), "erase", STUDY, number]
    seconds, memory = [], []
    for more in ((), ("--yes",)):
        start = time.perf_counter()
        memory.append(peak_memory([*command, *more], project, SEGCORE_DATA_DIR="data"))
        seconds.append(time.perf_counter() - start)
    start = time.perf_counter()
    subprocess.run([BIN / "segcore", "verify", STUDY], cwd=project, check=True, capture_output=True)
    verified = time.perf_counter() - start
    what = f"1 of {CUSTOMERS / 1e6:.0f} million customers from {RUNS} runs"
    return [
        Row(f"say where {what} stands", f"{seconds[0]:.0f} s", f"under {MOST_ALL} s", seconds[0] < MOST_ALL),
        Row(
            f"erase {what}, with stored extracts and workbooks",
            f"{seconds[1]:.0f} s (verify: {verified:.0f} s)",
            f"under {MOST_ALL} s",
            seconds[1] < MOST_ALL,
        ),
        Row(
            "its peak of memory",
            f"{max(memory) / 1e9:.2f} GB",
            f"under {MOST_MEMORY / 1e9:.0f} GB",
            max(memory) < MOST_MEMORY,
        ),
    ]


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


if __name__ == "__main__":  # in two steps: make the project, then measure in a copy of it
    project = Path(sys.argv[2])
    print(prepared(project) if sys.argv[1] == "make" else measured(project))
