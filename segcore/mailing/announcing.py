"""A run that is told about as soon as it is published: what is asked before it, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Places
from segcore.archive.promised import forget, promise
from segcore.dates import latest_due
from segcore.errors import LockedError, StoppedError
from segcore.mailing.asked import Asked
from segcore.mailing.failures import Failed, check
from segcore.mailing.job import Job, moment
from segcore.mailing.ready import settings
from segcore.mailing.sending import tell_owners
from segcore.params.file import load_study

if TYPE_CHECKING:
    from segcore.params import Study


@dataclass
class Announced:
    """A run that is told about.

    Parameters
    ----------
    places
        The study.
    date
        The run's date; None as long as nobody knows it.
    wish
        That it is to be told about, see :mod:`segcore.archive.promised`.
    before
        The hash of the run of this date that was published before.
    """

    places: Places
    date: dt.date | None = None
    wish: Path | None = None
    before: str | None = None

    def is_of(self, date: dt.date) -> None:
        """Say its date. From now on the wish outlives a machine that stops."""
        self.date, self.before = date, self._standing
        self.wish = promise(self.places, date)

    def take_back(self) -> None:
        """Wish nothing any more."""
        if self.wish:
            forget(self.wish)

    @property
    def was_made(self) -> bool:
        """Whether the run was sealed meanwhile, so that it is published whatever happens."""
        return self.date is not None and (
            self._standing != self.before or self.date in archive.sealed(self.places)
        )

    @property
    def _standing(self) -> str | None:
        return archive.read_ledger(self.places.runs).standing(self.date) if self.date else None


@contextmanager
def announced(
    root: Path, path: Path, date: dt.date | None = None, *, today: dt.date | None = None
) -> Iterator[Announced]:
    """Tell the owners if the run that is made in this block fails, and keep in mind who else is to be told.

    Whatever mails need is asked before the run begins.

    Parameters
    ----------
    root, path
        The project, and the file of the study.
    date
        The run's date; None if it is asked for in the block, see :meth:`Announced.is_of`.
    today
        The day that a user gave, on which that is asked.

    Raises
    ------
    MailError
        If mails of the study could not be made or sent, before anything is done.
    """
    from segcore.mail.server import server
    from segcore.mail.subscriptions import load_subscriptions

    study = load_study(path)
    server(settings(study), os.environ)
    check(study)
    load_subscriptions(study)
    run = Announced(Places(root, study.name))
    if date:
        run.is_of(date)
    try:
        yield run
    except LockedError:
        run.take_back()  # another process makes the run, and has a wish of its own, or none
        raise
    except (StoppedError, KeyboardInterrupt):
        if not run.was_made:
            run.take_back()
        raise
    except Exception as error:
        run.take_back()
        now = moment(None)
        job = Job(root, study, Asked(now.date(), now))
        failed = Failed.of(error, run.places, run.date or _due(study, run.places, today or now.date()))
        for line in tell_owners(job, failed):
            job.tell(f"segcore: {line}")
        raise


def _due(study: Study, places: Places, today: dt.date) -> dt.date:
    """The date of the run that could not even be asked for, as far as the published ones tell it."""
    published = archive.published(places.runs)
    last = archive.date_of(published[-1].name) if published else None
    return (latest_due(last, study.run_every, today) if last else None) or today
