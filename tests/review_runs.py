"""Published runs of a small demo, for what reviewers do with them."""

from __future__ import annotations

import shutil
from pathlib import Path

from segcore import runner
from segcore.demo import RUN_DATES, write_demo

ROOT = Path(__file__).parent.parent
LAST, BEFORE = RUN_DATES[-1], RUN_DATES[-2]


def write_project(root: Path, *, customers: int = 100) -> Path:
    """A project with the real notebooks and a demo of few customers; nothing is run yet."""
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("*.ipynb", ".ipynb*"))
    write_demo(root / "data" / "demo", customers=customers)
    return root


def run(root: Path, *, force: bool = False) -> None:
    """Publish the runs of the demo's last two dates."""
    options = runner.RunOptions(force=force)
    runner.backfill(root / "params" / "demo.yaml", BEFORE, LAST, root=root, options=options)
