"""Errors of the operating system as sentences: what must hold, what was found, what to do."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FULL = "the disk must take all that is written"
_SPACE = f"{_FULL} (got {{fault}}); free some space"

SENTENCES: dict[int, str] = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: f"{_FULL} (got {{fault}}); free some space, or ask for a larger quota",
    errno.EFBIG: f"{_FULL} (got {{fault}}); raise the limit with ulimit -f, or use another file system",
    errno.EROFS: "the disk must be writable (got {fault}); mount it for writing",
    errno.EIO: "the disk must read and write without faults (got {fault}); have it looked at",
    errno.ENAMETOOLONG: "names must be short enough for the file system (got {fault}); move the project up",
    errno.EMFILE: "segcore must be allowed enough open files (got {fault}); raise the limit with ulimit -n",
    errno.ENFILE: "the machine must have open files to spare (got {fault}); close other programs",
    errno.ESTALE: "files must stay where they are (got {fault}); mount the network's disk again",
    errno.ENOENT: "files must stay where they are meanwhile (got {fault}); find out who removes them",
    errno.ENOTDIR: "there must be a folder where a file stands (got {fault}); move the file away",
}
"""What an error of the operating system means for who must act, by its number."""

_OTHERS = "files must be readable and writable (got {fault}); mend this"


def told(error: OSError, folder: Path) -> str:
    """An error of the operating system as a sentence.

    Parameters
    ----------
    error
        The error.
    folder
        What the work was about, for errors that name no file.

    Returns
    -------
    str
        ``PLACE: what must hold (got what); what to do``, where PLACE is the file that the error names.
    """
    place = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else folder
    fault = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{place}: {_not_allowed(place, fault)}"
    return f"{place}: {SENTENCES.get(error.errno or 0, _OTHERS).format(fault=fault)}"


def start_of(path: Path, size: int) -> bytes:
    """The first bytes of a file.

    Raises
    ------
    OSError
        If it cannot be read, or is none: a pipe would be waited for.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "a pipe or a device", str(path))
    with path.open("rb") as file:
        return file.read(size)


def standing(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next((p for p in (path, *path.parents) if p.exists()), Path())


def _not_allowed(place: Path, fault: str) -> str:
    """Whose the file or folder is, which says whom to ask."""
    there = standing(place)
    try:
        owner = there.owner()
    except (OSError, KeyError, NotImplementedError):
        owner = "another user"
    whose = "" if there == place else f", and {there} belongs to {owner}"
    mine = f" (got {fault}; it belongs to {owner}" if there == place else f" (got {fault}{whose}"
    return f"segcore must be allowed to read and write here{mine}); change its owner or its mode"
