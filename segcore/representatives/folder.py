"""The folder of one representative: what segcore wrote there, and how that is replaced or taken away.

The folder is made once and stays, whatever becomes of its files: the permissions that somebody gave it are
what protects it. Files are made in it, so that they take what it hands down, and a rename puts them in place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from segcore.files import has_content, put_aside, remove_partial, sha256_of, write_json

PAGE, WORKBOOK = "index.html", "workbook.xlsx"
"""The names of the two files of a representative; segcore writes, replaces and removes no other."""

RECORD = ".made.json"
"""Lies in the folder and says what segcore wrote there; nothing else is ever replaced or removed."""
EDITED = ".edited"
"""Where a file goes that somebody changed, in the same folder: its permissions are right for it."""


@dataclass(frozen=True)
class Record:
    """What segcore wrote into a folder.

    Parameters
    ----------
    run, seal
        The date of the run, and the hash of its manifest.
    mark
        That of the secret by which the folder is named.
    files
        Name → hash, size and time of change.
    """

    run: str
    seal: str
    mark: str
    files: Mapping[str, tuple[str, int, int]]

    def same_run(self, other: Record) -> bool:
        """Whether both are of one run, in folders named with one secret."""
        return replace(self, files={}) == replace(other, files={})


def read_record(folder: Path) -> Record | None:
    """What segcore wrote into a folder; None if it wrote nothing, or nobody can tell any more."""
    try:
        told = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = {str(name): (str(a), int(b), int(c)) for name, (a, b, c) in told["files"].items()}
        if not files.keys() <= {PAGE, WORKBOOK}:
            return None
        return Record(str(told["run"]), str(told["seal"]), str(told["mark"]), files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def is_linked(folder: Path) -> bool:
    """Whether what is put into a folder, or kept aside in it, would go to another place."""
    return folder.is_symlink() or (folder / EDITED).is_symlink()


def is_whole(folder: Path, record: Record) -> bool:
    """Whether the files of a folder have the size and the time with which they were written."""
    return all(_untouched(folder / name, told) for name, told in record.files.items())


def put(folder: Path, record: Record, writers: Mapping[str, Callable[[Path], None]]) -> int:
    """Write files into a folder in the place of those of an earlier run.

    Parameters
    ----------
    folder
        The folder; it is made if it is not there.
    record
        Of the run and the secret, without files.
    writers
        Name of a file → what writes it to a path, whole or not at all.

    Returns
    -------
    int
        How many files somebody had changed; they are kept in :data:`EDITED`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_partial(folder)
    old, edited = read_record(folder), 0
    for name in writers:
        edited += _made_room(folder, name, old)
    files = {}
    for name, write in writers.items():
        write(folder / name)
        stat = (folder / name).stat()
        files[name] = (sha256_of(folder / name), stat.st_size, stat.st_mtime_ns)
    write_json(folder / RECORD, asdict(replace(record, files=files)))
    return edited


def take_away(folder: Path, record: Record) -> None:
    """Remove what segcore wrote into a folder and nobody changed since; the folder stays."""
    for name, told in record.files.items():
        if _ours(folder / name, told):
            (folder / name).unlink(missing_ok=True)
    (folder / RECORD).unlink(missing_ok=True)


def _made_room(folder: Path, name: str, old: Record | None) -> bool:
    """Whether a file had to be kept aside, for it is not as segcore wrote it."""
    path = folder / name
    if not path.is_symlink() and not path.exists():
        return False
    if old and name in old.files and _ours(path, old.files[name]):
        return False
    put_aside(path, folder / EDITED / name)
    return True


def _ours(path: Path, told: tuple[str, int, int]) -> bool:
    return _untouched(path, told) or has_content(path, told[0])


def _untouched(path: Path, told: tuple[str, int, int]) -> bool:
    try:
        stat = path.lstat()
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == told[1:]
