"""Every file of a study in which somebody may stand, and those in which somebody does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from segcore import archive
from segcore.archive.places import ERASING, MANIFEST, OUTBOX, REPORT, STUDY, Places
from segcore.files import files_in
from segcore.privacy.extracts import Theirs
from segcore.privacy.files import Eraser

LEFT_OUT = (OUTBOX, f"{OUTBOX}-wal", f"{OUTBOX}-shm", f"{OUTBOX}-journal", ERASING, "ledger.jsonl", ".lock")
REMOVED = "is removed, and made again when it is needed"
DRY_RUN = ".dry-run"
KEPT = (".yaml", ".csv")
"""Endings of a study file and a rule table, from which no name is taken out."""

UNREADABLE = (BadZipFile, OSError, ValueError, RuntimeError)
"""What comes of a file that is not what its name says."""


@dataclass(frozen=True)
class Sealed:
    """A sealed run, and its files that hold the person."""

    run: archive.Run
    files: tuple[str, ...]


def in_run(run: archive.Run, eraser: Eraser) -> Sealed:
    """The files of a sealed run that hold the person."""
    paths = files_in(run.folder)
    found = (name for name, path in paths.items() if name != MANIFEST and _holds(eraser, path))
    return Sealed(run, tuple(found))


def of_run(run: archive.Run, eraser: Eraser, theirs: Theirs) -> Eraser:
    """The same eraser for the files that were made of a run's own extracts."""
    return replace(eraser, records=_records(run.inputs, theirs))


def loose(places: Places, sealed: list[Sealed], eraser: Eraser, theirs: Theirs) -> Iterator[Path]:
    """The files beside the sealed runs that hold the person; a folder for a dry run as a whole."""
    dry: set[Path | None] = set()
    for path in _beside(places, sealed):
        folder = next((one for one in path.parents if one.name == DRY_RUN), None)
        if folder and folder in dry:
            continue
        if (
            folder
            or is_extract(path, theirs)
            or _holds(replace(eraser, records=_near(path, places, theirs)), path)
        ):
            yield folder or path
            dry.add(folder)


def is_extract(path: Path, theirs: Theirs) -> bool:
    """Whether a file is a copy of a stored extract that holds the person, by its name."""
    return path.name.partition(".")[0] in theirs.hashes


def caches(places: Places, eraser: Eraser) -> Iterator[Path]:
    """The parsed forms of extracts that hold the person."""
    yield from (path for path in sorted(places.inputs.glob("parsed/*.parquet")) if _holds(eraser, path))


def orphans(places: Places, named: Mapping[str, Any], eraser: Eraser) -> Iterator[Path]:
    """Stored extracts that no run names, so that nobody knows how to read them, and that hold the person."""
    from segcore.archive.verify import STORED

    for name, path in (files_in(places.inputs) if places.inputs.is_dir() else {}).items():
        stored = STORED.fullmatch(name)
        if stored and stored[1] not in named and _holds(eraser, path):
            yield path


def copy_of(places: Places, run: archive.Run, name: str) -> Path | None:
    """The copy for people of a file of a published run, if there is one as it was written."""
    if not name.startswith(f"{REPORT}/") or run.folder != places.published(run.run_date):
        return None
    copy = places.reports / run.folder.name / name.removeprefix(f"{REPORT}/")
    return copy if _is_copy(copy, run.folder / name) else None


def _beside(places: Places, sealed: list[Sealed]) -> Iterator[Path]:
    runs = {one.run.folder for one in sealed}
    published = {one.run.folder.name: one.run for one in sealed if one.run.folder.parent == places.runs}
    for name, path in _walked(places.runs):
        if not (runs & set(path.parents) or name.startswith("inputs/") or path.name in LEFT_OUT):
            yield path
    for name, path in _walked(places.reports):
        run = published.get(name.split("/")[0])
        original = run.folder / REPORT / name.partition("/")[2] if run else None
        if not (original and _is_copy(path, original)):
            yield path
    for folder in (places.root / "runs" / ".scratch", places.root / "reports" / ".edited"):
        for name, path in _walked(folder):
            if folder.name == ".edited" or _is_of(places.study, name.split("/")[:2]):
                yield path


def _is_of(study: str, parts: list[str]) -> bool:
    """Whether a place in ``runs/.scratch/`` is of a study: ``open/STUDY/…``, ``repeat/STUDY-RUN_DATE/…``."""
    return any(part == study or part.startswith(f"{study}-") for part in parts)


def _walked(folder: Path) -> list[tuple[str, Path]]:
    return [*files_in(folder).items()] if folder.is_dir() and not folder.is_symlink() else []


def _is_copy(path: Path, original: Path) -> bool:
    try:
        mine, other = path.lstat(), original.lstat()
    except OSError:
        return False
    return (mine.st_size, mine.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _near(path: Path, places: Places, theirs: Theirs) -> Mapping[str, frozenset[int]]:
    """The person's records in the extracts of the run in whose folder a table lies."""
    if path.suffix != ".parquet":
        return {}
    try:
        told = json.loads((path.parent.parent / "run.json").read_text(encoding="utf-8"))
        return _records(told["inputs"], theirs)
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _records(inputs: Any, theirs: Theirs) -> dict[str, frozenset[int]]:
    return {entry["name"]: theirs.records.get(entry["sha256"], frozenset()) for entry in inputs}


def _holds(eraser: Eraser, path: Path) -> bool:
    if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):
        return False
    if path.parent.name == STUDY and path.suffix in KEPT:
        eraser = replace(eraser, person=eraser.person.by_number)
    try:
        return eraser.holds(path)
    except (*UNREADABLE, eraser.engine.errors):
        return eraser.person.is_in_bytes(path.read_bytes())
