"""Commands about people: who must be erased."""

from __future__ import annotations

from typing import Annotated

import typer

from segcore.cli.common import StudyName, day, project, study_name
from segcore.cli.keeping import Today


def erase(
    study: StudyName,
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="The customer's number, as the runs have it.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only listed.")] = False,
    because: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why, in one line that names nobody.")
    ] = None,
    today: Today = None,
) -> None:
    """List every file that holds a customer, and with --yes take the customer out of all of them."""
    from segcore.privacy import erasing

    name = study_name(study) or study
    wish = erasing.as_wish(project(), name, customer, day(today), because)
    for line in erasing.erase(wish, yes=yes):
        print(line, flush=True)
