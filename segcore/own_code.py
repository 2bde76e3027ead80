"""Segcore's own files: their hash, which says that another segcore is at work, and their texts."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import segcore
from segcore.files import LITTER

NO_CODE = re.compile(rf"template|(.*/)?(__pycache__|{LITTER.pattern})")
"""Folders of the package whose files do not count."""

Look = tuple[str, int, int, int, int]
"""A file's path in the package, size, times of its last changes, and number on its disk."""


@cache
def code_sha256() -> str:
    """Hash of all of segcore's own files, as they were when it was asked for first."""
    return hash_of_code()


def hash_of_code() -> str:
    """Hash of all of segcore's own files as they are now, the same for a checkout and an installed wheel.

    The template of new projects is not code: a project's own notebooks and study count by themselves.
    """
    folder = Path(segcore.__file__).parent
    return _hash_of(folder, tuple(_look(folder)))


def _look(folder: Path) -> list[Look]:
    """What the system says of every file, and says anew when one is written, in the order of paths."""
    found = []
    for place, folders, names in os.walk(folder):
        inside = "" if place == os.fspath(folder) else f"{Path(place).relative_to(folder).as_posix()}/"
        folders[:] = [name for name in folders if not NO_CODE.fullmatch(f"{inside}{name}")]
        for name in names:
            if not LITTER.fullmatch(name):
                seen = os.stat(os.path.join(place, name))
                found.append(
                    (f"{inside}{name}", seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino)
                )
    return sorted(found)


@lru_cache(maxsize=1)
def _hash_of(folder: Path, looks: Sequence[Look]) -> str:
    """Hundreds of files are read once, and not at the end of every run, if they are as they were."""
    digest = hashlib.sha256()
    for name, size, *_ in looks:
        digest.update(f"{name}\n{size}\n".encode())
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


@cache
def own_text(name: str) -> str:
    """A text file of the package, like a style or a script of a page, by its path in it."""
    return (Path(segcore.__file__).parent / name).read_text(encoding="utf-8")
