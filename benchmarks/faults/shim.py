"""The library that lets calls of the system come to harm, compiled for this machine."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
FLAGS = ("-O1", "-fno-delete-null-pointer-checks", "-U_FORTIFY_SOURCE", "-shared", "-fPIC")
LOADED = "SEGCORE_SHIM"
KINDS = ("NOTHING", "SIGKILL", "SIGTERM", "EIO", "ENOSPC")
"""In the order of the numbers that the library knows them by."""


def run_under_it(module: str, *arguments: str) -> int:
    """Run a module in a process into which the library is loaded; its exit code."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        library = Path(folder) / "shim.so"
        subprocess.run(["cc", *FLAGS, "-o", library, SOURCE, "-ldl"], check=True)
        # One thread for each library: the process is forked for each point.
        alone = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP")}
        more = {"LD_PRELOAD": str(library), LOADED: "1", "PYTHONDONTWRITEBYTECODE": "1", **alone}
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, env={**os.environ, **more}).returncode


def is_loaded() -> bool:
    """Whether this process was started by :func:`run_under_it`."""
    return LOADED in os.environ


def can_be_made() -> bool:
    """Whether there is a C compiler, and a system that loads such libraries."""
    return sys.platform == "linux" and shutil.which("cc") is not None


def arm(kind: str, number: int, folder: Path, log: int = -1) -> None:
    """From now on calls count that change files in a folder; the given one comes to harm."""
    ctypes.CDLL(None).shim_arm(KINDS.index(kind), ctypes.c_long(number), os.fsencode(folder), log)


def hurry() -> None:
    """From now on nothing waits for the disk, here and in all that is forked from here."""
    ctypes.CDLL(None).shim_hurry()


def disarm() -> int:
    """No more harm; how many calls there were."""
    return int(ctypes.CDLL(None).shim_disarm())
