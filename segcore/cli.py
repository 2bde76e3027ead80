"""The command line: parse → one call → print → exit code. What a command does stands elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from segcore.runner import RunResult

app = typer.Typer(
    name="segcore",
    help="Reproducible customer segmentation: order extracts, classes, segments, moves, reports.",
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
rules_app = typer.Typer(
    help="Check a rule table, or see what a new one would change.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(rules_app, name="rules")

NOTHING = "no run is published yet; start with: segcore run params/NAME.yaml --date YYYY-MM-DD"

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study, like params/acme.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the run's summary for machines.")]
Force = Annotated[bool, typer.Option("--force", help="Publish again; the old run is kept aside.")]
Own = Annotated[
    list[str] | None,
    typer.Option("-P", metavar="NAME:VALUE", help="A notebook's own parameter, as Quarto writes it."),
]


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="Name of the new study.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Extracts to look at.")],
) -> None:
    """Write a first study and its rule table from the headers and a sample of some extracts."""
    from segcore.init import init_study

    result = init_study(name, files, root=Path())
    for line in result.lines:
        print(line)


@app.command()
def run(
    study: StudyPath,
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The run date.")],
    force: Force = False,
    as_json: AsJson = False,
    parameter: Own = None,
) -> None:
    """Execute the four notebooks for a run date and publish the run and its report."""
    from segcore import runner
    from segcore.params_file import parse_run_date
    from segcore.progress import shown_progress

    with shown_progress() as progress:
        options = runner.RunOptions(force=force, parameters=own(parameter), on_progress=progress)
        result = runner.run(study, parse_run_date(date), root=Path(), options=options)
    if as_json:
        print_json(summary_of(result))
    else:
        report_result(result)


@app.command()
def backfill(
    study: StudyPath,
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
    with shown_progress() as progress:
        options = runner.RunOptions(force=force, on_progress=progress)
        results = runner.backfill(study, start, end, root=Path(), options=options)
    if as_json:
        print_json([summary_of(result) for result in results])
        return
    for result in results:
        report_result(result)
    print(Path("reports") / "index.html")


@app.command("list")
def list_runs(
    study: Annotated[str | None, typer.Argument(help="Name of a study; all if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the published runs; a stale one was made before the run that it is compared with."""
    from segcore import archive

    runs = archive.list_runs(Path("runs"), study=study)
    if as_json:
        print_json([entry.as_json() for entry in runs])
        return
    for entry in runs:
        print(entry.line)
    if not runs:
        print(NOTHING)


@app.command()
def verify(
    study: Annotated[str | None, typer.Argument(help="Name of a study; all if left out.")] = None,
) -> None:
    """Hash every file of the published runs again and compare with their manifests."""
    from segcore import archive

    for line in archive.verify_all(Path("runs"), study=study) or [NOTHING]:
        print(line)


@app.command()
def demo() -> None:
    """Make up a company, run its study for eight dates 45 days apart, and say where the reports are."""
    from segcore import runner
    from segcore.demo import RUN_DATES, write_demo
    from segcore.progress import shown_progress

    write_demo(Path("data") / "demo")
    with shown_progress() as progress:
        options = runner.RunOptions(on_progress=progress)
        study = Path("params") / "demo.yaml"
        results = runner.backfill(study, RUN_DATES[0], RUN_DATES[-1], root=Path(), options=options)
    for result in results:
        report_result(result)
    print(Path("reports") / "index.html")


@rules_app.command("check")
def rules_check(
    studies: Annotated[list[Path] | None, typer.Argument(metavar="[STUDY]…")] = None,
) -> None:
    """Check that every combination of classes has a rule, and each rule customers it can take."""
    from segcore.preview import check_lines

    for path in studies or sorted(Path("params").glob("*.yaml")):
        for line in check_lines(path):
            print(line)


@rules_app.command("preview")
def rules_preview(
    new: Annotated[Path, typer.Argument(metavar="NEW.csv", help="The edited rule table.")],
    study: Annotated[
        Path | None, typer.Option(help="The study; by default the one that NEW.csv is named after.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how many customers of the latest run a new rule table would move, from where to where."""
    from segcore.preview import preview

    result = preview(new, study, root=Path())
    if as_json:
        print_json(result.as_json())
    else:
        print("\n".join(result.lines))


def own(parameters: Sequence[str] | None) -> dict[str, str]:
    """``NAME:VALUE`` texts as a dictionary."""
    from segcore.errors import ParamsError

    wrong = [text for text in parameters or () if ":" not in text]
    if wrong:
        raise ParamsError(*(f"-P must be NAME:VALUE, like -P region:north (got {text!r})" for text in wrong))
    return dict(text.split(":", 1) for text in parameters or ())


def report_result(result: RunResult) -> None:
    """Print what a run did: a line per stage, what the report warns of, and its path last."""
    from segcore.report.summary import summary

    for line in (*result.lines, *(f"warning: {text}" for text in summary(result.run_dir)["warnings"])):
        print(line)
    print(result.report, flush=True)


def summary_of(result: RunResult) -> dict[str, Any]:
    """A run for machines: whether it was published now, and its summary."""
    from segcore.report.summary import summary

    return {"status": result.status, **summary(result.run_dir)}


def print_json(told: object) -> None:
    """Print something for machines."""
    print(json.dumps(told, indent=2, ensure_ascii=False))
