"""A connection to a mail server, kept for many mails; what the server says about each is an answer."""

from __future__ import annotations

import base64
import contextlib
import re
import smtplib
import socket
import ssl

from segcore.errors import MailError
from segcore.mail.answers import Answer, printable, read
from segcore.mail.server import PASSWORD, TOKEN_COMMAND, USER, Login, Server

MAILS = 100
"""How many mails a connection is used for; servers close it after some number of their own."""

_GOOD_BYE = 5.0
"""Seconds for the answer to a good-bye, of which nothing depends."""


class Connection:
    """Hands mails to a server, one after the other; it is made when it is needed.

    Parameters
    ----------
    server
        Where to.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self._mails = 0

    @property
    def is_open(self) -> bool:
        """Whether the next mail can go on it."""
        return self._smtp is not None and self._mails < MAILS

    def open(self) -> None:
        """Make sure that there is a connection.

        Raises
        ------
        MailError
            If there can be none: what must hold, and what was found.
        """
        if self.is_open:
            return
        self.close()
        smtp = _connected(self.server)
        try:
            _log_in(smtp, self.server)
        except BaseException:
            smtp.close()
            raise
        self._smtp, self._mails = smtp, 0

    def close(self) -> None:
        """Say good-bye, if there is a connection."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                _patience(self._smtp, _GOOD_BYE)
                self._smtp.quit()
            self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def hand_over(self, address: str, raw: bytes) -> Answer:
        """Hand a mail to the server, on a connection that is open; whatever the server does is an answer.

        A server may close a connection that was used, or that waited, at any time: then another one is made.

        Parameters
        ----------
        address
            Who gets it.
        raw
            The mail, with CRLF at line ends.
        """
        used = self._mails > 0
        answer = self._attempt(address, raw)
        if used and (answer.kind == "lost" or answer.code == 421):
            try:
                self.open()
            except MailError as error:
                return Answer("lost", None, str(error))
            answer = self._attempt(address, raw)
        return answer

    def _attempt(self, address: str, raw: bytes) -> Answer:
        smtp, whole = self._smtp, False
        assert smtp is not None, "open() comes first"
        self._mails += 1
        try:
            answer = self._asked(smtp, address, raw)
            if answer is None:
                whole = True  # from here on the server may have it, whatever happens
                smtp.send(_quoted(raw))
                _patience(smtp, self.server.patience.taken)
                answer = read(*_reply(smtp.getreply()))
                _patience(smtp, self.server.patience.answer)
            if answer.code == 421:
                self._drop()  # RFC 5321, 3.8: the server closes the connection
            elif answer.kind != "taken":
                self._begin_anew(smtp)
            return answer
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Answer("no answer" if whole else "lost", None, _what(error))
        except BaseException:
            self._drop()  # half a mail was said: no good-bye may follow it
            raise

    def _begin_anew(self, smtp: smtplib.SMTP) -> None:
        """Forget a mail that the server did not take; what it said of it counts, even if it hangs up now."""
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()

    def _asked(self, smtp: smtplib.SMTP, address: str, raw: bytes) -> Answer | None:
        """What the server says before it takes the mail itself; None if it wants it."""
        options = [f"SIZE={len(raw)}"] if smtp.has_extn("size") else []
        if not raw.isascii() and smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")
        answer = read(*_reply(smtp.mail(self.server.sender, options)), from_us=True)
        if answer.kind == "taken":
            answer = read(*_reply(smtp.rcpt(address)))
        if answer.kind != "taken":
            return answer
        code, said = _reply(smtp.docmd("DATA"))
        return None if code == 354 else read(code, said)


def _reply(reply: tuple[int, bytes]) -> tuple[int, bytes]:
    """An answer that says something about a mail; anything else is as none."""
    if not 200 <= reply[0] < 600:
        raise smtplib.SMTPServerDisconnected("it said what no mail server says")
    return reply


