"""The connection to a mail server: kept secret, with a login that nobody reads, and sentences if it fails."""

from __future__ import annotations

import os
import socket
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from small_mail import Authority, Running, Script, authority, served

from segcore.errors import MailError
from segcore.mail.server import Login, Patience, Server, is_loopback, server
from segcore.mail.smtp import Connection
from segcore.params.mail import Mail as Settings

PASSWORD = "geheim-4711-Straße"
TOKEN = "ya29.a-token-4711"
STAYS = "nothing is lost: the mails stay queued"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def known(trusted: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The same, for a computer that knows it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file))
    return trusted


def settings(**smtp: Any) -> Settings:
    return Settings.model_validate({"from": "segments@acme.example", "smtp": smtp})


def refused(settings: Settings, environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(MailError) as error:
        server(settings, environ or {})
    return error.value.problems


class TestSettings:
    def test_ports_follow_from_the_security(self) -> None:
        ports = {
            security: server(settings(host="localhost", security=security), {}).port
            for security in ("starttls", "tls", "none")
        }
        assert ports == {"starttls": 587, "tls": 465, "none": 25}
        assert server(settings(port=2525), {}).port == 2525

    def test_mails_come_from_the_study_s_address(self) -> None:
        assert server(settings(), {}).sender == "segments@acme.example"

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LOCALHOST."])
    def test_this_computer_may_be_spoken_to_in_the_clear(self, host: str) -> None:
        assert server(settings(host=host, security="none"), {}).host == host.strip("[]")

    @pytest.mark.parametrize("host", ["mail.acme.example", "10.0.0.1", "localhost.acme.example", "0.0.0.0"])
    def test_no_other_computer_may(self, host: str) -> None:
        assert refused(settings(host=host, security="none")) == (
            f"mail.smtp.security must be starttls or tls for {host} (got none, which is for this computer "
            "only): mails and the login would cross the network readable for all",
        )
        assert not is_loopback(host)

    @pytest.mark.parametrize(
        ("environ", "problem"),
        [
            (
                {"USER": "u", "PASSWORD": PASSWORD, "TOKEN_COMMAND": "gettoken"},
                "only one of SEGCORE_SMTP_PASSWORD and SEGCORE_SMTP_TOKEN_COMMAND may be set (both are); "
                "unset one",
            ),
            (
                {"USER": "u"},
                "SEGCORE_SMTP_PASSWORD or SEGCORE_SMTP_TOKEN_COMMAND must be set where SEGCORE_SMTP_USER is "
                "(neither is); set one",
            ),
            (
                {"PASSWORD": PASSWORD},
                "SEGCORE_SMTP_USER must be set where SEGCORE_SMTP_PASSWORD is (it is not); set it",
            ),
            (
                {"TOKEN_COMMAND": "gettoken"},
                "SEGCORE_SMTP_USER must be set where SEGCORE_SMTP_TOKEN_COMMAND is (it is not); set it",
            ),
            (
                {"USER": "u", "TOKEN_COMMAND": "gettoken 'secret-4711"},
                "SEGCORE_SMTP_TOKEN_COMMAND must be a program and its arguments (a quote is not closed)",
            ),
        ],
    )
    def test_half_a_login_is_refused(self, environ: dict[str, str], problem: str) -> None:
        given = {f"SEGCORE_SMTP_{name}": value for name, value in environ.items()}
        assert refused(settings(), given) == (problem,)

    def test_all_problems_are_told_at_once(self) -> None:
        many = refused(settings(host="10.0.0.1", security="none"), {"SEGCORE_SMTP_USER": "u"})
        assert len(many) == 2

    def test_a_login_is_not_shown(self) -> None:
        environ = {"SEGCORE_SMTP_USER": "user-4711", "SEGCORE_SMTP_PASSWORD": PASSWORD}
        assert "4711" not in repr(server(settings(), environ))


class TestToken:
    def login(self, program: str) -> Login:
        environ = {
            "PATH": os.environ["PATH"],
            "SEGCORE_SMTP_USER": "segments",
            "SEGCORE_SMTP_TOKEN_COMMAND": f"{sys.executable} -c '{program}'",
        }
        made = server(settings(), environ).login
        assert made is not None
        return made

    def test_is_what_the_command_prints(self) -> None:
        assert self.login('print("ya29.4711")').token() == "ya29.4711"

    def test_no_shell_reads_the_command(self) -> None:
        words = self.login("import sys; print(sys.argv[1])").token_command
        assert Login("u", token_command=(*words, "$(id)|;")).token() == "$(id)|;"

    @pytest.mark.parametrize(
        ("program", "found"),
        [
            ("import sys; print(4711, file=sys.stderr); sys.exit(3)", "(it ended with exit code 3)"),
            ("pass", ", and nothing else (it printed something else)"),
            ('print("Your token is 4711")', ", and nothing else (it printed something else)"),
            ('print("4711" + chr(10) + "AUTH")', ", and nothing else (it printed something else)"),
        ],
    )
    def test_a_command_must_print_one(self, program: str, found: str) -> None:
        with pytest.raises(MailError) as refused:
            self.login(program).token()
        gap = "" if found.startswith(",") else " "
        assert str(refused.value) == (
            f"the command in SEGCORE_SMTP_TOKEN_COMMAND must print a token{gap}{found}; no mail was sent"
        )
        assert "4711" not in "".join(traceback.format_exception(refused.value))

    def test_a_command_must_be_there(self) -> None:
        with pytest.raises(MailError) as refused:
            Login("u", token_command=("/nowhere/gettoken",)).token()
        assert str(refused.value) == (
            "the command in SEGCORE_SMTP_TOKEN_COMMAND must print a token (it does not run: "
            "No such file or directory); no mail was sent"
        )

    def test_a_command_must_end(self) -> None:
        with pytest.raises(MailError) as refused:
            self.login("import time; print(47 * 100 + 11, flush=True); time.sleep(60)").token(seconds=0.5)
        assert str(refused.value) == (
            "the command in SEGCORE_SMTP_TOKEN_COMMAND must print a token within 0.5 seconds (it did not); "
            "no mail was sent"
        )
        assert "4711" not in "".join(traceback.format_exception(refused.value))


RAW = b"Subject: Hello\r\n\r\nline\r\n.\r\n..two\nthree"


def handed_over(to: Server) -> None:
    connection = Connection(to)
    try:
        connection.open()
        assert connection.hand_over("a@acme.example", RAW).kind == "taken"
    finally:
        connection.close()


def told(to: Server) -> str:
    """Why there is no connection; no secret is in it."""
    with pytest.raises(MailError) as refused:
        handed_over(to)
    whole = "".join(traceback.format_exception(refused.value))
    assert "4711" not in whole
    return str(refused.value)


class TestSecurity:
    def test_starttls(self, known: Authority) -> None:
        with served(Script(starttls=known.context("IP:127.0.0.1"))) as running:
            handed_over(running.server(security="starttls"))
            assert [mail.raw for mail in running.got] == [
                b"Subject: Hello\r\n\r\nline\r\n.\r\n..two\r\nthree\r\n"
            ]

    def test_tls_from_the_start(self, known: Authority) -> None:
        with served(Script(tls=known.context("DNS:localhost"))) as running:
            handed_over(running.server(security="tls", host="localhost"))
            assert running.addresses == ["a@acme.example"]

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_certificate_must_be_for_the_host(self, known: Authority, security: Any) -> None:
        with served(Script(**{security: known.context("DNS:mail.acme.example")})) as running:
            to = running.server(security=security, host="localhost")
            assert told(to) == (
                f"the certificate of the mail server {to} must be valid for localhost (Hostname mismatch, "
                f"certificate is not valid for 'localhost'); nothing was sent, and {STAYS}. Name the server "
                "as its certificate does, or set SSL_CERT_FILE to the company's own authority"
            )
            assert running.got == []

    def test_its_authority_must_be_known(self, trusted: Authority) -> None:
        with served(Script(starttls=trusted.context("IP:127.0.0.1"), password=PASSWORD)) as running:
            to = running.server(security="starttls", login=Login("segments", PASSWORD))
            sentence = told(to)
            start = (
                f"the certificate of the mail server {to} must be valid for 127.0.0.1 (unable to get local"
            )
            assert sentence.startswith(start)
            assert running.logins == []

    def test_a_server_without_starttls_gets_nothing(self) -> None:
        with served(Script(password=PASSWORD)) as running:
            to = running.server(security="starttls", login=Login("segments", PASSWORD))
            assert told(to) == (
                f"the mail server {to} must offer STARTTLS (it does not): nothing was sent, and {STAYS}; "
                "say security: tls and its port if it wants TLS from the start"
            )
            assert running.logins == running.got == []

    def test_a_server_without_tls_gets_nothing(self) -> None:
        with served() as running:
            to = running.server(security="tls")
            assert told(to).startswith(f"the mail server {to} must speak TLS from the start (it does not: ")
            assert running.got == []


class TestLogin:
    def test_a_password_with_every_letter(self) -> None:
        with served(Script(password=PASSWORD)) as running:
            handed_over(running.server(login=Login("Jürgen", PASSWORD)))
            assert running.logins == ["Jürgen"]

    def test_a_server_that_knows_only_the_older_way(self) -> None:
        with served(Script(password=PASSWORD, ways=("LOGIN",))) as running:
            handed_over(running.server(login=Login("segments", PASSWORD)))

    def test_a_wrong_password(self) -> None:
        with served(Script(password="another")) as running:
            to = running.server(login=Login("segments", PASSWORD))
            assert told(to) == (
                f"the mail server {to} must let SEGCORE_SMTP_USER in with SEGCORE_SMTP_PASSWORD "
                f"(it answered 535 5.7.8 Authentication credentials invalid); {STAYS}"
            )

    def test_a_server_that_repeats_the_password(self) -> None:
        with served(Script(password="another", says_back=True)) as running:
            assert "(it answered 535 … is wrong)" in told(running.server(login=Login("u", "geheim-4711")))

    def test_a_server_that_repeats_the_token(self) -> None:
        with served(Script(token="another", says_back=True)) as running:
            assert "(it answered 535 not …)" in told(self.token(running))

    def test_a_server_that_lets_nobody_in(self) -> None:
        with served() as running:
            to = running.server(login=Login("segments", PASSWORD))
            assert told(to) == (
                f"the mail server {to} must let SEGCORE_SMTP_USER in with SEGCORE_SMTP_PASSWORD "
                f"(it offers neither PLAIN nor LOGIN); {STAYS}"
            )

    def token(self, running: Running) -> Server:
        return running.server(login=Login("segments", token_command=("echo", TOKEN), environ=os.environ))

    def test_a_token(self) -> None:
        with served(Script(token=TOKEN)) as running:
            handed_over(self.token(running))
            assert running.logins == [f"user=segments\x01auth=Bearer {TOKEN}\x01\x01"]

    def test_a_command_knows_no_secret_of_anything_else(self) -> None:
        command = ("sh", "-c", "echo ${SEGCORE_REPS_SECRET:-none}.${SEGCORE_SMTP_USER}")
        environ = {**os.environ, "SEGCORE_REPS_SECRET": "of-all-folders", "SEGCORE_SMTP_USER": "segments"}
        assert Login("segments", token_command=command, environ=environ).token() == "none.segments"

    def test_a_token_that_has_expired(self) -> None:
        with served(Script(token="another")) as running:
            to = self.token(running)
            assert told(to) == (
                f"the mail server {to} must let SEGCORE_SMTP_USER in with the token that "
                "SEGCORE_SMTP_TOKEN_COMMAND prints (it answered 535 5.7.8 Authentication credentials "
                f"invalid); {STAYS}"
            )

    def test_a_server_that_takes_no_tokens(self) -> None:
        with served(Script(password=PASSWORD)) as running:
            assert "(it offers no XOAUTH2)" in told(self.token(running))


class TestNoServer:
    def to(self, port: int, **more: Any) -> Server:
        return Server(
            "127.0.0.1", port, "none", "segments@acme.example", None, Patience(0.3, 0.3, 0.3), **more
        )

    def test_nobody_is_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        found = f"must answer (the connection was refused); {STAYS}. Try again later"
        assert told(self.to(port)) == f"the mail server 127.0.0.1:{port} {found}"

    def test_nobody_has_the_name(self) -> None:
        to = Server("mail.invalid", 25, "starttls", "segments@acme.example")
        assert told(to) == (
            f"the mail server mail.invalid:25 must answer (no computer of this name was found); {STAYS}. "
            "Try again later"
        )

    def test_it_says_nothing(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            to = self.to(sock.getsockname()[1])
            assert (
                told(to)
                == f"the mail server {to} must answer (it did not answer in time); {STAYS}. Try again later"
            )

    def test_it_has_no_room(self, tmp_path: Path) -> None:
        with served(Script(greeting="421 4.3.2 too many connections\x1b[2J")) as running:
            found = f"must answer (it said 421 4.3.2 too many connections[2J); {STAYS}. Try again later"
            assert told(running.server()) == f"the mail server {running.server()} {found}"
