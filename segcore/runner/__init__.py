"""Runs from beginning to end, in this order.

1. Preflight: study, rule table, notebooks, extracts, disk. Every problem is told before any work.
2. The lock of the study and memory are taken; what a killed run left is put in order.
3. The extracts are kept: copied, by the hash of their content.
4. The plan: earlier runs are checked, the model is chosen, and the fingerprint says whether there is
   anything to do, or whether something must not be done.
5. The four notebooks are executed in a hidden folder.
6. The run is sealed, and published by one rename.
7. What follows publishing (:data:`segcore.archive.AFTER`): the report is copied, the list renewed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from segcore.params.file import load_study, read_study
from segcore.runner.events import Event
from segcore.runner.history import Deliveries, History, as_delivered, backfill, renew
from segcore.runner.making import make, standing
from segcore.runner.planning import refuse
from segcore.runner.ready import RunOptions, RunResult, prepared

__all__ = [
    "Deliveries",
    "Event",
    "History",
    "RunOptions",
    "RunResult",
    "as_delivered",
    "backfill",
    "renew",
    "run",
]


def run(study_path: Path, run_date: dt.date, *, root: Path, options: RunOptions | None = None) -> RunResult:
    """Make and publish the run of a date.

    Parameters
    ----------
    study_path
        ``params/STUDY.yaml``.
    run_date
        The only "today" of the run.
    root
        The project's folder, which holds ``notebooks/``, ``runs/`` and ``reports/``.
    options
        See :class:`RunOptions`.

    Raises
    ------
    UsageError
        With everything that can be known before any work; nothing was done.
    LockedError
        If another run of the study is under way, or others hold the machine's memory.
    StageError
        If a notebook failed, or the disk did; it says what is published.
    StoppedError
        If it was stopped by Ctrl-C or SIGTERM; it says what is published.
    """
    options, raw = options or RunOptions(), read_study(study_path)
    with prepared(load_study(study_path, raw), raw, [run_date], root=root, options=options) as ready:
        plan = ready.plan(run_date)
        if not options.force:
            refuse([plan])
        stays = plan.done and not options.force
        result = ready.result(plan, "unchanged") if stays else make(ready, plan)
        told = standing(ready)
    return replace(result, advice=(*ready.noticed, *result.advice, *told))
