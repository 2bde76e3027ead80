"""Commands about the model of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from segcore.cli.common import AsJson, RunName, print_json, project

if TYPE_CHECKING:
    from segcore.model import Model

Candidate = Annotated[
    bool, typer.Option("--candidate", help="What the run's own customers would give, not what it uses.")
]


def show(run: RunName, candidate: Candidate = False, as_json: AsJson = False) -> None:
    """Say what a run's model is: the classes of each variable, how sure they are, the rules in words."""
    from segcore import review

    held = _model(run, candidate=candidate)
    if as_json:
        print(held.to_json(), end="")
        return
    for line in review.model_lines(held):
        print(line)


def diff(first: RunName, second: RunName, as_json: AsJson = False) -> None:
    """Say in what the models of two runs differ: edges, intervals, segments, rules."""
    from segcore import review

    changes = review.model_changes(_model(first), _model(second))
    if as_json:
        print_json([asdict(change) for change in changes])
        return
    for change in changes:
        print(change.sentence)
    if not changes:
        print("nothing differs: both runs use the same model")


def sql(
    run: RunName,
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help="A dialect of SQLGlot, like spark, snowflake or bigquery.")
    ] = "duckdb",
    table: Annotated[
        str, typer.Option(metavar="NAME", help="A table with customer_id and a column for each variable.")
    ] = "features",
    candidate: Candidate = False,
) -> None:
    """Print a run's model as one SELECT that gives every customer classes, segment, rank and rule."""
    print(_model(run, candidate=candidate).sql(dialect, table=table), end="")


def _model(named: str, *, candidate: bool = False) -> Model:
    from segcore import archive, review

    return review.read_model(archive.run_folder(named, project()), candidate=candidate)
