"""From a published run to mails in the outbox: all of them or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive import Places
from segcore.archive.places import DRY_RUN
from segcore.errors import ArchiveError, MailError
from segcore.files import remove
from segcore.mail import reasons
from segcore.mail.entries import Mail, Skip
from segcore.mail.outbox import Outbox
from segcore.mailing.asked import Asked
from segcore.mailing.composing import everybody, mails, source, wanted
from segcore.mailing.dry_run import write
from segcore.mailing.fates import HAVE, MADE_AGAIN, REFUSED
from segcore.mailing.noticed import with_age, with_languages
from segcore.mailing.opening import opened
from segcore.mailing.ready import Ready, check_erased, check_still, ready
from segcore.mailing.reps_today import checked_today
from segcore.wording import count

if TYPE_CHECKING:
    from segcore.mail.contents import Source
    from segcore.mail.letter import Recipient
    from segcore.params import Study


@dataclass(frozen=True)
class Queued:
    """What became of a run's mails.

    Parameters
    ----------
    run
        The run's date.
    queued, had, made_again, skipped, lost, amiss
        How many mails wait now; how many recipients have had theirs; how many have had one about the run
        before it was made again; how many get nothing; to how many it was refused, or came back; how many
        of those who get nothing should get a mail.
    told
        What a user should know, one sentence each.
    """

    run: str
    queued: int = 0
    had: int = 0
    made_again: int = 0
    skipped: int = 0
    told: tuple[str, ...] = ()
    lost: int = 0
    amiss: int = 0


def queue(places: Places, study: Study, date: dt.date | None, asked: Asked) -> Queued:
    """Put the mails of a published run into the outbox, in one step; nobody gets the same twice.

    Parameters
    ----------
    places, study
        The study.
    date
        The run's date, None for the latest.
    asked
        Which mails somebody wants.

    Raises
    ------
    ArchiveError
        If the run is not published, not as it was sealed, or made again meanwhile; nothing was queued.
    MailError
        If somebody cannot be told, or nobody is left to be told again; nothing was queued.
    """
    run = ready(places, study, date)
    with source(run) as found:
        people = everybody(run, found, asked)
        with opened(places) as outbox:
            return add(outbox, run, found, people, asked)


def copied(outbox: Outbox, places: Places, study: Study, date: dt.date | None, asked: Asked) -> Queued:
    """Put the mails of a run into an outbox that nobody keeps, to look at them; else as :func:`queue`."""
    run = ready(places, study, date)
    with source(run) as found:
        return add(outbox, run, found, everybody(run, found, asked), asked)


def add(outbox: Outbox, run: Ready, found: Source, people: Sequence[Recipient], asked: Asked) -> Queued:
    """Put the mails to some people into an outbox.

    Parameters
    ----------
    outbox
        The outbox.
    run, found
        The run, and what is in it.
    people
        Who was asked for.
    asked
        Which mails somebody wants.
    """
    run, told = checked_today(run, wanted(run, people, asked, outbox.log(run=run.date), outbox.last_sent))
    run = with_age(run, found, told, asked.today)
    skips: list[Skip] = []
    added = outbox.add(_only_mails(run, mails(run, found, told, asked), skips), skips, asked.now)
    had = told.had(HAVE) + added.already
    if asked.again and asked.only is None and not added.queued and had:
        raise _nothing_again(run, had)
    return Queued(
        run.date,
        added.queued,
        had,
        told.had(MADE_AGAIN),
        len(skips),
        tuple(run.told),
        told.had(REFUSED),
        amiss=sum(reasons.is_amiss(skip.why) for skip in skips),
    )


def _only_mails(run: Ready, made: Iterator[Mail | Skip], skips: list[Skip]) -> Iterator[Mail]:
    for one in made:
        if isinstance(one, Skip):
            skips.append(one)
        else:
            yield one
    check_still(run.run)


def _nothing_again(run: Ready, had: int) -> MailError:
    stand = "1 mail about it stands" if had == 1 else f"{count(had)} mails about it stand"
    return MailError(
        f"--again must follow a run that was made again, or mails that were refused ({run.places.study} "
        f"{run.date} is as it was, and {stand} in the outbox); leave --again out"
    )


def dry_run(places: Places, study: Study, date: dt.date | None, asked: Asked) -> tuple[Path, Ready]:
    """Write the mails of a run as files, and a page that shows them; nothing is queued.

    Parameters
    ----------
    places, study, date, asked
        As for :func:`queue`. Those who have had their mail get one here too, for somebody wants to see it.

    Returns
    -------
    tuple
        The first page, and the run.
    """
    run = ready(places, study, date)
    with source(run) as found:
        people = everybody(run, found, asked)
        run, told = checked_today(run, wanted(run, people, asked, (), lambda address, what: None))
        run = with_languages(with_age(run, found, told, asked.today), found, told)
        with _unerased(places, run):
            page = write(places, run.date, mails(run, found, told, asked), run.told)
    return page, run


@contextmanager
def _unerased(places: Places, run: Ready) -> Iterator[None]:
    """Leave no mails of a dry run that began before somebody was erased: the person may stand in them."""
    folder = places.runs / DRY_RUN / run.date
    try:
        yield
    except FileNotFoundError:
        if folder.is_dir():
            raise
        raise MailError(
            f"{folder}: must stay while mails are written there (it was removed, as when somebody is erased "
            "or another dry run begins); try again"
        ) from None
    try:
        check_erased(places)
        check_still(run.run)
    except (ArchiveError, MailError):
        remove(folder)
        raise
