"""A real mail server for tests, on loopback, that does what a test asks: takes, puts off, refuses, drops."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

from segcore.mail.outbox import Mail, Skip
from segcore.mail.server import Patience, Server

DROP = "drop"
"""Close the connection and say nothing; after DATA the mail is not kept."""
TAKE_AND_DROP = "take and drop"
"""After DATA: keep the mail, then close the connection."""
HANG_UP = " and hang up"
"""At the end of an answer: say it, then close the connection."""

Says = Callable[[str], "str | float | None"]


def nothing(address: str) -> None:
    """As a server that takes everything."""


@dataclass(frozen=True)
class Got:
    """A mail that the server took."""

    sender: str
    to: str
    raw: bytes


@dataclass
class Script:
    """What the server does at MAIL, RCPT and DATA.

    Each is given an address, and gives an answer like ``450 later``, DROP, TAKE_AND_DROP, seconds to wait
    before it goes on, or None to go on.
    """

    mail: Says = nothing
    rcpt: Says = nothing
    data: Says = nothing
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    greeting: str = ""
    keeps: bool = True
    password: str | None = None
    ways: tuple[str, ...] = ("LOGIN", "PLAIN")
    says_back: bool = False
    token: str | None = None
    rejects_token_with: str = "eyJzdGF0dXMiOiI0MDEifQ=="


@dataclass
class Running:
    """A server that runs."""

    script: Script
    port: int
    got: list[Got] = field(default_factory=list)
    sessions: int = 0
    logins: list[str] = field(default_factory=list)
    listener: asyncio.Server | None = None

    def server(self, **changes: Any) -> Server:
        """As segcore knows it."""
        plain = Server("127.0.0.1", self.port, "none", "segments@acme.example", None, Patience(5, 5, 5))
        return replace(plain, **changes)

    def goes_away(self) -> str:
        """Close this connection, and take no others; for a script to say."""
        assert self.listener is not None
        self.listener.close()
        return DROP

    @property
    def addresses(self) -> list[str]:
        return [mail.to for mail in self.got]


@contextmanager
def served(script: Script | None = None) -> Iterator[Running]:
    """A server while it is needed."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        running = Running(script or Script(), sock.getsockname()[1])
        loop = asyncio.new_event_loop()
        started = threading.Event()
        thread = threading.Thread(target=_serve, args=(loop, sock, running, started), daemon=True)
        thread.start()
        assert started.wait(10)
        try:
            yield running
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            assert not thread.is_alive()


def _serve(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, running: Running, started: threading.Event
) -> None:
    asyncio.set_event_loop(loop)
    script = running.script
    ways = script.ways if script.password else ("XOAUTH2",) if script.token else ()
    more: dict[str, Any] = {
        "tls_context": script.starttls,
        "authenticator": _authenticator(running) if script.password else None,
        "auth_require_tls": False,
        "auth_exclude_mechanism": {"LOGIN", "PLAIN", "XOAUTH2"} - set(ways),
    }

    def protocol() -> asyncio.Protocol:
        running.sessions += 1
        if script.greeting:
            return _Greets(script.greeting)
        return SMTP(_Handler(running), hostname="mail.acme.example", loop=loop, **more)

    running.listener = loop.run_until_complete(loop.create_server(protocol, sock=sock, ssl=script.tls))
    started.set()
    loop.run_forever()
    running.listener.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


class _Greets(asyncio.Protocol):
    """A server that says one line and goes."""

    def __init__(self, line: str) -> None:
        self.line = line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f"{self.line}\r\n".encode())
        transport.close()


