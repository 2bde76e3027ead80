"""As many runs at once as the machine has memory for, whoever makes them."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.errors import LockedError

FOLDER = "segcore-runs"
SHARE = 0.8
"""Of the machine's memory, what runs may hold together."""

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
    from filelock import FileLock

    folder = Path(tempfile.gettempdir()) / FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o1777)  # all users of the machine share it
    need, limit = bytes_of(memory_limit) + BESIDE, SHARE * (total or _machine())
    mine = folder / f"{os.getpid()}-{uuid.uuid4().hex}.json"
    until, told = time.monotonic() + wait, False
    while True:
        with FileLock(folder / "all.lock", mode=0o666):
            others = _held(folder)
            if not others or sum(others) + need <= limit:
                mine.write_text(json.dumps(need))
                own = FileLock(f"{mine}.lock", mode=0o666)
                own.acquire()
                break
        held = f"{len(others)} hold {sum(others) / 1e9:.1f} GB"
        if time.monotonic() > until:
            raise LockedError(
                f"runs on this machine must leave {need / 1e9:.1f} GB of its memory for this one ({held}); "
                "wait until one is done, or say --wait MINUTES"
            )
        if not told:
            on_wait(f"waits until other runs on this machine leave memory ({held})")
            told = True
        time.sleep(1)
    try:
        yield
    finally:
        mine.unlink(missing_ok=True)
        own.release()
        Path(own.lock_file).unlink(missing_ok=True)


def _held(folder: Path) -> list[int]:
    """What other runs hold, in bytes; what killed ones left is removed."""
    from filelock import FileLock, Timeout

    held = []
    for path in sorted(folder.glob("*.json")):
        try:
            need = int(path.read_text() or 0)
            with FileLock(f"{path}.lock", timeout=0, mode=0o666):
                path.unlink(missing_ok=True)
            Path(f"{path}.lock").unlink(missing_ok=True)
        except (Timeout, PermissionError):
            held.append(need)
        except (OSError, ValueError):
            continue
    return held


def _machine() -> int:
    import psutil

    return int(psutil.virtual_memory().total)
