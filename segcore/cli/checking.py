"""The command that looks at extracts before a run does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from segcore.cli.common import AsJson, StudyName, day, print_json, project, study_path


def check(
    study: StudyName,
    date: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The run date; today if left out.")
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", metavar="FILE", help="Write refused records for whoever must mend them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a study's extracts as a run would, and say what is wrong with them, all at once."""
    from segcore import checking

    root = project()
    with checking.check_study(study_path(study, root), day(date, "--date"), root=root) as (checked, engine):
        if as_json:
            print_json(checking.as_json(checked, engine))
        else:
            print("\n".join(checking.told(checked, engine)))
        if xlsx:
            print(checking.write_refused(checked, engine, xlsx), file=sys.stderr)
    if checked.stopped:
        raise typer.Exit(1)
