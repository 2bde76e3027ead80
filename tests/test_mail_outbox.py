"""The outbox: all or nothing, no mail twice, and nothing left of what was sent."""

from __future__ import annotations

import base64
import datetime as dt
import os
import sqlite3
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_mail import NOW, Clock, Script, mail, served, skip

from segcore.errors import LockedError, MailError
from segcore.mail import entries, page
from segcore.mail.outbox import Added, Mail, Outbox, alone
from segcore.mail.rate import Limits
from segcore.mail.sending import Wish, send

DAY = dt.timedelta(days=1)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox.open(tmp_path / "outbox.sqlite", make=True) as opened:
        yield opened


def sent(outbox: Outbox) -> None:
    with served() as running:
        send(outbox, running.server(), Limits(None), Clock(NOW), Wish(print))


CUT_SHORT = """
import os, signal, sqlite3, sys
from pathlib import Path
from segcore.errors import MailError
from segcore.mail.outbox import Outbox
from segcore.mail.outbox_file import is_there

class Cut(sqlite3.Connection):
    left, killed = 10**6, False

    def execute(self, *given):
        Cut.left -= 1
        if Cut.left == 0 and Cut.killed:
            os.kill(os.getpid(), signal.SIGKILL)
        if Cut.left == 0:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(*given)

connect = sqlite3.connect
for killed in (False, True):
    for number in range(1, 100):
        path = Path(sys.argv[1]) / f"{number}-{killed}" / "outbox.sqlite"
        child = os.fork()
        if not child:
            sqlite3.connect = lambda *given, **more: connect(*given, **more, factory=Cut)
            Cut.left, Cut.killed = number, killed
            try:
                Outbox.open(path, make=True).close()
            except MailError:
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            break
        if is_there(path):
            Outbox.open(path).close()
            print(f"{number}: none, then made")  # cut short after the last word
            continue
        try:
            Outbox.open(path)
        except MailError as error:
            assert "there is none: no mail was queued so far" in str(error), error
        with Outbox.open(path, make=True) as outbox:
            assert outbox.log() == []
        print(f"{number}: none, then made")
"""


