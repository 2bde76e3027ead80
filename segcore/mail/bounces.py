"""Mails that came back: what reports on deliveries (RFC 3464) say of the mails that we sent.

A report names the mail that it is about in a copy of its header. What it says comes from a foreign server,
so it is cut to a line of plain text, and it can mark nothing but a mail whose Message-ID we gave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from segcore.disk import start_of
from segcore.errors import MailError
from segcore.printable import UNPRINTABLE

BYTES = 10_000_000
"""No report is larger, for it need not hold the mail; of a larger file only the beginning is read."""

LINE = 200
"""So many characters of an answer are kept."""

GIVEN_UP = "failed"
"""The word of a server that tries no more; one that says ``delayed`` still does."""

_ID = re.compile(r"<[^<>\s]{1,250}>")


@dataclass(frozen=True)
class Report:
    """What a server says became of one mail.

    Parameters
    ----------
    message_id
        The mail's, as it stands in its header.
    action
        ``failed``, ``delayed``, ``delivered``, ``relayed`` or ``expanded``.
    why
        Its status and the answer of the server that refused it, in one line.
    """

    message_id: str
    action: str
    why: str


def files(named: Sequence[Path]) -> list[Path]:
    """The files of mails that a user named: files, folders with ``.eml`` files, and Maildir folders.

    Raises
    ------
    MailError
        With every one that is not there or cannot be read.
    """
    found: list[Path] = []
    problems: list[str] = []
    for path in named:
        try:
            found += _in(path) if path.is_dir() else [_readable(path)]
        except OSError as error:
            problems.append(
                f"{path}: must be a mail (.eml) or a folder of mails that can be read ({error.strerror})"
            )
    if problems:
        raise MailError(*problems)
    return found


def _in(folder: Path) -> list[Path]:
    maildir = [folder / part for part in ("new", "cur") if (folder / part).is_dir()]
    there = sorted(path for part in maildir or [folder] for path in part.iterdir() if path.is_file())
    return [path for path in there if maildir or path.suffix == ".eml"]


def _readable(path: Path) -> Path:
    start_of(path, 1)
    return path


def report(raw: bytes) -> Report | None:
    """What a mail reports of another one; None if it is no report on a delivery.

    Parameters
    ----------
    raw
        The mail's bytes.
    """
    mail = message_from_bytes(raw)
    parts = list(mail.walk())
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    about = next((found for part in parts if (found := _about(part))), "")
    if status is None or not about:
        return None
    told = [fields for fields in _blocks(status) if fields["Action"]]
    if not told:
        return None
    # Each of our mails has one recipient; behind a list there may be several, and one who got none counts.
    worst = next((fields for fields in told if _action(fields) == GIVEN_UP), told[0])
    return Report(about, _action(worst), _why(worst))


def _about(part: Message) -> str:
    """The Message-ID in a part that copies the mail, or its header; "" in another part."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        held: Any = part.get_payload()
        inner = held[0] if isinstance(held, list) and held else None
        text = str(inner.get("Message-ID", "")) if inner is not None else ""
    elif kind == "text/rfc822-headers":
        copied = part.get_payload(decode=True)
        header = copied.decode("ascii", "replace") if isinstance(copied, bytes) else ""
        text = str(HeaderParser().parsestr(header).get("Message-ID", ""))
    else:
        return ""
    found = _ID.search(text)
    return found[0] if found else ""


def _blocks(status: Message) -> Iterator[Any]:
    held: Any = status.get_payload()
    return iter(held if isinstance(held, list) else [])


def _action(fields: Any) -> str:
    return plain(str(fields["Action"])).lower()


def _why(fields: Any) -> str:
    answer = str(fields.get("Diagnostic-Code", "")).partition(";")[2]
    status = str(fields.get("Status", ""))
    return plain(answer if status and status in answer else f"{status} {answer}") or "no reason given"


def plain(text: str) -> str:
    """A foreign text as one short line."""
    line = " ".join(UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= LINE else line[: LINE - 1] + "…"


def reports(paths: Sequence[Path]) -> Iterator[tuple[Path, Report | None]]:
    """Each file and what it reports, None if it is no report on a delivery."""
    for path in paths:
        yield path, report(start_of(path, BYTES))
