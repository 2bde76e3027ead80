"""A project whose runs can be mailed: four representatives, two readers, and a mail server on loopback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from small_archive import MARCH
from small_mail import Running, Script, served
from small_representatives import RULES, SECRET, STUDY, publish

from segcore import archive
from segcore.mail.outbox import Entry, Outbox
from segcore.mailing import sending
from segcore.mailing.asked import Asked
from segcore.mailing.job import Job
from segcore.mailing.sent import Sent
from segcore.params import Study
from segcore.params.file import load_study

EMAILS = "select *, lower(rep) || '@acme.example' as email from kept"
SUBSCRIPTIONS = """\
subscriptions:
  - {rep: all, gets: own accounts}
  - {to: head@acme.example, name: Ada Head, gets: customers, where: {segment: At risk}}
  - {to: board@acme.example, gets: customers, where: {segment: Lost}, when: {monthly: 15}}
"""
MAIL = """\
mail:
  from: segments@acme.example
  base_url: https://intranet.acme.example/reports
  owners: [owner@acme.example]
  per_minute: unlimited
  smtp: {host: 127.0.0.1, port: PORT, security: none}
"""
NOW = dt.datetime(2025, 3, 3, 9, 30, tzinfo=dt.UTC)
EACH = ["head@acme.example", *(f"r00{number}@acme.example" for number in range(4))]
"""Who gets a mail about each run."""


@dataclass(frozen=True)
class Post:
    """A project, and the server that takes its mails."""

    root: Path
    server: Running

    @property
    def places(self) -> archive.Places:
        return archive.Places(self.root, "acme")

    @property
    def study(self) -> Study:
        return load_study(self.root / "params" / "acme.yaml")

    def job(self, now: dt.datetime = NOW, *, test_to: str | None = None, **asked: Any) -> Job:
        """Mails to be sent at a moment, on the day that it has."""
        asked = {"today": now.date(), "now": now, **asked}
        told: list[str] = []
        return Job(self.root, self.study, Asked(**asked), test_to=test_to, tell=told.append)

    def send(self, date: dt.date | None = MARCH, now: dt.datetime = NOW, **asked: Any) -> Sent:
        return sending.send_run(self.job(now, **asked), date)

    def timer(self, now: dt.datetime, **asked: Any) -> Sent:
        return sending.send_study(self.job(now, **asked))

    def log(self) -> list[Entry]:
        with Outbox.open(self.places.outbox) as outbox:
            return outbox.log()

    @property
    def got(self) -> list[str]:
        """Whom mails went to that the server took, sorted."""
        return sorted(self.server.addresses)

    def mails(self, address: str) -> list[EmailMessage]:
        found = [
            message_from_bytes(one.raw, policy=policy.default) for one in self.server.got if one.to == address
        ]
        assert all(isinstance(one, EmailMessage) for one in found)
        return found  # type: ignore[return-value]

    def write(self, *, mail: str = MAIL, subscriptions: str = SUBSCRIPTIONS) -> None:
        """Write the study and its subscriptions anew."""
        params = self.root / "params"
        params.mkdir(parents=True, exist_ok=True)
        text = STUDY + mail.replace("PORT", str(self.server.port))
        (params / "acme.yaml").write_text(text, encoding="utf-8")
        (params / "acme.rules.csv").write_text(RULES, encoding="utf-8")
        (params / "acme.subscriptions.yaml").write_text(subscriptions, encoding="utf-8")

    def publish(self, date: dt.date = MARCH, **changes: Any) -> None:
        size = {"customers": 40, "reps": 4, "more": 0, "changed": {"reps": EMAILS}}
        publish(self.root, date, **{**size, **changes})
        archive.list_runs(self.root / "runs")  # does what follows publishing, as a run does itself


@contextmanager
def post(root: Path, script: Script | None = None, *, secret: bool = True) -> Iterator[Post]:
    """A project with a published run of MARCH; with the secret that names the pages of representatives."""
    with served(script) as server, pytest.MonkeyPatch.context() as patch:
        if secret:
            patch.setenv("SEGCORE_REPS_SECRET", SECRET)
        made = Post(root, server)
        made.write()
        made.publish()
        yield made


def stopped(of: Post) -> Post:
    """The same with a server that does not answer."""
    return replace(of, server=replace(of.server, port=1))
