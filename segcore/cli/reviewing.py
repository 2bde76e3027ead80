"""Commands for reviewers: open a copy of a run, make one once more, compare runs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from segcore.cli.common import AsJson, Quiet, RunName, StudyName, day, print_json, project, study_path


def open_run(
    run: RunName,
    stage: Annotated[str, typer.Option(metavar="STAGE", help="The notebook to begin with.")] = "ingest",
) -> None:
    """Copy a run to a scratch place where its notebooks can be changed and run in JupyterLab."""
    from segcore import archive, review

    root = project()
    opened = review.open_copy(archive.run_folder(run, root), root=root, stage=stage)
    print(f"{opened.place}: a copy of {opened.run.folder}; change what you like, nothing of it is published")
    for line in opened.advice:
        print(line)
    print("its study/ counts here, and not params/; each notebook runs from top to bottom")
    print(f"to go on: {lab_command(opened.notebook, root)}")
    if not _jupyter().with_name("jupyter-lab").exists():
        print("(JupyterLab is not installed here; make lab installs it, or pip install 'segcore[lab]')")


def repeat(
    runs: Annotated[list[str], typer.Argument(metavar="RUN…", help="Runs, as STUDY/RUN_DATE or folders.")],
    quiet: Quiet = False,
) -> None:
    """Make runs once more from what they recorded, and compare every byte."""
    from segcore import archive, review
    from segcore.progress import shown_progress

    root, same = project(), True
    for folder in [archive.run_folder(run, root) for run in runs]:
        with shown_progress(quiet) as listener:
            repeated = review.repeat(folder, root=root, listener=listener)
        same = same and repeated.same
        for line in (*repeated.differs, repeated.line):
            print(line, flush=True)
    if not same:
        raise typer.Exit(1)


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


def why(
    study: StudyName,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer's number.")],
    date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The run's date; by default the latest run.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a customer is in its segment, on which day it falls, and what would lift it."""
    from segcore import archive, language
    from segcore import why as whys

    root = project()
    path = study_path(study, root)
    runs = root / "runs" / path.stem
    folder = archive.run_of(runs, day(date, "--date") if date else None)
    study_then = archive.study_of(folder, str(path))
    with language.spoken(study_then.language):
        card = whys.why(study_then, customer, folder)
        if as_json:
            print_json(card.as_json())
            return
        for line in card.lines:
            print(line)


def lab_command(notebook: Path, root: Path) -> str:
    """What opens a notebook in JupyterLab at the project's root; scratch places are hidden folders."""
    jupyter, here = _jupyter(), Path.cwd()
    shown = jupyter.relative_to(here) if jupyter.is_relative_to(here) else jupyter
    options = [f"--ServerApp.root_dir={root}", "--ContentsManager.allow_hidden=True"]
    return shlex.join([str(shown), "lab", *options, str(notebook)])


def _jupyter() -> Path:
    return Path(sys.executable).with_name("jupyter")
