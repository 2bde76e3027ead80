"""What runs need while they are made: the lock, the extracts, and kernels started ahead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.runner.ahead import Ahead
from segcore.runner.kernels import Kernels
from segcore.runner.making import begin, disk_errors, finish
from segcore.runner.notebooks import STAGES
from segcore.runner.planning import Plan
from segcore.runner.preflight import Job, preflight
from segcore.sources import Extract, keep

if TYPE_CHECKING:
    from segcore.params import Study

Progress = Callable[[str, int, int], None]


def _silent(what: str, done: int, of: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class RunOptions:
    """How runs are made.

    Parameters
    ----------
    force
        Make a run again that is published; the old one is kept aside.
    parameters
        Notebooks' own parameters: name → value.
    on_progress
        Called with (what, done, of).
    """

    force: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    on_progress: Progress = _silent


@dataclass(frozen=True)
class RunResult:
    """What became of a run.

    Parameters
    ----------
    study, run_date
        Which run it is.
    status
        "published", or "unchanged" if this very run was published already.
    run_dir
        The published run.
    report
        The page for people.
    seconds
        What was done → how long it took.
    advice
        What the user should know or do, one sentence each.
    """

    study: str
    run_date: dt.date
    status: str
    run_dir: Path
    report: Path
    seconds: Mapping[str, float] = field(default_factory=dict)
    advice: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """The result as a terminal shows it: one line for each stage."""
        title = f"{self.study} {self.run_date}"
        if self.status == "unchanged":
            return [f"{title}: is published already, made of the very same; nothing to do", *self.advice]
        stages = [f"  {what:<12}{seconds:8.1f} s" for what, seconds in self.seconds.items()]
        return [title, *stages, *self.advice]


@dataclass(frozen=True)
class Workshop:
    """Where the runs of a study are made, by one process at a time.

    Parameters
    ----------
    job
        What runs are made of.
    extracts
        Their inputs, copied and hashed.
    kernels
        Kernels for their notebooks.
    ahead
        What was begun of the next run.
    options
        How runs are made.
    healed
        What was put in order of runs that had been killed, one sentence each.
    """

    job: Job
    extracts: Sequence[Extract]
    kernels: Kernels
    ahead: Ahead
    options: RunOptions
    healed: Sequence[str] = ()

    def make(self, plan: Plan, *, following: dt.date | None = None) -> RunResult:
        """Make a run.

        Parameters
        ----------
        plan
            What it is made of.
        following
            The run date after it, of which as much is done meanwhile as is possible.
        """
        told = self.options.on_progress
        begun = self.ahead.take(plan, told) or begin(plan, self.kernels, told)
        self.ahead.start(plan, following)
        return self._result(plan, "published", finish(plan, begun, self.kernels, told))

    def leave(self, plan: Plan) -> RunResult:
        """Say that a run is there already."""
        archive.finish(self.job.places)
        return self._result(plan, "unchanged", {})

    def _result(self, plan: Plan, status: str, seconds: Mapping[str, float]) -> RunResult:
        places = self.job.places
        return RunResult(
            study=self.job.study.name,
            run_date=plan.run_date,
            status=status,
            run_dir=places.published(plan.run_date),
            report=places.reports / plan.run_date.isoformat() / f"{archive.REPORT}.html",
            seconds=seconds,
            advice=(*map("warning: {}".format, self.job.rules.warnings), *filter(None, [plan.choice.advice])),
        )


@contextmanager
def workshop(
    study: Study, raw: bytes, dates: Sequence[dt.date], *, root: Path, options: RunOptions
) -> Iterator[Workshop]:
    """Check everything, take the lock, keep the extracts.

    Parameters
    ----------
    study, raw
        The study, and the bytes that it was read from.
    dates
        The run dates that are asked for. If one of them has no run yet, kernels are started at once,
        to become ready while everything is checked.
    root, options
        As for :func:`segcore.runner.run`.

    Raises
    ------
    UsageError, LockedError, StageError
        As :func:`segcore.runner.run` does.
    """
    places = archive.Places(root, study.name)
    outcome = f"{study.name}: nothing more was published"
    with disk_errors(places.runs, outcome), Kernels(root, expected=len(STAGES) * len(dates)) as kernels:
        if options.force or not all(places.published(date).exists() for date in dates):
            kernels.start()
        job = preflight(study, raw, root=root, parameters=options.parameters)
        kernels.prepare([notebook.imports() for notebook in job.notebooks])
        with archive.locked(places):
            healed = archive.heal(places)
            options.on_progress("inputs", 0, len(job.found))
            extracts = keep(list(job.found), places.inputs)
            options.on_progress("inputs", len(extracts), len(extracts))
            with Ahead(kernels, extracts) as ahead:
                yield Workshop(job, extracts, kernels, ahead, options, healed)
