"""What takes long to make is made once for all tests, whichever process they run in.

pytest-xdist runs tests in several processes, and a fixture of a module or of the session is made in each
of them that needs it. What :func:`made_once` makes lies where all of them look; the first one makes it
while the others wait. Nobody changes it: who wants to, takes a copy by :func:`copied`.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from segcore.demo import RUN_DATES, write_demo

ROOT = Path(__file__).resolve().parents[1]
DATES = RUN_DATES[-3:]
"""The run dates of the small demo."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that ``make`` filled, in this process or in another one of the same session.

    Parameters
    ----------
    factory
        Where folders for tests come from.
    name
        What it is, unlike all others.
    make
        Given the folder, which is there and empty.

    Raises
    ------
    RuntimeError
        If it was tried before and failed: the tests of other processes do not try again.
    """
    everywhere = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        everywhere = everywhere.parent
    folder, begun, done = (everywhere / f"shared-{name}{end}" for end in ("", ".begun", ".done"))
    with FileLock(everywhere / f"shared-{name}.lock"):
        if done.exists():
            return folder
        if begun.exists():
            raise RuntimeError(f"{folder}: could not be made for a test before this one; see what it says")
        begun.touch()
        folder.mkdir()
        make(folder)
        done.touch()
    return folder


def copied(project: Path, place: Path) -> Path:
    """A copy of a project or of a part of it, to be changed; sealed files stay sealed."""
    return shutil.copytree(project, place, symlinks=True, dirs_exist_ok=True)


def write_small_demo(root: Path, *, customers: int = 300) -> Path:
    """A project with the real notebooks and a demo of few customers; nothing is run yet."""
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("*.ipynb", ".ipynb*"))
    write_demo(root / "data" / "demo", customers=customers)
    return root


def keep_to_tables(notebooks: Path) -> None:
    """Let notebooks as they are delivered make all tables and the top of the page, and nothing else.

    Charts, pages, workbooks and slides take half of a small run; what is asked of the tables, or of what
    commands say, needs none.
    """
    for stage in ("ingest", "segment", "transitions"):
        path = notebooks / f"{stage}.py"
        text, charts = re.subn(
            r"charts\.(?!palette)\w+\(", "(lambda *_, **__: None)(", path.read_text("utf-8")
        )
        assert charts
        path.write_text(text, encoding="utf-8")
    _leave_out(notebooks / "transitions.py", "outputs.write(", "engine.close()\n")
    _leave_out(notebooks / "report.py", 'report.show(this, "figures")', "report.write_summary(")


def _leave_out(notebook: Path, first: str, then: str) -> None:
    """Leave out of a notebook what stands from some text up to another, each of which is there once."""
    text = notebook.read_text(encoding="utf-8")
    assert (text.count(first), text.count(then)) == (1, 1)
    notebook.write_text(text[: text.index(first)] + text[text.index(then) :], encoding="utf-8")


@dataclass(frozen=True)
class Told:
    """What a command said.

    Parameters
    ----------
    code
        Its exit code.
    out, err
        What it printed.
    """

    code: int
    out: str
    err: str


def run_german_demo(root: Path) -> None:
    """The same of the last two dates, with a study in German."""
    write_small_demo(root)
    study = root / "params" / "demo.yaml"
    study.write_text(f"language: de\n{study.read_text(encoding='utf-8')}", encoding="utf-8")
    _publish(root, DATES[-2:])


def run_small_demo(root: Path) -> None:
    """Publish the runs of three dates, by the command; what it says lies beside them."""
    write_small_demo(root)
    _publish(root, DATES)


def _publish(root: Path, dates: Sequence[dt.date]) -> None:
    words = ("backfill", "params/demo.yaml", "--from", str(dates[0]), "--to", str(dates[-1]))
    done = subprocess.run(
        [sys.executable, "-m", "segcore", *words],
        cwd=root,
        env={key: value for key, value in os.environ.items() if key != "SEGCORE_DATA_DIR"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = Told(done.returncode, done.stdout, re.sub(r" [\d.]+ s$", "", done.stderr, flags=re.MULTILINE))
    (root / "told.json").write_text(json.dumps(asdict(told)), encoding="utf-8")
    assert done.returncode == 0, done.stderr


def told_by(root: Path) -> Told:
    """What the command said that made the small demo."""
    return Told(**json.loads((root / "told.json").read_text(encoding="utf-8")))
