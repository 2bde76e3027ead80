"""Commands that make something: a study, runs, the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segcore.cli.common import (
    AsJson,
    Force,
    Own,
    StudyName,
    own,
    print_json,
    project,
    report_result,
    study_path,
    summary_of,
)


def init(
    name: Annotated[str, typer.Argument(help="Name of the new study.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Extracts to look at.")],
) -> None:
    """Write a first study and its rule table from the headers and a sample of some extracts."""
    from segcore.init import init_study

    result = init_study(name, files, root=project())
    for line in result.lines:
        print(line)


def run(
    study: StudyName,
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The run date.")],
    force: Force = False,
    as_json: AsJson = False,
    parameter: Own = None,
) -> None:
    """Execute the four notebooks for a run date and publish the run and its report."""
    from segcore import runner
    from segcore.params_file import parse_run_date
    from segcore.progress import shown_progress

    root = project()
    with shown_progress() as progress:
        options = runner.RunOptions(force=force, parameters=own(parameter), on_progress=progress)
        result = runner.run(study_path(study, root), parse_run_date(date), root=root, options=options)
    if as_json:
        print_json(summary_of(result))
    else:
        report_result(result)


def backfill(
    study: StudyName,
    first: Annotated[str, typer.Option("--from", metavar="YYYY-MM-DD", help="The first run date.")],
    last: Annotated[str, typer.Option("--to", metavar="YYYY-MM-DD", help="No run date after it.")],
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make the runs of a history of dates, one every `run_every`; those that are up to date stay."""
    from segcore import runner
    from segcore.params_file import parse_run_date
    from segcore.progress import shown_progress

    start, end = parse_run_date(first, option="--from"), parse_run_date(last, option="--to")
    root = project()
    with shown_progress() as progress:
        options = runner.RunOptions(force=force, on_progress=progress)
        results = runner.backfill(study_path(study, root), start, end, root=root, options=options)
    if as_json:
        print_json([summary_of(result) for result in results])
        return
    for result in results:
        report_result(result)
    print(root / "reports" / "index.html")


def demo() -> None:
    """Make up a company, run its study for eight dates 45 days apart, and say where the reports are."""
    from segcore import runner
    from segcore.demo import RUN_DATES, write_demo
    from segcore.progress import shown_progress

    root = project()
    write_demo(root / "data" / "demo")
    with shown_progress() as progress:
        options = runner.RunOptions(on_progress=progress)
        study = study_path("demo", root)
        results = runner.backfill(study, RUN_DATES[0], RUN_DATES[-1], root=root, options=options)
    for result in results:
        report_result(result)
    print(root / "reports" / "index.html")
