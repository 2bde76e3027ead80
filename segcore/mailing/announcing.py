"""A run that is told about as soon as it is published: what is asked before it, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.archive import Places
from segcore.errors import InputError, LockedError, SegcoreError, StageError, StoppedError
from segcore.mailing.asked import Asked
from segcore.mailing.failures import Failed
from segcore.mailing.job import Job, moment
from segcore.mailing.promised import forget, promise
from segcore.mailing.ready import settings
from segcore.mailing.sending import tell_owners
from segcore.params.file import load_study

FAILURES = (StageError, InputError)
"""What the owners are told of: a run that began, or could not begin with what was delivered."""


@contextmanager
def announced(root: Path, path: Path, date: dt.date) -> Iterator[None]:
    """Tell the owners if the run that is made in this block fails, and keep in mind who else is to be told.

    Whatever mails need is asked before the run begins. The wish outlives a machine that stops meanwhile.

    Parameters
    ----------
    root, path
        The project, and the file of the study.
    date
        The run's date.

    Raises
    ------
    MailError
        If mails of the study could not be made or sent, before anything is done.
    """
    from segcore.mail.server import server
    from segcore.mail.subscriptions import load_subscriptions

    study = load_study(path)
    server(settings(study), os.environ)
    load_subscriptions(study)
    places = Places(root, study.name)
    promise(places, date)
    try:
        yield
    except FAILURES as error:
        forget(places, date)
        job = Job(root, study, Asked(date, moment(None)))
        for line in tell_owners(job, Failed.of(error, places, date)):
            job.tell(f"segcore: {line}")
        raise
    except (LockedError, StoppedError):
        raise  # another process makes this run, or it is published by who puts the study in order
    except SegcoreError:
        forget(places, date)
        raise
