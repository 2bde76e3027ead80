"""Runs that a timer makes: when one is due, and when a delivery is complete."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from small_project import APRIL, JUNE, MARCH, Project

from segcore import keeping
from segcore.errors import InputError, LockedError
from segcore.params.file import load_study
from segcore.runner.due import Due, wait_until_complete, when_due
from segcore.runner.turn import bytes_of, memory_held

DAY = dt.timedelta(days=1)


def due(project: Project, today: dt.date) -> Due:
    return when_due(load_study(project.study), today, root=project.root)


def test_the_first_run_of_a_study_is_due_today(tmp_path):
    project = Project(tmp_path / "project")
    assert due(project, MARCH) == Due(MARCH, "acme: the first run is due")


@pytest.mark.slow
def test_a_run_is_due_once_the_interval_has_passed_and_something_new_has_come(tmp_path):
    project = Project(tmp_path / "project")
    project.run(MARCH)
    assert due(project, APRIL - DAY) == Due(None, "acme: no run is due before 2025-04-15")
    assert due(project, APRIL) == Due(
        None, "acme: a run of 2025-04-15 is due, but no new extract has come since the run of 2025-03-01"
    )
    project.deliver(13)
    assert due(project, APRIL) == Due(APRIL, "acme: 1 new extract; the run of 2025-04-15 is due")
    # A day that the timer missed is caught up; of several missed runs the latest is made.
    assert due(project, APRIL + 3 * DAY).run_date == APRIL
    assert due(project, JUNE + DAY).run_date == JUNE


@pytest.mark.slow
def test_what_a_withdrawn_run_has_read_is_not_new(tmp_path):
    project = Project(tmp_path / "project")
    project.run(MARCH)
    project.deliver(13)
    project.run(APRIL)
    keeping.withdraw("acme/2025-04-15", keeping.Decision(APRIL, "wrong"), root=project.root)
    assert due(project, APRIL + DAY) == Due(
        None,
        "acme: a run of 2025-04-15 is due, but no new extract has come since the run of 2025-04-15, "
        "which was withdrawn",
    )
    project.deliver(14)
    assert due(project, APRIL + DAY).run_date == APRIL
    keeping.withdraw("acme/2025-03-01", keeping.Decision(APRIL, "wrong"), root=project.root)
    assert due(project, APRIL + DAY) == Due(
        APRIL + DAY, f"acme: 1 new extract; the run of {APRIL + DAY} is due"
    )


def command(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "segcore", "run", "acme", *words]
    return subprocess.run(line, cwd=project.root, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_timer_asks_every_day_and_makes_one_run(tmp_path):
    project = Project(tmp_path / "project", {"report": SUMMARY})
    os.utime(project.root / "data" / "sales.csv", (0, 0))
    told = command(project, "--if-due", "--today", "2025-03-01")
    assert (told.returncode, told.stderr.splitlines()[0]) == (0, "acme: the first run is due"), told.stderr
    assert project.published() == ["2025-03-01"]
    told = command(project, "--if-due", "--today", "2025-03-02")
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "acme: no run is due before 2025-04-15\n")
    project.deliver(13)
    os.utime(project.root / "data" / "sales.csv", (0, 0))
    told = command(project, "--if-due", "--today", "2025-04-17")
    assert told.returncode == 5  # this report warns
    assert told.stdout.splitlines()[-2:] == ["warning: look at this", "reports/acme/2025-04-15/report.html"]
    assert project.published() == ["2025-03-01", "2025-04-15"]


SUMMARY = """\
# %%
import json

told = {"title": "ACME", "customers": 12, "segments": [], "moves": None}
told |= {"warnings": ["look at this"] if run_date > "2025-03-01" else []}
(here / "data" / "summary.json").write_text(json.dumps(told))
(here / "report" / "moves.csv").write_text("customer_id\\n")
print(run_date)
run_date
"""


def test_a_date_or_if_due_must_be_given(tmp_path):
    project = Project(tmp_path / "project")
    wanted = "must have either --date YYYY-MM-DD, or --if-due and perhaps --today YYYY-MM-DD"
    date, today = ("--date", "2025-03-01"), ("--today", "2025-03-01")
    for words in ((), (*date, "--if-due"), (*date, *today)):
        told = command(project, *words)
        assert (told.returncode, told.stderr) == (2, f"segcore: segcore run {wanted}\n")


def test_a_delivery_that_is_still_written_is_waited_for(tmp_path):
    project = Project(tmp_path / "project")
    study, extract = load_study(project.study), project.root / "data" / "sales.csv"
    begun = time.monotonic()
    writing = threading.Timer(0.5, lambda: extract.write_text(extract.read_text() + "K99,Z,2025-01-01,M,1\n"))
    writing.start()
    wait_until_complete(study, root=project.root, quiet=1, patience=30)
    assert time.monotonic() - begun >= 1.4
    assert extract.read_text().endswith("K99,Z,2025-01-01,M,1\n")
    os.utime(extract, (0, 0))
    begun = time.monotonic()
    wait_until_complete(study, root=project.root, quiet=1, patience=30)
    assert time.monotonic() - begun < 0.5


def test_a_delivery_that_never_ends_is_given_up(tmp_path):
    project = Project(tmp_path / "project")
    extract, over = project.root / "data" / "sales.csv", threading.Event()

    def write() -> None:
        while not over.wait(0.1):
            with extract.open("a") as file:
                file.write("K99,Z,2025-01-01,M,1\n")

    writing = threading.Thread(target=write)
    writing.start()
    try:
        with pytest.raises(InputError) as caught:
            wait_until_complete(load_study(project.study), root=project.root, quiet=1, patience=2)
    finally:
        over.set()
        writing.join()
    assert caught.value.problems == (
        "acme: the extracts must be complete (one of them still changes after 0 minutes); "
        "run again when the delivery is done",
    )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own, as far as runs know of each other."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "segcore-runs"


def test_sizes_of_memory_are_read():
    assert [bytes_of(size) for size in ("2GB", "512 MB", "1.5 GiB", "100B")] == [
        2_000_000_000,
        512_000_000,
        1_500_000_000,
        100,
    ]


def test_a_run_waits_until_others_leave_memory(machine):
    with memory_held("2GB", wait=0, total=10_000_000_000), memory_held("2GB", wait=0, total=10_000_000_000):
        with (
            pytest.raises(LockedError) as caught,
            memory_held("2GB", wait=0, total=10_000_000_000),
        ):
            pass
        assert caught.value.problems == (
            "runs on this machine must leave 3.0 GB of its memory for this one (2 hold 6.0 GB); "
            "wait until one is done, or say --wait MINUTES",
        )
        with memory_held("0.5GB", wait=0, total=10_000_000_000):
            pass
        told = []
        with pytest.raises(LockedError), memory_held("2GB", wait=1, total=6_000_000_000, on_wait=told.append):
            pass
        assert told == ["waits until other runs on this machine leave memory (2 hold 6.0 GB)"]
    assert sorted(path.name for path in machine.iterdir()) == ["all.lock"]


def test_a_run_that_finds_no_other_begins_however_small_the_machine_is(machine):
    with memory_held("64GB", wait=0, total=1_000_000_000):
        pass


def test_memory_of_a_killed_run_is_free_again(machine):
    hold = (
        "import time\nfrom segcore.runner.turn import memory_held\nwith memory_held('2GB', wait=0):\n"
        "    print('held', flush=True)\n    time.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(machine.parent)}
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockedError), memory_held("2GB", wait=0, total=5_000_000_000):
            pass
        holder.kill()
        holder.wait()
    with memory_held("2GB", wait=0, total=5_000_000_000):
        pass
