"""Runs are taken back and put back, and the ledger says when and why."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from segcore import archive
from segcore.archive import Entry, Places
from segcore.archive.places import date_of
from segcore.errors import ArchiveError
from segcore.files import move


@dataclass(frozen=True)
class Decision:
    """When a person decided something, and why."""

    on: dt.date
    because: str

    def __post_init__(self) -> None:
        if not self.because.strip() or not self.because.isprintable():
            raise ArchiveError(
                f"--because must be a reason in one line of text (got {self.because!r}); say why"
            )


def withdraw(named: str, decision: Decision, *, root: Path) -> list[str]:
    """Take a published run back. It is kept, and no later run is compared with it any more.

    Parameters
    ----------
    named
        ``STUDY/RUN_DATE``, or the run's folder. A damaged run, and one that somebody has deleted,
        can be withdrawn too.
    decision
        When and why.
    root
        The project's folder.

    Returns
    -------
    list of str
        What was done and what should be done now, one sentence each.

    Raises
    ------
    ArchiveError
        If there is no such run.
    LockedError
        If a run of the study is under way.
    """
    places, date = _study_and_date(named, root)
    with archive.locked(places):
        told = archive.heal(places)
        folder, ledger = places.published(date), archive.read_ledger(places.runs)
        there = folder.is_dir()
        if not there and not ledger.standing(date):
            raise ArchiveError(
                f"{named!r} must name a published run, like demo/2025-12-31, or its folder (there is none); "
                "segcore list shows what there is"
            )
        old = archive.manifest_sha256(folder) if there else ledger.standing(date)
        damaged = not (there and archive.is_whole(folder)) or None
        archive.record(
            places.runs,
            Entry("withdrawn", str(date), old, None, str(decision.on), decision.because, damaged),
        )
        kept = (
            f"it is kept in {archive.take_out(places, date, 'withdrawn')}" if there else "it was gone before"
        )
        told += [f"{places.study} {date}: withdrawn; {kept}", *archive.finish(places)]
    return [*told, *_stale(places)]


def restore(named: str, decision: Decision, *, root: Path) -> list[str]:
    """Publish a withdrawn run again.

    Parameters
    ----------
    named
        ``STUDY/RUN_DATE`` for the run of that date that was withdrawn last, or the folder of any
        withdrawn or superseded run.
    decision, root
        As for :func:`withdraw`.

    Returns
    -------
    list of str
        What was done and what should be done now, one sentence each.

    Raises
    ------
    ArchiveError
        If there is no such run, it is damaged, or another run of its date is published.
    LockedError
        If a run of the study is under way.
    """
    places, date = _study_and_date(named, root)
    with archive.locked(places):
        told = archive.heal(places)
        kept = _kept(named, places, date)
        run = archive.open_run(kept)
        wrong = archive.differences(run)
        if wrong:
            raise ArchiveError(*wrong)
        if places.published(date).exists():
            raise ArchiveError(
                f"{places.published(date)}: must not be there (a run of {date} is published); "
                f"withdraw it first: segcore withdraw {places.study}/{date} --because WHY"
            )
        archive.record(
            places.runs,
            Entry("restored", str(date), None, run.sha256, str(decision.on), decision.because),
        )
        move(kept, places.published(date))
        told += [f"{places.study} {date}: published again", *archive.finish(places)]
    return [*told, *_stale(places)]


def _kept(named: str, places: Places, date: dt.date) -> Path:
    folder = Path(named)
    if folder.resolve() in [path.resolve() for path in places.asides()]:
        return folder
    last = archive.read_ledger(places.runs).last(date)
    withdrawn = last.old if last and last.event == "withdrawn" else None
    kept = archive.kept_aside(places, date, withdrawn) if withdrawn else None
    if kept is None:
        raise ArchiveError(
            f"{named!r} must name a withdrawn run, like demo/2025-12-31, or the folder where it is kept "
            "(there is none); segcore list shows what there is"
        )
    return kept


def _study_and_date(named: str, root: Path) -> tuple[Places, dt.date]:
    """Which run a user means, by ``STUDY/RUN_DATE`` or by a folder, published or kept aside."""
    runs = Path(os.path.abspath(root / "runs"))
    for folder in (root / "runs" / named, Path(named)):
        at = Path(os.path.abspath(folder))
        inside = at.relative_to(runs).parts if at.is_relative_to(runs) else ()
        date = date_of(at.name[:10])
        if len(inside) > 1 and date and (runs / inside[0]).is_dir():
            return Places(root, inside[0]), date
    raise ArchiveError(
        f"{named!r} must name a run, like demo/2025-12-31, or its folder (there is none); "
        "segcore list shows what there is"
    )


def _stale(places: Places) -> list[str]:
    """What to say about runs that were compared with another run than stands before them now."""
    stale = list(archive.stale(archive.opened(archive.published(places.runs))[0]))
    if not stale:
        return []
    return [
        f"{places.study}: stale, for a run before changed: {', '.join(stale)}; to make again: "
        f"segcore backfill {places.study} --from {stale[0]} --to {stale[-1]}"
    ]
