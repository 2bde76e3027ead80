"""What one mail says, before it is written for a mail program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segcore.mail.subscriptions import Subscription
    from segcore.report.parts import Table


@dataclass(frozen=True)
class Recipient:
    """Who gets a mail, and by which subscription.

    Parameters
    ----------
    address, name
        Where it goes, and how the recipient is called; "" where nobody says it.
    language
        In which it is written.
    subscription
        What the recipient asked for.
    rep
        The representative whose accounts stand in it, as the run names them; None for none.
    skip
        Why nothing can go there, see :mod:`segcore.mail.reasons`; "" if it can.
    """

    address: str
    name: str
    language: str
    subscription: Subscription
    rep: str | None = None
    skip: str = ""

    @property
    def what(self) -> str:
        """What it is about, the same in every run: of one run nobody gets two mails of the same."""
        return self.subscription.key if self.rep is None else f"{self.subscription.key} {self.rep}"


@dataclass(frozen=True)
class Picture:
    """A chart as PNG.

    Parameters
    ----------
    name
        Of the file, like ``segments.png``.
    png
        Its bytes, drawn at twice its width for phones.
    says
        What it shows, for who sees no pictures.
    width
        In pixels of the mail.
    """

    name: str
    png: bytes
    says: str
    width: int


@dataclass(frozen=True)
class Attachment:
    """A file that a mail carries.

    Parameters
    ----------
    name
        As the recipient sees it.
    kind
        Its media type, like ``text/html``.
    read
        Gives its bytes.
    """

    name: str
    kind: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Letter:
    """What one mail says; every text is plain text, and may hold what is hostile.

    Parameters
    ----------
    subject
        With the date and the headline.
    headline
        The finding, in one sentence.
    paragraphs
        What else is to be said, one sentence or a few each.
    tables
        What it lists, cut to what a mail can hold.
    more
        What the tables leave out, and where it stands; "" if nothing is left out.
    link
        Words and address of the archived page; None where the page is attached.
    pictures, attachments
        What it shows and carries.
    customers
        Which customers stand in it, by number, so that they can be taken out again;
        :data:`segcore.mail.entries.EVERYBODY` for all of the run.
    greeting, closing
        The first line, and why the reader gets this mail and how to get no more of them.
    """

    subject: str
    headline: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    more: str = ""
    link: tuple[str, str] | None = None
    pictures: Sequence[Picture] = ()
    attachments: Sequence[Attachment] = ()
    customers: frozenset[str] = field(default_factory=frozenset)
    greeting: str = ""
    closing: str = ""
