"""Mails that wait while somebody is erased: they hold the person, or are of what was sealed before.

What is known of them stays in the outbox with the reason: by that the next sending finds whom it owes one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from segcore import archive
from segcore.archive import Places
from segcore.mail.entries import FAILURE, WAITING
from segcore.mail.reasons import ERASED
from segcore.privacy.person import Person
from segcore.wording import plural


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
    """Drop them; who was to get one is told anew by the next sending."""
    if not places.outbox.is_file():
        return
    from segcore.mail.outbox import Outbox

    now, replaced = dt.datetime.now(dt.UTC), _replaced(places)
    with Outbox.open(places.outbox) as outbox:
        waiting = (one for one in outbox.log() if one.state in WAITING and one.what != FAILURE)
        runs = sorted({one.run for one in waiting if one.seal in replaced})
        dropped = outbox.drop_unsent(runs, ERASED, now) if runs else 0
        gone = outbox.forget(person.ids, ERASED, now)
    if dropped + gone:
        yield (
            f"{places.outbox}: {plural(dropped + gone, 'mail')} not sent yet and dropped; "
            f"segcore send {places.study} queues anew what is due"
        )


def _replaced(places: Places) -> set[str]:
    """The hashes that runs had before somebody was taken out of them."""
    entries = archive.read_ledger(places.runs).entries
    return {entry.old for entry in entries if entry.event == "erased" and entry.old}
