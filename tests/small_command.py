"""Commands in this process, whose kernels are forks of the one that all runs here share.

Each command of its own would import for seconds; what a process is needed for is tested in ``test_cli.py``.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import pytest
from small_project import parent

from segcore import runner
from segcore.__main__ import main

DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1" viewBox="0 0 1 1"/>'


def without_drawing(patch: pytest.MonkeyPatch) -> None:
    """Let runs of this process draw nothing: it takes a fifth of one whose tables or words are asked for."""
    patch.setattr("segcore.charts.drawing._drawn", lambda canonical: DRAWN)


def run_here(folder: Path, words: Sequence[str], out: io.TextIOBase, err: io.TextIOBase) -> int:
    """Run ``segcore WORDS`` in a folder, without drawing charts; the exit code."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        without_drawing(patch)
        patch.setattr(sys, "argv", ["segcore", *words])
        patch.setattr("segcore.stopping.listen", lambda: None)  # signals are for pytest here
        patch.setattr("segcore.cli.making.Parent", lambda: nullcontext(parent()))
        patch.setattr("segcore.runner.RunOptions", partial(runner.RunOptions, parent=parent()))
        with redirect_stdout(out), redirect_stderr(err):
            return _exit_code()


def _exit_code() -> int:
    """That of the command in ``sys.argv``."""
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0
