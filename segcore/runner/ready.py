"""What runs of a study need while they are made: preflight, the lock, memory, the extracts, kernels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.charts import drawn_by
from segcore.drawer import Drawer
from segcore.forking import Parent
from segcore.kernels import Kernels
from segcore.outputs import PAGE, STAGES
from segcore.params import Study
from segcore.runner.events import Event, Listener, unheard
from segcore.runner.outcome import truthful
from segcore.runner.planning import Plan, make_plan
from segcore.runner.preflight import Setup, look_again, preflight
from segcore.runner.turn import PATIENCE, memory_held
from segcore.sources.extracts import Extract
from segcore.sources.store import keep


@dataclass(frozen=True)
class RunOptions:
    """How runs are made.

    Parameters
    ----------
    force
        Make a run again that is published; the old one is kept aside.
    parameters
        Notebooks' own parameters: name → value.
    accepted
        Gates that may be passed this time: gate, or source and gate joined by a dot → why.
    wait
        Seconds to wait for another run of the study.
    listener
        Called with every :class:`segcore.runner.Event`.
    on_result
        Called with what became of each run of a history, as soon as it is known.
    parent
        The process that forks kernels, if one was started before; else each call starts its own.
    """

    force: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0
    listener: Listener = unheard
    on_result: Callable[[RunResult], None] = lambda result: None
    parent: Parent | None = None


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
class Ready:
    """All that runs of a study need; one process at a time has it.

    Parameters
    ----------
    setup
        What runs are made of.
    extracts
        Their inputs, copied and hashed.
    kernels
        Kernels for their notebooks.
    options
        How they are made.
    noticed
        What was put in order before, one sentence each.
    backfill
        Whether runs are made afterwards, as a history; one that is made again is, too.
    """

    setup: Setup
    extracts: Sequence[Extract]
    kernels: Kernels
    options: RunOptions
    noticed: Sequence[str]
    backfill: bool = False

    def plan(self, run_date: dt.date) -> Plan:
        """What the run of a date is made of."""
        return self._plan(run_date, self.options.accepted)

    def in_history(self, run_date: dt.date) -> Plan:
        """What a run among others is made of: one that is published keeps the gates that it passed."""
        keeps = not self.options.force and self.setup.places.published(run_date).exists()
        return self._plan(run_date, {} if keeps else self.options.accepted)

    def _plan(self, run_date: dt.date, accepted: Mapping[str, str]) -> Plan:
        force = self.options.force
        plan = make_plan(self.setup, run_date, self.extracts, force=force, accepted=accepted)
        # Made again, a run may list other customers than those whom sales were given then.
        return replace(plan, backfill=self.backfill or plan.published is not None)

    def anew(self) -> Ready:
        """The same with the extracts that lie there by now."""
        setup = look_again(self.setup)
        return replace(self, setup=setup, extracts=keep(list(setup.found), setup.places.inputs))

    def result(self, plan: Plan, status: str, *told: str) -> RunResult:
        """What became of a run."""
        places, study = self.setup.places, self.setup.study.name
        report = places.reports / plan.run_date.isoformat() / PAGE
        run_dir = places.published(plan.run_date)
        # The gates of a run tell of files that lay there when it was made.
        told += tuple(
            f"warning: {name}: lies beside the extracts and no pattern of the study matches it; mend "
            "files: if it is a delivery, or take it out of the data folder"
            for name in self.setup.beside
            if name not in plan.beside
        )
        return RunResult(study, plan.run_date, status, run_dir, report, (*plan.advice, *told))


WRITING = ("xlsxwriter", "pptx.chart.data", "segcore.slides")
"""What the outputs of every run import."""

STATISTICS = ("scipy.stats", "statsmodels.stats.proportion", "statsmodels.treatment.treatment_effects")
"""What the analysis of follow-ups imports, which takes seconds."""

RATES = ("scipy.linalg", "scipy.optimize")
"""What the second run of a study imports, for there are moves."""

LASTING = ("statsmodels.duration.survfunc",)
"""What the third imports, for there are stays that were seen to begin."""


def imported_later(study: Study, runs: int) -> tuple[str, ...]:
    """What the notebooks import after the first one, if a study has so many runs in the end."""
    return (
        *WRITING,
        *(RATES if runs > 1 else ()),
        *(LASTING if runs > 2 else ()),
        *(STATISTICS if study.sources.followups else ()),
    )


@contextmanager
def prepared(
    study: Study, raw: bytes, dates: Sequence[dt.date], *, root: Path, options: RunOptions
) -> Iterator[Ready]:
    """Check everything, take the lock and memory, put in order what was left, keep the extracts.

    Parameters
    ----------
    study, raw
        The study, and the bytes that it was read from.
    dates
        The run dates that are asked for. If one of them has no run yet, a kernel is started at once.
    root, options
        As for :func:`segcore.runner.run`.

    Raises
    ------
    UsageError, LockedError, StageError, StoppedError
        As :func:`segcore.runner.run` does.
    """
    places, first = archive.Places(root, study.name), dates[0]
    wanted = f"{study.name} {first}" if len(dates) == 1 else f"{study.name} {first} to {dates[-1]}"
    memory = memory_held(
        study.memory_limit,
        wait=options.wait or PATIENCE,
        on_wait=lambda told: options.listener(Event(first, "memory", 0, 1, note=told)),
    )
    runs = {*(folder.name for folder in archive.published(places.runs)), *map(str, dates)}
    with (
        truthful(places, wanted) as begin,
        Kernels(
            root,
            later=imported_later(study, len(runs)),
            parent=options.parent,
            wanted=len(STAGES) * len(dates),
        ) as kernels,
        Drawer() as draw,
        drawn_by(draw),
    ):
        if options.force or not all(places.published(date).exists() for date in dates):
            kernels.start()  # it imports for seconds, while everything is checked
        setup = preflight(study, raw, root=root, parameters=options.parameters)
        with archive.locked(places, wait=options.wait), memory:
            begin()
            noticed = (*archive.heal(places), *archive.half_erased(places))
            options.listener(Event(first, "inputs", 0, len(setup.found)))
            before = [*places.inputs.glob("*")]
            extracts = keep(list(setup.found), places.inputs)
            options.listener(Event(first, "inputs", len(extracts), len(extracts)))
            yield Ready(setup, extracts, kernels, options, noticed)
            drop_needless(places, [one for one in extracts if one.path not in before])


def drop_needless(places: archive.Places, new: Sequence[Extract]) -> None:
    """Keep no copy that no run names: where nothing was to do, it may hold somebody who was erased."""
    if not new:
        return
    runs, _ = archive.opened([*archive.published(places.runs), *places.asides()])
    named = {entry["sha256"] for run in runs for entry in run.inputs}
    for extract in new:
        if extract.sha256 not in named:
            extract.path.unlink(missing_ok=True)
