"""With `run --send` the owners of a study are told of every run that was to be made and is not."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import pytest
from small_archive import APRIL
from small_mailing import MAIL, Post

from segcore.archive.promised import promised
from segcore.errors import (
    ArchiveError,
    BreaksError,
    LockedError,
    MailError,
    ModelError,
    ParamsError,
    RulesError,
    StoppedError,
)
from segcore.mailing import announcing

OWNER = "owner@acme.example"


def run(of: Post, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "segcore", "run", "acme", *words, "--send"],
        cwd=of.root,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ},
    )


def text(of: Post) -> str:
    [mail] = of.mails(OWNER)
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(f"{mail['Subject']} {body.get_content()}".split())


ERRORS = (
    *(ArchiveError("x"), ParamsError("x"), RulesError("x"), BreaksError("x"), ModelError("x")),
    *(OSError("disk"), MemoryError("memory"), RuntimeError("a defect")),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_the_error_the_owners_are_told(acme: Post, error: Exception) -> None:
    with pytest.raises(type(error)), announcing.announced(acme.root, acme.study.path, APRIL):
        raise error
    assert acme.got == [OWNER]
    assert promised(acme.places) == []


@pytest.mark.parametrize("error", [LockedError("x"), StoppedError("x")], ids=["another run", "stopped"])
def test_who_stops_it_and_who_makes_it_already_know(acme: Post, error: Exception) -> None:
    with pytest.raises(type(error)), announcing.announced(acme.root, acme.study.path, APRIL):
        raise error
    assert acme.got == []


def test_a_run_that_is_due_and_whose_delivery_is_missing(acme: Post) -> None:
    told = run(acme, "--if-due", "--today", "2025-05-02")
    assert told.returncode == 2
    assert "segcore: the owners of acme were told of it by mail" in told.stderr
    assert acme.got == [OWNER]
    assert "segcore check acme --date 2025-04-15 says what is wrong with what was delivered." in text(acme)


def test_a_command_that_is_wrong_is_told_to_nobody(acme: Post) -> None:
    for words in (("--if-due", "--date", "2025-04-15"), ("--date", "soon"), ("--if-due", "--today", "soon")):
        assert run(acme, *words).returncode == 2
    assert acme.got == []


class TestBefore:
    """What would keep mails from being made is found before the run begins."""

    def refusal(self, of: Post) -> str:
        with pytest.raises(MailError) as told, announcing.announced(of.root, of.study.path, APRIL):
            pytest.fail("the run must not begin")
        return str(told.value)

    def test_an_owner_outside_the_allowed_domains(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace(OWNER, "owner@elsewhere.example"))
        assert self.refusal(acme) == (
            f"{acme.study.path}: mail.owners: the address must be of acme.example (got "
            "'owner@elsewhere.example'); allow its domain under mail: domains"
        )

    @pytest.mark.parametrize("name", ["Berg <x>", 'The "ACME" report'])
    def test_a_name_of_the_sender_that_no_header_takes(self, acme: Post, name: str) -> None:
        acme.write(mail=f"{MAIL}  name: '{name}'\n")
        assert self.refusal(acme) == (
            f"{acme.study.path}: the sender's name must have no < > \" or \\ (got {name!r}); "
            "say another under mail: name or from"
        )


def test_of_a_run_that_could_not_be_asked_for_the_date_is_told_on_which_it_was_due(acme: Post) -> None:
    with (
        pytest.raises(OSError, match="gone"),
        announcing.announced(acme.root, acme.study.path, today=dt.date(2025, 5, 2)),
    ):
        raise OSError("gone")
    assert "the run of 15 April 2025 failed" in text(acme)
