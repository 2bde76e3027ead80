"""Commands for reviewers: open a copy of a run, compare runs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from segcore.cli.common import AsJson, RunName, print_json, project


def open_run(
    run: RunName,
    stage: Annotated[str, typer.Option(metavar="STAGE", help="The notebook to begin with.")] = "ingest",
) -> None:
    """Copy a run to a scratch place where its notebooks can be changed and run in JupyterLab."""
    from segcore import archive, review

    root = project()
    opened = review.open_copy(archive.run_folder(run, root), root=root, stage=stage)
    print(f"{opened.place}: a copy of {opened.run.folder}; change what you like, nothing of it is published")
    print("its study/ counts here, and not params/; each notebook runs from top to bottom")
    print(f"to go on: {lab_command(opened.notebook, root)}")
    if not _jupyter().with_name("jupyter-lab").exists():
        print("(JupyterLab is not installed here; make lab installs it)")


def diff(
    first: RunName,
    second: RunName,
    as_json: AsJson = False,
) -> None:
    """Say in what two runs differ: what went in, customers by segment, tables by row, notebooks."""
    from segcore import archive, review

    root = project()
    found = review.compare(archive.run_folder(first, root), archive.run_folder(second, root))
    if as_json:
        print_json(found.as_json())
        return
    for line in review.told(found):
        print(line)


def lab_command(notebook: Path, root: Path) -> str:
    """What opens a notebook in JupyterLab at the project's root; scratch places are hidden folders."""
    jupyter, here = _jupyter(), Path.cwd()
    shown = jupyter.relative_to(here) if jupyter.is_relative_to(here) else jupyter
    options = [f"--ServerApp.root_dir={root}", "--ContentsManager.allow_hidden=True"]
    return shlex.join([str(shown), "lab", *options, str(notebook)])


def _jupyter() -> Path:
    return Path(sys.executable).with_name("jupyter")
