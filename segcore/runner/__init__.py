"""Runs from beginning to end, in this order.

1. Preflight: study, rule table, notebooks, extracts, disk. Every problem is told before any work.
2. The lock of the study is taken; what a killed run left is put in order.
3. The extracts are copied and hashed. Earlier runs are checked, the model is chosen.
4. The fingerprint says whether there is anything to do, or whether something must not be done.
5. The four notebooks are executed in a hidden folder.
6. The run is sealed and published by one rename; then its report is copied and listed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.params_file import load_study, read_study
from segcore.runner.dates import dates_between
from segcore.runner.planning import make_plan, refuse
from segcore.runner.workshop import RunOptions, RunResult, workshop

if TYPE_CHECKING:
    from segcore.params import Study

__all__ = ["RunOptions", "RunResult", "backfill", "run"]


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
        If another run of the study is under way.
    StageError
        If a notebook failed; nothing was published.
    """
    options = options or RunOptions()
    raw = read_study(study_path)
    study = load_study(study_path, raw)
    with workshop(study, raw, [run_date], root=root, options=options) as shop:
        plan = make_plan(shop.job, run_date, shop.extracts, force=options.force)
        if not options.force:
            refuse([plan])
        result = shop.make(plan) if options.force or not plan.done else shop.leave(plan)
    return replace(result, advice=(*shop.healed, *result.advice, *_stale(shop.job.places, study)))


def backfill(
    study_path: Path, first: dt.date, last: dt.date, *, root: Path, options: RunOptions | None = None
) -> list[RunResult]:
    """Make the runs of a history of dates: ``first``, one ``run_every`` later, … up to ``last``.

    Runs that are up to date stay as they are, so a backfill that was stopped goes on where it was.
    Published runs of the range that are stale, whether on these dates or between them, are made
    again in the order of their dates.

    Parameters
    ----------
    study_path, root, options
        As for :func:`run`; ``force`` makes again what differs, and nothing else.
    first, last
        The range of dates. If the study keeps breaks and does not say from when, those of the last
        date are kept.

    Raises
    ------
    UsageError, LockedError, StageError
        As :func:`run` does. Runs that were published before a failure stay as they are.
    """
    options = options or RunOptions()
    raw = read_study(study_path)
    study = load_study(study_path, raw)
    dates = dates_between(first, last, study.run_every)
    study, advice = _with_breaks(study, dates[-1])
    places = archive.Places(root, study.name)
    results = []
    with workshop(study, raw, dates, root=root, options=options) as shop:
        if not options.force:
            there = [date for date in dates if places.published(date).exists()]
            plans = (make_plan(shop.job, date, shop.extracts, force=False) for date in there)
            refuse([plan for plan in plans if not plan.only_stale])
        published = {dt.date.fromisoformat(path.name) for path in archive.published(places.runs)}
        between = {date for date in published if first <= date <= last} - {*dates}
        ordered = sorted({*dates, *between})
        for date, following in zip(ordered, [*ordered[1:], None], strict=True):
            plan = make_plan(shop.job, date, shop.extracts, force=options.force)
            if plan.done and date in dates:
                results.append(shop.leave(plan))
            elif plan.only_stale or date in dates:
                results.append(shop.make(plan, following=following))
    advice = (*shop.healed, *results[-1].advice, *advice, *_stale(places, study))
    return [*results[:-1], replace(results[-1], advice=advice)]


def _with_breaks(study: Study, last: dt.date) -> tuple[Study, tuple[str, ...]]:
    """The same study, with breaks of the last date if it keeps breaks and does not say whose."""
    if study.breaks.policy == "refit" or study.breaks.from_ is not None:
        return study, ()
    breaks = study.breaks.model_copy(update={"from_": last})
    line = f"breaks: {{policy: keep, from: {last}}}"
    advice = f"{study.path}: write {line}, for further runs must keep the same breaks"
    return study.model_copy(update={"breaks": breaks}), (advice,)


def _stale(places: archive.Places, study: Study) -> tuple[str, ...]:
    """What to say about runs that were compared with another run than stands before them now."""
    stale = list(archive.stale(archive.opened(archive.published(places.runs))[0]))
    if not stale:
        return ()
    return (
        f"{study.name}: stale, for a run before was made since: {', '.join(stale)}; to make again: "
        f"segcore backfill {study.path} --from {stale[0]} --to {stale[-1]}",
    )
