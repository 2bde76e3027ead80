"""Segcore's own files: their hash, which says that another segcore is at work, and their texts."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import segcore
from segcore.files import files_in


@cache
def code_sha256() -> str:
    """Hash of all of segcore's own files, as they were when it was asked for first."""
    return hash_of_code()


def hash_of_code() -> str:
    """Hash of all of segcore's own files as they are now, the same for a checkout and an installed wheel.

    The template of new projects is not code: a project's own notebooks and study count by themselves.
    """
    digest = hashlib.sha256()
    folder = Path(segcore.__file__).parent
    for name, path in files_in(folder).items():
        if "__pycache__" not in name and not name.startswith("template/"):
            digest.update(f"{name}\n{path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def own_text(name: str) -> str:
    """A text file of the package, like a style or a script of a page, by its path in it."""
    return (Path(segcore.__file__).parent / name).read_text(encoding="utf-8")
