"""``reports/STUDY/RUN_DATE/report.html`` where a report leads to one that has expired: it says so.

Nothing is published at such a date, and nothing but this page lies in the folder.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from pathlib import Path

from segcore.archive.finding import published
from segcore.archive.ledger import read_ledger
from segcore.archive.manifest import open_run
from segcore.archive.marked import is_ours, marked, there
from segcore.archive.places import MANIFEST, Places, dated
from segcore.errors import ArchiveError, SegcoreError
from segcore.files import flush, make_folder, write_text
from segcore.outputs import PAGE

SIGN = '<meta name="segcore-expired"'
"""Stands in such a page and in no other."""


def missing(places: Places) -> list[Path]:
    """The pages that should be there and are not, and those that should not be there any more."""
    wanted, ours = _wanted(places), _there(places)
    return [*(path for path in wanted if path not in ours), *(path for path in ours if path not in wanted)]


def write(places: Places) -> list[str]:
    """Write the pages that are missing and remove those that nothing leads to; what others wrote stays."""
    wanted, ours = _wanted(places), _there(places)
    for path in (path for path in ours if path not in wanted):
        path.unlink()
        with contextlib.suppress(OSError):
            path.parent.rmdir()
    for path, on in wanted.items():
        if path not in ours:
            make_folder(path.parent)
            write_text(path, marked(_page(places, path, on)), durable=True)
    if wanted or ours:
        flush(places.reports)
    return []


def is_one(path: Path) -> bool:
    """Whether a page is one that says that a report has expired, as it was written."""
    text = there(path)
    return SIGN in text and is_ours(text)


def _there(places: Places) -> list[Path]:
    return [path for folder in dated(places.reports) if is_one(path := folder / PAGE)]


def _wanted(places: Places) -> dict[Path, dt.date]:
    """Where a page must be, and when the run was removed; not where somebody put a page."""
    ledger = read_ledger(places.runs)
    found: dict[Path, dt.date] = {}
    for folder in published(places.runs):
        date = _previous(folder)
        last, path = ledger.last(date), places.reports / date / PAGE
        if date and last and last.event == "expired" and (is_one(path) or not os.path.lexists(path)):
            found[path] = dt.date.fromisoformat(last.on or date)
    return found


def _previous(folder: Path) -> str:
    """The date of the run that a run was compared with, "" for none."""
    try:
        recorded = json.loads((folder / MANIFEST).read_bytes())["previous"]
        return str(recorded["run_date"]) if recorded else ""
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _page(places: Places, path: Path, on: dt.date) -> str:
    from segcore import language
    from segcore.report import site
    from segcore.report.summary import summary

    try:
        newest = dict(summary(open_run(published(places.runs)[-1]).folder))
    except (ArchiveError, SegcoreError, OSError, ValueError, TypeError, IndexError):
        newest = {}
    spoken = str(newest.get("language", "en"))
    with language.spoken(spoken if spoken in language.LANGUAGES else "en"):
        title = str(newest.get("title", places.study))
        return site.expired(places.study, title, dt.date.fromisoformat(path.parent.name), on) + "\n"
