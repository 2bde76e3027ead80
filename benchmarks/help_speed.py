"""How long the command line takes to say what it can do."""

from __future__ import annotations

import statistics

from benchmarks.harness import BIN, ROOT, spread, timed
from benchmarks.table import Row

BAR = 0.3


def rows() -> list[Row]:
    command = [str(BIN / "segcore"), "--help"]
    timed([command], ROOT)  # the first one compiles
    times = [timed([command], ROOT) for _ in range(9)]
    return [Row("segcore --help", spread(times), f"under {BAR} s", statistics.median(times) < BAR)]
