"""Publishing is cut off at every call of the system: nothing is half there, nothing lost, all is healed."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock  # noqa: F401  (imported here, or the children would count the calls of importing it)
import jinja2  # noqa: F401
import markupsafe  # noqa: F401
import pytest
from small_archive import MARCH, filled, make

from segcore import archive
from segcore.errors import SegcoreError
from segcore.report import site  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]

CALLS = {"open", "os.truncate", "os.utime", "os.scandir", "os.listdir", "fsync"} | {
    f"os.{name}" for name in ("rename", "remove", "mkdir", "rmdir", "chmod")
}
DONE, HARMED, KILLED = 0, 5, 9
TENTH = 10
"""Every so many calls are cut off here; which ones, a seed says."""


class Harm:
    """Comes at the n-th call to the system: the process is killed, or the call fails."""

    def __init__(self, number: int, how: str) -> None:
        self.number, self.how, self.calls, self.on = number, how, 0, False

    def __call__(self, event: str, _: Any = None) -> None:
        if not self.on or event not in CALLS:
            return
        self.calls += 1
        if self.calls == self.number:
            if self.how == "kill":
                os._exit(KILLED)
            code = getattr(errno, self.how)
            raise OSError(code, os.strerror(code), "disk")


def complete(places: archive.Places, facts: dict[str, Any], replace: bool) -> str:
    """Seal, publish and finish a staged run, as the runner does."""
    run = None
    try:
        with archive.locked(places):
            run = archive.seal(places.staging(MARCH), facts)
            archive.publish(places, run, replace=replace)
            archive.finish(places)
    except (OSError, SegcoreError):
        return archive.give_up(places, MARCH, run)
    return "the run is published"


def in_a_child(harm: Harm, work: Callable[[], str], outcome: Path) -> int:
    """Do some work in a process of its own that comes to harm; its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        really = os.fsync

        def fsync(descriptor: int) -> None:
            harm("fsync")
            really(descriptor)

        os.fsync = fsync
        sys.addaudithook(harm)
        harm.on = True
        told = work()
        harm.on = False
        outcome.write_text(told)
        os._exit(DONE if harm.calls < harm.number else HARMED)
    except BaseException:
        harm.on = False
        traceback.print_exc()
        os._exit(77)


def tree(root: Path) -> dict[str, bytes]:
    """All that is kept, without what differs between a run that was made twice and one made once."""
    left_out = {"ledger.jsonl", ".lock", ".index.lock", ".lock-holder.json", "outcome"}
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name not in left_out)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("how", ["kill", "ENOSPC", "EIO"])
@pytest.mark.parametrize("replace", [False, True], ids=["first", "force"])
def test_whatever_publishing_is_cut_off_at_the_next_command_heals(
    tmp_path: Path, how: str, replace: bool
) -> None:
    base = archive.Places(tmp_path / "base", "acme")
    if replace:
        make(base, MARCH, "old")
        archive.finish(base)
    old = archive.manifest_sha256(base.published(MARCH))
    facts = filled(base, MARCH, "new words")
    shutil.copytree(base.root, tmp_path / "whole")
    whole = archive.Places(tmp_path / "whole", "acme")
    complete(whole, facts, replace)
    wanted, new = tree(whole.root), archive.manifest_sha256(whole.published(MARCH))

    number, code = random.Random(f"{how} {replace}").randint(1, TENTH), KILLED
    while code != DONE:
        places = archive.Places(tmp_path / f"at-{number}", "acme")
        shutil.copytree(base.root, places.root)
        outcome = places.root / "outcome"
        code = in_a_child(Harm(number, how), lambda places=places: complete(places, facts, replace), outcome)
        assert code in (DONE, HARMED, KILLED)
        assert archive.manifest_sha256(places.published(MARCH)) in (None, old, new)
        with archive.locked(places):
            archive.heal(places)
            assert archive.heal(places) == []
        healed = archive.manifest_sha256(places.published(MARCH))
        assert healed in ((old, new) if replace else (None, new))
        if code != KILLED:
            told = outcome.read_text()
            assert healed == (old if told == "nothing was published" else new), told
        if healed != new:
            complete(places, filled(places, MARCH, "new words"), replace)
        archive.verify_all(places.root / "runs")
        assert tree(places.root) == wanted, number
        shutil.rmtree(places.root)
        number += TENTH
