"""One run of a study at a time."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.archive.places import Places
from segcore.errors import LockedError
from segcore.files import write_json


@contextmanager
def locked(places: Places, *, wait: float = 0) -> Iterator[None]:
    """Hold the lock of a study; the system gives it back when a process ends, however it ends.

    Parameters
    ----------
    places
        The folders of the study.
    wait
        Seconds to wait for another process that holds it.

    Raises
    ------
    LockedError
        If another process holds it, naming that process.
    """
    from filelock import FileLock, Timeout

    places.runs.mkdir(parents=True, exist_ok=True)
    holder = places.runs / ".lock-holder.json"
    lock = FileLock(places.runs / ".lock")
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        raise LockedError(
            f"{places.runs}: only one run of a study may be under way ({_named(holder)}); "
            "wait until it is done, or say --wait MINUTES"
        ) from None
    try:
        write_json(holder, {"process": os.getpid(), "host": platform.node()})
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _named(holder: Path) -> str:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {told['process']} on {told['host']} holds the lock"
    except (OSError, ValueError, KeyError):
        return "another process holds the lock"