class _Handler:
    def __init__(self, running: Running) -> None:
        self.running = running

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._said(server, self.running.script.mail(address))
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._said(server, self.running.script.rcpt(address))
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        address = envelope.rcpt_tos[0]
        asked = self.running.script.data(address)
        said = None if asked == TAKE_AND_DROP else await self._said(server, asked)
        if said is None:
            assert isinstance(envelope.content, bytes)
            raw = envelope.content if self.running.script.keeps else b""
            self.running.got.append(Got(envelope.mail_from or "", address, raw))
        if asked == TAKE_AND_DROP:
            return await self._said(server, DROP) or ""
        return said or "250 2.0.0 taken"

    async def _said(self, server: SMTP, asked: str | float | None) -> str | None:
        if isinstance(asked, float):
            await asyncio.sleep(asked)
            return None
        if asked == DROP:
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(3600)  # aiosmtpd cancels it
        if isinstance(asked, str) and asked.endswith(HANG_UP):
            await server.push(asked.removesuffix(HANG_UP))
            assert server.transport is not None
            server.transport.close()
            await asyncio.sleep(3600)
        return asked

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> Any:
        word = base64.b64decode(args[1]).decode()
        self.running.logins.append(word)
        if word == f"user=segments\x01auth=Bearer {self.running.script.token}\x01\x01":
            return AuthResult(success=True)
        if self.running.script.says_back:
            return AuthResult(success=False, handled=False, message=f"535 not {args[1]}")
        heard = await server.challenge_auth(self.running.script.rejects_token_with, encode_to_b64=False)
        assert heard in (b"", MISSING), heard
        return AuthResult(success=False, handled=False)


def _authenticator(running: Running) -> Callable[..., AuthResult]:
    def authenticate(server: SMTP, session: Session, envelope: Envelope, way: str, data: Any) -> AuthResult:
        running.logins.append(data.login.decode())
        password = data.password.decode()
        said = f"535 {password} is wrong" if running.script.says_back else None
        return AuthResult(success=password == running.script.password, handled=False, message=said)

    return authenticate


@dataclass
class Clock:
    """A clock that a test sets; sleep sets it on."""

    moment: dt.datetime
    slept: float = 0.0

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.moment += dt.timedelta(seconds=seconds)


@dataclass(frozen=True)
class Authority:
    """An authority of a test's own, and the certificates that it gave."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def context(self, name: str) -> ssl.SSLContext:
        """For a server whose certificate names ``name``, like DNS:localhost."""
        key, asked, made = (self.folder / f"server.{end}" for end in ("key", "csr", "pem"))
        says = self.folder / "says"
        says.write_text(f"subjectAltName={name}\nauthorityKeyIdentifier=keyid\n")
        _openssl("req", "-new", *_KEY, "-keyout", key, "-out", asked, "-subj", "/CN=mail")
        signer = ("-CA", self.file, "-CAkey", self.folder / "authority.key", "-CAcreateserial")
        _openssl("x509", "-req", "-in", asked, "-out", made, "-days", "2", *signer, "-extfile", says)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(made, key)
        return context


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def authority(folder: Path) -> Authority:
    """An authority that nobody knows, in an empty folder."""
    may = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
    says = [word for one in may for word in ("-addext", one)]
    files = ("-keyout", folder / "authority.key", "-out", folder / "authority.pem")
    _openssl("req", "-x509", *_KEY, *files, "-days", "2", "-subj", "/CN=Authority of a test", *says)
    return Authority(folder)


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


NOW = dt.datetime(2026, 4, 1, 6, 0, tzinfo=dt.UTC)


def mail(address: str = "a@acme.example", **changes: Any) -> Mail:
    """A mail to be queued."""
    run, edition, what = (changes.get(name, value) for name, value in _KEY_OF_A_MAIL.items())
    number = hashlib.sha256(f"{run} {edition} {what} {address}".encode()).hexdigest()[:40]
    raw = f"Subject: {what}\r\nTo: {address}\r\nMessage-ID: <{number}@acme.example>\r\n\r\nRead.\r\n"
    values = {
        **_KEY_OF_A_MAIL,
        **{"seal": "0" * 64, "address": address, "name": "", "rep": None, "subject": what, "language": "en"},
        **{"message_id": f"<{number}@acme.example>", "attachments": (), "customers": frozenset()},
        "raw": raw.encode("ascii", "replace"),
    }
    return Mail(**{**values, **changes})


_KEY_OF_A_MAIL: dict[str, Any] = {"run": "2026-03-31", "edition": 1, "what": "report"}


def skip(address: str = "a@acme.example", why: str = "nothing is in it", run: str = "2026-03-31") -> Skip:
    """A note that there is no mail."""
    return Skip(run, "0" * 64, "report", address, "", None, why)
