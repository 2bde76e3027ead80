"""Sending: at least once, at most one copy more for a crash, and what a server asks for is done."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from small_mail import DROP, HANG_UP, NOW, TAKE_AND_DROP, Clock, Running, Script, mail, served

from benchmarks import outbox as killed
from segcore import stopping
from segcore.errors import MailError
from segcore.mail.outbox import Entry, Outbox
from segcore.mail.rate import Limits
from segcore.mail.sending import Outcome, Wish, send
from segcore.mail.server import Patience

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
UNLIMITED = Limits(None, 30, ("acme.example",))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "outbox.sqlite", make=True) as opened:
        yield opened


def queue(outbox: Outbox, count: int = 1) -> None:
    outbox.add([mail(f"r{number}@acme.example") for number in range(count)], [], NOW)


def sent(outbox: Outbox, running: Running, clock: Clock, **more: Any) -> Outcome:
    values = {"limits": UNLIMITED, "tell": lambda sentence: None, **more}
    return send(outbox, running.server(), values.pop("limits"), clock, Wish(**values))


def entry(outbox: Outbox, address: str = "r0@acme.example") -> Entry:
    (one,) = outbox.log(to=address)
    return one


def first(count: int, said: str, *, only: str = "") -> Callable[[str], str | None]:
    """Says something the first times, or the first times for one address."""
    left = [count]

    def says(address: str) -> str | None:
        if left[0] and only in address:
            left[0] -= 1
            return said
        return None

    return says


class TestTaken:
    def test_all_that_is_due_goes_in_order_on_one_connection(self, outbox: Outbox) -> None:
        queue(outbox, 5)
        with served() as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(5, 0, 0, None)
            assert running.addresses == [f"r{number}@acme.example" for number in range(5)]
            assert running.sessions == 1
            assert {mail.sender for mail in running.got} == {"segments@acme.example"}
            assert sent(outbox, running, Clock(NOW)) == Outcome(0, 0, 0, None)
            assert len(running.got) == 5

    def test_a_mail_arrives_as_it_was_queued(self, outbox: Outbox) -> None:
        raw = b"Subject: Dots\r\n\r\n.\r\n..\r\n.one\r\n\r\nlast\r\n"
        outbox.add([mail(raw=raw)], [], NOW)
        with served() as running:
            sent(outbox, running, Clock(NOW))
            assert running.got[0].raw == raw

    def test_a_connection_is_used_for_a_hundred_mails(self, outbox: Outbox) -> None:
        queue(outbox, 101)
        with served() as running:
            assert sent(outbox, running, Clock(NOW)).sent == 101
            assert running.sessions == 2

    def test_only_those_who_are_named(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        outbox.add([mail("kim@acme.example", what="own accounts Kim", rep="Kim")], [], NOW)
        with served() as running:
            assert sent(outbox, running, Clock(NOW), to="R1@acme.example") == Outcome(1, 0, 0, None)
            assert sent(outbox, running, Clock(NOW), to="Kim") == Outcome(1, 0, 0, None)
            assert running.addresses == ["r1@acme.example", "kim@acme.example"]
            with pytest.raises(MailError) as refused:
                sent(outbox, running, Clock(NOW), to="Lee")
        assert refused.value.problems == (
            f"Lee must have a mail in {outbox.path} (nobody of this address, number or name has)",
        )


class TestPutOff:
    def test_a_greylisted_mail_waits_and_the_others_go(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served(Script(rcpt=first(1, "450 4.7.1 greylisted, come again", only="r1@"))) as running:
            told: list[str] = []
            outcome = sent(outbox, running, Clock(NOW), tell=told.append)
            assert outcome == Outcome(2, 1, 0, NOW + MINUTE)
            assert told == ["r1@acme.example: 450 4.7.1 greylisted, come again"]
            assert sent(outbox, running, Clock(NOW + MINUTE / 2)) == Outcome(0, 1, 0, NOW + MINUTE)
            assert sent(outbox, running, Clock(NOW + MINUTE)) == Outcome(1, 0, 0, None)
            assert sorted(running.addresses) == [f"r{number}@acme.example" for number in range(3)]

    def test_it_is_waited_for_if_asked(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        with served(Script(rcpt=first(2, "450 4.7.1 greylisted", only="r1@"))) as running:
            clock = Clock(NOW)
            assert sent(outbox, running, clock, wait=3600) == Outcome(2, 0, 0, None)
            assert clock.moment == NOW + 6 * MINUTE

    def test_it_is_tried_ever_later_and_given_up_after_five_days(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(rcpt=lambda address: "451 4.3.0 mailbox is busy")) as running:
            clock, waited = Clock(NOW), []
            for _ in range(6):
                next_at = sent(outbox, running, clock).next_at
                assert next_at is not None
                waited.append((next_at - clock.moment) / MINUTE)
                clock.moment = next_at
            assert waited == [1, 5, 15, 60, 240, 240]
            assert sent(outbox, running, Clock(NOW + 5 * DAY - MINUTE)).waiting == 1
            assert sent(outbox, running, Clock(NOW + 6 * DAY)) == Outcome(0, 0, 1, None)
        assert entry(outbox).why == "given up after 5 days: 451 4.3.0 mailbox is busy"
        assert entry(outbox).tries[0].state == "queued"

    def test_a_mail_that_nobody_sent_for_a_week_is_tried(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(rcpt=first(1, "450 4.7.1 greylisted"))) as running:
            assert sent(outbox, running, Clock(NOW + 7 * DAY)).waiting == 1

    @pytest.mark.parametrize(
        "said",
        [
            "452 4.3.1 insufficient system storage",
            "421 4.7.0 try again later, closing connection",
            "454 4.7.0 throttled",
            "450 4.7.1 too many messages from you",
            "451 4.7.500 server busy, rate limit exceeded",
            "550 5.4.5 Daily sending quota exceeded",
            "452 too many recipients today",
        ],
    )
    def test_what_a_server_says_of_itself_stops_all(self, outbox: Outbox, said: str) -> None:
        queue(outbox, 20)
        with served(Script(rcpt=first(1, said))) as running:
            told: list[str] = []
            outcome = sent(outbox, running, Clock(NOW), tell=told.append)
            assert outcome == Outcome(0, 20, 0, NOW + 5 * MINUTE)
            assert told == [f"r0@acme.example: {said}"]
            assert running.sessions == 1
            assert sent(outbox, running, Clock(NOW + 4 * MINUTE)) == outcome
            assert running.sessions == 1
            assert sent(outbox, running, Clock(NOW + 5 * MINUTE)).sent == 20
            assert running.addresses[-1] == "r0@acme.example"  # the others had waited for longer

    def test_one_mail_that_a_server_cannot_stand_is_given_up(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(data=lambda address: "421 4.3.0 goodbye")) as running:
            sent(outbox, running, Clock(NOW))
            assert sent(outbox, running, Clock(NOW + 5 * DAY)) == Outcome(0, 0, 1, None)
        assert entry(outbox).why == "given up after 5 days: 421 4.3.0 goodbye"

    def test_pauses_grow_until_a_mail_is_taken(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        answers = iter(["452 4.3.1 full"] * 4 + [None] + ["452 4.3.1 full"] + [None] * 3)
        with served(Script(rcpt=lambda address: next(answers))) as running:
            clock, waited = Clock(NOW), []
            while (outcome := sent(outbox, running, clock)).next_at:
                waited.append((outcome.next_at - clock.moment) / MINUTE)
                clock.moment = outcome.next_at
        assert waited == [5, 15, 60, 60, 5]

    @pytest.mark.parametrize(
        "said", ["452 4.2.2 over quota", "450 4.2.1 receiving mail too quickly", "452 mailbox full"]
    )
    def test_a_full_mailbox_stops_nobody_else(self, outbox: Outbox, said: str) -> None:
        queue(outbox, 3)
        with served(Script(rcpt=first(1, said))) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(2, 1, 0, NOW + MINUTE)


class TestRefused:
    def test_a_refusal_is_for_good_and_says_why(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        said = "550 5.1.1 no such\x1b[31m user \x07here " + "x" * 300
        with served(Script(rcpt=first(1, said, only="r1@"))) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(2, 0, 1, None)
            assert sent(outbox, running, Clock(NOW + MINUTE)) == Outcome(0, 0, 0, None)
        (one,) = entry(outbox, "r1@acme.example").tries
        assert (one.state, one.code) == ("failed", 550)
        assert one.answer.startswith("5.1.1 no such[31m user here xxx")
        assert len(one.answer) == 300

    @pytest.mark.parametrize(
        "said", ["552 5.2.2 mailbox over quota", "554 5.7.1 too many links", "552 too big"]
    )
    def test_a_refusal_stops_nobody_else(self, outbox: Outbox, said: str) -> None:
        queue(outbox, 3)
        with served(Script(rcpt=first(1, said))) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(2, 0, 1, None)

    def test_a_refusal_of_what_it_says(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        with served(Script(data=first(1, "554 5.7.1 looks like spam"))) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(1, 0, 1, None)
        assert entry(outbox).why == "554 5.7.1 looks like spam"

    @pytest.mark.parametrize("at", ["rcpt", "data"])
    def test_a_refusal_counts_where_the_server_hangs_up_after_it(self, outbox: Outbox, at: str) -> None:
        queue(outbox, 2)
        said = first(1, "554 5.7.1 looks like spam" + HANG_UP)
        with served(Script(**{at: said})) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(1, 0, 1, None)
        assert entry(outbox).why == "554 5.7.1 looks like spam"

    def test_who_is_never_reached_is_given_up(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(rcpt=lambda address: DROP)) as running:
            sent(outbox, running, Clock(NOW))
            sent(outbox, running, Clock(NOW + 5 * DAY))
        assert entry(outbox).state == "failed"
        assert entry(outbox).why == "given up after 5 days: it closed the connection"

    @pytest.mark.parametrize(
        ("said", "do"),
        [
            ("530 5.7.0 log in first", "; set SEGCORE_SMTP_USER and SEGCORE_SMTP_PASSWORD"),
            ("550 5.7.60 not allowed to send as this sender", ""),
        ],
    )
    def test_a_refusal_of_the_sender_fails_no_mail(self, outbox: Outbox, said: str, do: str) -> None:
        queue(outbox, 3)
        with served(Script(mail=lambda address: said)) as running:
            with pytest.raises(MailError) as refused:
                sent(outbox, running, Clock(NOW))
            assert str(refused.value) == (
                f"the mail server {running.server()} must take mails from segments@acme.example "
                f"(it answered about r0@acme.example: {said}); the mails stay queued{do}"
            )
        assert outbox.counts()["queued"] == 3

    def test_a_server_that_refuses_all_is_asked_ten_times(self, outbox: Outbox) -> None:
        queue(outbox, 30)
        with served(Script(rcpt=lambda address: "550 5.7.1 relaying denied")) as running:
            with pytest.raises(MailError) as refused:
                sent(outbox, running, Clock(NOW))
            assert str(refused.value) == (
                f"the mail server {running.server()} must take mails (it refused 10 in a row, the last one "
                "r9@acme.example: 550 5.7.1 relaying denied); the others stay queued: find out why before "
                "they fail as well"
            )
        assert outbox.counts() | {"queued": 20, "failed": 10} == outbox.counts()


class TestLost:
    def test_a_connection_that_ends_without_an_answer_leaves_a_doubt(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        with served(Script(data=first(1, DROP))) as running:
            outcome = sent(outbox, running, Clock(NOW))
            assert outcome == Outcome(1, 1, 0, NOW + MINUTE, in_doubt=1)
            assert entry(outbox).why == "it closed the connection"
            assert sent(outbox, running, Clock(NOW + MINUTE)).sent == 1
            assert Counter(running.addresses) == {"r0@acme.example": 1, "r1@acme.example": 1}
        assert [one.state for one in entry(outbox).tries] == ["in doubt", "sent"]

    def test_a_copy_has_the_same_message_id(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(data=first(1, TAKE_AND_DROP))) as running:
            sent(outbox, running, Clock(NOW), wait=60)
            one, two = running.got
        assert one.raw == two.raw
        assert entry(outbox).message_id.encode() in one.raw

    def test_a_doubt_stays_until_the_mail_is_taken(self, outbox: Outbox) -> None:
        queue(outbox)
        answers = iter(["450 4.7.1 greylisted", "550 5.1.1 no such user"])
        with served(Script(data=first(1, TAKE_AND_DROP), rcpt=lambda address: None)) as running:
            clock = Clock(NOW)
            sent(outbox, running, clock)
            running.script.rcpt = lambda address: next(answers)
            clock.moment += MINUTE
            assert sent(outbox, running, clock).in_doubt == 1
            clock.moment += 5 * MINUTE
            assert sent(outbox, running, clock).failed == 1
        assert entry(outbox).why == "550 5.1.1 no such user; it may have arrived all the same"

    def test_a_connection_that_ends_before_leaves_none(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served(Script(rcpt=first(1, DROP, only="r1@"))) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(3, 0, 0, None)
            assert running.sessions == 2
        assert [one.state for one in entry(outbox, "r1@acme.example").tries] == ["sent"]

    def test_a_server_that_closes_a_used_connection_gets_another(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served(Script(mail=first(1, "421 4.4.2 idle for too long"))) as running:
            running.script.mail = _after_one("421 4.4.2 idle for too long")
            assert sent(outbox, running, Clock(NOW)) == Outcome(3, 0, 0, None)
            assert running.sessions == 3

    def test_three_lost_in_a_row_stop_all_for_a_while(self, outbox: Outbox) -> None:
        queue(outbox, 20)
        with served(Script(rcpt=first(3, DROP))) as running:
            outcome = sent(outbox, running, Clock(NOW))
            assert outcome == Outcome(0, 20, 0, NOW + 5 * MINUTE)
            assert running.sessions == 3
            assert sent(outbox, running, Clock(NOW + 5 * MINUTE)).sent == 20

    def test_a_slow_answer_is_waited_for(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        with served(Script(data=first(1, 0.4))) as running:
            server = running.server(patience=Patience(5, 0.2, 5))
            assert send(outbox, server, UNLIMITED, Clock(NOW), Wish(print)).sent == 2
            assert len(running.got) == 2

    def test_one_that_never_comes_leaves_a_doubt(self, outbox: Outbox) -> None:
        queue(outbox)
        with served(Script(data=first(1, 5.0))) as running:
            server = running.server(patience=Patience(5, 5, 0.2))
            assert send(outbox, server, UNLIMITED, Clock(NOW), Wish(print)).in_doubt == 1
        assert entry(outbox).why == "it did not answer in time"

    def test_a_server_that_goes_away_is_a_problem_of_what_is_left(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served() as running:
            running.script.rcpt = lambda address: running.goes_away() if running.got else None
            outcome = sent(outbox, running, Clock(NOW))
        assert (outcome.sent, outcome.waiting, outcome.failed) == (1, 2, 0)
        (problem,) = outcome.problems
        assert problem.startswith(f"the mail server {running.server()} must answer (the connection was")

    def test_no_server_costs_no_attempt(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served() as running:
            pass
        with pytest.raises(MailError, match=r"must answer \(the connection was refused\)"):
            sent(outbox, running, Clock(NOW))
        assert outbox.counts()["queued"] == 3
        assert entry(outbox).tries == ()


def _after_one(said: str) -> Callable[[str], str | None]:
    """Says something at every second mail of a connection, and is right to be asked again then."""
    mails = [0]

    def says(address: str) -> str | None:
        mails[0] += 1
        return said if mails[0] % 2 == 0 else None

    return says


class TestRate:
    LIMITS = Limits(per_minute=60, burst=3)

    def test_so_many_at_once_and_the_others_one_by_one(self, outbox: Outbox) -> None:
        queue(outbox, 8)
        with served() as running:
            clock = Clock(NOW)
            assert sent(outbox, running, clock, limits=self.LIMITS).sent == 8
            assert clock.slept == pytest.approx(5)

    def test_it_holds_for_the_next_process(self, outbox: Outbox) -> None:
        queue(outbox, 8)
        with served() as running:
            clock = Clock(NOW)
            for number in range(8):
                with Outbox.open(outbox.path) as again:
                    sent(again, running, clock, limits=self.LIMITS, to=f"r{number}@acme.example")
                assert clock.slept == pytest.approx(max(0, number - 2))

    def test_after_a_rest_as_many_go_at_once_again(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        with served() as running:
            sent(outbox, running, Clock(NOW), limits=self.LIMITS)
            outbox.add([mail(f"s{number}@acme.example") for number in range(3)], [], NOW)
            clock = Clock(NOW + dt.timedelta(seconds=3))
            sent(outbox, running, clock, limits=self.LIMITS)
            assert clock.slept == 0

    def test_a_clock_that_was_put_back_stops_nothing(self, outbox: Outbox) -> None:
        queue(outbox, 4)
        outbox.connection.execute("UPDATE mail SET due = '2000'")
        with served() as running:
            sent(outbox, running, Clock(NOW), limits=self.LIMITS, to="r0@acme.example")
            clock = Clock(NOW - dt.timedelta(days=30))
            sent(outbox, running, clock, limits=self.LIMITS)
            assert clock.slept <= 4

    def test_a_stop_while_it_waits_is_obeyed_at_once(self, outbox: Outbox) -> None:
        class Stopped(Clock):
            def sleep(self, seconds: float) -> None:
                raise KeyboardInterrupt

        queue(outbox, 5)
        with served() as running, pytest.raises(KeyboardInterrupt):
            sent(outbox, running, Stopped(NOW), limits=self.LIMITS)
        assert [one.state for one in outbox.log()] == ["sent"] * 3 + ["queued"] * 2


class TestCopiesForATest:
    RAW = (
        b"Subject: =?utf-8?q?K=C3=B6ln=3A_?=\r\n =?utf-8?q?5_customers?=\r\nTo: Ada\r\n <r0@acme.example>\r\n"
        b"Message-ID: <1@acme.example>\r\nMIME-Version: 1.0\r\n\r\nSubject: stays\r\n"
    )

    def copies(self, outbox: Outbox, raw: bytes) -> Any:
        outbox.add([mail("r0@acme.example", raw=raw)], [], NOW)
        with served() as running:
            outcome = sent(outbox, running, Clock(NOW), test_to="me@acme.example")
            assert outcome == Outcome(1, 1, 0, NOW)
            assert running.addresses == ["me@acme.example"]
            return email.message_from_bytes(running.got[0].raw, policy=email.policy.default)

    def test_they_say_that_they_are_one_and_change_nothing(self, outbox: Outbox) -> None:
        copy = self.copies(outbox, self.RAW)
        assert copy["Subject"] == "[Test] Köln: 5 customers"
        assert (copy["To"], copy["X-Segcore-Test"]) == ("me@acme.example", "r0@acme.example")
        assert copy["Message-ID"] != "<1@acme.example>"
        assert copy.get_content() == "Subject: stays\r\n"
        assert copy.defects == []
        assert (entry(outbox).state, entry(outbox).tries) == ("queued", ())

    def test_a_subject_may_begin_on_its_second_line(self, outbox: Outbox) -> None:
        copy = self.copies(outbox, b"Subject:\r\n long\r\nTo: Ada\r\n\r\nRead.\r\n")
        assert (copy["Subject"], copy.get_content()) == ("[Test] long", "Read.\r\n")

    @pytest.mark.parametrize(
        ("address", "problem"),
        [
            (
                "me@home.example",
                "--test-to must be in a domain of mail.domains: acme.example (got me@home.example)",
            ),
            (
                "me",
                "--test-to: the address must be like name@acme.example, without a name before it (got 'me')",
            ),
        ],
    )
    def test_they_go_where_mails_may_go(self, outbox: Outbox, address: str, problem: str) -> None:
        queue(outbox)
        with served() as running, pytest.raises(MailError) as refused:
            sent(outbox, running, Clock(NOW), test_to=address)
        assert str(refused.value) == problem
        assert running.got == []


@contextmanager
def listening() -> Iterator[None]:
    """As the command does, Ctrl-C and SIGTERM are remembered."""
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        stopping.listen()
        yield
    finally:
        stopping._asked.clear()
        for one, handler in handlers.items():
            signal.signal(one, handler)


class TestCrash:
    def test_what_was_under_way_is_in_doubt_and_sent_again(self, outbox: Outbox) -> None:
        queue(outbox, 2)
        outbox.connection.execute("UPDATE mail SET state = 'sending', due = NULL WHERE id = 1")
        with served() as running:
            told: list[str] = []
            assert sent(outbox, running, Clock(NOW), tell=told.append).sent == 2
        assert told == ["1 under way when sending was cut off: in doubt, and sent again"]
        assert [(one.state, one.answer) for one in entry(outbox).tries] == [
            ("in doubt", "segcore was stopped while it was under way"),
            ("sent", "2.0.0 taken"),
        ]

    def test_what_is_under_way_is_on_disk_before_the_server_has_it(self, outbox: Outbox) -> None:
        queue(outbox, 3)
        seen: list[list[str]] = []

        def look(address: str) -> None:
            with Outbox.open(outbox.path) as other:
                seen.append([one.state for one in other.log()])

        with served(Script(data=look)) as running:
            sent(outbox, running, Clock(NOW))
        assert seen == [
            ["sending", "queued", "queued"],
            ["sent", "sending", "queued"],
            ["sent", "sent", "sending"],
        ]

    @pytest.mark.parametrize(("said", "state"), [(None, "sent"), ("450 4.7.1 greylisted", "failed")])
    def test_what_is_taken_out_while_it_is_under_way(
        self, outbox: Outbox, said: str | None, state: str
    ) -> None:
        queue(outbox)

        def taken_out(address: str) -> str | None:
            with Outbox.open(outbox.path) as other:
                other.drop_unsent(["2026-03-31"])
            return said

        with served(Script(data=taken_out)) as running:
            assert sent(outbox, running, Clock(NOW)).waiting == 0
        assert (entry(outbox).state, entry(outbox).due) == (state, None)

    def test_what_expires_while_it_is_under_way(self, outbox: Outbox) -> None:
        queue(outbox)

        def expired(address: str) -> None:
            with Outbox.open(outbox.path) as other:
                assert other.expire(dt.date(2026, 4, 1)) == 1

        with served(Script(data=expired)) as running:
            assert sent(outbox, running, Clock(NOW)) == Outcome(1, 0, 0, None)
        assert outbox.log() == []

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_stop_finishes_the_mail_that_is_under_way(self, outbox: Outbox, number: int) -> None:
        queue(outbox, 3)

        def asked(address: str) -> float | None:
            if address == "r1@acme.example":
                os.kill(os.getpid(), number)
            return 0.05

        told: list[str] = []
        with listening(), served(Script(data=asked)) as running, pytest.raises(KeyboardInterrupt):
            sent(outbox, running, Clock(NOW), tell=told.append)
        assert running.addresses == ["r0@acme.example", "r1@acme.example"]
        assert [one.state for one in outbox.log()] == ["sent", "sent", "queued"]
        assert told == ["stopped: 2 sent, 1 left; the next call goes on"]

    def test_a_second_stop_is_obeyed_at_once_and_leaves_a_doubt(self, outbox: Outbox) -> None:
        queue(outbox, 2)

        def asked(address: str) -> float:
            for _ in range(2):
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.1)
            return 5.0

        began = time.monotonic()
        with listening(), served(Script(data=asked)) as running, pytest.raises(KeyboardInterrupt):
            sent(outbox, running, Clock(NOW))
        assert time.monotonic() - began < 4
        with served() as running:
            assert sent(outbox, running, Clock(NOW)).sent == 2
        assert [one.state for one in entry(outbox).tries] == ["in doubt", "sent"]

    @pytest.mark.slow
    def test_nothing_is_lost_however_often_it_is_killed(self, tmp_path: Path) -> None:
        found = killed.tried(tmp_path, killed.Plan(recipients=100, kills=4, seed=20_260_401, stops=1))
        assert found.lost == 0
        assert (found.kills, found.stops) == (4, 1)
        assert found.copies <= found.kills + found.dropped_after_taking
        assert found.stops_with_copies == 0
