"""A wish to tell about a run outlives a machine that stops; it is of one command, and can be taken back."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from small_archive import APRIL, MARCH
from small_mailing import EACH, MAIL, NOW, Post

from segcore import archive
from segcore.archive.promised import forget, promise, promised
from segcore.errors import LockedError, MailError, SegcoreError, StoppedError
from segcore.mail.outbox import Outbox
from segcore.mail.reasons import GONE
from segcore.mailing import announcing
from segcore.privacy.erasing import as_wish, erase

BOARD = "board@acme.example"


def queued_only(of: Post, now: dt.datetime = NOW, **asked: object) -> None:
    of.write(mail=MAIL.replace("PORT", "1"))
    with pytest.raises(MailError):
        of.send(now=now, **asked)
    of.write()


def erase_one(of: Post) -> None:
    table = of.places.published(MARCH) / "data" / "listed.parquet"
    (number,) = duckdb.execute(f"select customer_id from '{table}' order by 1 limit 1").fetchall()[0]
    list(erase(as_wish(of.root, "acme", number, dt.date(2025, 3, 4), None), yes=True))


def test_a_mail_to_one_does_not_take_back_that_all_are_to_be_told(acme: Post) -> None:
    promise(acme.places, MARCH)
    acme.send(to="R001")
    acme.timer(NOW)
    assert acme.got == EACH
    assert promised(acme.places) == []


def test_mails_to_all_by_hand_settle_it(acme: Post) -> None:
    promise(acme.places, MARCH)
    promise(acme.places, APRIL)
    acme.send()
    assert promised(acme.places) == [APRIL]


@pytest.mark.parametrize("error", [StoppedError("Ctrl-C"), LockedError("another one")])
def test_nobody_is_told_of_a_run_that_is_made_later_to_be_looked_at_first(
    acme: Post, error: SegcoreError
) -> None:
    with pytest.raises(type(error)), announcing.announced(acme.root, acme.study.path, APRIL):
        raise error
    acme.publish(APRIL)
    acme.timer(NOW)
    assert acme.got == []


def test_who_stops_after_the_run_was_published_has_its_readers_told_later(acme: Post) -> None:
    with pytest.raises(StoppedError), announcing.announced(acme.root, acme.study.path, APRIL):
        acme.publish(APRIL)
        raise StoppedError("SIGTERM")
    acme.timer(NOW)
    assert acme.got == EACH


def test_of_two_who_wish_the_same_each_takes_back_its_own(acme: Post) -> None:
    ours, theirs = promise(acme.places, APRIL), promise(acme.places, APRIL)
    forget(ours)
    forget(ours)
    assert promised(acme.places) == [APRIL]
    forget(theirs)
    assert promised(acme.places) == []


def test_a_timer_leaves_the_wish_of_who_is_making_the_run(acme: Post) -> None:
    promise(acme.places, MARCH)
    with archive.locked(acme.places):
        acme.timer(NOW)
        assert acme.got == []
    acme.timer(NOW)
    assert acme.got == EACH


def test_a_file_of_dates_is_read_as_well(acme: Post) -> None:
    (acme.places.runs / ".to-tell.json").write_text('["2025-03-01", "2025-04-15", 3]', encoding="utf-8")
    assert promised(acme.places) == [MARCH, APRIL]
    acme.timer(NOW)
    assert acme.got == EACH
    assert promised(acme.places) == [APRIL]


class TestErased:
    """Erasing somebody has those told whose mails it dropped, and nobody else."""

    def test_one_who_was_named(self, acme: Post) -> None:
        queued_only(acme, to="R001")
        erase_one(acme)
        acme.timer(NOW)
        assert acme.got == ["r001@acme.example"]

    def test_a_monthly_one_also_in_the_next_month(self, acme: Post) -> None:
        queued_only(acme, NOW.replace(day=15), to=BOARD)
        erase_one(acme)
        acme.timer(NOW.replace(month=4, day=2))
        assert acme.got == [BOARD]

    def test_a_corrected_one(self, acme: Post) -> None:
        acme.send()
        acme.publish(replace=True, customers=41)
        queued_only(acme, again=True)
        erase_one(acme)
        acme.timer(NOW)
        assert acme.got == sorted([*EACH, *EACH])
        assert "Corrected" in str(acme.mails(EACH[0])[1]["Subject"])

    def test_nobody_whose_mail_may_have_arrived(self, acme: Post) -> None:
        queued_only(acme, to="R001")
        with Outbox.open(acme.places.outbox) as outbox:
            outbox.connection.execute("UPDATE mail SET state = 'in doubt', doubtful = 1")
        erase_one(acme)
        acme.timer(NOW)
        assert acme.got == []

    def test_who_wants_none_any_more_is_asked_for_once(self, acme: Post) -> None:
        queued_only(acme, to="R001")
        erase_one(acme)
        acme.write(subscriptions="subscriptions:\n  - {to: head@acme.example, gets: report}\n")
        acme.timer(NOW)
        [entry] = acme.log()
        assert (entry.state, entry.why) == (
            "skipped",
            GONE,
        )
        acme.write()
        acme.timer(NOW)
        assert acme.got == []

    def test_a_run_that_was_made_again_since_is_told_to_nobody(self, acme: Post) -> None:
        queued_only(acme, to="R001")
        erase_one(acme)
        acme.publish(replace=True, customers=41)
        acme.timer(NOW)
        assert acme.got == []
