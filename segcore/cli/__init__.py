"""The command line: parse → one call → print → exit code. What a command does stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from segcore.cli import checking, keeping, mailing, making, models, privacy, project, reviewing, rules

app = typer.Typer(
    name="segcore",
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
model_app = typer.Typer(
    help="The model of a run: in words, beside another, as SQL.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
mail_app = typer.Typer(
    help="Who got which mails, and which came back.",
    rich_markup_mode=None,
    no_args_is_help=True,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "new": project.new,
    "init": making.init,
    "check": checking.check,
    "run": making.run,
    "backfill": making.backfill,
    "list": keeping.list_runs,
    "verify": keeping.verify,
    "status": keeping.status,
    "reps": keeping.reps,
    "withdraw": keeping.withdraw,
    "restore": keeping.restore,
    "prune": keeping.prune,
    "erase": privacy.erase,
    "pdf": keeping.pdf,
    "open": reviewing.open_run,
    "diff": reviewing.diff,
    "repeat": reviewing.repeat,
    "why": reviewing.why,
    "send": mailing.send,
    "demo": making.demo,
}
"""Every command, in the order in which ``segcore --help`` lists them."""


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"segcore {version('segcore')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Reproducible customer segmentation: order extracts, classes, segments, moves, reports."""


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The same command, whose end by Ctrl-C or SIGTERM is a sentence; typer would turn both into one."""

    @wraps(command)
    def guard(*args: Any, **options: Any) -> None:
        from segcore.errors import StoppedError

        try:
            command(*args, **options)
        except KeyboardInterrupt as stop:
            raise StoppedError.of(stop, "stopped") from None

    return guard


for name, command in COMMANDS.items():
    app.command(name)(guarded(command))
rules_app.command("check")(guarded(rules.check))
rules_app.command("preview")(guarded(rules.preview))
app.add_typer(rules_app, name="rules")
model_app.command("show")(guarded(models.show))
model_app.command("diff")(guarded(models.diff))
model_app.command("sql")(guarded(models.sql))
app.add_typer(model_app, name="model")
mail_app.command("log")(guarded(mailing.log))
mail_app.command("bounces")(guarded(mailing.bounces))
app.add_typer(mail_app, name="mail")
