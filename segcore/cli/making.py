"""Commands that make something: a study, runs, the demo."""

from __future__ import annotations

import datetime as dt
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcore.cli.common import (
    Accept,
    AsJson,
    Because,
    Force,
    Own,
    Quiet,
    StudyName,
    Verbose,
    Wait,
    day,
    own,
    print_json,
    project,
    report_result,
    study_path,
    summary_of,
    warnings_of,
)
from segcore.cli.mailing import after_run
from segcore.forking import AVAILABLE, Parent
from segcore.progress import shown_progress as shown

if TYPE_CHECKING:
    from segcore.mailing.announcing import Announced
    from segcore.runner import History

Send = Annotated[
    bool,
    typer.Option("--send", help="Send mails about it; where none is due, the monthly ones."),
]

NEEDS_A_HUMAN = 5
"""Exit code of a timer's run that is published, with a warning on top of its report."""


def init(
    name: Annotated[str, typer.Argument(help="Name of the new study.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Extracts to look at.")],
    language: Annotated[
        str, typer.Option(metavar="LANGUAGE", help="In which its runs are told: en or de.")
    ] = "en",
) -> None:
    """Write a first study and its rule table from the headers and a sample of some extracts."""
    from segcore.init import init_study

    result = init_study(name, files, root=project(), language=language)
    for line in result.lines:
        print(line)


def run(
    study: StudyName,
    date: Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The run date.")] = None,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Make the run that is due, if one is; for timers.")
    ] = False,
    today: Annotated[
        str | None, typer.Option("--today", metavar="YYYY-MM-DD", help="With --if-due: the day it is.")
    ] = None,
    accept: Accept = None,
    because: Because = None,
    force: Force = False,
    as_json: AsJson = False,
    parameter: Own = None,
    wait: Wait = 0,
    send: Send = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Execute the four notebooks for a run date and publish the run and its report."""
    root = project()
    path = study_path(study, root)
    # Kernels import for seconds, and so does the runner: each in a process of its own.
    with nullcontext() if if_due or not AVAILABLE else Parent() as parent:
        from segcore import runner
        from segcore.params.gates import accepted_gates

        asked_for = _asked_for(date, if_due=if_due, today=today)
        options = runner.RunOptions(
            force=force,
            parameters=own(parameter),
            accepted=accepted_gates(accept or (), because or ()),
            wait=60 * wait,
            parent=parent,
        )
        result = None
        with _announced(root, path, today) if send else nullcontext() as told:
            if run_date := asked_for or _due(path, root, today=today):
                if told:
                    told.is_of(run_date)
                with shown(quiet, verbose) as listener:
                    options = replace(options, listener=listener)
                    result = runner.run(path, run_date, root=root, options=options)
    if result is None:
        if send:
            after_run(root, path, run=None, today=today).check()
        return
    if not as_json:
        report_result(result)
    sent = after_run(root, path, run=run_date, today=today, wish=told.wish) if told else None
    if as_json:
        print_json({**summary_of(result), **({"mails": sent.as_json()} if sent else {})})
    if sent:
        sent.check()
    if if_due and warnings_of(result):
        raise typer.Exit(NEEDS_A_HUMAN)


def _announced(root: Path, path: Path, today: str | None) -> AbstractContextManager[Announced]:
    from segcore.mailing.announcing import announced

    return announced(root, path, today=day(today) if today else None)


def _asked_for(date: str | None, *, if_due: bool, today: str | None) -> dt.date | None:
    """The run's date as it was given; None for the one that is due."""
    from segcore.errors import ParamsError
    from segcore.params.file import parse_run_date

    if (date is None) == (not if_due) or (today and not if_due):
        raise ParamsError(
            "segcore run must have either --date YYYY-MM-DD, or --if-due and perhaps --today YYYY-MM-DD"
        )
    if today:
        day(today)
    return None if date is None else parse_run_date(date)


def _due(path: Path, root: Path, *, today: str | None) -> dt.date | None:
    """The date of the run that is due; None if none is, and then it is said."""
    from segcore.params.file import load_study
    from segcore.runner.due import wait_until_complete, when_due

    study = load_study(path)
    due = when_due(study, day(today), root=root)
    print(due.told, file=sys.stderr, flush=True)
    if due.run_date:
        wait_until_complete(study, root=root, tell=lambda told: print(told, file=sys.stderr, flush=True))
    return due.run_date


def backfill(
    study: StudyName,
    first: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="The first run date.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="YYYY-MM-DD", help="No run date after it.")
    ] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Only the stale runs, in the place of dates.")
    ] = False,
    accept: Accept = None,
    because: Because = None,
    force: Force = False,
    as_json: AsJson = False,
    wait: Wait = 0,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the runs of a history of dates, one every `run_every`; those that are up to date stay."""
    from segcore import runner
    from segcore.errors import ParamsError
    from segcore.params.file import parse_run_date
    from segcore.params.gates import accepted_gates

    if stale == bool(first and last) or (stale and (first or last)):
        raise ParamsError("segcore backfill must have either --from and --to, or --stale")
    root = project()
    path = study_path(study, root)
    passed = accepted_gates(accept or (), because or ())
    with shown(quiet, verbose) as listener:
        tell = (lambda result: None) if as_json else report_result
        options = runner.RunOptions(
            force=force, accepted=passed, wait=60 * wait, listener=listener, on_result=tell
        )
        if first and last:
            start, end = parse_run_date(first, option="--from"), parse_run_date(last, option="--to")
            history = runner.backfill(path, start, end, root=root, options=options)
        else:
            history = runner.renew(path, root=root, options=options)
    report_history(history, root, as_json=as_json)


def report_history(history: History, root: Path, *, as_json: bool = False) -> None:
    """Print what is to be said at the end of a history, and where the list of runs is."""
    if as_json:
        print_json([summary_of(result) for result in history.results])
        return
    for line in history.advice:
        print(line)
    print(root / "reports" / "index.html")


def demo(quiet: Quiet = False, verbose: Verbose = False) -> None:
    """Make up a company, run its study as its eight deliveries arrive, and say where the reports are."""
    from segcore import runner
    from segcore.demo import RUN_DATES, Post

    root = project()
    post = Post(root / "data" / "demo")
    with shown(quiet, verbose) as listener:
        options = runner.RunOptions(listener=listener, on_result=report_result)
        first, last = RUN_DATES[0], RUN_DATES[-1]
        deliveries = runner.Deliveries(study_path("demo", root), post.bring)
        history = runner.as_delivered(deliveries, first, last, root=root, options=options)
    post.bring(last)  # also where the last run is withdrawn
    report_history(history, root)
