"""A seeded part of what ``make faults``, ``flips``, ``powercut`` and ``leaks`` do in full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import flips, powercut, shim  # noqa: E402


@pytest.fixture
def compiler() -> None:
    """What makes the library that lets calls fail; without it tests fail in CI and are skipped elsewhere."""
    if shim.can_be_made():
        return
    message = "calls of the system must be made to fail by a small library (no Linux, or no cc): install gcc"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def table_of(part: str, share: float) -> list[str]:
    """What a part prints that meets all its bars."""
    command = [sys.executable, "-m", "benchmarks.faults", part, str(share)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_wherever_a_run_is_cut_off_the_next_command_heals():
    table = table_of("crashes", 0.075)
    for what in ("half-published", "lost", "untrue messages", "not healed", "something left"):
        assert f"{what} 0 0 ok" in table


@pytest.mark.slow
def test_a_flipped_bit_is_found_or_harmless():
    assert "found or harmless 30 of 30 30 of 30 ok" in table_of("flips", 30 / flips.FLIPS)


@pytest.mark.slow
@pytest.mark.usefixtures("compiler")
def test_a_run_waits_until_the_disk_has_all_that_must_outlive_a_power_cut():
    assert "not waited for, in three runs 0 0 ok" in table_of("powercut", 0)


@pytest.mark.slow
def test_runs_in_a_row_leave_nothing():
    assert "temporary files left by 2 runs 0 0 ok" in table_of("leaks", 0.1)


def test_what_is_not_waited_for_is_told(tmp_path: Path):
    runs = tmp_path / "runs"
    (runs / "new").mkdir(parents=True)
    for name in ("new/half", "new/whole", "unnamed"):
        (runs / name).write_text("")
    calls = [
        "mkdir\truns/.staging\t",
        *(f"open64\truns/.staging/{name}\t" for name in ("half", "whole")),
        *(f"write\truns/.staging/{name}\t" for name in ("half", "whole")),
        "fsync\truns/.staging/whole\t",
        "fsync\truns/.staging\t",
        "rename\truns/.staging\truns/new",
        "fsync\truns\t",
        "open64\truns/unnamed\t",
    ]
    assert powercut.unwaited(calls, tmp_path) == [f"content of {runs}/new/half", f"name of {runs}/unnamed"]
