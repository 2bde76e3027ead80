"""A letter as the bytes that go over the wire: text, HTML, pictures inline, files attached.

The same letter and stamp give the same bytes: boundaries come from the Message-ID, and no clock is read.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import format_datetime

from segcore import language
from segcore.errors import MailError
from segcore.mail import body, headers
from segcore.mail.addresses import checked
from segcore.mail.letter import Attachment, Letter, Picture, Recipient
from segcore.sentences import letters as say

LARGEST = 102_000
"""Bytes of the HTML as it is sent, above which some mail programs cut it off (Gmail at 102 KiB)."""

MOST = 500
"""Rows of a table, above which nobody reads it in a mail."""

_ID = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+")
_WEB = re.compile(r"https?://[!#-;=?-~]{1,900}")
_LEAVE = re.compile(r"(mailto:|https://)(?!.*=\?)[!#-+\x2d-;=?-~]{1,900}")
_KIND = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True)
class Sender:
    """Whom mails of a study come from.

    Parameters
    ----------
    address, name
        Of the sender; the name also stands above the mail.
    unsubscribe
        Where readers go who want no more, ``mailto:`` or ``https://``; "" writes to the sender.
    list_id
        What the mails of a study have in common, like ``demo.segments.acme.example``.
    host
        The right side of Message-IDs.
    """

    address: str
    name: str
    unsubscribe: str
    list_id: str
    host: str


@dataclass(frozen=True)
class Stamp:
    """What tells a mail from every other: its Message-ID, and when it was made."""

    message_id: str
    date: dt.datetime


@dataclass(frozen=True)
class _Part:
    """A part of a mail: its headers, and its bytes in lines that every server takes."""

    headers: str
    raw: bytes

    def __bytes__(self) -> bytes:
        return self.headers.encode("ascii") + b"\r\n" + self.raw


def message(letter: Letter, recipient: Recipient, sender: Sender, stamp: Stamp) -> bytes:
    """A letter as a mail, with ``CRLF`` at the end of every line.

    Parameters
    ----------
    letter
        What it says.
    recipient, sender
        Who gets it, and whom it comes from.
    stamp
        Its Message-ID and date.

    Raises
    ------
    MailError
        If an address, a name or a link would do more than it should, or if the mail would be too long
        even without its tables' rows.
    """
    problems = [*_who(recipient.address, recipient.name)]
    problems += wrong_with(sender)
    leave = sender.unsubscribe or f"mailto:{sender.address}"
    problems += _links(letter, leave)
    own = stamp.message_id.strip("<>")
    if not _ID.fullmatch(own):
        problems.append(f"the Message-ID must be like <letters-and-digits@host> (got {own[:80]!r})")
    if problems:
        raise MailError(*problems)
    cids = [f"{place}.{own}" for place, _ in enumerate(letter.pictures, start=1)]
    with language.spoken(recipient.language):
        shown = body.body(letter, sender.name, leave, cids)
        page, plain = _fitting(shown, elsewhere=bool(letter.link or letter.attachments))
    related = [_html(page), *(_picture(one, cid) for one, cid in zip(letter.pictures, cids, strict=True))]
    alternatives = [_text("plain", plain), _multipart("related", related, own)]
    parts = [_multipart("alternative", alternatives, own), *map(_attachment, letter.attachments)]
    whole = _multipart("mixed", parts, own)
    head = "".join(_head(shown.subject, recipient, sender, Stamp(own, stamp.date)))
    return bytes(replace(whole, headers=head + whole.headers))


def wrong_with(sender: Sender) -> list[str]:
    """What is wrong with whom mails come from, one sentence each."""
    wrong = (one.replace("the recipient", "the sender") for one in _who(sender.address, sender.name))
    return [f"{one}; say another under mail: name or from" for one in wrong]


def _who(address: str, name: str) -> list[str]:
    """What is wrong with somebody; which domains are allowed was asked before it came to this."""
    return checked(address, name, [address.rpartition("@")[2].lower()])


def _links(letter: Letter, leave: str) -> Iterator[str]:
    if letter.link and not _WEB.fullmatch(letter.link[1]):
        yield f"the link must begin with https:// and be ASCII without blanks (got {letter.link[1][:80]!r})"
    if not _LEAVE.fullmatch(leave):
        got = repr(leave[:80])
        yield f"unsubscribe must begin with mailto: or https:// and be ASCII without blanks (got {got})"


def _head(subject: str, recipient: Recipient, sender: Sender, stamp: Stamp) -> Iterator[str]:
    date = stamp.date if stamp.date.tzinfo else stamp.date.replace(tzinfo=dt.UTC)
    leave = sender.unsubscribe or f"mailto:{sender.address}"
    yield headers.mailbox("From", sender.name, sender.address)
    yield headers.mailbox("To", recipient.name, recipient.address)
    yield headers.unstructured("Subject", subject)
    yield headers.header("Date", format_datetime(date))
    yield headers.header("Message-ID", f"<{stamp.message_id}>")
    yield headers.header("Auto-Submitted", "auto-generated")
    yield headers.header("X-Auto-Response-Suppress", "All")
    yield headers.header("List-Id", f"<{re.sub(r'[^A-Za-z0-9.-]+', '-', sender.list_id)}>")
    yield headers.header("List-Unsubscribe", f"<{leave}>")
    yield headers.header("Content-Language", recipient.language)
    yield headers.header("MIME-Version", "1.0")


def _fitting(shown: body.Body, *, elsewhere: bool) -> tuple[bytes, str]:
    """HTML and text of a mail, its tables cut to as many rows as there is room for."""
    whole, most = shown, max([0, *(len(table.rows) for table in shown.tables)])
    if most > MOST:
        most, shown = MOST, _cut(whole, MOST, elsewhere)
    while True:
        page = _quoted(body.html(shown))
        if len(page) <= LARGEST:
            return page, body.text(shown)
        if not most:
            raise MailError(
                f"a mail must have {LARGEST:,} bytes of HTML at most (got {len(page):,} without any row of "
                "its tables); say less in its paragraphs"
            )
        most = min(most - 1, most * LARGEST // len(page))
        shown = _cut(whole, most, elsewhere)


def _cut(whole: body.Body, most: int, elsewhere: bool) -> body.Body:
    left = sum(max(len(table.rows) - most, 0) for table in whole.tables)
    tables = [replace(table, rows=table.rows[:most]) for table in whole.tables]
    return replace(whole, tables=tables, mores=[*whole.mores, say.cut(left, elsewhere=elsewhere)])


def _html(page: bytes) -> _Part:
    return _Part(_type("text/html"), page)


def _text(kind: str, words: str) -> _Part:
    return _Part(_type(f"text/{kind}"), _quoted(words))


def _type(kind: str) -> str:
    return headers.header("Content-Type", f"{kind}; charset=utf-8") + headers.header(
        "Content-Transfer-Encoding", "quoted-printable"
    )


def _picture(picture: Picture, cid: str) -> _Part:
    name = headers.file_name(picture.name)
    told = headers.named("image/png", name) + headers.disposed("inline", name)
    return _Part(told + headers.header("Content-ID", f"<{cid}>") + _BASE64, _lines(picture.png))


def _attachment(attachment: Attachment) -> _Part:
    name = headers.file_name(attachment.name)
    kind = attachment.kind if _KIND.fullmatch(attachment.kind) else "application/octet-stream"
    told = headers.named(kind, name) + headers.disposed("attachment", name)
    return _Part(told + _BASE64, _lines(attachment.read()))


_BASE64 = headers.header("Content-Transfer-Encoding", "base64")


def _multipart(kind: str, parts: Sequence[_Part], own: str) -> _Part:
    """Several parts as one; a single one stays what it is."""
    if len(parts) == 1:
        return parts[0]
    # No line of quoted-printable or base64 has "=_" in it.
    boundary = f"=_{hashlib.sha256(f'{kind} {own}'.encode()).hexdigest()[:32]}"
    raw = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), bytes(part)) for part in parts)
    told = headers.header("Content-Type", f'multipart/{kind};\r\n boundary="{boundary}"')
    return _Part(told, b"%b--%b--\r\n" % (raw, boundary.encode()))


def _quoted(words: str) -> bytes:
    return binascii.b2a_qp(words.encode("utf-8"), istext=True).replace(b"\n", b"\r\n")


def _lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")
