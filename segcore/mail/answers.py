"""What a mail server answers, and what it means for a mail and for all that wait behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from segcore.printable import UNPRINTABLE

Kind = Literal["taken", "later", "pause", "refused", "no answer", "lost", "not us"]
"""What it means.

taken: the server has it. later: this mail is put off. pause: all mails are. refused: this mail is, for
good. no answer: it was handed over whole, and the server may have it. lost: the connection was, before
that. not us: the server takes nothing from this sender.
"""

LENGTH = 300
"""Characters of an answer that are kept."""

_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_TOO_MUCH = re.compile(
    r"quota|rate.?limit|limit exceeded|too many|too much|too fast|throttl|daily|hourly", re.I
)
_ALWAYS_ALL = (421, 432, 452, 454)


@dataclass(frozen=True)
class Answer:
    """What a server answered about one mail."""

    kind: Kind
    code: int | None
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text


def read(code: int, said: bytes | str, *, from_us: bool = False) -> Answer:
    """An answer and what it means.

    Parameters
    ----------
    code, said
        The three digits, and what follows them.
    from_us
        Whether it answers who sends (MAIL FROM), not who gets the mail or what it says.

    Notes
    -----
    RFC 5321 and 3463. A full mailbox (x.2.x) is its owner's matter and stops no others; what a server says
    about itself (421, 452, 454) or about too many mails stops all, even as 5xx: some count a day's mails so.
    """
    text = printable(said)
    enhanced = _ENHANCED.match(text)
    subject = enhanced[2] if enhanced else ""
    if 200 <= code < 300:
        return Answer("taken", code, text)
    if subject != "2" and 400 <= code < 600 and (code in _ALWAYS_ALL or _TOO_MUCH.search(text)):
        return Answer("pause", code, text)
    if 400 <= code < 500:
        return Answer("later", code, text)
    size = code == 552 or (enhanced is not None and enhanced[0].strip() == "5.3.4")
    if code in (530, 535) or (from_us and not size):
        return Answer("not us", code, text)
    return Answer("refused", code, text)


def printable(said: bytes | str) -> str:
    """What a server said, in one line that a terminal may show."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return UNPRINTABLE.sub("", " ".join(text.split()))[:LENGTH]
