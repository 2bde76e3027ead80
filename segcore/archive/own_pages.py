"""``reports/STUDY/for/``: a folder for each representative, with the own page of the newest published run.

The names of the folders cannot be guessed, and nothing says them but ``segcore reps``: no sentence here
does either, for what is told may stand in a log.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive.finding import published, study_of
from segcore.archive.manifest import Run, manifest_sha256, open_run
from segcore.archive.places import Places
from segcore.archive.unaltered import differences
from segcore.errors import ArchiveError, SegcoreError
from segcore.files import flush, make_folder, write_json
from segcore.wording import count, plural

if TYPE_CHECKING:
    from segcore.representatives import Made, Secret
    from segcore.representatives.folder import Record

FOLDER = "for"
"""Where the folders are, in ``reports/STUDY/``."""

STAMP = ".made.json"
"""Lies there and says of which run all folders were made; none of them is named in it."""

NAME = re.compile(r"[0-9a-f]{40}")
LISTED = "data/listed.parquet"
CLOSED = 0o004
"""Who is neither the owner nor of the group may not list the folders, only go to one whose name is known."""


@dataclass(frozen=True)
class Stamp:
    """Of which run the folders were made, with which secret, and how many there are of it."""

    run: str
    seal: str
    mark: str
    folders: int


def missing(places: Places) -> list[Path]:
    """The folder of the representatives' folders, if something in it is not as it should be."""
    root = _root(places)
    if root.is_symlink():
        return []
    secret, run = _secret(), _newest(places)
    wrong = any(_outdated(places, secret)) or (secret and run and not _is_made(root, run, secret))
    return [root] if wrong else []


def write(places: Places) -> list[str]:
    """Make the pages of the newest run, and take away those of runs that are published no more.

    Without a secret, and where the run has no representatives, none are made. The page of somebody who is
    in the newest run no more stays as it was made, as long as its run is published.
    """
    from segcore.representatives.folder import take_away

    root, told = _root(places), []
    secret, run = _secret(), _newest(places)
    if root.is_symlink():
        return [
            f"warning: {root}: must be a folder (it is a link to another place, where others may read); "
            "remove the link, and segcore verify makes the folder and the pages of representatives"
        ]
    for folder, record, rotated in list(_outdated(places, secret)):
        try:
            take_away(folder, record)
        except OSError as error:
            told.append(f"{root}: a page of no published run must be removed ({error.strerror})")
        if rotated:
            _drop_if_empty(folder)
    if secret and run and not _is_made(root, run, secret):
        try:
            told += _make(places, run, secret)
        except SegcoreError as error:
            told += [f"warning: no new pages for representatives: {problem}" for problem in error.problems]
        except OSError as error:
            told.append(f"warning: no new pages for representatives: {root}: {error.strerror}")
    _drop_if_empty(root)
    return told


def noted(places: Places) -> list[str]:
    """What a run should say of pages that it does not make, and of folders that nobody has any more."""
    from segcore.representatives import VARIABLE, secret

    run = _newest(places)
    try:
        if secret():
            return [*_strays(places), *([] if run else _cannot_tell(places))]
        if run is None or not _has_representatives(run):
            return []
        why = f"the environment variable {VARIABLE} is not set; docs/hosting.md says what it is for"
    except SegcoreError as error:
        why = str(error)
    return [f"no pages for representatives: {why}"]


def _strays(places: Places) -> list[str]:
    """What to do with folders that hold files and whose record is gone: they may be of an older secret."""
    from segcore.representatives.folder import is_linked, read_record

    root = _root(places)
    folders = [path for path in _folders(root) if not is_linked(path) and read_record(path) is None]
    strays = sum(1 for folder in folders if any(folder.iterdir()))
    if not strays:
        return []
    hold = "1 holds" if strays == 1 else f"{count(strays)} hold"
    return [
        f"warning: {root}: every folder with files must be of a representative ({hold} files that segcore "
        f"did not write for one of now); segcore reps {places.study} says which are in use: remove the "
        "others by hand"
    ]


def _cannot_tell(places: Places) -> list[str]:
    """What to do where the newest run keeps no table of who belongs to whom: another segcore made it."""
    there = published(places.runs)
    if not there:
        return []
    return [
        f"no new pages for representatives: the newest run must keep who belongs to whom (that of "
        f"{there[-1].name} does not, or cannot be read); make it again with segcore run {places.study} "
        f"--date {there[-1].name} --force"
    ]


