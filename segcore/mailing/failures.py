"""A run that failed, or of which no mails can be made, is told to the owners of the study and nobody else.

Their mail says which run, where it stopped and where to look. What a cell says may quote records of
customers, so nothing of it stands there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from segcore import language
from segcore.archive import Places
from segcore.errors import MailError, StageError
from segcore.mail.addresses import checked
from segcore.mail.entries import FAILURE, Entry, Mail
from segcore.mail.letter import Letter, Recipient
from segcore.mail.message import Stamp, message, wrong_with
from segcore.mail.subscriptions import Subscription
from segcore.mailing.composing import message_id, sender
from segcore.mailing.opening import opened
from segcore.mailing.ready import settings
from segcore.params import Study
from segcore.sentences import mailings as say


@dataclass(frozen=True)
class Failed:
    """A run that failed.

    Parameters
    ----------
    date
        Its date.
    cell
        The notebook and the number of the cell in which it stopped, None if it was in none.
    left
        Where its notebooks are as far as they came, seen from the project; "" if nothing is left.
    unmade
        Whether the run is published, and only its mails cannot be made.
    """

    date: dt.date
    cell: tuple[str, int] | None = None
    left: str = ""
    unmade: bool = False

    @classmethod
    def of(cls, error: Exception, places: Places, date: dt.date) -> Failed:
        """What may be told of an error: nothing that it says."""
        cell = error.cell if isinstance(error, StageError) else None
        kept = places.failed(date)
        left = kept.relative_to(places.root).as_posix() if cell and kept.is_dir() else ""
        return cls(date, cell, left)

    @property
    def mark(self) -> str:
        """The same for the same failure."""
        told = (self.date, "mails") if self.unmade else (self.date, self.cell)
        return hashlib.sha256(repr(told).encode()).hexdigest()


def check(study: Study) -> None:
    """Make sure that the owners of a study can be told, and that anybody can be by whom its mails come from.

    Raises
    ------
    MailError
        If an owner cannot get mails, or the sender's name is none for a header.
    """
    mail = settings(study)
    wrong = {owner: checked(owner, "", mail.allowed) for owner in mail.owners}
    problems = [f"{study.path}: mail.owners: {told}" for some in wrong.values() for told in some]
    problems += [f"{study.path}: {told}" for told in wrong_with(sender(study))]
    if problems:
        raise MailError(*problems)


def queue(places: Places, study: Study, failed: Failed, now: dt.datetime) -> int:
    """Queue a mail to each owner, unless the same was queued today: a timer tries again and again.

    That no mails can be made of a run is told once.

    Parameters
    ----------
    places, study
        The study.
    failed
        The run.
    now
        The moment.

    Returns
    -------
    int
        How many were queued.

    Raises
    ------
    MailError
        If an owner cannot get mails; nothing was queued.
    """
    check(study)
    owners = settings(study).owners
    if not owners:
        return 0
    with opened(places) as outbox:
        before = [entry for entry in outbox.log(run=str(failed.date)) if entry.what == FAILURE]
        made = [
            _mail(study, failed, owner, _edition(before, owner), now)
            for owner in owners
            if not any(_is_same(entry, owner, failed, now) for entry in before)
        ]
        return outbox.add(made, (), now).queued


def _edition(before: list[Entry], owner: str) -> int:
    theirs = (entry for entry in before if entry.address.lower() == owner.lower())
    return 1 + max((entry.edition for entry in theirs), default=0)


def _is_same(entry: Entry, owner: str, failed: Failed, now: dt.datetime) -> bool:
    today = entry.queued.astimezone().date() == now.astimezone().date()
    mine = (entry.address.lower(), entry.seal) == (owner.lower(), failed.mark)
    return mine and (today or failed.unmade)


def _mail(study: Study, failed: Failed, owner: str, edition: int, now: dt.datetime) -> Mail:
    from_ = sender(study)
    key = (study.name, str(failed.date), str(edition), FAILURE, owner)
    stamp = Stamp(message_id(key, from_.host), now)
    one = Recipient(owner, "", study.language, Subscription(to=owner, gets="report"))
    with language.spoken(study.language):
        letter = _letter(study, failed)
        raw = message(letter, one, from_, stamp)
    return Mail(
        run=str(failed.date),
        seal=failed.mark,
        edition=edition,
        what=FAILURE,
        address=owner,
        name="",
        rep=None,
        subject=letter.subject,
        language=study.language,
        message_id=stamp.message_id,
        attachments=(),
        customers=frozenset(),
        raw=raw,
    )


def _letter(study: Study, failed: Failed) -> Letter:
    if failed.unmade:
        subject = say.unmade(study.title, failed.date)
        told = (say.nobody_told(), say.why_unmade(study.name, failed.date))
        return Letter(subject, f"{subject}.", told, closing=say.failure_closing())
    where = say.failed_at(*failed.cell) if failed.cell else say.failed_before()
    look = say.look(failed.left) if failed.left else say.look_at_the_log(study.name)
    then = say.once_mended(study.name, failed.date, in_notebook=failed.cell is not None)
    subject = say.failed(study.title, failed.date)
    return Letter(subject, f"{subject}.", (where, look, then), closing=say.failure_closing())
