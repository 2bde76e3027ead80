"""Commands about what is there: the published runs, and what is kept beside them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from segcore.cli.common import (
    NOTHING,
    AsJson,
    RunName,
    SomeStudy,
    StudyName,
    day,
    print_json,
    project,
    study_name,
    study_path,
)

Today = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="The day to go by; by default the calendar's.")
]


def list_runs(
    study: SomeStudy = None,
    as_json: AsJson = False,
) -> None:
    """List the published runs, the stale and the damaged among them, and those that were withdrawn."""
    from segcore import archive

    runs = archive.list_runs(project() / "runs", study=study_name(study), tell=_tell)
    if as_json:
        print_json([entry.as_json() for entry in runs])
        return
    for entry in runs:
        print(entry.line)
    if not runs:
        print(NOTHING)


def verify(
    study: SomeStudy = None,
) -> None:
    """Hash all runs, their inputs and reports again and compare with what was published."""
    from segcore import archive

    for line in archive.verify_all(project() / "runs", study=study_name(study), tell=_tell) or [NOTHING]:
        print(line)


def status(
    study: StudyName,
    as_json: AsJson = False,
    today: Today = None,
) -> None:
    """Say what is published, stale, due, delivered and not used yet, edited or unfinished."""
    from segcore import status as stands
    from segcore.params.file import load_study

    root = project()
    told = stands.status(load_study(study_path(study, root)), root=root, today=day(today))
    if as_json:
        print_json(told.as_json())
    else:
        print("\n".join(told.lines))


def reps(
    study: StudyName,
    as_json: AsJson = False,
) -> None:
    """Say in which folder each representative's own page is: to give it permissions, and to send the link."""
    from segcore import archive
    from segcore.representatives import needed

    root = project()
    places = archive.Places(root, study_path(study, root).stem)
    found = archive.folders(places, needed())
    if as_json:
        told = [
            {"rep": rep, "name": name, "folder": str(folder), "made": (folder / "index.html").exists()}
            for rep, name, folder in found
        ]
        print_json(told)
        return
    waiting = 0
    for rep, name, folder in found:
        who = f"{name} ({rep})" if rep not in name else name
        made = (folder / "index.html").exists()
        waiting += not made
        print(f"{who}: {folder.relative_to(root)}{'' if made else '  not made yet'}")
    if waiting:
        newest = archive.published(places.runs)[-1].name
        print(f"the pages that are not made yet: segcore run {places.study} --date {newest} makes them")


def withdraw(
    run: RunName,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, in one line; it stands in the list.")],
    today: Today = None,
) -> None:
    """Take a published run back: it is kept aside, and later runs are compared with another one."""
    from segcore import keeping

    for line in keeping.withdraw(run, keeping.Decision(day(today), because), root=project()):
        print(line)


def restore(
    run: RunName,
    because: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, in one line.")] = None,
    today: Today = None,
) -> None:
    """Publish a withdrawn run again."""
    from segcore import keeping

    for line in keeping.restore(run, keeping.Decision(day(today), because), root=project()):
        print(line)


def pdf(run: RunName) -> None:
    """Print the report of a published run as PDF, by Chromium, into reports/STUDY/RUN_DATE/."""
    from segcore import keeping

    *told, made = keeping.print_report(run, root=project())
    for sentence in told:
        _tell(sentence)
    print(made)


def prune(
    study: SomeStudy = None,
    superseded: Annotated[
        bool, typer.Option("--superseded", help="Runs that were made again since.")
    ] = False,
    failed: Annotated[bool, typer.Option("--failed", help="What is left of runs that failed.")] = False,
    inputs: Annotated[bool, typer.Option("--inputs", help="Inputs that no published run names.")] = False,
    expired: Annotated[
        bool,
        typer.Option("--expired", help="All that is past the retention of its study, with runs."),
    ] = False,
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="AGE", help="Only runs of older run dates and inputs kept longer, like 90d, 12w, 36m, 3y."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without this it is only listed.")] = False,
    today: Today = None,
) -> None:
    """List what is needed no more, and with --yes remove it."""
    from segcore import pruning

    if expired:
        _retention(study, yes=yes, today=today, others=bool(superseded or failed or inputs or older_than))
        return
    kinds = {name for name, on in zip(pruning.KINDS, (superseded, failed, inputs), strict=True) if on}
    for line in pruning.pruned(
        project(), study_name(study), pruning.Choice(frozenset(kinds), older_than, day(today)), remove=yes
    ):
        print(line)


def _retention(study: str | None, *, yes: bool, today: str | None, others: bool) -> None:
    from segcore.errors import UsageError
    from segcore.privacy import retention

    if others:
        raise UsageError(
            "--expired must stand alone (it came with another choice); what goes and how old it is, "
            "retention in the study says"
        )
    for line in retention.expired(project(), study_name(study), day(today), remove=yes):
        print(line)


def _tell(sentence: str) -> None:
    """What was put in order is no result, so it goes where errors go."""
    print(f"segcore: {sentence}", file=sys.stderr)
