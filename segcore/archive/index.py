"""``reports/index.html``: the runs of all studies."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from segcore.archive.copies import keep_aside
from segcore.archive.finding import opened, published, stale
from segcore.archive.ledger import read_ledger
from segcore.archive.marked import is_ours, marked, there
from segcore.archive.places import EDITED, Places, studies
from segcore.errors import ArchiveError
from segcore.files import make_folder, remove_partial, write_text


def missing(places: Places) -> list[Path]:
    """The index, if it is not what the published runs make it."""
    path = _path(places)
    old = there(path)
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
        old, page = there(path), _page(places)
        if old == page:
            return []
        if os.path.lexists(path) and not is_ours(old):
            told.append(keep_aside(path, path.parent / EDITED / path.name))
        write_text(path, page, durable=True)
    return told


def edited(places: Places) -> list[str]:
    """What to say of an index that somebody edited: nothing if nobody did."""
    path = _path(places)
    if not os.path.lexists(path) or is_ours(there(path)):
        return []
    return [f"{path}: must be as it was written (it was edited); a right one is written in its place"]


def _path(places: Places) -> Path:
    return places.root / "reports" / "index.html"


def _page(places: Places) -> str:
    from segcore.report import site

    runs = places.root / "runs"
    told = []
    for study in studies(runs):
        try:
            ledger = read_ledger(runs / study)
            withdrawn = [
                site.Withdrawn(_day(entry.run_date), _day(entry.on or entry.run_date), entry.because or "")
                for entry in ledger.withdrawn
            ]
            folders = published(runs / study)
            found, damaged = opened(folders)
            old = {} if damaged else stale(found, ledger.expired)
            listed = site.listed(study, folders, withdrawn, stale=old)
            has_mails = Places(places.root, study).outbox.is_file()
            told.append(replace(listed, mails=f"{study}/{site.MAILS}") if has_mails else listed)
        except (ArchiveError, OSError):
            told.append(site.ListedStudy(study, (), readable=False))  # a folder of another user, say
    return marked(site.page(told) + "\n")


def _day(text: str | None) -> dt.date:
    return dt.date.fromisoformat(text or "")


@contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    """Of two studies that finish together, the second reads what the first has published."""
    from filelock import FileLock

    # In a project of a group, the next one who publishes may be another of its members.
    with FileLock(places.root / "runs" / ".index.lock", mode=0o664):
        yield
