"""As many runs at once as the machine has memory for, whoever makes them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from segcore.errors import LockedError

FOLDER = "segcore-runs"
SHARE = 0.8
"""Of the machine's memory, what runs may hold together."""

PATIENCE = 1800
"""Seconds that a run waits for other runs to leave memory, where nobody says how long."""

BESIDE = 1_000_000_000
"""Bytes that a run needs beside what its engine may hold."""

_UNITS = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def bytes_of(size: str) -> int:
    """A size like "2GB" or "512 MiB" in bytes, near enough to add sizes up."""
    number, unit = size.rstrip("iB").strip(), 1.0
    if number[-1] in _UNITS:
        number, unit = number[:-1], _UNITS[number[-1]]
    return int(float(number) * unit)


@contextmanager
def memory_held(
    memory_limit: str,
    *,
    wait: float,
    total: int | None = None,
    on_wait: Callable[[str], None] = lambda told: None,
) -> Iterator[None]:
    """Hold memory for one run, as soon as other runs leave enough of it.

    Nothing is measured: each run says what it may hold, and a run that finds no other always begins.

    Parameters
    ----------
    memory_limit
        What the run's engine may hold, like "2GB".
    wait
        Seconds to wait for other runs.
    total
        The machine's memory in bytes; looked up if left out.
    on_wait
        Called once, with a sentence, if there is something to wait for.

    Raises
    ------
    LockedError
        If other runs hold too much of it for that long.
    """
    folder = Path(tempfile.gettempdir()) / FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)  # all users of the machine share it
    need, limit = bytes_of(memory_limit) + BESIDE, SHARE * (total or _machine())
    mine = folder / f"{os.getpid()}-{uuid.uuid4().hex}.json"
    until, waiting = time.monotonic() + wait, False
    try:
        with _announced(mine) as told:
            while held := _taken_by_others(folder, told, need, limit):
                if time.monotonic() > until:
                    raise LockedError(
                        f"runs on this machine must leave {need / 1e9:.1f} GB of its memory for this one "
                        f"({held}); wait until one is done, or say --wait MINUTES"
                    )
                if not waiting:
                    on_wait(f"waits until other runs on this machine leave memory ({held})")
                    waiting = True
                time.sleep(1)
            yield
    finally:
        mine.unlink(missing_ok=True)


def _announced(mine: Path) -> TextIO:
    """A file of this run with a lock, which the system gives back however the process ends."""
    from filelock import FileLock

    with FileLock(mine.with_name("all.lock"), mode=0o666):  # or others would find it without its lock
        told = mine.open("w")
        fcntl.flock(told, fcntl.LOCK_EX)
    return told


def _taken_by_others(folder: Path, told: TextIO, need: int, limit: float) -> str:
    """Write down what this run needs if there is so much left, else say who has it."""
    from filelock import FileLock

    with FileLock(folder / "all.lock", mode=0o666):
        others = [size for size in _held(folder) if size]
        if others and sum(others) + need > limit:
            return f"{len(others)} hold {sum(others) / 1e9:.1f} GB"
        told.write(json.dumps(need))
        told.flush()
        return ""


def _held(folder: Path) -> list[int]:
    """What runs hold, in bytes, 0 for one that waits; what killed ones left is removed."""
    held = []
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ValueError), path.open() as told:
            try:
                fcntl.flock(told, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            except BlockingIOError:
                held.append(int(told.read() or 0))
    return held


def _machine() -> int:
    import psutil

    return int(psutil.virtual_memory().total)
