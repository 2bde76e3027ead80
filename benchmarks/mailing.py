"""What ``--send`` adds to a run of the demo: a mail to each of its representatives and stakeholders.

The run is the last of the demo, with one before it, so that somebody has moved. The mail server is the one
that tests speak to, on this machine. Nothing of what is measured waits for anything but it, so processor
time is judged, of which other work on the machine takes nothing.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import BIN, ROOT, scratch_project, spread, timed
from benchmarks.table import Row
from segcore.demo import RUN_DATES, write_demo

STUDY = "params/demo.yaml"
ROUNDS = 3
READERS = 15
MOST_ADDED = 3.0
SECRET = {"SEGCORE_REPS_SECRET": "a secret of the benchmarks"}


def rows() -> list[Row]:
    sys.path.insert(0, str(ROOT / "tests"))  # where the mail server is
    from small_mail import Script, served

    plain: list[tuple[float, float]] = []
    mailed: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as temporary, served(Script()) as server:
        made = _project(Path(temporary) / "made", server.port)
        for _ in range(ROUNDS):
            plain.append(_run(made))
            server.got.clear()
            mailed.append(_run(made, "--send"))
            if len(server.got) != READERS:
                raise RuntimeError(f"{len(server.got)} mails and not {READERS}")
    (took, before), (wall, wall_before) = (
        tuple(statistics.median(run[which] for run in some) for some in (mailed, plain)) for which in (1, 0)
    )
    return [
        Row(
            f"what --send adds to a run of the demo: {READERS} mails",
            f"{took - before:.2f} s of processor time, {wall - wall_before:.2f} s on the clock "
            f"({spread([run[0] for run in mailed])} with, {spread([run[0] for run in plain])} without)",
            f"under {MOST_ADDED:.0f} s",
            took - before < MOST_ADDED,
        )
    ]


def _project(folder: Path, port: int) -> Path:
    """The demo with all its runs but the last, and a study that mails to a port of this machine."""
    write_demo(scratch_project(folder) / "data" / "demo")
    study = folder / STUDY
    smtp = f"mail:\n  smtp: {{host: 127.0.0.1, port: {port}, security: none}}\n"
    study.write_text(re.sub(r"(?m)^mail:.*\n", smtp, study.read_text(encoding="utf-8")), encoding="utf-8")
    asked = study.with_name("demo.subscriptions.yaml")
    daily = asked.read_text(encoding="utf-8").replace("{monthly: 15}", "{monthly: 1}")  # due on every day
    asked.write_text(daily, encoding="utf-8")
    timed([[str(BIN / "segcore"), "run", STUDY, "--date", str(RUN_DATES[-2])]], folder, **SECRET)
    return folder


def _run(made: Path, *options: str) -> tuple[float, float]:
    """Seconds on the clock, and of processors, of the last run in a copy of the project."""
    copy = made.with_name("copy")
    shutil.copytree(made, copy)
    before = _processors()
    command = [str(BIN / "segcore"), "run", STUDY, "--date", str(RUN_DATES[-1]), *options]
    seconds = timed([command], copy, **SECRET)
    used = _processors() - before
    shutil.rmtree(copy)
    return seconds, used


def _processors() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    print(*rows(), sep="\n")
