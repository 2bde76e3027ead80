"""Who gets a mail about a run, who has had it, and who gets none and why: one decision for each recipient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.mail.entries import LOST
from segcore.mail.subscriptions import Monthly

if TYPE_CHECKING:
    from segcore.mail.entries import Entry
    from segcore.mail.letter import Recipient
    from segcore.mail.subscriptions import Subscription

HAVE = "had"
"""A mail about the run as it is was queued for the recipient already."""

REFUSED = "refused"
"""A mail about the run as it is was refused, or came back; ``--again`` makes another one."""

MADE_AGAIN = "made again"
"""The recipient has had a mail about the run as it was before it was made again."""


@dataclass(frozen=True)
class Fate:
    """What becomes of one recipient.

    Parameters
    ----------
    edition
        The number of the mail among those about this run; 0 if there is none.
    corrected
        Whether it takes the place of one that the recipient has had.
    had
        Why none is needed, :data:`HAVE`, :data:`REFUSED` or :data:`MADE_AGAIN`; "" if it is.
    skip
        Why the recipient gets nothing; "" if that is not so.
    """

    edition: int = 0
    corrected: bool = False
    had: str = ""
    skip: str = ""


def by_recipient(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """The mails of a run by what they are about and the address in small letters, by their editions."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.state != "skipped":
            found.setdefault((entry.what, entry.address.lower()), []).append(entry)
    return {key: sorted(mails, key=lambda entry: entry.edition) for key, mails in found.items()}


def fate(mails: Sequence[Entry], seals: Collection[str], *, again: bool) -> Fate:
    """What becomes of a recipient who is due.

    Parameters
    ----------
    mails
        Earlier mails about the run to the recipient, by edition.
    seals
        The hashes of the run as it is.
    again
        Whether another one was asked for.
    """
    if not mails:
        return Fate(1)
    last = mails[-1]
    reached = any(mail.state not in LOST for mail in mails)
    if last.seal in seals:
        lost = last.state in LOST
        return Fate(last.edition + 1) if lost and again else Fate(had=REFUSED if lost else HAVE)
    if not reached:
        return Fate(last.edition + 1)
    return Fate(last.edition + 1, corrected=True) if again else Fate(had=MADE_AGAIN)


def not_due(recipient: Recipient, date: str, latest: str, last: dt.date | None, today: dt.date) -> str:
    """Why a recipient is told nothing today, "" if something is due; see :mod:`segcore.mail.reasons`.

    Parameters
    ----------
    recipient
        Who, and when something is wanted.
    date, latest
        The date of the run, and of the latest run of the study.
    last
        When the recipient's last mail about this was queued.
    today
        The day.
    """
    from segcore.mail import reasons

    when = recipient.subscription.when
    if not isinstance(when, Monthly):
        return ""
    if date != latest:
        return reasons.LATEST.format(day=latest)
    day = last_day(when.monthly, today)
    if today.day < when.monthly and (date > str(day) or (last and last >= day)):
        return reasons.NOT_BEFORE.format(day=today.replace(day=when.monthly))
    return reasons.THIS_MONTH.format(day=last) if last and last >= day else ""


def may_be_due(subscriptions: Iterable[Subscription], latest: str, today: dt.date) -> bool:
    """Whether a monthly mail about the latest run can be due at all; without a look at who has had one."""
    months = (one.when.monthly for one in subscriptions if isinstance(one.when, Monthly))
    return any(today.day >= monthly or latest <= str(last_day(monthly, today)) for monthly in months)


def last_day(monthly: int, today: dt.date) -> dt.date:
    """The latest day of this number up to today: where nothing was sent on it, the machine was off, say."""
    first = today.replace(day=1)
    month = first if today.day >= monthly else first - dt.timedelta(days=1)
    return month.replace(day=monthly)
