"""A run that comes to harm says what is published, wherever it comes to harm."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from small_archive import MARCH, filled, make, staged

from segcore import __main__, archive
from segcore.errors import LockedError, StageError, StoppedError
from segcore.runner.outcome import truthful


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    return archive.Places(tmp_path, "acme")


FULL = "the disk must take all that is written (got No space left on device); free some space"


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_that_cannot_be_published_now_is_told_to_be_sealed(places, monkeypatch):
    """It was told that nothing was published, and then the next command published it."""

    def no_room(places):
        raise full()

    make(places, MARCH)
    with pytest.raises(StageError) as caught, truthful(places, "acme 2025-04-15") as begin:
        begin()
        staged(places, MARCH.replace(month=4, day=15))
        monkeypatch.setattr(archive, "heal", no_room)
        raise full()
    assert caught.value.problems == (
        f"{places.runs}: {FULL}. acme 2025-04-15: sealed 2025-04-15, which segcore list publishes",
    )


def test_a_run_that_is_stopped_after_its_lock_was_given_back_says_that_it_is_published(places):
    """It was told to be stopped before any work."""
    with pytest.raises(StoppedError) as caught, truthful(places, "acme 2025-03-01") as begin:
        with archive.locked(places):
            begin()
            make(places, MARCH)
        raise KeyboardInterrupt("SIGTERM")
    assert caught.value.problems == ("acme 2025-03-01: published 2025-03-01; stopped",)
    assert caught.value.exit_code == 143


def test_a_disk_that_fails_before_the_lock_is_held_is_a_sentence_and_nothing_is_touched(places):
    """It was a traceback."""
    with pytest.raises(StageError) as caught, truthful(places, "acme 2025-03-01"):
        raise full()
    assert caught.value.problems == (f"{places.runs}: {FULL}. acme 2025-03-01: nothing was published",)
    assert not places.runs.exists()


def test_a_run_that_another_one_keeps_from_beginning_says_only_that(places):
    make(places, MARCH)
    with pytest.raises(LockedError) as caught, truthful(places, "acme 2025-03-01"):
        raise LockedError("wait")
    assert caught.value.problems == ("wait",)


def test_a_manifest_is_written_when_all_else_is_done(places, monkeypatch):
    """A run was published with files that could be written, for the manifest came before that."""

    def fails(path, mode):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    facts = filled(places, MARCH)
    monkeypatch.setattr(Path, "chmod", fails)
    with pytest.raises(OSError):
        archive.seal(places.staging(MARCH), facts)
    assert not (places.staging(MARCH) / archive.MANIFEST).exists()
    assert archive.sealed(places) == []


@pytest.mark.parametrize(
    ("harm", "told", "code"),
    [
        (
            full(),
            ".: the disk must take all that is written (got No space left on device); free some space",
            1,
        ),
        (KeyboardInterrupt(), "stopped", 130),
        (KeyboardInterrupt("SIGTERM"), "stopped", 143),
    ],
)
def test_a_command_that_comes_to_harm_says_so_in_a_sentence(harm, told, code, monkeypatch, capsys):
    def fails():
        raise harm

    monkeypatch.setattr("segcore.cli.app", fails)
    monkeypatch.setattr("signal.signal", lambda *what: None)
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}", getattr(__import__("sys"), stream))
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert (capsys.readouterr().err, ended.value.code) == (f"segcore: {told}\n", code)
