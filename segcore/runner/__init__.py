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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.dates import dates_between
from segcore.errors import ArchiveError
from segcore.params.file import load_study, read_study
from segcore.runner.events import Event, Telling
from segcore.runner.planning import Plan, check_used, refuse
from segcore.runner.ready import Ready, RunOptions, RunResult, prepared
from segcore.runner.stages import execute_stages
from segcore.sources.store import kept_before

if TYPE_CHECKING:
    from segcore.params import Study

__all__ = ["Event", "History", "RunOptions", "RunResult", "backfill", "renew", "run"]

STEPS = 3


@dataclass(frozen=True)
class History:
    """What became of several runs.

    Parameters
    ----------
    results
        One for each run that was made or is up to date, in the order of their dates.
    advice
        What the user should know or do beside what stands there, one sentence each.
    """

    results: Sequence[RunResult]
    advice: Sequence[str]


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
        result = ready.result(plan, "unchanged") if stays else _make(ready, plan)
        told = _standing(ready)
    return replace(result, advice=(*ready.noticed, *result.advice, *told))


def _make(ready: Ready, plan: Plan) -> RunResult:
    """Stage, execute, seal, publish, and what follows."""
    places, facts = ready.setup.places, plan.facts
    kept_before([extract.as_json() for extract in plan.extracts], ready.setup.data_dir, places.inputs)
    lost = _lost(plan)
    staging = archive.stage(places, plan.run_date)
    tell = Telling(plan.run_date, ready.options.listener, staging)
    failed = places.failed(plan.run_date)
    execute_stages(plan, staging, ready.kernels, tell, failed=failed)
    check_used(plan, staging)
    sealed = archive.seal(staging, facts)
    tell.step("publish", 1, STEPS)
    archive.publish(places, sealed, replace=plan.published is not None)
    tell.step("publish", 2, STEPS)
    told = archive.finish(places)
    tell.step("publish", STEPS, STEPS)
    return ready.result(plan, "published", *lost, *told)


def _lost(plan: Plan) -> list[str]:
    """What to say if a run of this date was published and somebody deleted it."""
    places = plan.setup.places
    stands = archive.read_ledger(places.runs).standing(plan.run_date)
    if plan.published or not stands:
        return []
    return [f"warning: {plan.title}: was published and is gone; it is made anew of the extracts at hand"]


def backfill(
    study_path: Path,
    first: dt.date,
    last: dt.date,
    *,
    root: Path,
    options: RunOptions | None = None,
) -> History:
    """Make the runs of a history of dates: ``first``, one ``run_every`` later, … up to ``last``.

    Runs that are up to date stay as they are, so a backfill that was stopped goes on where it was, and
    runs that were withdrawn stay so. Published runs of the range that are stale, whether on these
    dates or between them, are made again in the order of their dates, of their own inputs and
    parameters.

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
    options, raw = options or RunOptions(), read_study(study_path)
    study = load_study(study_path, raw)
    dates = dates_between(first, last, study.run_every)
    study, advice = _with_breaks(study, dates[-1])
    with prepared(study, raw, dates, root=root, options=options) as ready:
        there = _published(ready)
        withdrawn = _withdrawn(dates, ready.setup.places)
        dates = [date for date in dates if date not in withdrawn]
        if not options.force:
            plans = [ready.in_history(date) for date in dates if date in there]
            refuse([plan for plan in plans if not plan.only_stale])
        between = [date for date in there if first <= date <= last]
        results = _made(ready, sorted({*dates, *between}), asked=dates)
        told = _standing(ready)
    if not results:
        raise ArchiveError(*withdrawn.values())
    return History(results, (*ready.noticed, *withdrawn.values(), *advice, *told))


def renew(study_path: Path, *, root: Path, options: RunOptions | None = None) -> History:
    """Make the stale runs of a study again, in the order of their dates, of their own inputs and parameters.

    Parameters
    ----------
    study_path, root, options
        As for :func:`run`; ``force`` makes them of the study, rules and extracts at hand.

    Raises
    ------
    UsageError, LockedError, StageError, StoppedError
        As :func:`run` does.
    """
    options, raw = options or RunOptions(), read_study(study_path)
    study = load_study(study_path, raw)
    stale = archive.stale_dates(archive.Places(root, study.name))
    if not stale:
        return History((), (f"{study.name}: no run is stale",))
    with prepared(study, raw, stale, root=root, options=options) as ready:
        if not options.force:
            refuse([plan for plan in map(ready.in_history, stale) if not plan.only_stale])
        following = [date for date in _published(ready) if date >= stale[0]]
        results = _made(ready, following, asked=following if options.force else ())
        told = _standing(ready)
    return History(results, (*ready.noticed, *told))


def _made(ready: Ready, dates: Sequence[dt.date], *, asked: Sequence[dt.date]) -> list[RunResult]:
    """Make what was asked for and is not up to date, and what is stale."""
    results = []
    for date in dates:
        plan = ready.in_history(date)
        if plan.only_stale or date in asked:
            results.append(ready.result(plan, "unchanged") if plan.done else _make(ready, plan))
            ready.options.on_result(results[-1])
    return results


def _published(ready: Ready) -> list[dt.date]:
    return [dt.date.fromisoformat(path.name) for path in archive.published(ready.setup.places.runs)]


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


def _standing(ready: Ready) -> tuple[str, ...]:
    """What to say about runs that are gone, or were compared with another run than is before them now."""
    places = ready.setup.places
    gone = [f"warning: {told}" for told in archive.gone(places, archive.read_ledger(places.runs))]
    return (*gone, *archive.stale_advice(places))
