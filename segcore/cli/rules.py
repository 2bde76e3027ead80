"""Commands about rule tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segcore.cli.common import AsJson, print_json, project, study_path
from segcore.project import STUDIES, studies_in


def check(
    studies: Annotated[list[str] | None, typer.Argument(metavar="[STUDY]…")] = None,
) -> None:
    """Check that every combination of classes has a rule, and say in words what each rule takes."""
    from segcore.preview import check_lines

    root = project()
    named = [study_path(study, root) for study in studies or ()]
    for path in named or studies_in(root / STUDIES):
        for line in check_lines(path, root=root):
            print(line)


def preview(
    new: Annotated[Path, typer.Argument(metavar="NEW.csv", help="The edited rule table.")],
    study: Annotated[
        str | None, typer.Option(help="The study; by default the one that NEW.csv is named after.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to list all of them; by default beside NEW.csv."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name the customers of the latest run whom a new rule table would move, and list them in a file."""
    from segcore import preview as previews

    root = project()
    result = previews.preview(new, study_path(study, root) if study else None, root=root, out=out)
    if as_json:
        print_json(result.as_json())
    else:
        print("\n".join(result.lines))
