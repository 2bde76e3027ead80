"""``reports/index.html``: the runs of all studies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.archive.finding import published
from segcore.archive.ledger import read_ledger
from segcore.archive.places import Places, studies
from segcore.errors import ArchiveError
from segcore.files import make_folder, remove_partial, write_text


def missing(places: Places) -> list[Path]:
    """The index, if it is not what the published runs make it."""
    path = _path(places)
    try:
        old = path.read_bytes().decode()
    except (OSError, ValueError):
        old = ""
    runs = places.root / "runs"
    if not old and not any(published(runs / name) for name in studies(runs)):
        return []
    return [] if old == _page(places) else [path]


def write(places: Places) -> list[str]:
    """Write the index from what is published now."""
    path = _path(places)
    with _one_at_a_time(places):
        make_folder(path.parent)
        remove_partial(path.parent)
        write_text(path, _page(places), durable=True)
    return []


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
            told.append(site.listed(study, published(runs / study), withdrawn))
        except (ArchiveError, OSError):
            continue  # a folder of another user, say; verify names it
    return site.page(told)


def _day(text: str | None) -> dt.date:
    return dt.date.fromisoformat(text or "")


@contextmanager
def _one_at_a_time(places: Places) -> Iterator[None]:
    """Of two studies that finish together, the second reads what the first has published."""
    from filelock import FileLock

    # In a project of a group, the next one who publishes may be another of its members.
    with FileLock(places.root / "runs" / ".index.lock", mode=0o664):
        yield
