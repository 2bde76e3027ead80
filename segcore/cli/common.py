"""What commands share: their arguments, the project and studies as users name them, printing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from segcore.runner import RunResult

NOTHING = "no run is published yet; start with: segcore run NAME --date YYYY-MM-DD"

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="The study: its name, or params/NAME.yaml.")]
SomeStudy = Annotated[str | None, typer.Argument(metavar="[STUDY]", help="A study; all if left out.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run: STUDY/RUN_DATE, or its folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
Force = Annotated[bool, typer.Option("--force", help="Publish again; the old run is kept aside.")]
Own = Annotated[
    list[str] | None,
    typer.Option("-P", metavar="NAME:VALUE", help="A notebook's own parameter, as Quarto writes it."),
]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="GATE", help="Pass this once a gate that stops: GATE or SOURCE.GATE."),
]
Because = Annotated[
    list[str] | None,
    typer.Option("--because", metavar="TEXT", help="Why the gate may be passed; one for each --accept."),
]
Wait = Annotated[
    float, typer.Option("--wait", metavar="MINUTES", help="Wait so long for another run of the study.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="No lines of progress.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="A line for every cell.")]


def project() -> Path:
    """The project's folder, seen from here."""
    from segcore.project import find_project

    return find_project()


def study_path(named: str, root: Path) -> Path:
    """The file of a study that a user named."""
    from segcore.project import study_file

    return study_file(named, root)


def study_name(named: str | None) -> str | None:
    """The name of a study that a user named by its name or its file; None for all studies."""
    return Path(named).stem if named and named.endswith((".yaml", ".yml")) else named


def day(text: str | None, option: str = "--today") -> dt.date:
    """The day that a user gave, else the calendar's: the one place where this is asked."""
    from segcore.params.file import parse_run_date

    return parse_run_date(text, option=option) if text else dt.date.today()


def own(parameters: Sequence[str] | None) -> dict[str, str]:
    """``NAME:VALUE`` texts as a dictionary."""
    from segcore.errors import ParamsError

    wrong = [text for text in parameters or () if ":" not in text]
    if wrong:
        raise ParamsError(*(f"-P must be NAME:VALUE, like -P region:north (got {text!r})" for text in wrong))
    return dict(text.split(":", 1) for text in parameters or ())


def report_result(result: RunResult) -> None:
    """Print what became of a run: a line, notes, what the report warns of, and its path last."""
    noted = (f"note: {text}" for text in notes_of(result))
    for line in (result.line, *result.advice, *noted, *(f"warning: {text}" for text in warnings_of(result))):
        print(line)
    print(result.report, flush=True)


def warnings_of(result: RunResult) -> list[str]:
    """What stands on top of the run's report, or that it says nothing of it."""
    from segcore.errors import ArchiveError
    from segcore.report.summary import summary

    try:
        return list(summary(result.run_dir)["warnings"])
    except ArchiveError as error:
        return list(error.problems)


def notes_of(result: RunResult) -> list[str]:
    """What its gates say of the run that is no warning; nothing of a run without a summary."""
    from segcore.errors import ArchiveError
    from segcore.report.summary import summary

    try:
        return list(summary(result.run_dir).get("notes", ()))
    except ArchiveError:
        return []


def summary_of(result: RunResult) -> dict[str, Any]:
    """A run for machines: whether it was published now, and its summary."""
    from segcore.report.summary import summary

    return {"status": result.status, **summary(result.run_dir)}


def print_json(told: object) -> None:
    """Print something for machines; what is escaped on its way to a terminal is read back by them."""
    print(json.dumps(told, indent=2, ensure_ascii=False))
