"""Runs that were kept as long as their study says: removed whole with their report, or not at all.

The ledger's entry comes first, then renames to names that every command removes, the run's folder the last of
them. So a run of which the ledger says so and whose folder still has its name was not finished.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from segcore.archive.ledger import Entry, read_ledger, record
from segcore.archive.manifest import manifest_sha256
from segcore.archive.places import Places
from segcore.files import SCRATCH, move, remove


def expire(places: Places, date: dt.date, *, on: dt.date) -> None:
    """Remove the published run of a date, with its report; the caller holds the study's lock.

    Parameters
    ----------
    places
        The study.
    date
        The run's date. It may be damaged, and somebody may have deleted its folder.
    on
        The day on which somebody decided so.
    """
    old, there = read_ledger(places.runs).standing(date), manifest_sha256(places.published(date))
    record(
        places.runs,
        Entry("expired", str(date), old=old or there, on=str(on), damaged=there != old or None),
    )
    take_away(places, date)


def is_expiring(places: Places, date: dt.date, last: Entry | None) -> bool:
    """Whether the published run of a date was to be removed, and is there yet."""
    if not (last and last.event == "expired" and os.path.lexists(places.published(date))):
        return False
    return bool(last.damaged) or manifest_sha256(places.published(date)) == last.old


def take_away(places: Places, date: dt.date) -> None:
    """Remove the published run of a date, its report, and what was edited in that."""
    reports, run = places.reports, places.published(date)
    edited = reports / f"{SCRATCH}edited-{date}"
    for source, hidden in (
        (reports / str(date), reports / f"{SCRATCH}{date}"),
        (places.edited / str(date), edited),
        (run, run.with_name(f"{SCRATCH}{date}")),
    ):
        if os.path.lexists(source):
            remove(hidden)
            move(source, hidden)
    for hidden in (reports / f"{SCRATCH}{date}", edited, run.with_name(f"{SCRATCH}{date}")):
        remove(hidden)


def belonging(places: Places, date: dt.date) -> list[Path]:
    """The folders that go together: the run of a date, its report, and what was edited in that."""
    folders = (places.published(date), places.reports / str(date), places.edited / str(date))
    return [folder for folder in folders if os.path.lexists(folder)]
