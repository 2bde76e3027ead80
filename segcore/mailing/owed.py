"""Mails that somebody wanted before and nobody has made yet: of a machine that stopped, or of an erasure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from segcore import archive
from segcore.archive.mail_pages import has_outbox
from segcore.archive.promised import forget, wishes
from segcore.errors import ArchiveError, LockedError
from segcore.mail.outbox import Outbox
from segcore.mailing.asked import Asked
from segcore.mailing.job import Job
from segcore.mailing.ready import same


@dataclass(frozen=True)
class Owed:
    """Mails about a run that are still to be made.

    Parameters
    ----------
    date
        The run's date.
    asked
        Which.
    settle
        Called when all of them are queued.
    """

    date: dt.date
    asked: Asked
    settle: Callable[[], None]


def promised(job: Job) -> Iterator[Owed]:
    """What was to follow a run whose maker was killed; the maker of one that is under way sees to it."""
    found = wishes(job.places)
    if not found or not _in_order(job):
        return
    for date, some in found.items():
        if job.places.published(date).is_dir():
            yield Owed(date, job.asked, partial(_forget, some))


def _forget(found: Sequence[Path]) -> None:
    for wish in found:
        forget(wish)


def _in_order(job: Job) -> bool:
    """Whether no run is under way; what a killed one left is finished first."""
    try:
        with archive.locked(job.places):
            for sentence in archive.heal(job.places):
                job.tell(sentence)
    except LockedError:
        return False
    except (ArchiveError, OSError):
        pass  # what is published can be told
    return True


def erased(job: Job) -> Iterator[Owed]:
    """What was taken out because somebody was erased, if its run still stands: these mails and no others."""
    if not has_outbox(job.places):
        return
    with Outbox.open(job.places.outbox) as outbox:
        taken = outbox.owed()
    ledger = archive.read_ledger(job.places.runs)
    for run in sorted({run for run, *_ in taken}):
        seals = same(ledger, ledger.standing(run))
        only = {(what, to.lower()) for of, seal, what, to in taken if of == run and seal in seals}
        date = archive.date_of(run)
        if only and date and job.places.published(date).is_dir():
            # Each of them was due, or asked for, once; so it is now, whatever the day.
            asked = replace(job.asked, only=only, again=True, anyway=True)
            yield Owed(date, asked, partial(_settle, job, run))


def _settle(job: Job, run: str) -> None:
    with Outbox.open(job.places.outbox) as outbox:
        outbox.settle(run)
