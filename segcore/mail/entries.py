"""What the outbox keeps of a mail, and what it tells of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

STATES = ("queued", "sending", "sent", "in doubt", "failed", "bounced", "skipped")
"""What becomes of a mail.

queued: it waits. sending: it is being handed to the server. sent: the server took it. in doubt: the
server may have taken it, and it is sent again. failed: the server refused it, or five days passed.
bounced: it was sent, and came back. skipped: there is none, and why.
"""

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
        Whose customers stand in it, by number.
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
