"""What somebody asked of mails, and the day and the moment at which it was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """Which mails somebody wants to be queued.

    Parameters
    ----------
    today
        The day by which monthly mails are due.
    now
        The moment that stands in the mails and in the outbox.
    again
        Whether those who have had a mail about the run get another one, now that it was made again.
    to
        Only what goes to somebody, see :func:`segcore.mail.who.meant`; None for everybody.
    monthly_only
        Whether those who get a mail about each run are left out, for nobody said that they are to be told.
    anyway
        Whether monthly mails are made that are not due, for somebody wants to see them.
    only
        Only these mails, by what they are about and the address in small letters; None for all.
    """

    today: dt.date
    now: dt.datetime
    again: bool = False
    to: str | None = None
    monthly_only: bool = False
    anyway: bool = False
    only: Collection[tuple[str, str]] | None = None