def _quoted(raw: bytes) -> bytes:
    """A mail as it goes over the line: every line ends in CRLF, none is a lone dot, and the last one is.

    What servers take for the end of a line differs; what is quoted after any of them ends the mail nowhere.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _connected(server: Server) -> smtplib.SMTP:
    """A connection that nobody else can read, or that does not leave this computer."""
    context = None if server.security == "none" else ssl.create_default_context()
    made: smtplib.SMTP
    if server.security == "tls":
        made = smtplib.SMTP_SSL(timeout=server.patience.connect, local_hostname="localhost", context=context)
    else:
        made = smtplib.SMTP(timeout=server.patience.connect, local_hostname="localhost")
    # SMTP_SSL and starttls compare the certificate with this name.
    made._host = server.host  # type: ignore[attr-defined]
    try:
        code, said = made.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        made.local_hostname = _own_name(_patience(made, server.patience.answer))
        made.ehlo_or_helo_if_needed()
        if server.security == "starttls" and context is not None:
            _start_tls(made, server, context)
        return made
    except BaseException as error:
        made.close()
        if isinstance(error, OSError | smtplib.SMTPException):
            raise MailError(_sentence(server, error)) from None
        raise


def _patience(smtp: smtplib.SMTP, seconds: float) -> socket.socket:
    """Set how long answers are waited for from here on."""
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("it closed the connection")
    smtp.sock.settimeout(seconds)
    return smtp.sock


def _start_tls(smtp: smtplib.SMTP, server: Server, context: ssl.SSLContext) -> None:
    if not smtp.has_extn("starttls"):
        raise MailError(
            f"the mail server {server} must offer STARTTLS (it does not): nothing was sent, and "
            f"{server.stays}; say security: tls and its port if it wants TLS from the start"
        )
    code, said = smtp.starttls(context=context)
    if code != 220:
        raise smtplib.SMTPResponseException(code, said)
    smtp.ehlo_or_helo_if_needed()


def _own_name(sock: socket.socket) -> str:
    """How this computer introduces itself: by its number, which needs no look-up (RFC 5321, 4.1.3)."""
    number = sock.getsockname()[0]
    return f"[IPv6:{number}]" if ":" in number else f"[{number}]"


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    login = server.login
    if login is None:
        return
    secret = login.token() if login.token_command else login.password
    held = f"the token that {TOKEN_COMMAND} prints" if login.token_command else PASSWORD
    try:
        code, said = _let_in(smtp, login, secret)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(_sentence(server, error)) from None
    if code not in (235, 503):
        answer = _scrubbed(printable(said), login, secret)
        found = f"it answered {code} {answer}" if code else answer
        raise MailError(f"the mail server {server} must let {USER} in with {held} ({found}); {server.stays}")


def _let_in(smtp: smtplib.SMTP, login: Login, secret: str) -> tuple[int, bytes]:
    """What the server says in the end; 0 if it offers no way (Google and Microsoft want XOAUTH2)."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if login.token_command:
        if "XOAUTH2" not in offered:
            return 0, b"it offers no XOAUTH2"
        code, said = smtp.docmd("AUTH", f"XOAUTH2 {_coded(_bearer(login, secret))}")
        return smtp.docmd("") if code == 334 else (code, said)  # it said why not, and waits to be heard
    if "PLAIN" in offered:
        return smtp.docmd("AUTH", f"PLAIN {_coded(_pair(login, secret))}")
    if "LOGIN" not in offered:
        return 0, b"it offers neither PLAIN nor LOGIN"
    code, said = smtp.docmd("AUTH", "LOGIN")
    for word in (login.user, secret):
        if code == 334:
            code, said = smtp.docmd(_coded(word))
    return code, said


def _pair(login: Login, secret: str) -> str:
    return f"\0{login.user}\0{secret}"


def _bearer(login: Login, secret: str) -> str:
    return f"user={login.user}\x01auth=Bearer {secret}\x01\x01"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _scrubbed(said: str, login: Login, secret: str) -> str:
    """What a server said about a login, without the login."""
    for word in (secret, *map(_coded, (secret, _pair(login, secret), _bearer(login, secret)))):
        said = said.replace(word, "…")
    return said


def _sentence(server: Server, error: Exception) -> str:
    """Why there is no connection: what must hold, and what was found."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of the mail server {server} must be valid for {server.host} "
            f"({error.verify_message.rstrip('.')}); nothing was sent, and "
            f"{server.stays}. Name the server as its certificate does, or set SSL_CERT_FILE "
            "to the company's own authority"
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"the mail server {server} must speak TLS from the start (it does not: {error.reason}); "
            f"{server.stays}. Say security: starttls if it begins without"
        )
    return f"the mail server {server} must answer ({_what(error)}); {server.stays}. Try again later"


def _what(error: Exception) -> str:
    """What went wrong on a connection."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it said {error.smtp_code} {printable(error.smtp_error)}"
    if isinstance(error, ConnectionResetError | BrokenPipeError | smtplib.SMTPServerDisconnected):
        return "it closed the connection"
    if isinstance(error, socket.gaierror):
        return "no computer of this name was found"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    return printable(getattr(error, "strerror", None) or str(error))
