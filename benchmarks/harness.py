"""Commands run in a scratch copy of the project, timed, or watched for the memory of all their processes."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
COPIED = ("params", "notebooks")


class MissingData(Exception):
    """The real data that a benchmark needs is not where SEGCORE_DATA_DIR or data/ says."""


def real_data(name: str) -> Path:
    """The folder with the real data, in which ``name`` must lie."""
    folder = Path(os.environ.get("SEGCORE_DATA_DIR") or ROOT / "data").resolve()
    if not (folder / name).exists():
        raise MissingData(f"{name} must be in {folder}; set SEGCORE_DATA_DIR")
    return folder


def scratch_project(folder: Path) -> Path:
    """A project of its own in ``folder``: studies and notebooks, and no runs."""
    folder.mkdir(parents=True)
    for name in COPIED:
        there = ROOT / name
        if there.is_dir():
            shutil.copytree(there, folder / name, ignore=shutil.ignore_patterns("*.ipynb", ".ipynb*"))
        elif there.exists():
            shutil.copy(there, folder / name)
    return folder


def timed(commands: Iterable[Sequence[str]], folder: Path, **environment: str) -> float:
    """Seconds that commands take one after the other; what they say if one of them fails."""
    start = time.perf_counter()
    for command in commands:
        done = subprocess.run(
            command, cwd=folder, env=_environment(environment), capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def peak_memory(command: Sequence[str], folder: Path, **environment: str) -> int:
    """The most bytes that a command and its descendants hold at once.

    It is the sum of their proportional set sizes, in which a page that n processes share counts
    as 1/n for each; looked at ten times a second.
    """
    with subprocess.Popen(
        command, cwd=folder, env=_environment(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_proportional_set, _tree(process.pid))))
            time.sleep(0.1)
        said = process.stdout.read() if process.stdout else b""
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{said.decode()}")
    return peak


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", **more}


def _tree(pid: int) -> list[int]:
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


def _proportional_set(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended
        return 0
    return 1024 * next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def spread(seconds: Sequence[float]) -> str:
    """The median, and from where to where."""
    middle = statistics.median(seconds)
    return f"{middle:.2f} s ({min(seconds):.2f}–{max(seconds):.2f})"