def folders(places: Places, secret: Secret) -> list[tuple[str, str, Path]]:
    """Where the folder of every representative of the newest run is, there or not: rep, name, folder.

    Raises
    ------
    ArchiveError
        If no run is published, or the newest one cannot tell.
    """
    from segcore import representatives
    from segcore.representatives.making import opened

    run = _newest(places)
    if run is None:
        raise ArchiveError(
            f"{places.runs}: there must be a run that keeps who belongs to whom (the newest does not, or "
            f"none is published); make it with segcore run {places.study} --date YYYY-MM-DD --force"
        )
    study = study_of(run.folder, f"{places.study}.yaml")
    with opened(study, run.folder) as engine:
        everybody = representatives.people(engine)
    return [(rep, name, _root(places) / secret.folder(places.study, rep)) for _, rep, name in everybody]


def _make(places: Places, run: Run, secret: Secret) -> list[str]:
    from segcore import representatives

    root = _root(places)
    used = ("model.json", *(f"data/{name}.parquet" for name in representatives.TABLES))
    damaged = differences(run, [name for name in used if name in run.outputs], quick=True)
    if damaged:
        raise ArchiveError(*damaged)
    if not os.path.lexists(root):
        make_folder(root)
        root.chmod(root.stat().st_mode & ~CLOSED)
    study = study_of(run.folder, f"{places.study}.yaml")
    made = representatives.write(study, run.folder, root, secret, seal=run.sha256)
    if not made.refused and not made.linked:
        stamp = Stamp(run.folder.name, run.sha256, secret.mark, made.folders)
        write_json(root / STAMP, asdict(stamp))
    flush(root)
    return list(_told(root, made))


def _told(root: Path, made: Made) -> Iterator[str]:
    if made.refused:
        keep = "it keeps the old page" if len(made.refused) == 1 else "they keep their old pages"
        yield (
            f"warning: {root}: {plural(len(made.refused), 'folder')} must be writable for who runs segcore "
            f"({made.refused[0]}); {keep} until then"
        )
    if made.linked:
        one = made.linked == 1
        what = "is a link to another place or has one" if one else "are links to other places or have some"
        it, link, page = ("it", "link", "page") if one else ("them", "links", "pages")
        yield (
            f"warning: {root}: {plural(made.linked, 'folder')} {what} for .edited/ in {it}, "
            f"where others may read; remove the {link} (find {root} -type l shows {it}), then segcore verify "
            f"writes the {page}"
        )
    if made.edited:
        were = "file was edited; it is" if made.edited == 1 else "files were edited; each is"
        yield f"{root}: {count(made.edited)} {were} kept in .edited/ of its folder"


def _root(places: Places) -> Path:
    return places.reports / FOLDER


def _secret() -> Secret | None:
    """The secret; one that cannot be used is none, and :func:`noted` says why."""
    from segcore import representatives

    try:
        return representatives.secret()
    except SegcoreError:
        return None


def _newest(places: Places) -> Run | None:
    """The newest published run, if it can be opened and keeps who belongs to whom."""
    there = published(places.runs)
    try:
        run = open_run(there[-1]) if there else None
    except ArchiveError:
        return None
    return run if run and LISTED in run.outputs else None


def _has_representatives(run: Run) -> bool:
    from pyarrow import ArrowException, parquet

    try:
        # parquet.read_table would import pandas, which takes as long as all else after a run.
        with parquet.ParquetFile(run.folder / LISTED) as file:
            reps = file.read(columns=["rep"]).column("rep")
    except (ArrowException, OSError, KeyError):  # KeyError: there is no such column
        return False
    return bool(reps.null_count < len(reps))


def _records(root: Path) -> Iterator[tuple[Path, Record]]:
    """The folders in which segcore wrote something, and what."""
    from segcore.representatives.folder import is_linked, read_record

    for folder in _folders(root):
        record = None if is_linked(folder) else read_record(folder)
        if record:
            yield folder, record


def _folders(root: Path) -> list[Path]:
    """What has the form of a representative's folder."""
    try:
        return [root / name for name in sorted(os.listdir(root)) if NAME.fullmatch(name)]
    except OSError:
        return []


def _outdated(places: Places, secret: Secret | None) -> Iterator[tuple[Path, Record, bool]]:
    """Folders with pages of runs that are published no more, or named with another secret than now."""
    root = _root(places)
    if not root.is_dir():
        return
    seals = {manifest_sha256(folder) for folder in published(places.runs)}
    for folder, record in _records(root):
        rotated = secret is not None and record.mark != secret.mark
        if rotated or record.seal not in seals:
            yield folder, record, rotated


def _is_made(root: Path, run: Run, secret: Secret) -> bool:
    from segcore.representatives.folder import is_whole

    try:
        stamp = Stamp(**json.loads((root / STAMP).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return False
    if (stamp.seal, stamp.mark) != (run.sha256, secret.mark):
        return False
    ours = [(folder, record) for folder, record in _records(root) if record.seal == run.sha256]
    return len(ours) == stamp.folders and all(is_whole(folder, record) for folder, record in ours)


def _drop_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
