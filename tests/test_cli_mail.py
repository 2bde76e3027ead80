"""Commands about mails as a user meets them: real processes, a real server, what is printed, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from shared_projects import DATES, copied
from small_archive import MARCH
from small_mail import Authority, Script, authority, served
from small_mailing import EACH, MAIL, Post, post
from small_project import Project
from small_representatives import SECRET

from segcore.cli import app
from segcore.errors import SegcoreError

LAST = DATES[-1].isoformat()


def segcore(*words: str, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith("SEGCORE_")}
    return subprocess.run(
        [sys.executable, "-m", "segcore", *words],
        cwd=at,
        env={**outside, "SEGCORE_REPS_SECRET": SECRET, "TZ": "UTC", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_is_sent_looked_up_and_found_in_the_status(acme: Post) -> None:
    at = acme.root
    sent = segcore("send", "acme/2025-03-01", "--today", "2025-03-03", at=at)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout.splitlines() == [
        "acme 2025-03-01: 5 mails queued, 1 reader gets nothing",
        "acme: 5 mails sent",
    ]
    assert acme.got == EACH
    log = segcore("mail", "log", "acme", "--to", "R001", at=at)
    assert log.stdout.startswith("2025-03-01  sent      2025-03-03 ")
    assert log.stdout.count("\n") == 1
    why_not = json.loads(
        segcore("mail", "log", "--run", "2025-03-01", "--to", "board@acme.example", "--json", at=at).stdout
    )
    assert [told["why"] for told in why_not] == ["not due before 2025-03-15"]
    assert segcore("send", "--status", at=at).stdout == "acme: 5 sent, 1 skipped\n"
    assert (at / "reports" / "acme" / "mail.html").is_file()


def test_a_timer_finds_nothing_then_what_is_due(acme: Post) -> None:
    lines = [
        segcore("send", "acme", "--today", f"2025-03-{day}", at=acme.root).stdout.splitlines()
        for day in (14, 15, 16)
    ]
    nothing = ["acme: nothing is due, and no mail waits"]
    assert lines == [nothing, ["acme 2025-03-01: 1 mail queued", "acme: 1 mail sent"], nothing]


def test_a_dry_run_says_where_the_page_is(acme: Post) -> None:
    told = segcore("send", "acme", "--dry-run", "--to", "R002", "--today", "2025-03-03", at=acme.root)
    assert (told.returncode, told.stdout) == (0, "runs/acme/.dry-run/2025-03-01/index.html\n")
    assert acme.got == []


def test_mails_that_are_refused_or_wait_end_with_3(tmp_path: Path) -> None:
    with post(
        tmp_path, Script(rcpt=lambda to: "550 5.1.1 nobody" if to.startswith("r000") else None)
    ) as acme:
        told = segcore("send", "acme/2025-03-01", at=tmp_path)
        assert told.returncode == 3
        assert (
            told.stdout.splitlines()[-1] == "acme: 5 mails sent"
        )  # board's monthly one is due today, or not
        assert "segcore: acme: 1 mail was refused; segcore mail log acme says why, segcore" in told.stderr
        status = segcore("status", "acme", at=tmp_path)
        assert (
            "mails       2025-03-01: 1 failed; segcore mail log acme --run 2025-03-01 says more, "
            "mend the address r000@acme.example in the reps source, make the run again" in status.stdout
        )
        assert acme.places.outbox.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("send",), "segcore send must have a run or a study, like demo/2025-12-31 or demo"),
        (
            ("send", "acme/2025-04-01"),
            "'acme/2025-04-01' must name a published run, like demo/2025-12-31, or its folder",
        ),
        (("send", "nobody"), "'nobody' must be a study of this project (there are acme)"),
        (
            ("send", "acme", "--status", "--again"),
            "segcore send --status must stand alone (got --again); leave that out",
        ),
        (
            ("send", "acme", "--dry-run", "--test-to", "a@acme.example"),
            "must have one of --dry-run and --test-to",
        ),
        (
            ("send", "acme/1.03.2025"),
            "'acme/1.03.2025' must name a run by its date as YYYY-MM-DD; write acme/2025-03-01",
        ),
        (
            ("send", "acme", "--again"),
            "--again must come with the run whose mails are sent again, like acme/2025-12-31 (got 'acme')",
        ),
        (("send", "acme", "--today", "soon"), "--today must be a day written as YYYY-MM-DD"),
        (("send", "acme", "--to", "r01@acme.example", "--dry-run"), "did you mean r001@acme.example?"),
        (
            ("mail", "log", "--run", "soon"),
            "--run must be a run, like demo/2025-12-31, or its date (got 'soon')",
        ),
        (
            ("mail", "bounces", "none.eml"),
            "none.eml: must be a mail (.eml) or a folder of mails that can be read",
        ),
    ],
)
def test_wrong_usage_is_told_and_ends_with_2(
    acme: Post, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(acme.root)
    with pytest.raises(SegcoreError) as told:
        app(list(words), standalone_mode=False)
    assert told.value.exit_code == 2
    assert says in str(told.value)
    assert not acme.places.outbox.exists()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


class TestServer:
    """What the command says of a server that cannot be used; the mails wait."""

    def told(
        self, root: Path, script: Script, security: str, **environment: str
    ) -> tuple[int, str, set[str]]:
        with post(root, script) as acme:
            acme.write(mail=MAIL.replace("security: none", f"security: {security}"))
            done = segcore("send", "acme/2025-03-01", "--to", "R001", at=root, **environment)
            return done.returncode, done.stderr, {entry.state for entry in acme.log()}

    def test_a_wrong_password(self, tmp_path: Path) -> None:
        login = {"SEGCORE_SMTP_USER": "segments", "SEGCORE_SMTP_PASSWORD": "not-the-password"}
        code, says, states = self.told(tmp_path, Script(password="the-password"), "none", **login)
        assert (code, states) == (2, {"queued"})
        assert "must let SEGCORE_SMTP_USER in with SEGCORE_SMTP_PASSWORD (it answered 535" in says
        assert "not-the-password" not in says

    def test_a_certificate_that_does_not_match(self, tmp_path: Path, ours: Authority) -> None:
        script = Script(tls=ours.context("DNS:mail.elsewhere.example"))
        code, says, states = self.told(tmp_path, script, "tls", SSL_CERT_FILE=str(ours.file))
        assert (code, states) == (2, {"queued"})
        assert "must be valid for 127.0.0.1 (IP address mismatch" in says

    def test_an_authority_that_nobody_knows(self, tmp_path: Path, ours: Authority) -> None:
        code, says, states = self.told(tmp_path, Script(tls=ours.context("IP:127.0.0.1")), "tls")
        assert (code, states) == (2, {"queued"})
        assert "(unable to get local issuer certificate)" in says

    def test_a_file_of_certificates_that_is_not_there(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("security: none", "security: tls"))
        told = segcore("send", "acme/2025-03-01", at=acme.root, SSL_CERT_FILE="/nowhere/ca.pem")
        assert told.returncode == 2
        assert "SSL_CERT_FILE must name the file with the company's own authority" in told.stderr
        assert "(got '/nowhere/ca.pem', which is not there); mend the path, or unset it" in told.stderr
        assert not acme.places.outbox.exists()

    def test_half_a_login_is_told_before_anything_is_queued(self, acme: Post) -> None:
        told = segcore("send", "acme/2025-03-01", at=acme.root, SEGCORE_SMTP_PASSWORD="secret-word")
        assert told.returncode == 2
        assert "SEGCORE_SMTP_USER must be set where SEGCORE_SMTP_PASSWORD is" in told.stderr
        assert not acme.places.outbox.exists()


def test_a_run_that_fails_is_told_to_its_owners_and_ends_as_before(tmp_path: Path) -> None:
    with served() as server:
        project = Project(tmp_path, {"segment": "# %%\nraise ValueError('customer 4711 of Canary')\n"})
        mail = MAIL.replace("PORT", str(server.port))
        project.study.write_text(project.study.read_text() + mail)
        (tmp_path / "params" / "acme.subscriptions.yaml").write_text(
            "subscriptions:\n  - {to: head@acme.example, gets: report}\n"
        )
        told = segcore("run", "acme", "--date", MARCH.isoformat(), "--send", at=tmp_path)
        assert told.returncode == 1
        assert "segcore: the owners of acme were told of it by mail" in told.stderr
        assert server.addresses == ["owner@acme.example"]
        assert b"4711" not in server.got[0].raw
        assert b"Canary" not in server.got[0].raw
        body = message_from_bytes(server.got[0].raw, policy=policy.default).get_body(("plain",))
        assert body is not None
        text = " ".join(body.get_content().split())
        assert "It stopped in segment.py, cell 4." in text
        assert "runs/acme/.failed/2025-03-01" in text


def test_with_send_the_study_must_say_whom_to_tell_before_the_run_begins(tmp_path: Path) -> None:
    project = Project(tmp_path)
    told = segcore("run", "acme", "--date", MARCH.isoformat(), "--send", at=tmp_path)
    assert told.returncode == 2
    assert "acme.yaml: mail must say whom mails come from (it is missing)" in told.stderr
    assert not (project.runs / "2025-03-01").exists()


@pytest.mark.slow
class TestDemo:
    """The demo's own subscriptions, on its real runs."""

    @pytest.fixture
    def demo(self, small_demo: Path, tmp_path: Path) -> Iterator[tuple[Path, list[str]]]:
        root = copied(small_demo, tmp_path / "demo")
        with served() as server:
            study = root / "params" / "demo.yaml"
            smtp = f"  smtp: {{host: 127.0.0.1, port: {server.port}, security: none}}\n"
            study.write_text(study.read_text().replace("\n  from: ", f"\n{smtp}  from: ", 1))
            yield root, server.addresses
            self.server = server

    def test_with_if_due_a_timer_sends_monthly_mails_also_when_no_run_is_due(
        self, demo: tuple[Path, list[str]]
    ) -> None:
        root, _ = demo
        told = segcore("run", "demo", "--if-due", "--send", "--today", "2026-01-20", at=root)
        assert told.returncode == 0, told.stderr
        assert told.stderr.splitlines() == [
            "demo: no run is due before 2026-02-14",
            "reports/demo/for: written again from the published runs",
            f"demo {LAST}: 1 mail queued",
            "demo: 1 mail sent",
        ]

    def test_a_run_that_is_there_is_sent_and_what_is_printed_last_is_its_report(
        self, demo: tuple[Path, list[str]]
    ) -> None:
        root, _ = demo
        words = ("run", "demo", "--date", LAST, "--send")
        told = segcore(*words, at=root)
        assert told.returncode == 0, told.stderr
        assert told.stdout.splitlines()[-1] == f"reports/demo/{LAST}/report.html"
        assert "mails queued" in told.stderr
        again = json.loads(segcore(*words, "--json", at=root).stdout)
        assert again["mails"]["runs"][0]["queued"] == 0
        assert again["mails"]["runs"][0]["had"] >= 14
        assert segcore("verify", "demo", at=root).returncode == 0
