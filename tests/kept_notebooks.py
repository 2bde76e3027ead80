"""The executed notebooks that are kept beside this file, and what ``make nbval`` needs to compare them.

``make nbval`` lays them into a project whose runs the code of today has just made, and executes them
there. ``make keep-notebooks`` renews them, for a change that is meant; ``git diff`` shows what it did.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat

from segcore import runner
from segcore.runner.notebooks import STAGES

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "kept"
PROJECT = ROOT / "runs" / ".scratch" / "nbval"
DATES = (dt.date(2025, 5, 31), dt.date(2025, 6, 30), dt.date(2025, 7, 30))


def make_project(project: Path = PROJECT) -> None:
    """A new project with the kept study, its notebooks as they are now, and its three runs."""
    shutil.rmtree(project, ignore_errors=True)
    for name in ("params", "extracts"):
        shutil.copytree(KEPT / name, project / name)
    shutil.copytree(ROOT / "notebooks", project / "notebooks", ignore=shutil.ignore_patterns("*.ipynb"))
    runner.backfill(project / "params" / "kept.yaml", DATES[0], DATES[-1], root=project)


def lay_out(project: Path = PROJECT) -> None:
    """Break the seal of the last run, and put the kept notebooks where nbval starts them."""
    last = run_folder(project)
    (last / "manifest.json").unlink()
    for path in last.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
    for stage in STAGES:
        shutil.copyfile(KEPT / f"{stage}.ipynb", project / f"{stage}.ipynb")


def keep(project: Path = PROJECT) -> None:
    """Renew the kept notebooks by those that the last run has just executed."""
    for stage in STAGES:
        nbformat.write(executed(stage, project), KEPT / f"{stage}.ipynb")


def run_folder(project: Path = PROJECT) -> Path:
    """The last run, which the kept notebooks are."""
    return project / "runs" / "kept" / DATES[-1].isoformat()


def executed(stage: str, project: Path = PROJECT) -> Any:
    """The notebook of a stage as the last run has executed it, with charts in words."""
    notebook = nbformat.read(run_folder(project) / "notebooks" / f"{stage}.ipynb", as_version=4)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        data = output.get("data", {})
        if any(kind.startswith("image/") for kind in data) or "data:image/" in data.get("text/html", ""):
            # As SEGCORE_CHARTS=off leaves it.
            output.data, output.metadata = {"text/plain": data["text/plain"]}, {}
    return notebook


def kept(stage: str) -> Any:
    """The notebook of a stage as it is kept."""
    return nbformat.read(KEPT / f"{stage}.ipynb", as_version=4)


def shown(notebook: Any) -> list[list[dict[str, Any]]]:
    """What each code cell shows, as nbval compares it: all of an output but its metadata."""
    ignored = ("metadata", "execution_count")
    return [
        [{k: v for k, v in output.items() if k not in ignored} for output in cell.outputs]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


if __name__ == "__main__":
    make_project()
    if "--renew" in sys.argv[1:]:
        keep()
    else:
        lay_out()
