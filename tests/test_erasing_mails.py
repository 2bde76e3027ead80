"""Mails that wait while somebody is erased are queued anew by the next sending, from the new seal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from small_archive import MARCH
from small_mailing import EACH, Post, post
from small_representatives import SECRET

from segcore import archive
from segcore.errors import ArchiveError, MailError
from segcore.mail.outbox import Outbox
from segcore.mailing import queueing, sending
from segcore.mailing.queueing import queue
from segcore.privacy.erasing import as_wish, erase


def test_who_was_to_be_told_is_told_after_somebody_was_erased(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
    with post(tmp_path) as acme:
        job = acme.job()
        assert queue(acme.places, acme.study, MARCH, job.asked).queued == len(EACH)
        table = acme.places.published(MARCH) / "data" / "listed.parquet"
        (number,) = duckdb.execute(f"select customer_id from '{table}' order by 1 limit 1").fetchall()[0]
        told = [*erase(as_wish(tmp_path, "acme", number, dt.date(2025, 3, 4), None), yes=True)]
        assert f"{len(EACH)} mails not sent yet and dropped" in "\n".join(told)
        with Outbox.open(acme.places.outbox) as outbox:
            assert sorted(address for *_, address in outbox.owed()) == EACH
        assert {entry.state for entry in acme.log()} == {"skipped"}
        acme.timer(job.asked.now)
        assert acme.got == EACH
        with Outbox.open(acme.places.outbox) as outbox:
            assert outbox.owed() == []
        seal = archive.open_run(acme.places.published(MARCH)).sha256
        assert {entry.seal for entry in acme.log() if entry.state == "sent"} == {seal}
        assert not any(number.encode() in mail.raw for mail in acme.server.got)


def numbers_of(acme: Post) -> list[str]:
    table = acme.places.published(MARCH) / "data" / "listed.parquet"
    return [row[0] for row in duckdb.execute(f"select customer_id from '{table}' order by 1").fetchall()]


@pytest.mark.parametrize("at", [1, 3])
def test_a_dry_run_that_began_before_leaves_nothing(tmp_path: Path, monkeypatch, at: int) -> None:
    monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
    made = queueing.mails
    with post(tmp_path) as acme:
        number = numbers_of(acme)[0]

        def slow(*given):
            for place, one in enumerate(made(*given)):
                if place == at:
                    list(erase(as_wish(tmp_path, "acme", number, dt.date(2025, 3, 4), None), yes=True))
                yield one

        monkeypatch.setattr(queueing, "mails", slow)
        with pytest.raises((ArchiveError, MailError), match="try again"):
            sending.dry_run(acme.job(), MARCH)
        assert not (acme.places.runs / ".dry-run" / str(MARCH)).exists()
        monkeypatch.undo()
        monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
        page, _ = sending.dry_run(acme.job(), MARCH)
        assert not any(number.encode() in path.read_bytes() for path in page.parent.iterdir())
