"""A clock that goes wrong, a month that ends while the machine is off: no mail is lost by either."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest
from small_archive import APRIL
from small_mail import Script
from small_mailing import EACH, MAIL, NOW, SUBSCRIPTIONS, Post, post

from segcore.errors import MailError, SegcoreError
from segcore.mail.outbox import Outbox

BOARD = "board@acme.example"
AHEAD = NOW + dt.timedelta(days=60)


class TestAhead:
    """What was tried by a clock that went two months before this one goes now."""

    def test_when_the_server_wanted_a_pause(self, tmp_path: Path) -> None:
        script = Script(rcpt=lambda address: "452 4.3.1 too many mails")
        with post(tmp_path, script) as acme:
            acme.send(now=AHEAD)
            script.rcpt = lambda address: None
            acme.timer(NOW)
            assert acme.got == sorted([*EACH, BOARD])

    def test_when_there_was_no_server(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        with pytest.raises(MailError):
            acme.send(now=AHEAD)
        acme.write()
        acme.timer(NOW)
        assert acme.got == sorted([*EACH, BOARD])

    def test_what_a_server_asked_for_is_waited_for_all_the_same(self, tmp_path: Path) -> None:
        script = Script(rcpt=lambda address: "452 4.3.1 too many mails")
        with post(tmp_path, script) as acme:
            acme.send()
            script.rcpt = lambda address: None
            acme.timer(NOW + dt.timedelta(minutes=4))
            assert acme.got == []
            acme.timer(NOW + dt.timedelta(minutes=6))
            assert acme.got == EACH


class TestMonthly:
    """One mail for each month's day, about the latest run there is."""

    def board(self, of: Post) -> list[tuple[str, int, str]]:
        return [(e.run, e.edition, e.state) for e in of.log() if e.address == BOARD and e.state != "skipped"]

    def test_one_that_came_back_is_none(self, acme: Post) -> None:
        acme.timer(NOW.replace(day=15))
        [entry] = (entry for entry in acme.log() if entry.address == BOARD)
        with Outbox.open(acme.places.outbox) as outbox:
            assert outbox.bounced(entry.message_id, NOW.replace(day=15), "no such user")
        acme.publish(APRIL)
        acme.timer(NOW.replace(day=20))
        assert self.board(acme) == [("2025-03-01", 1, "bounced"), ("2025-04-15", 1, "sent")]

    def test_a_correction_is_no_mail_of_its_month(self, acme: Post) -> None:
        acme.timer(NOW.replace(day=15))
        acme.publish(replace=True, customers=41)
        acme.send(now=NOW.replace(month=4, day=2), again=True)
        acme.publish(APRIL)
        acme.timer(NOW.replace(month=4, day=16))
        assert self.board(acme) == [
            ("2025-03-01", 1, "sent"),
            ("2025-03-01", 2, "sent"),
            ("2025-04-15", 1, "sent"),
        ]

    def test_a_day_on_which_the_machine_was_off_is_made_up_for_once(self, acme: Post) -> None:
        acme.write(subscriptions=SUBSCRIPTIONS.replace("monthly: 15", "monthly: 28"))
        acme.timer(NOW.replace(day=27))
        assert acme.got == []
        acme.timer(NOW.replace(month=4, day=3))
        assert self.board(acme) == [("2025-03-01", 1, "sent")]
        acme.publish(APRIL)
        for day in (20, 27, 28):
            acme.timer(NOW.replace(month=4, day=day))
            assert len(self.board(acme)) == (2 if day == 28 else 1)

    def test_a_run_from_after_the_day_waits_for_the_next_one(self, acme: Post) -> None:
        acme.timer(NOW)
        acme.timer(NOW.replace(day=14))
        assert acme.got == []

    def test_in_january_the_day_before_is_one_of_december(self, acme: Post) -> None:
        acme.timer(NOW.replace(year=2026, month=1, day=2))
        assert acme.got == [BOARD]
        acme.timer(NOW.replace(year=2026, month=1, day=3))
        assert acme.got == [BOARD]

    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
    def test_the_day_is_that_of_the_clock_on_the_wall(
        self, acme: Post, zone: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            evening, morning = dt.datetime(2025, 3, 14, 23, 30), dt.datetime(2025, 3, 15, 0, 30)
            acme.timer(evening.astimezone())
            assert acme.got == []
            acme.timer(morning.astimezone())
            assert acme.got == [BOARD]
            with Outbox.open(acme.places.outbox) as outbox:
                [entry] = (entry for entry in outbox.log() if entry.address == BOARD)
                assert outbox.last_sent(BOARD, entry.what) == morning.date()
        finally:
            monkeypatch.undo()
            time.tzset()


def test_no_day_after_today_is_sent_on(acme: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from segcore.cli import app

    monkeypatch.chdir(acme.root)
    today = dt.date.today()
    for words in (["send", "acme"], ["run", "acme", "--if-due", "--send"]):
        with pytest.raises(SegcoreError) as told:
            app([*words, "--today", str(today + dt.timedelta(days=1))], standalone_mode=False)
        assert told.value.exit_code == 2
        assert str(told.value) == (
            f"--today must be no day after today, {today} (got {today + dt.timedelta(days=1)}), where mails "
            "are sent; with segcore send, --dry-run shows those of later days"
        )
    app(["send", "acme", "--dry-run", "--today", str(today + dt.timedelta(days=1))], standalone_mode=False)
    assert acme.got == []
