"""What ``make notebooks`` needs: runs that are not sealed, and ``.ipynb`` files.

The notebooks' parameters name ``runs/.scratch/demo/…`` by default, so that each of them opens and
runs alone. These scratch runs are made by the runner itself, in a project of their own, and then
their seals are broken.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from segcore import runner
from segcore.archive import STUDY as STUDY_COPY
from segcore.archive.places import SCRATCH
from segcore.demo import RUN_DATES, write_demo
from segcore.errors import SegcoreError
from segcore.files import files_in
from segcore.pairing import write_notebooks
from segcore.project import find_project
from segcore.runner.notebooks import read_notebooks

DATES = RUN_DATES[-2:]
STUDY = Path("params") / "demo.yaml"


def prepare_notebooks(root: Path) -> None:
    """Write ``notebooks/*.ipynb``, and the scratch runs that they open with.

    Parameters
    ----------
    root
        The project's folder. Scratch runs are replaced; what was edited in notebooks is kept.

    Raises
    ------
    UsageError
        If a notebook and its percent source were both edited, apart from each other.
    """
    for line in write_notebooks(read_notebooks(root / "notebooks")):
        print(line)
    if not (root / "data" / "demo").exists():
        write_demo(root / "data" / "demo")
    scratch = root / "runs" / SCRATCH
    project = make_project(root, scratch / "making")
    shutil.copytree(root / "data" / "demo", project / "data" / "demo")
    unsealed_runs(project)
    shutil.rmtree(scratch / "demo", ignore_errors=True)
    (project / "runs" / "demo").rename(scratch / "demo")
    shutil.rmtree(project)


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
        folder = project / "runs" / "demo" / date.isoformat()
        (folder / "manifest.json").unlink()
        shutil.rmtree(folder / STUDY_COPY)  # so that a notebook on its own sees what is edited in params/
        for path in files_in(folder).values():
            path.chmod(0o644)


if __name__ == "__main__":
    try:
        prepare_notebooks(find_project())
    except SegcoreError as error:
        sys.exit("\n".join(error.problems))
