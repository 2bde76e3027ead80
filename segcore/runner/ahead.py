"""The first stages of the next run of a backfill, while the last ones of a run are executed.

Ingest and segment do not look at earlier runs, so they need not wait for them. What was done ahead is
used only if it is exactly what would be done now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from segcore import archive
from segcore.errors import SegcoreError
from segcore.runner.kept_model import choose_model
from segcore.runner.kernels import Kernels
from segcore.runner.making import Begun, Progress, begin
from segcore.runner.planning import Plan

if TYPE_CHECKING:
    from segcore.sources import Extract

MOST = 64_000_000
"""Bytes of extracts up to which two runs are at work: two stages at once hold twice the memory."""


class Ahead:
    """One worker for first stages.

    Parameters
    ----------
    kernels
        Kernels for them, too.
    extracts
        The inputs of all runs.
    """

    def __init__(self, kernels: Kernels, extracts: Sequence[Extract]) -> None:
        self._kernels = kernels
        self._allowed = sum(extract.bytes for extract in extracts) <= MOST
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._work: Future[Begun] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._work is not None:
            self._kernels.abort()
            self._work.exception()
        self._pool.shutdown()

    def start(self, plan: Plan, following: dt.date | None) -> None:
        """Begin the run that follows a run, if it has none yet and its model is known already.

        Parameters
        ----------
        plan
            The run that is going to be finished meanwhile.
        following
            The next run date.
        """
        places = plan.job.places
        if following is None or not self._allowed or places.published(following).exists():
            return
        if plan.job.study.breaks.from_ == plan.run_date:
            return  # the next run will use what this one is about to fit
        this = archive.Run(places.published(plan.run_date), {"run_date": plan.run_date.isoformat()}, "")
        try:
            choice = choose_model(
                plan.job.study, plan.job.rules, following, extracts=plan.extracts, places=places
            )
        except (SegcoreError, OSError):
            return  # it is told when that run's turn has come
        expected = Plan(plan.job, following, plan.extracts, [*plan.earlier, this], choice)
        self._work = self._pool.submit(_begin_elsewhere, expected, self._kernels)

    def take(self, plan: Plan, on_progress: Progress) -> Begun | None:
        """What was begun of a run; None if nothing was, or if it was begun otherwise.

        Raises
        ------
        StageError
            If it was begun and failed.
        """
        if self._work is None:
            return None
        work, self._work = self._work, None
        begun = work.result()
        if not begun.is_of(plan):
            return None
        for stage in begun.timings:
            on_progress(stage, 1, 1)
        return Begun(plan, begun.timings)


def _begin_elsewhere(plan: Plan, kernels: Kernels) -> Begun:
    from jupyter_core.utils import ensure_event_loop

    try:
        return begin(plan, kernels, lambda what, done, of: None)
    finally:
        ensure_event_loop().close()  # each thread that executes notebooks has one
