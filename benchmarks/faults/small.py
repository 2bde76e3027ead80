"""A small project whose notebooks are executed in the process itself, and commands in forked ones."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from small_project import APRIL, JUNE, MARCH, REAL_SEGMENT, Project

from segcore import archive
from segcore.files import files_in, sha256_of

__all__ = ["APRIL", "JUNE", "MARCH", "REAL_SEGMENT", "Project"]

KEPT = ("runs", "reports")
UNLIKE = {"timings.json", "run.log", "ledger.jsonl", ".lock", ".index.lock"}
"""Files that differ between two runs of the same, or are of no content."""


@dataclass(frozen=True)
class Done:
    """What became of a command.

    Parameters
    ----------
    code
        Its exit code; -9 if it was killed.
    said
        What it printed, on both streams.
    calls
        How many calls it made that change files, if it came to its end.
    """

    code: int
    said: str
    calls: int = 0


def places(project: Path) -> archive.Places:
    """The folders of the small project's study."""
    return archive.Places(project, "acme")


def command(project: Path, *words: str) -> Callable[[], None]:
    """``segcore …`` in a project's folder, with notebooks that are executed without kernels."""

    def work() -> None:
        from segcore.__main__ import main

        os.chdir(project)
        without_kernels()
        sys.argv = ["segcore", *words]
        main()

    return work


def in_child(
    work: Callable[[], None],
    room: Path,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], int] = lambda: 0,
) -> Done:
    """Do some work in a forked process, whose temporary files lie in ``room/tmp``."""
    (room / "tmp").mkdir(parents=True, exist_ok=True)
    said, calls = room / "said", room / "calls"
    calls.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _be_child(work, room, before=before, after=after)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Done(code, said.read_text(encoding="utf-8"), int(calls.read_text()) if calls.exists() else 0)


def _be_child(
    work: Callable[[], None], room: Path, *, before: Callable[[], None], after: Callable[[], int]
) -> None:
    code = 77
    try:
        descriptor = os.open(room / "said", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        tempfile.tempdir = str(room / "tmp")
        before()
        try:
            work()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        calls = after()
        (room / "calls").write_text(str(calls))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def warm(room: Path) -> None:
    """Import what runs and commands need, and read how commands are declared, before processes are forked."""
    from typer import main as typer

    from segcore import runner
    from segcore.cli import app

    without_kernels()
    declared = typer.get_command(app)  # else each of hundreds of commands reads all declarations
    typer.get_command = lambda asked: declared  # type: ignore[assignment]
    here = os.getcwd()
    Project(room, {"segment": REAL_SEGMENT})
    os.chdir(room)
    runner.run(Path("params/acme.yaml"), MARCH, root=Path())
    archive.verify_all(Path("runs"))
    os.chdir(here)
    shutil.rmtree(room)
    gc.collect()
    gc.freeze()  # what is here already need not be looked at, and so not be copied, in every fork


def without_kernels() -> None:
    """Let the runner execute notebooks in this process, as far as they are cells of Python."""
    from segcore.cli import making
    from segcore.kernels import Kernels
    from segcore.runner import stages

    making.AVAILABLE = False  # a process that nobody asks for a kernel imports for a second
    Kernels.start = lambda self: None
    stages._execute = _executed  # type: ignore[assignment]


def _executed(making: Any, notebook: Any, on_cell: Any) -> dict[str, Any]:
    """A notebook of which the last line of a cell is shown, if it is a piece of a page."""
    node, names = notebook.as_json(), {"__name__": "__main__"}
    with making.tell.stage(notebook.name):
        for number, cell in enumerate((c for c in node["cells"] if c["cell_type"] == "code"), start=1):
            head, _, last = cell["source"].rstrip().rpartition("\n")
            is_shown = last.startswith("HTML(")
            exec(head if is_shown else cell["source"], names)
            data = {"text/html": eval(last, names).data, "text/plain": "HTML"} if is_shown else {}
            output = {
                "output_type": "execute_result",
                "execution_count": number,
                "metadata": {},
                "data": data,
            }
            cell.update(execution_count=number, outputs=[output] if is_shown else [])
            if number == 1:
                names |= making.plan.given(notebook, making.folder)
    return dict(node)


def state(project: Path) -> dict[str, str]:
    """All that is kept: path → hash and mode of every file, and what the ledger says must be there."""
    found = {}
    for name in KEPT:
        for path in files_in(project / name).values() if (project / name).is_dir() else ():
            if path.name not in UNLIKE:
                found[str(path.relative_to(project))] = f"{sha256_of(path)} {path.stat().st_mode & 0o777:o}"
    ledger = archive.read_ledger(places(project).runs)
    found["the ledger"] = (
        f"{[(str(d), ledger.standing(d)) for d in ledger.dates]} {sorted(ledger.aside)} {ledger.faults}"
    )
    return found


def copied(base: Path, room: Path) -> Path:
    """A fresh copy of a project, in an empty folder."""
    shutil.rmtree(room, ignore_errors=True)
    shutil.copytree(base, room / "project", symlinks=True)
    return room / "project"
