"""Eight runs of the demo at once, next to eight single ones."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.harness import BIN, scratch_project, spread, timed
from benchmarks.table import Row
from segcore.demo import RUN_DATES, write_demo

STUDY = "params/demo.yaml"
ROUNDS = 3
MOST_OF_SINGLE, MOST_SECONDS = 0.75, 40


def rows() -> list[Row]:
    together, single, demo = [], [], []
    with tempfile.TemporaryDirectory() as temporary:
        for number in range(ROUNDS):
            folder = Path(temporary) / str(number)
            together.append(timed([_backfill()], _with_data(folder / "together")))
            single.append(timed(map(_run, map(str, RUN_DATES)), _with_data(folder / "single")))
            demo.append(timed([_segcore("demo")], scratch_project(folder / "demo")))
    ratio = statistics.median(together) / statistics.median(single)
    return [
        Row(
            "backfill of the demo's 8 runs",
            f"{ratio:.2f} × eight single runs ({spread(together)}, {spread(single)})",
            f"at most {MOST_OF_SINGLE} ×",
            ratio <= MOST_OF_SINGLE,
        ),
        Row(
            "segcore demo: its extracts and 8 runs",
            spread(demo),
            f"under {MOST_SECONDS} s",
            statistics.median(demo) < MOST_SECONDS,
        ),
    ]


def _with_data(folder: Path) -> Path:
    write_demo(scratch_project(folder) / "data" / "demo")
    return folder


def _backfill() -> list[str]:
    return _segcore("backfill", STUDY, "--from", str(RUN_DATES[0]), "--to", str(RUN_DATES[-1]))


def _run(run_date: str) -> list[str]:
    return _segcore("run", STUDY, "--date", run_date)


def _segcore(*arguments: str) -> list[str]:
    return [str(BIN / "segcore"), *arguments]
