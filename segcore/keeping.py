"""Runs are taken back and put back, and the ledger says when and why."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

from segcore import archive
from segcore.archive import Entry, Places
from segcore.archive.mail_pages import readers
from segcore.archive.places import date_of
from segcore.errors import ArchiveError
from segcore.files import has_content, move
from segcore.sources.extracts import stored_path
from segcore.wording import count


@dataclass(frozen=True)
class Decision:
    """When a person decided something, and why; None if nobody said why."""

    on: dt.date
    because: str | None

    def __post_init__(self) -> None:
        if self.because is None:
            return
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
        If no such run is published.
    LockedError
        If a run of the study is under way.
    """
    places, date, folder = _named(named, root)
    with archive.locked(places):
        told = archive.heal(places)
        ledger, there = archive.read_ledger(places.runs), folder.is_dir()
        # What is kept aside is published no more, though a run of its date may be.
        if folder != places.published(date) or not (there or ledger.standing(date)):
            raise ArchiveError(
                f"{named!r} must name a published run, like demo/2025-12-31, or its folder (there is none); "
                "segcore list shows what there is"
            )
        old = ledger.standing(date)
        # What was edited and sealed again is whole, and yet it is not the run that was published.
        published = there and archive.is_whole(folder) and archive.manifest_sha256(folder) == old
        damaged = not published or None
        archive.record(
            places.runs,
            Entry("withdrawn", str(date), old, None, str(decision.on), decision.because, damaged),
        )
        kept = (
            f"it is kept in {archive.take_out(places, date, 'withdrawn')}" if there else "it was gone before"
        )
        if there and damaged:
            kept += "; it was not as it was published, so it cannot be restored"
        told += [f"{places.study} {date}: withdrawn; {kept}", *_mailed(places, date), *archive.finish(places)]
    return [*told, *archive.stale_advice(places)]


def _mailed(places: Places, date: dt.date) -> list[str]:
    """That readers have mails about a run which is withdrawn."""
    number = readers(places, str(date))
    have = "1 reader has" if number == 1 else f"{count(number)} readers have"
    told = f"{places.study} {date}: {have} had a mail about it, and none is sent that it is withdrawn; "
    return [f"{told}segcore mail log {places.study} --run {date} says who"] if number else []


def restore(named: str, decision: Decision, *, root: Path) -> list[str]:
    """Publish a withdrawn run again.

    Parameters
    ----------
    named
        ``STUDY/RUN_DATE`` for the run of that date that was withdrawn last, or the folder of any
        withdrawn or superseded run.
    decision
        When, and why if somebody says it.
    root
        The project's folder.

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
    places, date, folder = _named(named, root)
    with archive.locked(places):
        told = archive.heal(places)
        kept = _kept(folder, places, date)
        if kept is None:
            raise ArchiveError(
                f"{named!r} must name a withdrawn run, like demo/2025-12-31, or the folder where it is kept "
                "(there is none); segcore list shows what there is"
            )
        run = archive.open_run(kept)
        wrong = archive.differences(run)
        ledger = archive.read_ledger(places.runs)
        if ledger.was_damaged(date, run.sha256) or not ledger.knows(str(date), run.sha256):
            wrong.append(f"{kept}: must be a run that was published (the ledger knows none of its hash)")
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
        told += [f"{places.study} {date}: published again", *_not_kept(run, places), *archive.finish(places)]
    return [*told, *archive.stale_advice(places)]


def _not_kept(run: archive.Run, places: Places) -> list[str]:
    """What to say of the inputs of a run that are not kept any more, so that it cannot be repeated."""
    kept = [(entry, stored_path(places.inputs, entry["sha256"], entry["name"])) for entry in run.inputs]
    return [
        f"warning: {entry['name']} must be kept as it was delivered ({path} was altered or is missing); "
        "put it back from a copy, or the run cannot be repeated"
        for entry, path in kept
        if not has_content(path, entry["sha256"])
    ]


def print_report(named: str, *, root: Path) -> list[str]:
    """Print the report of a published run as PDF beside its copy, also where its study does not ask for it.

    Returns
    -------
    list of str
        What a user should know, and last where it is.

    Raises
    ------
    ArchiveError
        If there is no such published run.
    SegcoreError
        If it cannot be printed here.
    LockedError
        If a run of the study is under way.
    """
    places, date, folder = _named(named, root)
    with archive.locked(places):
        told = archive.heal(places)
        if folder != places.published(date) or not folder.is_dir():
            raise ArchiveError(
                f"{named!r} must name a published run, like demo/2025-12-31, or its folder (there is none); "
                "segcore list shows what there is"
            )
        path, more = archive.print_one(places, date)
        return [*told, *more, *archive.finish(places), f"{path}: printed"]


def _kept(folder: Path, places: Places, date: dt.date) -> Path | None:
    """The run that is kept aside in a folder, or the last withdrawn one of a published folder's date."""
    if folder != places.published(date):
        return folder if folder in places.asides(date) else None
    taken_back = archive.read_ledger(places.runs).withdrawn
    withdrawn = next((entry.old for entry in taken_back if entry.run_date == str(date)), None)
    return archive.kept_aside(places, date, withdrawn) if withdrawn else None


def _named(named: str, root: Path) -> tuple[Places, dt.date, Path]:
    """Study, run date and folder of the run that a user means, by ``STUDY/RUN_DATE`` or by a folder,
    which may be one that is kept aside."""
    runs = Path(os.path.abspath(root / "runs"))
    for folder in (root / "runs" / named, Path(named)):
        at = Path(os.path.abspath(folder))
        inside = at.relative_to(runs).parts if at.is_relative_to(runs) else ()
        date = date_of(at.name[:10])
        if len(inside) > 1 and date and (runs / inside[0]).is_dir():
            return Places(root, inside[0]), date, root / "runs" / Path(*inside)
    raise ArchiveError(
        f"{named!r} must name a run, like demo/2025-12-31, or its folder (there is none); "
        "segcore list shows what there is"
    )