class TestOpening:
    def refused(self, path: Path) -> str:
        with pytest.raises(MailError) as refused:
            Outbox.open(path)
        return str(refused.value)

    def test_there_must_be_one(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        sentence = f"{path} must be an outbox (there is none: no mail was queued so far)"
        assert self.refused(path) == sentence
        path.touch()  # a process was killed before it made the tables
        assert self.refused(path) == sentence
        Outbox.open(path, make=True).close()
        Outbox.open(path).close()

    def test_it_must_be_of_this_version(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        with Outbox.open(path, make=True) as outbox:
            outbox.connection.execute("PRAGMA user_version = 2")
        assert self.refused(path) == (
            f"{path} must be an outbox of version 1 (got version 2); nothing was queued or sent. "
            f"Take the segcore that made it, or move it and {tmp_path / '.outbox-begun'} away, with what "
            "is known of mails: those that are asked for go out again"
        )

    def test_it_must_be_no_other_database(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE mail (id)")
        other.close()
        assert self.refused(path) == f"{path} must be an outbox (got another database); move it away"

    def test_one_that_was_not_made_to_its_end_counts_as_none(self, tmp_path: Path) -> None:
        """Whether a statement fails or the process is killed at it: the next one makes the outbox."""
        done = subprocess.run(
            [sys.executable, "-c", CUT_SHORT, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        told = done.stdout.splitlines()
        assert len(told) > 2 * 15
        assert {line.split(": ", 1)[1] for line in told} == {"none, then made"}, told

    def test_it_must_be_a_database(self, tmp_path: Path) -> None:
        path = tmp_path / "outbox.sqlite"
        path.write_text("run,address\n" * 100)
        assert self.refused(path) == (
            f"{path} must be an outbox (it is none, or damaged); put it back from a copy, or move it away, "
            "with all it knows of mails"
        )

    def test_others_than_the_group_cannot_read_it(self, tmp_path: Path) -> None:
        Outbox.open(tmp_path / "outbox.sqlite", make=True).close()
        assert not (tmp_path / "outbox.sqlite").stat().st_mode & 0o007

    def test_nothing_stays_beside_it(self, tmp_path: Path) -> None:
        with Outbox.open(tmp_path / "outbox.sqlite", make=True) as outbox:
            outbox.add([mail()], [], NOW)
        assert os.listdir(tmp_path) == ["outbox.sqlite"]

    def test_one_process_sends(self, outbox: Outbox) -> None:
        with alone(outbox.path), pytest.raises(LockedError) as refused:
            sent(outbox)
        assert str(refused.value) == (
            f"{outbox.path}: only one process may send mails of a study (another one does); "
            "wait until it is done"
        )


class TestQueuing:
    def test_the_same_mail_is_queued_once(self, outbox: Outbox) -> None:
        assert outbox.add([mail(), mail("b@acme.example")], [], NOW) == Added(2, 0)
        assert outbox.add([mail("A@ACME.example"), mail("c@acme.example")], [], NOW) == Added(1, 1)
        assert [(one.edition, one.what, one.address) for one in outbox.log()] == [
            (1, "report", address) for address in ("a@acme.example", "b@acme.example", "c@acme.example")
        ]

    def test_editions_and_subscriptions_are_other_mails(self, outbox: Outbox) -> None:
        mails = [mail(), mail(edition=2), mail(what="own accounts Kim"), mail(run="2026-02-14")]
        assert outbox.add(mails, [], NOW) == Added(4, 0)

    def test_all_or_nothing(self, outbox: Outbox) -> None:
        def some() -> Iterator[Mail]:
            yield mail()
            raise MailError("the second one cannot be made")

        with pytest.raises(MailError, match="the second one cannot be made"):
            outbox.add(some(), [], NOW)
        assert outbox.log() == []

    @pytest.mark.parametrize("address", ["a@b@c", "a@acme.example\r\nBcc: x@y", "Ada <a@acme.example>", ""])
    def test_an_address_must_be_one(self, outbox: Outbox, address: str) -> None:
        with pytest.raises(MailError) as refused:
            outbox.add([mail("first@acme.example"), mail(address)], [], NOW)
        assert str(refused.value) == f"an address must be like name@acme.example (got {address!r})"
        assert outbox.log() == []

    def test_a_note_that_there_is_no_mail_gives_way_to_one(self, outbox: Outbox) -> None:
        outbox.add([], [skip(), skip("b@acme.example")], NOW)
        outbox.add([], [skip(why="still nothing is in it")], NOW + DAY)
        assert [(entry.address, entry.state, entry.why) for entry in outbox.log()] == [
            ("a@acme.example", "skipped", "still nothing is in it"),
            ("b@acme.example", "skipped", "nothing is in it"),
        ]
        assert outbox.add([mail()], [skip("b@acme.example", "not due")], NOW) == Added(1, 0)
        outbox.add([], [skip()], NOW)
        assert [(entry.state, entry.why) for entry in outbox.log()] == [
            ("queued", ""),
            ("skipped", "not due"),
        ]

    def test_a_disk_that_fills_up_queues_nothing(self, outbox: Outbox) -> None:
        pages = outbox.connection.execute("PRAGMA page_count").fetchone()[0]
        outbox.connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        self.fills_up(outbox)
        assert outbox.add([mail()], [], NOW) == Added(1, 0)

    @pytest.mark.skipif(os.getuid() != 0, reason="only root makes a disk")
    def test_a_real_disk_that_fills_up_queues_nothing(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("this machine lets nobody mount a disk")
        try:
            with (
                pytest.raises(OSError, match="No space left"),
                (disk / "other").open("wb", buffering=0) as other,
            ):
                while other.write(b"x" * 4096):
                    pass
            for room in (0, 4096, 8192, 20480, 40960):
                os.truncate(disk / "other", (disk / "other").stat().st_size - room)
                with pytest.raises(MailError, match=r"the disk must take all that .* \(it is full\)"):
                    Outbox.open(disk / "outbox.sqlite", make=True)
            (disk / "other").unlink()
            with Outbox.open(disk / "outbox.sqlite", make=True) as outbox:
                self.fills_up(outbox)
                assert outbox.add([mail()], [], NOW) == Added(1, 0)
            assert os.listdir(disk) == ["outbox.sqlite"]
        finally:
            subprocess.run(["umount", str(disk)], check=True)

    def fills_up(self, outbox: Outbox) -> None:
        mails = (mail(f"r{number}@acme.example", raw=os.urandom(50_000)) for number in range(20))
        with pytest.raises(MailError) as refused:
            outbox.add(mails, [], NOW)
        assert str(refused.value) == (
            f"{outbox.path}: the disk must take all that is to be sent (it is full); "
            "nothing was queued; make room"
        )
        assert outbox.log() == []

    def test_many_mails_are_never_held_at_once(self, outbox: Outbox) -> None:
        mails = (mail(f"r{number}@acme.example", raw=os.urandom(100_000)) for number in range(100))
        tracemalloc.start()
        try:
            outbox.add(mails, [], NOW)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()


class TestWhatIsKept:
    def test_of_a_sent_mail_neither_its_bytes_nor_its_customers(self, outbox: Outbox) -> None:
        raws = [b"Subject: x\r\n\r\n" + base64.encodebytes(os.urandom(20_000)) for _ in range(5)]
        customers = [f"canary-{number}" for number in range(300)]
        outbox.add(
            [
                mail(f"r{number}@acme.example", raw=raw, customers=frozenset(customers))
                for number, raw in enumerate(raws)
            ],
            [],
            NOW,
        )
        parts = [zlib.compress(raw)[500:900] for raw in raws]
        assert all(self.there(part, outbox) for part in [*parts, b"canary-7"])
        sent(outbox)
        assert not any(self.there(part, outbox) for part in [*parts, b"canary-"])
        entry = outbox.log()[0]
        assert (entry.state, entry.size, len(entry.sha256)) == ("sent", len(raws[0]), 64)

    @pytest.mark.parametrize("said", ["550 5.1.1 no such user", "451 4.3.0 mailbox is busy"])
    def test_nor_of_one_that_was_refused_or_given_up(self, outbox: Outbox, said: str) -> None:
        raw = b"Subject: x\r\n\r\n" + base64.encodebytes(os.urandom(20_000))
        outbox.add([mail(raw=raw, customers=frozenset({"canary-1"}))], [], NOW)
        with served(Script(rcpt=lambda address: said)) as running:
            for days in (0, 6):
                send(outbox, running.server(), Limits(None), Clock(NOW + days * DAY), Wish(print))
        assert [entry.state for entry in outbox.log()] == ["failed"]
        assert not any(self.there(part, outbox) for part in (zlib.compress(raw)[500:900], b"canary-"))

    def test_nor_the_room_that_it_took(self, outbox: Outbox) -> None:
        empty = outbox.path.stat().st_size
        raws = (os.urandom(100_000) for _ in range(20))
        outbox.add([mail(f"r{n}@acme.example", raw=raw) for n, raw in enumerate(raws)], [], NOW)
        outbox.close()
        assert outbox.path.stat().st_size > 2_000_000
        with Outbox.open(outbox.path) as again:
            sent(again)
        assert outbox.path.stat().st_size < empty + 50_000

    def test_a_mail_with_all_customers_of_a_run_is_taken_out_for_each_of_them(self, outbox: Outbox) -> None:
        outbox.add([mail(customers=entries.EVERYBODY), mail("b@acme.example")], [], NOW)
        assert outbox.forget(["4711"], "a customer was erased", NOW) == 1
        assert [entry.state for entry in outbox.log()] == ["skipped", "queued"]

    def there(self, part: bytes, outbox: Outbox) -> bool:
        outbox.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return part in outbox.path.read_bytes()

    def test_a_forgotten_customer_takes_the_unsent_mails_along(self, outbox: Outbox) -> None:
        raw = os.urandom(30_000)
        outbox.add([mail(raw=raw, customers=frozenset({"canary-1", "2"})), mail("b@acme.example")], [], NOW)
        assert outbox.forget(["canary-1"], "a customer was erased", NOW) == 1
        assert not self.there(b"canary-1", outbox)
        assert not self.there(zlib.compress(raw)[500:900], outbox)
        taken, other = outbox.log()
        assert (taken.state, taken.why, other.state) == ("skipped", "a customer was erased", "queued")
        assert outbox.add([mail()], [], NOW) == Added(1, 0)

    def test_mails_of_a_run_that_is_gone_are_taken_out(self, outbox: Outbox) -> None:
        outbox.add([mail(), mail(run="2026-02-14")], [], NOW)
        assert outbox.drop_unsent(["2026-02-14"], "the run was withdrawn", NOW) == 1
        assert outbox.counts() | {"queued": 1, "skipped": 1} == outbox.counts()
        assert outbox.drop_unsent(["2026-02-14"], "the run was withdrawn", NOW) == 0

    def test_what_tells_of_a_failure_stays_whatever_becomes_of_the_run(self, outbox: Outbox) -> None:
        outbox.add([mail(), mail("owner@acme.example", what="failure")], [], NOW)
        assert outbox.drop_unsent(["2026-03-31"], "the run was made again before the mail was sent", NOW) == 1
        assert {entry.what: entry.state for entry in outbox.log()} == {
            "report": "skipped",
            "failure": "queued",
        }

    def test_what_may_have_arrived_counts_as_failed_when_it_is_taken_out(self, outbox: Outbox) -> None:
        outbox.add([mail()], [], NOW)
        outbox.connection.execute("UPDATE mail SET state = 'sending', due = NULL")
        outbox.drop_unsent(["2026-03-31"], "the run was withdrawn", NOW)
        assert [entry.state for entry in outbox.log()] == ["failed"]

    def test_old_runs_expire(self, outbox: Outbox) -> None:
        outbox.add([mail(), mail("canary@acme.example", run="2023-01-31")], [skip(run="2023-01-31")], NOW)
        assert outbox.older(dt.date(2023, 3, 31)) == 2
        assert outbox.expire(dt.date(2023, 3, 31)) == 2
        assert not self.there(b"canary", outbox)
        assert [entry.run for entry in outbox.log()] == ["2026-03-31"]


class TestStates:
    """One table says what each state means, and every set of states comes from it."""

    def test_a_mail_that_waits_or_arrived_is_not_lost_and_every_other_state_is_told(self) -> None:
        assert entries.WAITING == ("queued", "sending", "in doubt")
        assert entries.ARRIVED == ("sent", "in doubt")
        assert entries.LOST == ("failed", "bounced")
        assert {*entries.STATES} - {*entries.WAITING, *entries.ARRIVED, *entries.LOST} == {"skipped"}

    def test_the_page_shows_each_of_them_what_went_wrong_first(self) -> None:
        assert page.FIRST[:2] == ("bounced", "failed")
        assert page.FIRST[-1] == "sent"
        assert {*page.FIRST} == {*page.LABELS} == {*entries.STATES, page.SETTLED}


class TestWhatItTells:
    def test_log_is_chosen_by_who_and_run(self, outbox: Outbox) -> None:
        kim = mail("kim@acme.example", rep="Kim", name="Kim Doe", what="own accounts Kim")
        outbox.add([mail(), kim, mail(run="2026-02-14")], [skip("lee@acme.example")], NOW)

        def found(**by: str) -> list[tuple[str, str]]:
            return [(entry.run, entry.address) for entry in outbox.log(**by)]

        assert found(to="KIM@acme.example") == found(to="Kim") == found(to="Kim Doe")
        assert found(to="Kim") == [("2026-03-31", "kim@acme.example")]
        assert found(run="2026-02-14") == [("2026-02-14", "a@acme.example")]
        assert found() == [
            ("2026-02-14", "a@acme.example"),
            ("2026-03-31", "a@acme.example"),
            ("2026-03-31", "kim@acme.example"),
            ("2026-03-31", "lee@acme.example"),
        ]

    def test_an_entry_says_what_was_queued_and_tried(self, outbox: Outbox) -> None:
        outbox.add([mail(attachments=("März.html",))], [], NOW)
        sent(outbox)
        (entry,) = outbox.log()
        assert (entry.queued, entry.changed, entry.due) == (NOW, NOW, None)
        assert entry.attachments == ("März.html",)
        assert [(one.at, one.state, one.code, one.answer) for one in entry.tries] == [
            (NOW, "sent", 250, "2.0.0 taken")
        ]

    def test_when_a_subscription_was_served_last(self, outbox: Outbox) -> None:
        assert outbox.last_sent("a@acme.example", "report") is None
        outbox.add([mail()], [skip("b@acme.example")], NOW)
        outbox.add([mail(run="2026-05-15")], [], NOW + 40 * DAY)
        assert outbox.last_sent("A@acme.example", "report") == (NOW + 40 * DAY).astimezone().date()
        assert outbox.last_sent("b@acme.example", "report") is None
        outbox.connection.execute("UPDATE mail SET state = 'failed' WHERE run = '2026-05-15'")
        assert outbox.last_sent("a@acme.example", "report") == NOW.astimezone().date()

    def test_a_bounce_is_noted_of_a_mail_that_was_sent(self, outbox: Outbox) -> None:
        outbox.add([mail()], [], NOW)
        assert not outbox.bounced("<1@acme.example>", NOW, "no such user")
        number = mail().message_id
        assert not outbox.bounced(number, NOW, "it was not sent yet")
        sent(outbox)
        assert outbox.bounced(number.strip("<>"), NOW + DAY, "550 no such user")
        (entry,) = outbox.log()
        assert (entry.state, entry.why, entry.changed) == ("bounced", "550 no such user", NOW + DAY)
        assert [one.state for one in entry.tries] == ["sent", "bounced"]
