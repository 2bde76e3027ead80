"""What waits of a run that was withdrawn or made again is sent by nobody, also by who sends already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from small_archive import APRIL
from small_mail import Script
from small_mailing import EACH, MAIL, Post, post

from segcore import keeping
from segcore.errors import MailError, StageError
from segcore.mailing import announcing

WITHDRAWN = "the run was withdrawn before the mail was sent"
MADE_AGAIN = "the run was made again before the mail was sent"


def withdraw(of: Post) -> None:
    keeping.withdraw("acme/2025-03-01", keeping.Decision(dt.date(2025, 3, 4), "wrong"), root=of.root)


def left_waiting(of: Post) -> None:
    of.write(mail=MAIL.replace("PORT", "1"))
    with pytest.raises(MailError):
        of.send()
    of.write()


def fail(of: Post) -> None:
    with pytest.raises(StageError), announcing.announced(of.root, of.study.path, APRIL):
        raise StageError.at("segment.py", 7, "boom")


def why(of: Post) -> dict[str, str]:
    return {entry.address: entry.why for entry in of.log() if entry.address in EACH}


def test_a_run_that_fails_sends_its_owners_mail_and_nothing_else(acme: Post) -> None:
    left_waiting(acme)
    fail(acme)
    assert acme.got == ["owner@acme.example"]
    acme.timer(acme.job().asked.now)
    assert acme.got == sorted([*EACH, "owner@acme.example"])


def test_nor_does_it_send_what_was_withdrawn(acme: Post) -> None:
    left_waiting(acme)
    withdraw(acme)
    fail(acme)
    assert acme.got == ["owner@acme.example"]
    assert why(acme) == dict.fromkeys(EACH, WITHDRAWN)


@pytest.mark.parametrize(
    ("happens", "because"),
    [
        (withdraw, WITHDRAWN),
        (lambda of: of.publish(replace=True, customers=41), MADE_AGAIN),
    ],
)
def test_who_sends_already_stops_with_the_next_mail(
    tmp_path: Path, happens: Callable[[Post], None], because: str
) -> None:
    script = Script()
    with post(tmp_path, script) as acme:
        left_waiting(acme)
        asked: list[str] = []

        def second(address: str) -> None:
            asked.append(address)
            if len(asked) == 2:
                happens(acme)

        script.rcpt = second
        sent = acme.timer(acme.job().asked.now)
        assert acme.got == sorted(asked) and len(asked) == 2
        told = because.removeprefix("the run was ").split(" before")[0]
        assert f"acme 2025-03-01: 3 mails not sent, for the run was {told}" in list(sent.lines)
        states = {entry.address: entry.state for entry in acme.log()}
        assert [one for one in EACH if states[one] == "sent"] == acme.got
        assert set(why(acme).values()) == {"", because}


def test_a_run_that_is_published_besides_stops_nobody(tmp_path: Path) -> None:
    script = Script()
    with post(tmp_path, script) as acme:
        script.rcpt = lambda address: acme.publish(APRIL) if address == EACH[0] else None
        acme.send()
        assert acme.got == EACH
