"""Runs that somebody wants to be told about as soon as they are published.

Between a run that is published and its mails in the outbox a machine may stop. So the wish is written down
before the run begins, and taken back when its mails are queued, or when it failed.
"""

from __future__ import annotations

import datetime as dt
import json

from segcore.archive.places import Places, date_of
from segcore.files import make_folder, write_text

FILE = ".to-tell.json"


def promised(places: Places) -> list[dt.date]:
    """The dates of such runs, ascending; what cannot be read promises nothing."""
    try:
        told = json.loads((places.runs / FILE).read_text(encoding="utf-8"))
        return sorted(date for text in told if isinstance(text, str) and (date := date_of(text)))
    except (OSError, ValueError, TypeError):
        return []


def promise(places: Places, date: dt.date) -> None:
    """Write down that a run is to be told about; the disk has it then."""
    make_folder(places.runs)
    _write(places, {*promised(places), date})


def forget(places: Places, date: dt.date) -> None:
    """Take it back."""
    if date in (dates := promised(places)):
        _write(places, {*dates} - {date})


def _write(places: Places, dates: set[dt.date]) -> None:
    path = places.runs / FILE
    if dates:
        write_text(path, json.dumps(sorted(map(str, dates))), durable=True)
    else:
        path.unlink(missing_ok=True)
