"""Once against a mail server that thousands run: Exim, with STARTTLS and a login."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from small_exim import PASSWORD, USER, exim
from small_mail import NOW, Clock, authority, mail

from segcore.errors import MailError
from segcore.mail.outbox import Outbox
from segcore.mail.rate import Limits
from segcore.mail.sending import Outcome, Wish, send
from segcore.mail.server import Login, Server

RAW = (
    "Subject: Segments\r\nTo: a@acme.example\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ".\r\n..Jürgen\r\nFrom here on\r\n"
)


def test_a_real_server_takes_puts_off_and_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(known.file))
    with exim(known) as running, Outbox.open(tmp_path / "outbox.sqlite", make=True) as outbox:
        server = Server("127.0.0.1", running.port, "starttls", "segments@acme.example", Login(USER, "wrong"))
        others = [mail(f"{name}@acme.example") for name in ("b", "gone", "later")]
        outbox.add([mail(raw=RAW.encode()), *others], [], NOW)
        with pytest.raises(MailError, match=r"with SEGCORE_SMTP_PASSWORD \(it answered 535 "):
            send(outbox, server, Limits(None), Clock(NOW), Wish(print))
        right = Server(server.host, server.port, "starttls", server.sender, Login(USER, PASSWORD))
        outcome = send(outbox, right, Limits(None), Clock(NOW), Wish(print))
        assert outcome == Outcome(2, 1, 1, NOW + dt.timedelta(minutes=1))
        assert {entry.address: (entry.state, entry.why) for entry in outbox.log()} == {
            "a@acme.example": ("sent", ""),
            "b@acme.example": ("sent", ""),
            "gone@acme.example": ("failed", "550 5.1.1 no such user"),
            "later@acme.example": ("queued", "451 4.7.1 greylisted, come again"),
        }
        (arrived,) = [text for text in running.delivered(2) if "Envelope-to: a@acme.example" in text]
        assert arrived.endswith(RAW.replace("\r\n", "\n"))
        assert "esmtpsa" in arrived  # over TLS, after a login
