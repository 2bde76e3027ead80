"""``reports/STUDY/RUN_DATE/``: copies of what published runs hold under ``report/``.

They are copies and no links, for whoever saves a page or a table there must not alter the sealed
run. What was edited is kept in ``reports/STUDY/.edited/``; what segcore did not write stays.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.archive.finding import published
from segcore.archive.gone_pages import is_one
from segcore.archive.manifest import Run, manifest_sha256, open_run
from segcore.archive.places import MANIFEST, REPORT, Places, date_of, dated
from segcore.errors import ArchiveError
from segcore.files import (
    files_in,
    flush,
    make_folder,
    put_aside,
    remove_partial,
    sha256_of,
    what_it_is,
    whole,
)

FROM = f"{REPORT}/"


@dataclass(frozen=True)
class Copies:
    """What is wrong with the copies of one run date.

    Parameters
    ----------
    folder
        Where they are.
    source
        The run's folder ``report/``.
    lacking
        Files that must be written.
    edited
        Files that segcore did not leave like this; "" if it is no folder at all.
    outdated
        Files of a run of this date that is published no more.
    """

    folder: Path
    source: Path
    lacking: tuple[str, ...]
    edited: tuple[str, ...]
    outdated: tuple[str, ...]


def missing(places: Places) -> list[Path]:
    """The folders of copies that are not what the published runs hold."""
    return [copies.folder for copies in wrong(places)]


def write(places: Places, *, thorough: bool = False) -> list[str]:
    """Make the copies what the published runs hold; says which edited files it kept aside."""
    told = []
    if places.reports.is_dir():
        for folder in (places.reports, *dated(places.reports)):
            remove_partial(folder)
        for inner in (path for folder in dated(places.reports) for path in folder.rglob("*")):
            if inner.is_dir() and not inner.is_symlink():
                remove_partial(inner)
    for copies in wrong(places, thorough=thorough):
        for name in (n for n in copies.edited if not n or n in copies.lacking):
            wanted = places.edited / copies.folder.name / name
            told.append(keep_aside(copies.folder / name, wanted))
        for name in copies.outdated:
            old = copies.folder / name
            old.unlink()
            if old.parent != copies.folder:
                _drop_if_empty(old.parent)
        for name in copies.lacking:
            _copy(copies.source / name, copies.folder / name)
        _drop_if_empty(copies.folder)
    return told


def edited(places: Places, *, thorough: bool = True) -> list[Path]:
    """The files in ``reports/`` that are not as they were published."""
    return [copies.folder / name for copies in wrong(places, thorough=thorough) for name in copies.edited]


def wrong(places: Places, *, thorough: bool = False) -> Iterator[Copies]:
    """Where the copies are not what the published runs hold.

    Parameters
    ----------
    places
        The study.
    thorough
        Whether to hash every copy, and not only those of another size or time than the original.
    """
    runs = {folder.name: folder for folder in published(places.runs)}
    there = {folder.name for folder in dated(places.reports)}
    for name in sorted({*runs, *there}):
        try:
            raw = (runs[name] / MANIFEST).read_bytes() if name in runs else b""
            run = open_run(runs[name], raw) if name in runs else None
        except (ArchiveError, PermissionError):
            continue  # verify tells it; a good copy is not replaced by a damaged file
        copies = _compare(places, name, run, thorough)
        if copies.lacking or copies.edited or copies.outdated:
            yield copies


def _compare(places: Places, date: str, run: Run | None, thorough: bool) -> Copies:
    folder, source = places.reports / date, places.runs / date / REPORT
    outputs = run.outputs if run else {}
    wanted = {name.removeprefix(FROM): told for name, told in outputs.items() if name.startswith(FROM)}
    odd = os.path.lexists(folder) and what_it_is(folder) != "a folder"
    lacking = [n for n in wanted if odd or not _same(folder / n, source / n, wanted[n], thorough)]
    differing = [n for n in lacking if os.path.lexists(folder / n)]
    sound = tuple(n for n in lacking if _has(source / n, wanted[n]["sha256"]))
    if odd:
        return Copies(folder, source, sound, ("",), ())
    foreign = [name for name in (files_in(folder) if folder.is_dir() else ()) if name not in wanted]
    ours = _earlier(places, date) if differing or foreign else {}
    old = {n for n in (*differing, *foreign) if any(_has(folder / n, h) for h in ours.get(n, ()))}
    old |= {name for name in differing if is_one(folder / name)}
    return Copies(
        folder,
        source,
        sound,
        tuple(name for name in differing if name not in old),
        tuple(name for name in foreign if name in old),
    )


def _same(path: Path, original: Path, sealed: Mapping[str, Any], thorough: bool) -> bool:
    try:
        mine, other = path.lstat(), original.lstat()
        if not thorough and (mine.st_size, mine.st_mtime_ns) == (other.st_size, other.st_mtime_ns):
            return True
    except OSError:
        pass  # of a damaged run the original may be gone
    return _has(path, sealed["sha256"])


def _has(path: Path, sha256: str) -> bool:
    return not what_it_is(path) and sha256_of(path) == sha256


def _earlier(places: Places, date: str) -> dict[str, list[str]]:
    """The hashes of the pages and tables of runs of a date that are published no more, by name."""
    found: dict[str, list[str]] = {}
    for folder in places.asides(date_of(date)):
        if manifest_sha256(folder) is None:
            continue
        raw = (folder / MANIFEST).read_bytes()  # a disk that fails now must not make ours look edited
        try:
            outputs = open_run(folder, raw).outputs
        except ArchiveError:
            continue
        for name, sealed in outputs.items():
            if name.startswith(FROM):
                found.setdefault(name.removeprefix(FROM), []).append(sealed["sha256"])
    return found


def keep_aside(edited: Path, wanted: Path) -> str:
    """Move an edited file to a place, or to one beside it if that is taken; says where it is."""
    target = put_aside(edited, wanted)
    return f"{edited}: was edited; it is kept as {target}, and the published one is there again"


def _copy(original: Path, target: Path) -> None:
    make_folder(target.parent)
    with whole(target, durable=True) as partial:
        shutil.copyfile(original, partial)
        stat = original.stat()
        os.utime(partial, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _drop_if_empty(folder: Path) -> None:
    """Remove the folder of a run that is published no more, if nothing is left in it."""
    try:
        folder.rmdir()
        flush(folder.parent)
    except OSError:
        pass
