"""The mail server of a study: where it is, how the connection is kept secret, who logs in."""

from __future__ import annotations

import ipaddress
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from segcore.errors import MailError
from segcore.mail.answers import Answer
from segcore.params.mail import Mail as Settings

USER = "SEGCORE_SMTP_USER"
PASSWORD = "SEGCORE_SMTP_PASSWORD"
TOKEN_COMMAND = "SEGCORE_SMTP_TOKEN_COMMAND"
AUTHORITY = "SSL_CERT_FILE"
ASKS = 530
"""With this a server asks for a login, or for TLS."""

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_TOKEN_SECONDS = 60


@dataclass(frozen=True)
class Login:
    """Who logs in, and with what; neither is ever shown.

    Parameters
    ----------
    user
        The name.
    password
        What belongs to it; "" if a command gives a token.
    token_command
        A program with its arguments that prints a token for XOAUTH2.
    environ
        In which it runs.
    """

    user: str = field(repr=False)
    password: str = field(repr=False, default="")
    token_command: tuple[str, ...] = field(repr=False, default=())
    environ: Mapping[str, str] = field(repr=False, default_factory=dict)

    def token(self, seconds: float = _TOKEN_SECONDS) -> str:
        """What the command prints, anew for every connection: tokens live for an hour.

        Raises
        ------
        MailError
            If it does not run, fails, takes too long or prints something else than one token.
        """
        must = f"the command in {TOKEN_COMMAND} must print a token"
        try:
            done = subprocess.run(
                self.token_command,
                env={name: text for name, text in self.environ.items() if _is_for_it(name)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MailError(f"{must} within {seconds:g} seconds (it did not); no mail was sent") from None
        except OSError as error:
            raise MailError(f"{must} (it does not run: {error.strerror}); no mail was sent") from None
        if done.returncode:
            raise MailError(f"{must} (it ended with exit code {done.returncode}); no mail was sent")
        token = done.stdout.decode("ascii", "replace").strip()
        if not token or not token.isprintable() or not token.isascii() or " " in token:
            raise MailError(f"{must}, and nothing else (it printed something else); no mail was sent")
        return token


def _is_for_it(variable: str) -> bool:
    """Whether the command may know a variable: of segcore's own, only who logs in."""
    return variable == USER or not variable.startswith("SEGCORE_")


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for a server: until it takes a call, for an answer, and for the one after a mail.

    RFC 5321 asks for five and ten minutes of the last two; who gives up sooner sends mails twice.
    """

    connect: float = 30.0
    answer: float = 300.0
    taken: float = 600.0


@dataclass(frozen=True)
class Server:
    """Where mails go.

    Parameters
    ----------
    host, port, security
        Where it is, and how the connection is kept secret.
    sender
        Address that mails come from, and to which they come back.
    login
        Who logs in; None for nobody.
    stays
        What becomes of mails that it does not take.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    login: Login | None = None
    patience: Patience = Patience()
    stays: str = "nothing is lost: the mails stay queued"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def wants(self, answer: Answer) -> str:
        """What to do where an answer asks for a login or for TLS; "" if it does not."""
        if answer.code != ASKS:
            return ""
        if "STARTTLS" in answer.text.upper():
            return "; say security: starttls under mail.smtp"
        return "" if self.login else f"; set {USER} and {PASSWORD}"


def server(settings: Settings, environ: Mapping[str, str]) -> Server:
    """The server of a study.

    Parameters
    ----------
    settings
        What the study says of mails.
    environ
        Where the login stands: ``SEGCORE_SMTP_USER`` with ``SEGCORE_SMTP_PASSWORD``, or with
        ``SEGCORE_SMTP_TOKEN_COMMAND`` for XOAUTH2.

    Raises
    ------
    MailError
        If mails or a login would cross a network readable for all, if half a login is given, or a file of
        certificates that is not there.
    """
    smtp = settings.smtp
    problems = []
    if smtp.security == "none" and not is_loopback(smtp.host):
        problems.append(
            f"mail.smtp.security must be starttls or tls for {smtp.host} (got none, which is for this "
            "computer only): mails and the login would cross the network readable for all"
        )
    if smtp.security != "none" and (told := _no_authority(environ)):
        problems.append(told)
    login = _login(environ, problems)
    if problems:
        raise MailError(*problems)
    return Server(
        smtp.host.strip("[]"), smtp.port or _PORTS[smtp.security], smtp.security, settings.from_, login
    )


def _no_authority(environ: Mapping[str, str]) -> str:
    """What to do about a file of certificates that is not there: Python takes none in its place, silently."""
    named = environ.get(AUTHORITY, "")
    if not named or Path(named).is_file():
        return ""
    return (
        f"{AUTHORITY} must name the file with the company's own authority for certificates (got {named!r}, "
        "which is not there); mend the path, or unset it"
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this computer, by its name alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in ("localhost", "ip6-localhost")


def _login(environ: Mapping[str, str], problems: list[str]) -> Login | None:
    user, password, command = (environ.get(name, "") for name in (USER, PASSWORD, TOKEN_COMMAND))
    if password and command:
        problems.append(f"only one of {PASSWORD} and {TOKEN_COMMAND} may be set (both are); unset one")
    elif user and not password and not command:
        problems.append(f"{PASSWORD} or {TOKEN_COMMAND} must be set where {USER} is (neither is); set one")
    elif not user and (password or command):
        problems.append(
            f"{USER} must be set where {PASSWORD if password else TOKEN_COMMAND} is (it is not); set it"
        )
    if not user:
        return None
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        problems.append(f"{TOKEN_COMMAND} must be a program and its arguments (a quote is not closed)")
        return None
    return Login(user, password, words, environ)
