"""The runs of several dates: a history made afterwards, one that deliveries come to, and stale runs again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.dates import dates_between
from segcore.errors import ArchiveError
from segcore.params.file import load_study, read_study
from segcore.runner.making import make, standing
from segcore.runner.planning import refuse
from segcore.runner.ready import Ready, RunOptions, RunResult, prepared

if TYPE_CHECKING:
    from segcore.params import Study


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


def backfill(
    study_path: Path,
    first: dt.date,
    last: dt.date,
    *,
    root: Path,
    options: RunOptions | None = None,
) -> History:
    """Make the runs of a history of dates: ``first``, one ``run_every`` later, … up to ``last``.

    Each says in ``run.json`` that it was made afterwards, for nobody could act upon it. Runs that are up
    to date stay as they are, so a backfill that was stopped goes on where it was, and runs that were
    withdrawn or have expired stay so. Published runs of the range that are stale, whether on these
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
    return _history(study_path, (first, last), root=root, options=options or RunOptions())


@dataclass(frozen=True)
class Deliveries:
    """Deliveries that come while a history is made, as they came once: before each run those up to its date.

    Parameters
    ----------
    study_path
        The study that they are for.
    arrive
        Puts into the data folder what arrived up to a date, and nothing else of them.
    """

    study_path: Path
    arrive: Callable[[dt.date], None]


def as_delivered(
    deliveries: Deliveries,
    first: dt.date,
    last: dt.date,
    *,
    root: Path,
    options: RunOptions | None = None,
) -> History:
    """Make the runs that :func:`backfill` makes, each as soon as its own delivery has arrived.

    So what a run publishes, like a list of whom to call, stands before what came later is known.

    Parameters
    ----------
    deliveries
        Of which study, and how what arrived up to a date is put in place.
    first, last, root, options
        As for :func:`backfill`.

    Raises
    ------
    UsageError, LockedError, StageError, StoppedError
        As :func:`backfill` does.
    """
    return _history(
        deliveries.study_path,
        (first, last),
        root=root,
        options=options or RunOptions(),
        arrive=deliveries.arrive,
    )


def _history(
    study_path: Path,
    span: tuple[dt.date, dt.date],
    *,
    root: Path,
    options: RunOptions,
    arrive: Callable[[dt.date], None] | None = None,
) -> History:
    """The runs of a history; where deliveries arrive meanwhile, none of them is made afterwards."""
    raw = read_study(study_path)
    study = load_study(study_path, raw)
    dates = dates_between(*span, study.run_every)
    study, advice = _with_breaks(study, dates[-1])
    if arrive:
        arrive(dates[0])
    with prepared(study, raw, dates, root=root, options=options) as prepared_now:
        ready = replace(prepared_now, backfill=arrive is None)
        there = _published(ready)
        gone = _taken_back(dates, ready.setup.places)
        dates = [date for date in dates if date not in gone]
        if not options.force:
            plans = [ready.in_history(date) for date in dates if date in there]
            refuse([plan for plan in plans if not plan.only_stale])
        between = [date for date in there if span[0] <= date <= span[1]]
        results = _made(ready, sorted({*dates, *between}), asked=dates, arrive=arrive)
        told = standing(ready)
    if not results:
        raise ArchiveError(*gone.values())
    return History(results, (*ready.noticed, *gone.values(), *advice, *told))


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
        told = standing(ready)
    return History(results, (*ready.noticed, *told))


def _made(
    ready: Ready,
    dates: Sequence[dt.date],
    *,
    asked: Sequence[dt.date],
    arrive: Callable[[dt.date], None] | None = None,
) -> list[RunResult]:
    """Make what was asked for and is not up to date, and what is stale."""
    results = []
    for date in dates:
        if arrive:
            arrive(date)
            ready = ready.anew()
        plan = ready.in_history(date)
        if plan.only_stale or date in asked:
            results.append(ready.result(plan, "unchanged") if plan.done else make(ready, plan))
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


def _taken_back(dates: Sequence[dt.date], places: archive.Places) -> dict[dt.date, str]:
    """The dates whose runs somebody took back or that have expired, and what to say of each."""
    ledger = archive.read_ledger(places.runs)
    told = {
        "withdrawn": "is withdrawn ({because}) and stays so; segcore restore {study}/{date} publishes it "
        "again",
        "expired": "has expired and stays so; segcore run {study} --date {date} makes it all the same",
    }
    return {
        date: f"{places.study} {date}: "
        + told[entry.event].format(because=entry.because, study=places.study, date=date)
        for date in dates
        if (entry := ledger.last(date)) and entry.event in told
    }
