"""From a run, or the day, to mails that are sent: queue what is wanted, then send what waits."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.archive.mail_pages import has_outbox
from segcore.archive.promised import forget
from segcore.archive.promised import promised as wished
from segcore.errors import LockedError, MailError, SegcoreError, StoppedError
from segcore.mail.entries import FAILURE, WAITING
from segcore.mail.outbox import Outbox
from segcore.mailing.asked import Asked
from segcore.mailing.failures import Failed
from segcore.mailing.failures import queue as tell
from segcore.mailing.job import Job
from segcore.mailing.looking import renew
from segcore.mailing.opening import check_there
from segcore.mailing.outdated import Watch, outdated
from segcore.mailing.owed import erased, promised
from segcore.mailing.ready import check_erased, settings
from segcore.mailing.sent import Sent

if TYPE_CHECKING:
    from segcore.mailing.queueing import Queued


def send_run(job: Job, date: dt.date | None) -> Sent:
    """Queue the mails of a run, and send them with all that wait of its study.

    Parameters
    ----------
    job
        What is to be done.
    date
        The run's date, None for the latest.

    Raises
    ------
    SegcoreError
        As :func:`segcore.mailing.queueing.queue`, and if no mail could be sent at all.
    """
    from segcore.mailing.queueing import queue

    if job.test_to:
        return _test(job, date)
    _check(job)
    told = outdated(job.places, job.asked.now)
    with _owners_told(job, date):
        one = queue(job.places, job.study, date, job.asked)
    if job.wish:
        forget(job.wish)
    for owed in promised(job) if job.asked.to is None else ():
        if str(owed.date) == one.run:
            owed.settle()
    return send_waiting(job, [one], told)


def send_study(job: Job) -> Sent:
    """Send what waits of a study, what is due by the month, and what was promised; for timers.

    Raises
    ------
    SegcoreError
        As :func:`send_run`; what could be sent is sent before.
    """
    from segcore.mail.subscriptions import load_subscriptions
    from segcore.mailing.fates import may_be_due
    from segcore.mailing.queueing import queue

    if job.test_to:
        return _test(job, None)
    _check(job)
    subscriptions = load_subscriptions(job.study)
    done: list[Queued] = []
    problems: list[str] = []
    told = outdated(job.places, job.asked.now)
    there = [folder.name for folder in archive.published(job.places.runs)]
    whole: set[str] = set()
    for owed in chain(promised(job), erased(job)):
        try:
            with _owners_told(job, owed.date):
                one = queue(job.places, job.study, owed.date, owed.asked)
            done.append(one)
            if owed.asked.only is None:
                whole.add(one.run)
            if job.asked.to is None:
                owed.settle()
        except SegcoreError as error:
            problems += error.problems
    if there and there[-1] not in whole and may_be_due(subscriptions, there[-1], job.asked.today):
        try:
            one = queue(job.places, job.study, None, replace(job.asked, monthly_only=True))
            done += [one] if one.queued or one.skipped else []
        except SegcoreError as error:
            problems += error.problems
    sent = send_waiting(job, done, told)
    if problems:
        for line in sent.lines if done or sent.outcome else told:
            job.tell(line)
        raise MailError(*dict.fromkeys([*problems, *sent.ended]))
    return sent


@contextmanager
def _owners_told(job: Job, date: dt.date | None) -> Iterator[None]:
    """Tell the owners if no mails can be made of a run that somebody wanted to be told about."""
    try:
        yield
    except (LockedError, StoppedError):
        raise
    except SegcoreError:
        if date in wished(job.places):
            for line in tell_owners(job, Failed(date, unmade=True)):
                job.tell(f"segcore: {line}")
        raise


def tell_owners(job: Job, failed: Failed) -> list[str]:
    """Send the owners of a study a mail about a run that failed; what goes wrong with that is told."""
    try:
        if not tell(job.places, job.study, failed, job.asked.now):
            return []
        sent = send_waiting(job, what=FAILURE)
        sent.check()
        return [*sent.told, f"the owners of {job.study.name} were told of it by mail"]
    except (SegcoreError, OSError) as fault:
        told = fault.problems if isinstance(fault, SegcoreError) else (str(fault),)
        return [f"warning: not all mails about the failure are sent: {one}" for one in told]


def dry_run(job: Job, date: dt.date | None) -> tuple[Path, Sequence[str]]:
    """Write the mails of a run as files and pages; the first page, and what a user should know."""
    from segcore.mailing.queueing import dry_run as written

    page, run = written(job.places, job.study, date, _to_see(job))
    return page, run.told


def _to_see(job: Job) -> Asked:
    """What was asked, by who wants to see it: what somebody gets who was named, due or not."""
    return replace(job.asked, anyway=job.asked.to is not None)


def send_waiting(
    job: Job, done: Sequence[Queued] = (), told: Sequence[str] = (), *, what: str | None = None
) -> Sent:
    """Send what waits, and show on the page what became of it; nothing while somebody is being erased.

    Parameters
    ----------
    job
        Whose mails.
    done, told
        What was queued before, and what a user should know of it.
    what
        Only what is about this; None for all.
    """
    from segcore.mail.rate import Limits
    from segcore.mail.sending import Wish, send

    places, told = job.places, [*told]
    check_erased(places)
    if not has_outbox(places):
        return Sent(job.study.name, done)
    try:
        with Outbox.open(places.outbox) as outbox:
            watch = Watch(places, outbox, job.clock.now, told)
            watch.drop()
            to = job.asked.to
            counts = outbox.counts(what=what)
            if not any(counts[state] for state in WAITING) or outbox.of(to) == []:
                return Sent(job.study.name, done, None, told)
            wish = Wish(job.tell, to, what=what, wait=job.wait, watch=watch)
            outcome = send(outbox, _server(job), Limits.of(settings(job.study)), job.clock, wish)
    except SegcoreError:
        for line in Sent(job.study.name, done, None, told).lines if done else ():
            job.tell(line)  # the error says nothing of what was queued before
        raise
    finally:
        told += renew(places)
    return Sent(job.study.name, done, outcome, told)


def _check(job: Job) -> None:
    """What is wrong with the settings, or with what lies there, is told before anything is queued."""
    _server(job)
    check_erased(job.places)
    check_there(job.places)


def _server(job: Job) -> Any:
    from segcore.mail.server import server

    return server(settings(job.study), os.environ)


def _test(job: Job, date: dt.date | None) -> Sent:
    """Send the mails of a run to one address, from an outbox that nobody keeps."""
    from segcore.mail.rate import Limits
    from segcore.mail.sending import Wish, send
    from segcore.mailing.queueing import copied
    from segcore.temporary import Temporary

    server, limits = replace(_server(job), stays="a test queues no mail"), Limits.of(settings(job.study))
    with Temporary("mail") as folder, Outbox.open(folder / archive.OUTBOX, make=True) as outbox:
        one = copied(outbox, job.places, job.study, date, _to_see(job))
        outcome = send(outbox, server, limits, job.clock, Wish(job.tell, test_to=job.test_to))
    told = [*one.told, f"{job.study.name} {one.run}: to {job.test_to} only; none counts as sent"]
    return Sent(job.study.name, (), replace(outcome, waiting=0, next_at=None), told)
