"""How long the pages and workbooks of many representatives take, and how much memory: 100 rows for each."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import ROOT, peak_memory, timed
from benchmarks.table import Row

REPRESENTATIVES, ROWS = 10_000, 100
MOST_SECONDS, MOST_MEMORY = 120, 1.5e9
MAKE = "from benchmarks.own_pages import make; make({}, {!r}, {!r})"


def publish(representatives: int, root: Path) -> None:
    """Publish a run with so many representatives: of the rows of each a third are calls."""
    sys.path.insert(0, str(ROOT / "tests"))
    from small_representatives import publish as published

    published(root, customers=representatives * ROWS * 6 // 10, reps=representatives, more=0)


def make(representatives: int, root: str, what: str) -> None:
    """Publish the run, or make its pages, in a process of its own."""
    from segcore import archive

    if what == "run":
        publish(representatives, Path(root))
        return
    told = archive.AFTER["representatives"].do(archive.Places(Path(root), "acme"))
    made = len(list(Path(root).glob("reports/acme/for/*/workbook.xlsx")))
    if told or made != representatives:
        raise RuntimeError(f"{made} workbooks, {told}")


def rows(representatives: int = REPRESENTATIVES) -> list[Row]:
    secret = {"SEGCORE_REPS_SECRET": "a secret of the benchmarks", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as temporary:

        def command(what: str) -> list[str]:
            return [sys.executable, "-c", MAKE.format(representatives, temporary, what)]

        timed([command("run")], ROOT, **secret)
        seconds = timed([command("pages")], ROOT, **secret)
        for folder in Path(temporary).glob("reports/acme/for/.made.json"):
            folder.unlink()
        memory = peak_memory(command("pages"), ROOT, **secret)
    most = MOST_SECONDS * representatives / REPRESENTATIVES
    title = f"pages and workbooks of {representatives:,} representatives, {ROWS} rows each"
    cores = os.cpu_count()
    return [
        Row(title, f"{seconds:.0f} s ({cores} processors)", f"under {most:.0f} s", seconds < most),
        Row(
            f"{title}: memory",
            f"{memory / 1e6:.0f} MB",
            f"under {MOST_MEMORY / 1e9} GB",
            memory < MOST_MEMORY,
        ),
    ]
