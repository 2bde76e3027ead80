"""Runs from beginning to end, in this order.

1. Preflight: study, rule table, notebooks, extracts, disk. Every problem is told before any work.
2. The lock of the study is taken; what a killed run left is put in order.
3. The extracts are kept: copied, by the hash of their content.
4. The plan: earlier runs are checked, the model is chosen, and the fingerprint says whether there is
   anything to do, or whether something must not be done.
5. The four notebooks are executed in a hidden folder.
6. The run is sealed, and published by one rename.
7. What follows publishing (:data:`segcore.archive.AFTER`): the report is copied, the list renewed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.errors import ArchiveError
from segcore.kernels import Kernels
from segcore.outputs import PAGE
from segcore.params import Study
from segcore.params_file import load_study, read_study
from segcore.runner.dates import dates_between
from segcore.runner.events import Event, Listener, Telling, unheard
from segcore.runner.outcome import truthful
from segcore.runner.planning import Plan, make_plan, refuse
from segcore.runner.preflight import Setup, preflight
from segcore.runner.stages import execute_stages
from segcore.runner.turn import PATIENCE, memory_held
from segcore.sources.extracts import Extract
from segcore.sources.store import keep, kept_before

__all__ = ["Event", "RunOptions", "RunResult", "backfill", "run"]

STEPS = 3


@dataclass(frozen=True)
class RunOptions:
    """How runs are made.

    Parameters
    ----------
    force
        Make a run again that is published; the old one is kept aside.
    parameters
        Notebooks' own parameters: name → value.
    wait
        Seconds to wait for another run of the study.
    listener
        Called with every :class:`Event`.
    on_result
        Called with what became of each run of a backfill but the last one, as soon as it is known.
    """

    force: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    wait: float = 0
    listener: Listener = unheard
    on_result: Callable[[RunResult], None] = lambda result: None


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
    advice
        What the user should know or do, one sentence each.
    """

    study: str
    run_date: dt.date
    status: str
    run_dir: Path
    report: Path
    advice: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The result in one line."""
        made = "is published already; nothing to do"
        return f"{self.study} {self.run_date}: {made if self.status == 'unchanged' else self.status}"


@dataclass(frozen=True)
class _Bench:
    """Where the runs of a study are made, by one process at a time."""

    setup: Setup
    extracts: Sequence[Extract]
    kernels: Kernels
    options: RunOptions
    healed: Sequence[str]

    def plan(self, run_date: dt.date) -> Plan:
        return make_plan(self.setup, run_date, self.extracts, force=self.options.force)

    def make(self, plan: Plan) -> RunResult:
        """Execute, seal, publish, and what follows."""
        places = self.setup.places
        kept_before([extract.as_json() for extract in plan.extracts], self.setup.data_dir, places.inputs)
        staging = archive.stage(places, plan.run_date)
        tell = Telling(plan.run_date, self.options.listener, staging)
        execute_stages(plan, staging, self.kernels, tell, places.failed(plan.run_date))
        sealed = archive.seal(staging, plan.facts)
        tell.step("publish", 1, STEPS)
        archive.publish(places, sealed, replace=plan.published is not None)
        tell.step("publish", 2, STEPS)
        told = archive.finish(places)
        tell.step("publish", STEPS, STEPS)
        return self.result(plan, "published", *told)

    def result(self, plan: Plan, status: str, *told: str) -> RunResult:
        places = self.setup.places
        report = places.reports / plan.run_date.isoformat() / PAGE
        run_dir = places.published(plan.run_date)
        advice = (*plan.advice, *told)
        return RunResult(self.setup.study.name, plan.run_date, status, run_dir, report, advice)


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
    raw = read_study(study_path)
    study = load_study(study_path, raw)
    with _bench(study, raw, [run_date], root=root, options=options or RunOptions()) as bench:
        plan = bench.plan(run_date)
        if bench.options.force:
            result = bench.make(plan)
        else:
            refuse([plan])
            result = bench.result(plan, "unchanged") if plan.done else bench.make(plan)
    return replace(result, advice=(*bench.healed, *result.advice, *_standing(bench.setup)))


def backfill(
    study_path: Path,
    first: dt.date,
    last: dt.date,
    *,
    root: Path,
    options: RunOptions | None = None,
) -> list[RunResult]:
    """Make the runs of a history of dates: ``first``, one ``run_every`` later, … up to ``last``.

    Runs that are up to date stay as they are, so a backfill that was stopped goes on where it was, and
    runs that were withdrawn stay so.
    Published runs of the range that are stale, whether on these dates or between them, are made
    again in the order of their dates, of their own inputs and parameters.

    Parameters
    ----------
    study_path, root, options
        As for :func:`run`; ``force`` makes again what differs, and nothing else.
    first, last
        The range of dates. If the study keeps breaks and does not say from when, those of the last
        date are kept.

    Raises
    ------
    UsageError, LockedError, StageError, StoppedError
        As :func:`run` does. Runs that were published before a failure stay as they are.
    """
    options = options or RunOptions()
    raw = read_study(study_path)
    study = load_study(study_path, raw)
    dates = dates_between(first, last, study.run_every)
    study, advice = _with_breaks(study, dates[-1])
    places, results = archive.Places(root, study.name), list[RunResult]()
    with _bench(study, raw, dates, root=root, options=options) as bench:
        there = [dt.date.fromisoformat(path.name) for path in archive.published(places.runs)]
        back = _withdrawn(dates, places)
        withdrawn = list(back.values())
        dates = [date for date in dates if date not in back]
        if not options.force:
            refuse([plan for date in dates if date in there and not (plan := bench.plan(date)).only_stale])
        for date in sorted({*dates, *(date for date in there if first <= date <= last)}):
            plan = bench.plan(date)
            if not plan.only_stale and date not in dates:
                continue
            results.append(bench.result(plan, "unchanged") if plan.done else bench.make(plan))
            if date != dates[-1]:
                options.on_result(results[-1])
    if not results:
        raise ArchiveError(*withdrawn)
    advice = (*bench.healed, *results[-1].advice, *withdrawn, *advice, *_standing(bench.setup))
    return [*results[:-1], replace(results[-1], advice=advice)]


@contextmanager
def _bench(
    study: Study, raw: bytes, dates: Sequence[dt.date], *, root: Path, options: RunOptions
) -> Iterator[_Bench]:
    """Preflight, lock, keep; kernels become ready meanwhile if any of the dates has no run yet."""
    places = archive.Places(root, study.name)
    wanted = f"{study.name} {dates[0]}" if len(dates) == 1 else f"{study.name} {dates[0]} to {dates[-1]}"
    memory = memory_held(
        study.memory_limit,
        wait=options.wait or PATIENCE,
        on_wait=lambda told: options.listener(Event(dates[0], "memory", 0, 1, note=told)),
    )
    with truthful(places, wanted) as begin, Kernels(root) as kernels:
        if options.force or not all(places.published(date).exists() for date in dates):
            kernels.start()
        setup = preflight(study, raw, root=root, parameters=options.parameters)
        with memory, archive.locked(places, wait=options.wait):
            begin()
            healed = archive.heal(places)
            options.listener(Event(dates[0], "inputs", 0, len(setup.found)))
            extracts = keep(list(setup.found), places.inputs)
            options.listener(Event(dates[0], "inputs", len(extracts), len(extracts)))
            yield _Bench(setup, extracts, kernels, options, healed)


def _with_breaks(study: Study, last: dt.date) -> tuple[Study, tuple[str, ...]]:
    """The same study, with breaks of the last date if it keeps breaks and does not say whose."""
    if study.breaks.policy == "refit" or study.breaks.from_ is not None:
        return study, ()
    breaks = study.breaks.model_copy(update={"from_": last})
    line = f"breaks: {{policy: keep, from: {last}}}"
    advice = f"{study.path}: write {line}, for further runs must keep the same breaks"
    return study.model_copy(update={"breaks": breaks}), (advice,)


def _withdrawn(dates: Sequence[dt.date], places: archive.Places) -> dict[dt.date, str]:
    """The dates whose runs somebody took back, and what to say of each."""
    ledger = archive.read_ledger(places.runs)
    return {
        date: f"{places.study} {date}: is withdrawn ({entry.because}) and stays so; "
        f"segcore restore {places.study}/{date} publishes it again"
        for date in dates
        if (entry := ledger.last(date)) and entry.event == "withdrawn"
    }


def _standing(setup: Setup) -> tuple[str, ...]:
    """What to say about runs that are gone, or were compared with another run than is before them now."""
    places, study = setup.places, setup.study
    gone = [f"warning: {told}" for told in archive.gone(places, archive.read_ledger(places.runs))]
    stale = list(archive.stale(archive.opened(archive.published(places.runs))[0]))
    if not stale:
        return tuple(gone)
    return (
        *gone,
        f"{study.name}: stale, for a run before was made since: {', '.join(stale)}; to make again: "
        f"segcore backfill {study.name} --from {stale[0]} --to {stale[-1]}",
    )
