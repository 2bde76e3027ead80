"""What a terminal shows of runs while they work: a bar over stages and cells, and a line per stage."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segcore.runner import Event


@contextmanager
def shown_progress(quiet: bool = False, verbose: bool = False) -> Iterator[Callable[[Event], None]]:
    """A listener for a run's events.

    Parameters
    ----------
    quiet
        Show nothing.
    verbose
        A line for every cell as well, and no bar.
    """
    if quiet:
        yield lambda event: None
    elif verbose or not sys.stderr.isatty():
        yield _lines(cells=verbose)
    else:
        with _bar() as draw:
            yield draw


def _lines(*, cells: bool) -> Callable[[Event], None]:
    def told(event: Event) -> None:
        if event.line:
            print(event.line, file=sys.stderr, flush=True)
        elif cells:
            print(f"{event.run_date} {event.what} {event.done}/{event.of}", file=sys.stderr, flush=True)

    return told


@contextmanager
def _bar() -> Iterator[Callable[[Event], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(file=sys.__stderr__), transient=True) as bar:
        task = bar.add_task("preflight", total=None)

        def draw(event: Event) -> None:
            what = f"{event.run_date} {event.what}"
            bar.update(task, description=what, completed=event.done, total=event.of)
            if event.line:
                bar.console.print(event.line, markup=False, highlight=False)

        yield draw
