"""Every file of a study in which somebody may stand, and those in which somebody does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from segcore import archive
from segcore.archive.places import DRY_RUN, EDITED, ERASING, MANIFEST, OUTBOX, REPORT, SCRATCH, STUDY, Places
from segcore.archive.printed import page_of
from segcore.files import files_in, has_content
from segcore.outputs import PAGE, PAPER
from segcore.privacy.files import Eraser
from segcore.privacy.rows import stamp_of
from segcore.privacy.theirs import Theirs

LEFT_OUT = (OUTBOX, f"{OUTBOX}-wal", f"{OUTBOX}-shm", f"{OUTBOX}-journal", ERASING, "ledger.jsonl", ".lock")
PRINTED = f"{REPORT}/{PAGE}"
REMOVED = "is removed, and made again when it is needed"
COPY_REMOVED = "is removed whole: it is a copy of a run; open it again from the run"
LOGS = ("*.log", "*.log.*", "*.log-*")
"""What timers write beside the runs of all studies."""

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
    paths = {name: path for name, path in files_in(run.folder).items() if name != MANIFEST}
    texts = [path for path in paths.values() if path.suffix != ".parquet"]
    with ThreadPoolExecutor(2) as pool:  # what is packed in pages is unpacked on another processor
        held = dict(zip(texts, pool.map(partial(_holds, eraser), texts), strict=True))
    return Sealed(
        run,
        tuple(name for name, path in paths.items() if (held[path] if path in held else _holds(eraser, path))),
    )


def of_run(run: archive.Run, eraser: Eraser, theirs: Theirs) -> Eraser:
    """The same eraser for the files that were made of a run's own extracts."""
    return replace(eraser, records=_records(run.inputs, theirs))


def loose(places: Places, sealed: list[Sealed], eraser: Eraser, theirs: Theirs) -> Iterator[Path]:
    """The files beside the sealed runs that hold the person; a folder for a dry run or a copy as a whole."""
    done: set[Path | None] = set()
    for path in _beside(places, sealed):
        dry = next((one for one in path.parents if one.name == DRY_RUN), None)
        folder = dry or copy_around(path, places)
        if folder and folder in done:
            continue
        if path.name == PAPER and _is_pdf(path):
            theirs_too = _may_print(path, sealed, eraser)
        else:
            near = replace(eraser, beside=True, records=_near(path, places, theirs))
            theirs_too = bool(dry) or is_extract(path, theirs) or _holds(near, path)
            if not theirs_too:
                _doubt(near, path, places.root)
        if theirs_too:
            yield folder or path
            done.add(folder)


def _doubt(eraser: Eraser, path: Path, root: Path) -> None:
    """Note a file of another program in which the person may stand all the same."""
    if path not in eraser.unlooked and not is_ours(path) and eraser.may_hold(path, root):
        eraser.unlooked.add(path)


def copy_around(path: Path, places: Places) -> Path | None:
    """The copy of a run that a file in ``runs/.scratch/`` is of, like ``open/STUDY/RUN_DATE/``."""
    scratch = places.root / "runs" / SCRATCH
    if not path.is_relative_to(scratch):
        return None
    parts = path.relative_to(scratch).parts
    return scratch.joinpath(*parts[:3]) if len(parts) > 3 and parts[2] != "inputs" else None


def _is_pdf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"%PDF"
    except OSError:
        return False


def _may_print(path: Path, sealed: list[Sealed], eraser: Eraser) -> bool:
    """Whether a printed report may show the person: of a date or a page that does, or of an unknown page."""
    if any(PRINTED in one.files and one.run.folder.name == path.parent.name for one in sealed):
        return True
    page = page_of(path)
    if not page:  # another program made it, or somebody wrote on it
        eraser.unlooked.add(path)
        return False
    clean = (one.run for one in sealed if PRINTED not in one.files)
    return page not in {run.outputs.get(PRINTED, {}).get("sha256") for run in clean}


def is_extract(path: Path, theirs: Theirs) -> bool:
    """Whether a file is a copy of a stored extract that holds the person, by its name."""
    return path.name.partition(".")[0] in theirs.hashes


def is_ours(path: Path) -> bool:
    """Whether it is a representative's file as it was made."""
    from segcore.representatives.folder import read_record

    record = read_record(path.parent)
    return bool(record and path.name in record.files and has_content(path, record.files[path.name][0]))


def caches(places: Places, eraser: Eraser) -> Iterator[Path]:
    """The parsed forms of extracts that hold the person."""
    yield from (path for path in sorted(places.inputs.glob("parsed/*.parquet")) if _holds(eraser, path))


def orphans(places: Places, named: Mapping[str, Any], eraser: Eraser) -> Iterator[Path]:
    """Stored extracts that no run names and that may hold the person.

    Nobody knows how to read them and nothing needs them, so any text that could be a number of the person
    counts, as extracts write it.
    """
    from segcore.archive.verify import STORED

    eraser = replace(eraser, person=eraser.person.loosely)
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
    for pattern in LOGS:
        yield from sorted((places.root / "runs").glob(pattern))
    for folder in (places.root / "runs" / SCRATCH, places.root / "reports" / EDITED):
        for name, path in _walked(folder):
            if folder.name == EDITED or _is_of(places.study, name.split("/")[:2]):
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
    """Whether a file holds the person; if nobody can tell, it does not, and is noted."""
    if path.is_symlink() or not path.is_file():
        eraser.unlooked.add(path)
        return False
    stamp = stamp_of(path)
    if stamp in eraser.clean:
        return False
    found = _read(eraser, path)
    if not (found or path in eraser.unlooked):
        eraser.clean.add(stamp)
    return found


def _read(eraser: Eraser, path: Path) -> bool:
    if path.parent.name == STUDY and path.suffix in KEPT:
        eraser = replace(eraser, person=eraser.person.by_number)
    try:
        return eraser.holds(path)
    except (*UNREADABLE, eraser.engine.errors):
        with suppress(OSError):
            if eraser.person.is_in_bytes(path.read_bytes()):
                return True
    eraser.unlooked.add(path)
    return False
