"""Files on disk: hashes, atomic writes, and folders that outlive a power cut."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from segcore.sources.extracts import sha256_of


def files_in(folder: Path) -> dict[str, Path]:
    """All files below a folder by their path in it, in the order of those paths."""
    found = (path for path in folder.rglob("*") if not path.is_dir())
    return dict(sorted((path.relative_to(folder).as_posix(), path) for path in found))


def hashes(folder: Path, *, without: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Path in the folder → ``{"bytes": …, "sha256": …}`` for all files but ``without``."""
    left_out = set(without)
    return {
        name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for name, path in files_in(folder).items()
        if name not in left_out
    }


def json_text(value: Any) -> str:
    """A value as JSON that is the same text for the same value."""
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json_text(value))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all: under another name first, which is then taken off."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def settle(folder: Path) -> None:
    """Make sure that everything in a folder has reached the disk."""
    for path in files_in(folder).values():
        _fsync(path)
    for path in [*(p for p in folder.rglob("*") if p.is_dir()), folder]:
        _fsync(path)


def move(source: Path, target: Path) -> None:
    """Rename a folder, and make sure that the disk knows."""
    os.rename(source, target)
    _fsync(target.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    # Folders can be opened for reading only, and that is enough to flush their entries.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
