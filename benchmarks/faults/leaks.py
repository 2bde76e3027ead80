"""Twenty runs in a row leave nothing: no process, socket, open file, thread, temporary file or folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from benchmarks.faults.small import MARCH, Project
from benchmarks.table import Row, print_table

RUNS = 20
OTHERS = (".org.chromium", ".com.google")
"""How names in /dev/shm begin that are of browsers."""

ROOT = Path(__file__).parents[2]


def there(room: Path) -> dict[str, set[str]]:
    """What this process and its runs have at this moment, by kind."""
    links = [_link(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]
    return {
        "processes": {f"{child.pid} {child.name()}" for child in psutil.Process().children(recursive=True)},
        "threads": {thread.name for thread in threading.enumerate()},
        "sockets": {link for link in links if link.startswith("socket:")},
        "open files": {link for link in links if not link.startswith("socket:")} - {""},
        "shared memory": {name for name in os.listdir("/dev/shm") if not name.startswith(OTHERS)},
        "temporary files": _below(room / "tmp"),
        "files of the user": _below(room / "home"),
        "files of the project": {
            name
            for name in _below(room / "project")
            if "/.superseded/" not in name and "__pycache__" not in name
        },
    }


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:  # the one that listed the folder
        return ""


def _below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def left(room: Path, runs: int) -> dict[str, set[str]]:
    """What runs leave that the first one did not: every other one by the command line."""
    for name, variable in (("tmp", "TMPDIR"), ("home", "HOME")):
        (room / name).mkdir()
        os.environ[variable] = str(room / name)
    tempfile.tempdir = str(room / "tmp")
    project = Project(room / "project")
    _by_both(project)
    before = there(room)
    for _ in range(runs // 2):
        _by_both(project)
    until = time.monotonic() + 10  # a kernel that was told to end needs a moment
    while (now := there(room))["processes"] - before["processes"] and time.monotonic() < until:
        time.sleep(0.1)
    return {kind: now[kind] - before[kind] for kind in now}


def _by_both(project: Project) -> None:
    project.run(MARCH, force=True)
    command = [sys.executable, "-m", "segcore", "run", "acme", "--date", str(MARCH), "--force", "--quiet"]
    path = {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=project.root, check=True, capture_output=True, env={**os.environ, **path})


def main(share: float) -> bool:
    """Print the table; whether nothing was left."""
    runs = 2 * round(share * RUNS / 2)
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        found = left(Path(folder), runs)
    for kind, names in found.items():
        for name in sorted(names):
            print(f"{kind}: {name}")
    rows = [
        Row(f"{kind} left by {runs} runs", f"{len(names)}", "0", not names) for kind, names in found.items()
    ]
    print_table(rows)
    return all(row.ok for row in rows)
