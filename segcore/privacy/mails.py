"""Mails that wait while somebody is erased: they hold the person, or are of what was sealed before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Places, date_of
from segcore.archive.promised import promise
from segcore.mail.entries import FAILURE, WAITING
from segcore.privacy.person import Person
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.mail.outbox import Outbox


def check(places: Places) -> None:
    """Make sure that the outbox can be opened, before anything is changed.

    Raises
    ------
    MailError
        If it cannot.
    """
    from segcore.mail.outbox import Outbox

    if places.outbox.is_file():
        with Outbox.open(places.outbox):
            pass


def drop(places: Places, person: Person) -> Iterator[str]:
    """Drop them; that their runs are to be told about is written down first."""
    if not places.outbox.is_file():
        return
    from segcore.mail.outbox import Outbox

    now, replaced = dt.datetime.now(dt.UTC), _replaced(places)
    with Outbox.open(places.outbox) as outbox:
        before = _waiting(outbox)
        runs = sorted({run for run, seal in before if seal in replaced})
        _promise(places, runs)
        dropped = outbox.drop_unsent(runs, "somebody was erased from its run", now) if runs else 0
        left = _waiting(outbox)
        gone = outbox.forget(person.ids, "somebody in it was erased", now)
        if gone:
            _promise(places, sorted({run for run, _ in left} - set(runs)))
    if dropped + gone:
        yield (
            f"{places.outbox}: {plural(dropped + gone, 'mail')} not sent yet and dropped; "
            f"segcore send {places.study} queues anew what is due"
        )


def _replaced(places: Places) -> set[str]:
    """The hashes that runs had before somebody was taken out of them."""
    entries = archive.read_ledger(places.runs).entries
    return {entry.old for entry in entries if entry.event == "erased" and entry.old}


def _waiting(outbox: Outbox) -> list[tuple[str, str]]:
    """Run and seal of each mail that waits."""
    mails = (one for one in outbox.log() if one.state in WAITING and one.what != FAILURE)
    return [(one.run, one.seal) for one in mails]


def _promise(places: Places, runs: list[str]) -> None:
    for run in runs:
        if (date := date_of(run)) and places.published(date).is_dir():
            promise(places, date)
