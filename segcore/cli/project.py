"""Commands about the project as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where; . for this folder.")],
) -> None:
    """Write a new project: notebooks, three studies, docs; in a project, say what differs from a new one."""
    from segcore.new_project import new_project

    for line in new_project(folder):
        print(line)
