"""What ``make notebooks`` needs: runs that are not sealed, and ``.ipynb`` files.

The notebooks' parameters name ``runs/.scratch/demo/…`` by default, so that each of them opens and
runs alone. These scratch runs are made by the runner itself, in a project of their own, and then
their seals are broken.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from segcore import runner
from segcore.archive.files import json_text, write_text
from segcore.demo import RUN_DATES, write_demo
from segcore.runner.notebooks import read_notebooks

DATES = RUN_DATES[-2:]
STUDY = Path("params") / "demo.yaml"


def prepare_notebooks(root: Path) -> None:
    """Write ``notebooks/*.ipynb``, and the scratch runs that they open with.

    Parameters
    ----------
    root
        The project's folder. Generated notebooks and scratch runs are replaced.
    """
    if not (root / "data" / "demo").exists():
        write_demo(root / "data" / "demo")
    scratch = root / "runs" / ".scratch"
    project = make_project(root, scratch / "making")
    shutil.copytree(root / "data" / "demo", project / "data" / "demo")
    unsealed_runs(project)
    shutil.rmtree(scratch / "demo", ignore_errors=True)
    (project / "runs" / "demo").rename(scratch / "demo")
    shutil.rmtree(project)
    for notebook in read_notebooks(root / "notebooks"):
        write_text(notebook.path.with_suffix(".ipynb"), json_text(notebook.as_json()))


def make_project(root: Path, folder: Path) -> Path:
    """A new project folder with the demo's study and the notebooks of another project."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "params").mkdir(parents=True)
    for path in (root / "params").glob("demo.*"):
        shutil.copyfile(path, folder / "params" / path.name)
    (folder / "notebooks").mkdir()
    for path in (root / "notebooks").glob("*.py"):
        shutil.copyfile(path, folder / "notebooks" / path.name)
    return folder


def unsealed_runs(project: Path) -> None:
    """Run the demo for its last two dates and break the seals, so that notebooks can write again."""
    runner.backfill(project / STUDY, DATES[0], DATES[-1], root=project)
    for date in DATES:
        (project / "runs" / "demo" / date.isoformat() / "manifest.json").unlink()


if __name__ == "__main__":
    prepare_notebooks(Path())
