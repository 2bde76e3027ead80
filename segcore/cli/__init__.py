"""The command line: parse → one call → print → exit code. What a command does stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import typer

from segcore.cli import keeping, making, rules

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

COMMANDS: dict[str, Callable[..., None]] = {
    "init": making.init,
    "run": making.run,
    "backfill": making.backfill,
    "list": keeping.list_runs,
    "verify": keeping.verify,
    "status": keeping.status,
    "withdraw": keeping.withdraw,
    "restore": keeping.restore,
    "prune": keeping.prune,
    "demo": making.demo,
}
"""Every command, in the order in which ``segcore --help`` lists them."""

for name, command in COMMANDS.items():
    app.command(name)(command)
rules_app.command("check")(rules.check)
rules_app.command("preview")(rules.preview)
app.add_typer(rules_app, name="rules")
