"""Runs that are killed, and disks that are full: nothing half is ever published."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_project import APRIL, MARCH, Project

from segcore import archive
from segcore.errors import StageError

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent

# A run in a process of its own, which comes to harm when the progress is (what, done).
RUN = """
import os, resource, signal, sys
from pathlib import Path
import datetime as dt
from segcore import runner
from segcore.errors import SegcoreError

study, date, what, done, harm, force = sys.argv[1:]

def listener(event):
    if (event.what, event.done, event.seconds) == (what, int(done), None):
        if harm == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(harm), resource.RLIM_INFINITY))

options = runner.RunOptions(force=force == "force", listener=listener)
try:
    runner.run(Path(study), dt.date.fromisoformat(date), root=Path(study).parent.parent, options=options)
except SegcoreError as error:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(*error.problems, sep="\\n")
    sys.exit(error.exit_code)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def harmed(project: Project, date, what: str, done: int, harm: str = "kill", *, force: bool = False):
    """Run and come to harm at a step."""
    command = [sys.executable, "-c", RUN, project.study, str(date), what, str(done), harm, "force" * force]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120)


def kernels_of(project: Project) -> list[Path]:
    """Processes that work in the project's folder."""
    return [p for p in Path("/proc").glob("[0-9]*") if _works_in(p, project.root)]


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder and (process / "stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_run_that_is_killed_during_a_stage_leaves_nothing_public_and_no_kernel(project):
    assert harmed(project, MARCH, "segment", 2).returncode == -9
    assert project.published() == []
    assert not (project.root / "reports" / "acme").exists()
    deadline = time.monotonic() + 10
    while kernels_of(project) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert kernels_of(project) == []
    result = project.run(MARCH)
    assert result.status == "published"
    assert result.advice == ("acme 2025-03-01: removed what a run that was killed had left",)
    assert project.leftovers() == []


def test_a_run_that_is_killed_between_seal_and_rename_is_published_by_the_next_command(project):
    assert harmed(project, MARCH, "publish", 1).returncode == -9
    assert project.published() == []
    (entry,) = archive.list_runs(project.root / "runs")
    assert entry.run_date == "2025-03-01"
    assert entry.report.exists()
    assert archive.differences(archive.open_run(project.runs / "2025-03-01")) == []
    assert project.run(MARCH).status == "unchanged"


def test_a_run_that_is_killed_before_its_report_is_copied_gets_it_by_the_next_command(project):
    assert harmed(project, MARCH, "publish", 2).returncode == -9
    assert project.published() == ["2025-03-01"]
    assert not (project.root / "reports" / "acme" / "2025-03-01").exists()
    assert project.run(MARCH).status == "unchanged"
    assert (project.root / "reports" / "acme" / "2025-03-01" / "report.html").exists()


def test_a_disk_that_is_full_before_publishing_publishes_nothing(project):
    told = harmed(project, MARCH, "report", 4, "1000")
    assert told.stdout == (
        f"{project.runs}: the disk must take all that is written (got File too large); "
        "raise the limit with ulimit -f, or use another file system. "
        "acme 2025-03-01: nothing was published\n"
    )
    assert told.returncode == 1
    assert project.published() == []
    assert project.leftovers() == []
    assert project.run(MARCH).status == "published"


def test_a_disk_that_is_full_within_a_cell_publishes_nothing(project):
    cell = (
        "# %%\nimport resource\n\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, -1))\n"
        "(here / 'report' / 'moves.csv').write_text('x' * 1001)\n"
    )
    project.write_notebook("transitions", cell)
    with pytest.raises(StageError) as caught:
        project.run(MARCH)
    assert caught.value.problems == (
        "transitions.py, cell 4: OSError: [Errno 27] File too large",
        f"acme 2025-03-01: nothing was published; see {project.runs}/.failed/2025-03-01/transitions.ipynb",
    )
    assert project.published() == []


def test_a_disk_that_is_full_after_publishing_is_told_and_mended_by_the_next_command(project):
    told = harmed(project, MARCH, "publish", 2, "1000")
    assert told.stdout == (
        f"{project.runs}/2025-03-01/report/notebooks/ingest.html: the disk must take all that is written "
        "(got File too large); raise the limit with ulimit -f, or use another file system. "
        "acme 2025-03-01: published 2025-03-01\n"
    )
    assert told.returncode == 1
    assert project.published() == ["2025-03-01"]
    assert archive.list_runs(project.root / "runs")[0].report.exists()
    assert project.run(APRIL).status == "published"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_says_what_is_published_and_leaves_nothing(project, number, code):
    project.run(MARCH)
    cell = "# %%\nimport time\n\ntime.sleep(60)\n"
    project.write_notebook("segment", cell)
    command = [sys.executable, "-m", "segcore", "run", "acme", "--date", "2025-04-15", "--verbose"]
    with subprocess.Popen(
        command,
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background ignore it
    ) as run:
        while "segment 3/4" not in run.stderr.readline():
            pass
        run.send_signal(number)
        told = run.communicate(timeout=30)[1]
    assert (run.returncode, told.splitlines()[-1]) == (
        code,
        "segcore: acme 2025-04-15: nothing was published; stopped",
    )
    assert project.published() == ["2025-03-01"]
    assert project.leftovers() == []
    assert kernels_of(project) == []
