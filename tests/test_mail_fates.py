"""Who has had which mail is known by what it is about and the address, however that is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_mailing import EACH, EMAILS, post
from small_representatives import SECRET

from segcore.mailing.failures import Failed, queue


def test_a_correction_reaches_who_is_written_in_capitals_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
    with post(tmp_path) as acme:
        acme.send()
        assert acme.got == EACH
        acme.publish(replace=True, customers=41, changed={"reps": EMAILS.replace("lower(rep)", "upper(rep)")})
        sent = acme.send(again=True)
        assert next(iter(sent.lines)).startswith("acme 2025-03-01: 5 mails queued")
        assert acme.got == sorted([*EACH, EACH[0], *(f"R00{number}@acme.example" for number in range(4))])
        assert {entry.edition for entry in acme.log() if entry.rep} == {1, 2}


def test_an_owner_who_is_written_in_capitals_now_is_told_once_a_day(tmp_path: Path) -> None:
    with post(tmp_path) as acme:
        job = acme.job()
        failed = Failed(job.asked.today)
        assert queue(acme.places, acme.study, failed, job.asked.now) == 1
        path = acme.study.path
        path.write_text(path.read_text().replace("owner@", "Owner@"), encoding="utf-8")
        assert queue(acme.places, acme.study, failed, job.asked.now) == 0
