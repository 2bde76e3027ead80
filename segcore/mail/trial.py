"""Copies of mails that wait, for a test: to one address, marked, and without any trace in the outbox."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from segcore import stopping
from segcore.errors import MailError
from segcore.mail.addresses import checked
from segcore.mail.smtp import Connection
from segcore.mail.turns import Turns

if TYPE_CHECKING:
    from segcore.mail.sending import Clock

COPIES = 50
"""So many are sent at most: who tests wants to see some."""

_FIELD = rb"(?mi)^%s:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*\r\n"


def send_copies(
    turns: Turns, connection: Connection, clock: Clock, *, test_to: str, tell: Callable[[str], None]
) -> int:
    """Send copies of what waits; gives how many.

    Raises
    ------
    MailError
        If mails may not go to this address, or the server does not take one.
    """
    check(test_to, turns.limits.allowed)
    mails, sent = turns.unsent(), 0
    for number in mails[:COPIES]:
        with stopping.obeying():
            clock.sleep(turns.wait(clock.now()))
        address, raw = turns.letter(number)
        connection.open()
        turns.use(clock.now())
        answer = connection.hand_over(test_to, as_test(raw, test_to, address))
        if answer.kind != "taken":
            raise MailError(
                f"the mail server {connection.server} must take copies for {test_to} (it answered {answer}); "
                f"{sent} of {len(mails)} were sent{connection.server.wants(answer)}"
            )
        sent += 1
    if len(mails) > COPIES:
        tell(f"{COPIES} of {len(mails)} mails were copied; say --to WHO for others")
    return sent


def check(test_to: str, allowed: tuple[str, ...]) -> None:
    """Refuse an address to which no mail of the study may go.

    Raises
    ------
    MailError
        If it is no address, or of another domain.
    """
    domain = test_to.rpartition("@")[2].lower()
    if problems := checked(test_to, "", (domain,)):
        raise MailError(*(f"--test-to: {problem}" for problem in problems))
    if domain not in allowed:
        raise MailError(
            f"--test-to must be in a domain of mail.domains: {', '.join(allowed) or 'none'} (got {test_to})"
        )


def as_test(raw: bytes, test_to: str, address: str) -> bytes:
    """A copy that nobody takes for the mail: its subject says so, and it is another one to every server.

    Parameters
    ----------
    raw
        The mail.
    test_to
        Who gets the copy.
    address
        Who would get the mail.
    """
    head, gap, body = raw.partition(b"\r\n\r\n")
    head += b"\r\n"
    for name in (b"To", b"Cc", b"Message-ID", b"X-Segcore-Test"):
        head = re.sub(_FIELD % name, b"", head)
    # A subject may begin on the line after its name; it does so from here on.
    head = re.sub(rb"(?mi)^Subject:(?:[ \t]|\r\n[ \t])*", b"Subject: [Test]\r\n ", head, count=1)
    number, domain = secrets.token_hex(20), test_to.rpartition("@")[2]
    own = f"To: {test_to}\r\nMessage-ID: <{number}@{domain}>\r\nX-Segcore-Test: {address}\r\n"
    return head + own.encode("ascii") + gap[2:] + body
