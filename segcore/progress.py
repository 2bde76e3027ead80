"""A progress bar over stages and cells, drawn where somebody can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A function (what, done, of) that draws a bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.__stderr__), transient=True) as bar:
        task = bar.add_task("preflight", total=None)

        def draw(what: str, done: int, of: int) -> None:
            bar.update(task, description=what, completed=done, total=of)

        yield draw
