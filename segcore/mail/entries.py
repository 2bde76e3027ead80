"""What the outbox keeps of a mail, and what it tells of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class State:
    """What may become of a mail.

    Parameters
    ----------
    means
        In words.
    label
        How the page that says who got what calls it, see :func:`segcore.language.say`.
    waits
        Whether it is still to be sent.
    arrived
        Whether the server took it, or may have.
    lost
        Whether it did not arrive, and never will.
    """

    means: str
    label: str
    waits: bool = False
    arrived: bool = False
    lost: bool = False


STATES: Mapping[str, State] = {
    "queued": State("it waits", "waiting", waits=True),
    "sending": State("it is being handed to the server", "being sent", waits=True),
    "sent": State("the server took it", "sent", arrived=True),
    "in doubt": State(
        "the server may have taken it, and it is sent again", "in doubt", waits=True, arrived=True
    ),
    "failed": State("the server refused it, or five days passed", "refused", lost=True),
    "bounced": State("it was sent, and came back", "came back", lost=True),
    "skipped": State("there is none, and why", "got nothing"),
}
"""What becomes of a mail, in the order in which that happens."""

WAITING = tuple(name for name, state in STATES.items() if state.waits)
ARRIVED = tuple(name for name, state in STATES.items() if state.arrived)
LOST = tuple(name for name, state in STATES.items() if state.lost)
"""States of mails that are still to be sent, that arrived or may have, and that never will."""

SETTLED = "settled"
"""What is told in place of the state of a mail that never arrived, where a later one did."""

EVERYBODY = frozenset({""})
"""In the place of the numbers of all customers of a run: who has none has a number that is empty."""

FAILURE = "failure"
"""What a mail is about that tells of a run that failed."""


@dataclass(frozen=True)
class Mail:
    """A mail to be queued; of one run, edition and subscription an address gets one.

    Parameters
    ----------
    run, seal
        Date of the run, and the hash of its manifest.
    edition
        1, or more if the run was made again and is mailed again.
    what
        What it is about, as :attr:`segcore.mail.letter.Recipient.what` says it.
    address, name, rep
        Who gets it; "" and None where nobody says it.
    subject, language, message_id, attachments
        As they stand in it; attachments by name.
    customers
        Which customers stand in it, by number; :data:`EVERYBODY` for all of the run.
    raw
        The mail itself.
    """

    run: str
    seal: str
    edition: int
    what: str
    address: str
    name: str
    rep: str | None
    subject: str
    language: str
    message_id: str
    attachments: tuple[str, ...]
    customers: frozenset[str]
    raw: bytes = field(repr=False)


@dataclass(frozen=True)
class Skip:
    """Who gets nothing of a run, and why."""

    run: str
    seal: str
    what: str
    address: str
    name: str
    rep: str | None
    why: str


@dataclass(frozen=True)
class Added:
    """How many mails were queued, and how many were there already."""

    queued: int
    already: int


@dataclass(frozen=True)
class Waiting:
    """A mail whose turn it is."""

    id: int
    address: str
    message_id: str
    raw: bytes = field(repr=False)
    delays: int
    doubtful: bool
    first_tried: dt.datetime | None


@dataclass(frozen=True)
class Try:
    """One attempt: when, what became of the mail, and what the server answered."""

    at: dt.datetime
    state: str
    code: int | None
    answer: str


@dataclass(frozen=True)
class Entry:
    """What the outbox tells of one mail; nothing of what stands in it but its subject."""

    run: str
    edition: int
    what: str
    address: str
    name: str
    rep: str | None
    subject: str
    language: str
    state: str
    why: str
    queued: dt.datetime
    changed: dt.datetime
    due: dt.datetime | None
    message_id: str
    attachments: tuple[str, ...]
    size: int
    sha256: str
    seal: str
    tries: tuple[Try, ...] = ()
