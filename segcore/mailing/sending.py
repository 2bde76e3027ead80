"""From a run, or the day, to mails that are sent: queue what is wanted, then send what waits."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import LockedError, MailError, SegcoreError, StoppedError
from segcore.mail.entries import FAILURE, WAITING
from segcore.mail.outbox import Outbox
from segcore.mailing.asked import Asked
from segcore.mailing.failures import Failed
from segcore.mailing.failures import queue as tell
from segcore.mailing.job import Job
from segcore.mailing.looking import renew
from segcore.mailing.opening import check_there
from segcore.mailing.promised import forget, promised
from segcore.mailing.ready import check_erased, same, settings
from segcore.mailing.sent import Sent
from segcore.wording import plural

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
    forget(job.places, dt.date.fromisoformat(one.run))
    return send_waiting(job, [one], told)


def send_study(job: Job) -> Sent:
    """Send what waits of a study, what is due by the month, and what was promised; for timers.

    Raises
    ------
    SegcoreError
        As :func:`send_run`; what could be sent is sent before.
    """
    from segcore.mail.subscriptions import Monthly, load_subscriptions
    from segcore.mailing.queueing import queue

    if job.test_to:
        return _test(job, None)
    _check(job)
    subscriptions = load_subscriptions(job.study)
    done: list[Queued] = []
    problems: list[str] = []
    told = outdated(job.places, job.asked.now)
    there = [folder.name for folder in archive.published(job.places.runs)]
    for date in _promised(job):
        try:
            with _owners_told(job, date):
                done.append(queue(job.places, job.study, date, job.asked))
            forget(job.places, date)
        except SegcoreError as error:
            problems += error.problems
    months = [one.when.monthly for one in subscriptions if isinstance(one.when, Monthly)]
    if there and months and min(months) <= job.asked.today.day and there[-1] not in {one.run for one in done}:
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
        if date in promised(job.places):
            for line in tell_owners(job, Failed(date, unmade=True)):
                job.tell(f"segcore: {line}")
        raise


def tell_owners(job: Job, failed: Failed) -> list[str]:
    """Send the owners of a study a mail about a run that failed; what goes wrong with that is told."""
    try:
        if not tell(job.places, job.study, failed, job.asked.now):
            return []
        sent = send_waiting(job, ())
        sent.check()
        return [*sent.told, f"the owners of {job.study.name} were told of it by mail"]
    except (SegcoreError, OSError) as fault:
        told = fault.problems if isinstance(fault, SegcoreError) else (str(fault),)
        return [f"warning: not all mails about the failure are sent: {one}" for one in told]


def _promised(job: Job) -> list[dt.date]:
    """The published runs that somebody wanted to be told about; one that was killed is put in order first."""
    from segcore.archive.listing import put_in_order

    dates = promised(job.places)
    if any(not job.places.published(date).is_dir() for date in dates):
        put_in_order(job.places, job.tell)
    return [date for date in dates if job.places.published(date).is_dir()]


def dry_run(job: Job, date: dt.date | None) -> tuple[Path, Sequence[str]]:
    """Write the mails of a run as files and pages; the first page, and what a user should know."""
    from segcore.mailing.queueing import dry_run as written

    page, run = written(job.places, job.study, date, _to_see(job))
    return page, run.told


def _to_see(job: Job) -> Asked:
    """What was asked, by who wants to see it: what somebody gets who was named, due or not."""
    return replace(job.asked, anyway=job.asked.to is not None)


def send_waiting(job: Job, done: Sequence[Queued], told: Sequence[str] = ()) -> Sent:
    """Send what waits, and show on the page what became of it; nothing while somebody is being erased."""
    from segcore.mail.rate import Limits
    from segcore.mail.sending import Wish, send

    places, told = job.places, [*told]
    check_erased(places)
    if not has_outbox(places):
        return Sent(job.study.name, done)
    try:
        with Outbox.open(places.outbox) as outbox:
            if not any(outbox.counts()[state] for state in WAITING):
                return Sent(job.study.name, done, None, told)
            limits = Limits.of(settings(job.study))
            to = job.asked.to
            if outbox.of(to) == []:
                return Sent(job.study.name, done, None, told)
            wish = Wish(job.tell, to, wait=job.wait)
            outcome = send(outbox, _server(job), limits, job.clock, wish)
    except SegcoreError:
        for line in Sent(job.study.name, done, None, told).lines if done else ():
            job.tell(line)  # the error says nothing of what was queued before
        raise
    finally:
        told += renew(places)
    return Sent(job.study.name, done, outcome, told)


def outdated(places: Places, now: dt.datetime) -> list[str]:
    """Take out what waits of runs that were withdrawn or made again since: it would tell what is not so."""
    if not has_outbox(places):
        return []
    with Outbox.open(places.outbox) as outbox:
        counts = outbox.counts()
        some = any(counts[state] for state in (*WAITING, "failed"))
        told = _taken_out(outbox, places, now) if some else []
    return [*told, *(renew(places) if told else ())]


def _taken_out(outbox: Outbox, places: Places, now: dt.datetime) -> list[str]:
    ledger, told = archive.read_ledger(places.runs), []
    waiting = [entry for entry in outbox.log() if entry.state in (*WAITING, "failed")]
    for run in sorted({entry.run for entry in waiting if entry.what != FAILURE}):
        seals = same(ledger, ledger.standing(run))
        if any(entry.seal not in seals for entry in waiting if entry.run == run and entry.what != FAILURE):
            gone = "made again" if seals else "withdrawn"
            dropped = outbox.drop_unsent([run], f"the run was {gone} before the mail was sent", now)
            if dropped:
                told.append(
                    f"{places.study} {run}: {plural(dropped, 'mail')} not sent, for the run was {gone}"
                )
    return told


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
