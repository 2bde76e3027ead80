"""One notebook by papermill: the only place that knows it.

A stage is done only if no exception came, every code cell was executed, and no output is an error:
after the death of a kernel papermill calls every cell completed.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import errors
from segcore.grammars import without_grammars
from segcore.kernels import Kernel
from segcore.params.forms import in_seconds
from segcore.runner.notebooks import KERNELSPEC

if TYPE_CHECKING:
    from segcore.params import Limits

STOPPED = 10  # seconds until a kernel that somebody stopped is given up
OnCell = Callable[[int, int, Mapping[str, Any] | None], None]
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

PATIENCE = 120
"""Seconds in which the outputs of a cell that is done must arrive; on a busy machine four are too few."""

LATE = (
    f"the outputs of a cell must arrive within {PATIENCE} seconds of its end (they did not); run again "
    "when the machine has less to do"
)
"""What is wrong then; Jupyter's own error would pass for one of a file."""


class Failure(Exception):
    """Why a notebook stopped.

    Parameters
    ----------
    cell
        Number of the cell as the executed notebook shows it, ``In [cell]``.
    problems
        What is wrong, one sentence each; of an error that segcore raised, its own sentences.
    details
        The traceback, or what the kernel printed.
    """

    def __init__(self, cell: int, problems: tuple[str, ...], details: str = "") -> None:
        super().__init__(*problems)
        self.cell, self.problems, self.details = cell, problems, details


def load() -> None:
    """Import what executes notebooks, which takes half a second, while kernels become ready."""
    without_grammars()
    import papermill  # noqa: F401


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    watch: Watch,
    on_cell: OnCell,
) -> dict[str, Any]:
    """Execute a notebook in a kernel that is ready.

    Parameters
    ----------
    source
        The notebook, ``.ipynb``.
    target
        Where it is written as far as it came, if it fails.
    parameters
        Name → value of a JSON type.
    watch
        A kernel, used for this notebook only, and how long the notebook and each of its cells may take;
        whoever started the kernel stops it.
    on_cell
        Called with (cells done, cells, the last one that is done) before each cell and at the end.

    Returns
    -------
    dict
        The executed notebook as plain JSON.

    Raises
    ------
    Failure
        If the notebook did not come to its end.
    """
    load()
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError

    # Without a handler, Python itself would print what is told better below.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    cells: list[Any] = []

    def begin(cell: Any, cell_index: int) -> None:
        done = cells[-1] if cells else None
        cells.append(cell)
        watch.cell_begins()
        on_cell(cell_index, max(total, cell_index + 1), done)

    notebook = json.loads(source.read_text(encoding="utf-8"))
    total = len(notebook["cells"]) + 1  # papermill adds the cell with the parameters
    kernel = watch.kernel
    try:
        with watch.watching():
            node = papermill.execute_notebook(
                _literal(source),
                _literal(target),
                dict(parameters),
                kernel_name=KERNELSPEC["name"],
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,  # twice for each cell, the whole notebook
                km=kernel.manager,
                coalesce_streams=True,
                record_timing=False,
                iopub_timeout=PATIENCE,
                on_cell_start=begin,
            )
    except PapermillExecutionError as error:
        raise _failed(error) from None
    except (RuntimeError, CellTimeoutError) as error:  # also where a kernel dies before its first cell
        reason = watch.reason or (LATE if isinstance(error, CellTimeoutError) else "")
        if kernel.alive() and not reason:
            raise
        target.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")
        raise _died(cells, kernel, reason) from None
    finally:
        kernel.manager.disconnect()
    _check_done(node)
    on_cell(total, total, cells[-1] if cells else None)
    return dict(node)


class Watch:
    """Ends a kernel that works too long, or that somebody stopped and forgot; for one notebook only."""

    def __init__(self, kernel: Kernel, limits: Limits) -> None:
        self.kernel, self._limits = kernel, limits
        self._over = threading.Event()
        self._cell_began = time.monotonic()
        self.reason = ""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every second until the work is done."""
        thread = threading.Thread(target=self._look, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def cell_begins(self) -> None:
        """From here on the time of another cell counts."""
        self._cell_began = time.monotonic()

    def _look(self) -> None:
        began, seen_stopped = time.monotonic(), 0
        while not self._over.wait(1):
            now = time.monotonic()
            seen_stopped = seen_stopped + 1 if self.kernel.is_stopped() else 0
            for since, name in ((began, "notebook"), (self._cell_began, "cell")):
                limit = in_seconds(getattr(self._limits, name))
                if now - since > limit:
                    self.reason = (
                        f"must be done within limits.{name}: {getattr(self._limits, name)} (it was not); "
                        "give it longer in the study, or look at what it does"
                    )
            if seen_stopped > STOPPED:
                self.reason = f"its process was stopped from outside for {STOPPED} seconds; run again"
            if self.reason:
                self.kernel.kill()
                return


def _literal(path: Path) -> str:
    """A path as papermill takes it, which formats braces."""
    return os.fspath(path.absolute()).replace("{", "{{").replace("}", "}}")


def _failed(error: Any) -> Failure:
    details = _COLOURS.sub("", "\n".join(error.traceback))
    return Failure(error.exec_count or 0, _told(error.ename, error.evalue), details)


def _told(name: str, message: str) -> tuple[str, ...]:
    """What an error says: segcore's own sentences, else its last line."""
    lines = [line for line in message.splitlines() if line.strip()]
    kind = getattr(errors, name, None)
    if lines and isinstance(kind, type) and issubclass(kind, errors.SegcoreError):
        return tuple(lines)
    return (f"{name}: {lines[-1].strip()}" if lines else name,)


def _died(cells: list[Any], kernel: Kernel, reason: str) -> Failure:
    number = sum(1 for cell in cells if cell.cell_type == "code" and cell.source.strip())
    printed = kernel.log.read_text(encoding="utf-8", errors="replace")
    return Failure(number, (reason or f"the kernel died: {kernel.fate()}",), printed)


def _check_done(node: Any) -> None:
    code = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(code, start=1):
        bad = next((output for output in cell.outputs if output.output_type == "error"), None)
        if bad is not None:
            raise Failure(number, _told(bad.ename, bad.evalue))
        if cell.execution_count is None:
            raise Failure(number, ("the cell was not executed",))
