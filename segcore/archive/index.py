"""``reports/index.html``: the runs of all studies."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.archive.copies import keep_aside
from segcore.archive.finding import opened, published, stale
from segcore.archive.ledger import read_ledger
from segcore.archive.places import Places, studies
from segcore.errors import ArchiveError
from segcore.files import make_folder, remove_partial, write_text

MARK = re.compile(r"(?s)(.*\n)<!-- ([0-9a-f]{64}) -->\n")
"""The page ends with the hash of what is before, for the runs that made an older one may be gone."""


def missing(places: Places) -> list[Path]:
    """The index, if it is not what the published runs make it."""
    path = _path(places)
    old = _there(path)
    runs = places.root / "runs"
    if not old and not any(published(runs / name) for name in studies(runs)):
        return []
    return [] if old == _page(places) else [path]


def write(places: Places) -> list[str]:
    """Write the index from what is published now; says where it kept an edited one."""
    path, told = _path(places), []
    with _one_at_a_time(places):
        make_folder(path.parent)
        remove_partial(path.parent)
        old, page = _there(path), _page(places)
        if old == page:
            return []
        if os.path.lexists(path) and not _is_ours(old):
            told.append(keep_aside(path, path.parent / ".edited" / path.name))
        write_text(path, page, durable=True)
    return told


def edited(places: Places) -> list[str]:
    """What to say of an index that somebody edited: nothing if nobody did."""
    path = _path(places)
    if not os.path.lexists(path) or _is_ours(_there(path)):
        return []
    return [f"{path}: must be as it was written (it was edited); a right one is written in its place"]


def _there(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, ValueError):
        return ""


def _is_ours(text: str) -> bool:
    marked = MARK.fullmatch(text)
    return marked is not None and hashlib.sha256(marked[1].encode()).hexdigest() == marked[2]


def _path(places: Places) -> Path:
    return places.root / "reports" / "index.html"


def _page(places: Places) -> str:
    from segcore.report import site

    runs = places.root / "runs"
    told = []
    for study in studies(runs):
        try:
            withdrawn = [
                site.Withdrawn(_day(entry.run_date), _day(entry.on or entry.run_date), entry.because or "")
                for entry in read_ledger(runs / study).withdrawn
            ]
            folders = published(runs / study)
            found, damaged = opened(folders)
            old = {} if damaged else stale(found)
            told.append(site.listed(study, folders, withdrawn, stale=old))
        except (ArchiveError, OSError):
            told.append(site.ListedStudy(study, (), readable=False))  # a folder of another user, say
    page = site.page(told) + "\n"
    return f"{page}<!-- {hashlib.sha256(page.encode()).hexdigest()} -->\n"


def _day(text: str | None) -> dt.date:
    return dt.date.fromisoformat(text or "")


@contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    """Of two studies that finish together, the second reads what the first has published."""
    from filelock import FileLock

    # In a project of a group, the next one who publishes may be another of its members.
    with FileLock(places.root / "runs" / ".index.lock", mode=0o664):
        yield
