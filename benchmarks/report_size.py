"""How large the reports of the demo are."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.harness import BIN, scratch_project, timed
from benchmarks.table import Row

MOST = 0.35e6


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        project = scratch_project(Path(temporary) / "project")
        timed([[str(BIN / "segcore"), "demo"]], project)
        sizes = [page.stat().st_size for page in sorted(project.glob("reports/demo/*/report.html"))]
    return [
        Row(
            "report of the demo's last run",
            f"{sizes[-1] / 1e6:.2f} MB (the largest of {len(sizes)} has {max(sizes) / 1e6:.2f} MB)",
            f"under {MOST / 1e6} MB",
            max(sizes) < MOST,
        )
    ]
