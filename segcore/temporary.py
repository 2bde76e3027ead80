"""Temporary folders that nobody leaves behind: what a killed process left, the next run removes.

A process holds a lock on its folder, which the system gives back however the process ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "segcore-"
_YOUNG = 60  # seconds


class Temporary:
    """A folder of this process for temporary files.

    Parameters
    ----------
    kind
        What it is for, in its name.
    """

    def __init__(self, kind: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{kind}-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name)
        self._lock = os.open(self.path, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove it and all that is in it."""
        self._folder.cleanup()
        os.close(self._lock)


def remove_abandoned() -> None:
    """Remove the temporary folders of this user's processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        with suppress(OSError):
            of_folder = folder.lstat()
            if of_folder.st_uid != os.getuid() or time.time() - of_folder.st_mtime < _YOUNG:
                continue  # somebody else's, or one whose process has not locked it yet
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
