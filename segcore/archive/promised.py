"""Runs that somebody wants to be told about as soon as they are published.

Between a run that is published and its mails in the outbox a machine may stop. So the wish is written down
before the run begins, and taken back when its mails are queued, or when it failed. Each wish is a file of its
own beside the runs, with the run's date in its name: whoever takes one back leaves those of others.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from pathlib import Path

from segcore.archive.places import Places, date_of
from segcore.files import flush, make_folder, write_text

PREFIX = ".to-tell-"
TEXT = "Mails about this run are to be made; segcore send makes them, and removes this file.\n"

OLD = ".to-tell.json"
"""Here all wishes stood once, as a list of dates."""


def promised(places: Places) -> list[dt.date]:
    """The dates of the runs that somebody is to be told about, ascending."""
    return sorted({*_found(places), *_old(places)})


def wishes(places: Places) -> dict[dt.date, list[Path]]:
    """Run date → the wishes to tell about it, ascending; wishes of the old file are made such files."""
    for date in _old(places):
        promise(places, date)
    (places.runs / OLD).unlink(missing_ok=True)
    return _found(places)


def promise(places: Places, date: dt.date) -> Path:
    """Write down that a run is to be told about, and wait until the disk has it; gives the wish."""
    make_folder(places.runs)
    path = places.runs / f"{PREFIX}{date}-{secrets.token_hex(8)}"
    write_text(path, TEXT, durable=True)
    return path


def forget(wish: Path) -> None:
    """Take it back, unless that is done."""
    if wish.exists():
        wish.unlink(missing_ok=True)
        flush(wish.parent)


def _found(places: Places) -> dict[dt.date, list[Path]]:
    found: dict[dt.date, list[Path]] = {}
    for path in sorted(places.runs.glob(f"{PREFIX}*")):
        if date := date_of(path.name.removeprefix(PREFIX)[:10]):
            found.setdefault(date, []).append(path)
    return found


def _old(places: Places) -> list[dt.date]:
    """The dates in the old file; what cannot be read promises nothing."""
    try:
        told = json.loads((places.runs / OLD).read_text(encoding="utf-8"))
        return sorted(date for text in told if isinstance(text, str) and (date := date_of(text)))
    except (OSError, ValueError, TypeError):
        return []
