"""A run is made: the notebooks in a hidden folder, the seal, the one rename that publishes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive.files import json_text, remove, write_json, write_text
from segcore.errors import ArchiveError, StageError
from segcore.runner.execute import Failure, execute, load
from segcore.runner.failed import keep_failed
from segcore.runner.kernels import Kernels
from segcore.runner.normalise import normalised
from segcore.runner.notebooks import Notebook
from segcore.runner.planning import Plan

Progress = Callable[[str, int, int], None]
STEPS = 4
WORK = ".work"

FIRST = ("ingest", "segment")
"""The stages that do not look at earlier runs, and so may be executed before those are published."""


@dataclass(frozen=True)
class Begun:
    """A run whose first stages are done; its hidden folder holds what they left.

    Parameters
    ----------
    plan
        What it is made of.
    timings
        Stage → seconds.
    """

    plan: Plan
    timings: Mapping[str, float]

    @property
    def staging(self) -> Path:
        """The hidden folder."""
        return self.plan.job.places.staging(self.plan.run_date)

    def is_of(self, plan: Plan) -> bool:
        """Whether the same stages of another plan would have done the very same."""
        mine, other = ((p.record, p.choice.text, p.job) for p in (self.plan, plan))
        return mine == other


def begin(plan: Plan, kernels: Kernels, on_progress: Progress) -> Begun:
    """Execute the stages of a run that look at nothing but its inputs.

    Parameters
    ----------
    plan
        What the run is made of.
    kernels
        For its notebooks.
    on_progress
        Called with (what, done, of).

    Raises
    ------
    StageError
        If a notebook fails, or the disk does; nothing of the run is left but what failed.
    """
    load()
    timings: dict[str, float] = {}
    with disk_errors(plan.job.places.runs, f"{plan.title}: nothing was published"), _removed_if_failed(plan):
        staging = archive.stage(plan.job.places, plan.run_date)
        (staging / WORK).mkdir()
        write_json(staging / "run.json", plan.record)
        for name, content in plan.job.files.items():
            (staging / archive.STUDY / name).write_bytes(content)
        if plan.choice.text is not None:
            write_text(staging / "kept_model.json", plan.choice.text)
        for notebook in (n for n in plan.job.notebooks if n.name in FIRST):
            with _timed(timings, notebook.name):
                _execute(plan, notebook, staging, kernels=kernels, on_progress=on_progress)
    return Begun(plan, timings)


def finish(plan: Plan, begun: Begun, kernels: Kernels, on_progress: Progress) -> dict[str, float]:
    """Execute the other stages of a run and publish it.

    Parameters
    ----------
    plan
        What the run is made of. A published run of its date is kept aside.
    begun
        Its first stages.
    kernels, on_progress
        As for :func:`begin`.

    Returns
    -------
    dict
        What was done → seconds.

    Raises
    ------
    StageError
        If a notebook fails, or the disk does.
    """
    places, staging = plan.job.places, begun.staging
    timings = dict(begun.timings)
    # The runner itself has little to do while kernels work.
    threading.Thread(target=_load_renderer, daemon=True).start()
    with disk_errors(places.runs, f"{plan.title}: nothing was published"), _removed_if_failed(plan):
        for notebook in (n for n in plan.job.notebooks if n.name not in FIRST):
            with _timed(timings, notebook.name):
                _execute(plan, notebook, staging, kernels=kernels, on_progress=on_progress)
        with _timed(timings, "page"):
            _render(plan, staging)
        remove(staging / WORK)
        write_json(staging / "timings.json", timings)
        _publish(plan, staging, on_progress)
    with disk_errors(places.reports, f"{plan.title}: the run is published; segcore list ends the work"):
        archive.finish(places)
    on_progress("publish", STEPS, STEPS)
    return timings


@contextmanager
def _removed_if_failed(plan: Plan) -> Iterator[None]:
    """Leave no hidden folder behind a failure."""
    try:
        yield
    except Exception:
        staging = plan.job.places.staging(plan.run_date)
        try:
            sealed = archive.open_run(staging)
        except ArchiveError:
            sealed = None
        archive.give_up(plan.job.places, plan.run_date, sealed)
        raise


def _execute(
    plan: Plan, notebook: Notebook, staging: Path, *, kernels: Kernels, on_progress: Progress
) -> None:
    source = staging / WORK / f"{notebook.name}.source.ipynb"
    partial = staging / WORK / f"{notebook.name}.partial.ipynb"
    write_json(source, notebook.as_json())
    kernel = kernels.take()
    try:
        node = execute(
            source,
            partial,
            _parameters(plan, notebook, staging),
            kernel=kernel,
            on_cell=lambda done, of: on_progress(notebook.name, done, of),
        )
    except Failure as failure:
        if kernels.aborted:
            raise StageError(f"{plan.title}: was given up") from None
        raise keep_failed(plan, notebook, partial, failure) from None
    finally:
        kernels.stop(kernel)
    made = normalised(node, plan.paths(staging))
    write_text(staging / "notebooks" / f"{notebook.name}.ipynb", json_text(made))


def _parameters(plan: Plan, notebook: Notebook, staging: Path) -> dict[str, Any]:
    job = plan.job
    given = {
        "study": job.from_root(job.study.path),
        "run_date": plan.run_date.isoformat(),
        "run_dir": job.from_root(staging),
        "previous_run_dir": job.from_root(plan.earlier[-1].folder) if plan.earlier else "",
        "data_dir": job.from_root(job.data_dir),
    }
    own = {name: value for name, value in job.parameters.items() if name in notebook.declared}
    return {**given, **own}


def _publish(plan: Plan, staging: Path, on_progress: Progress) -> None:
    run = archive.seal(staging, plan.facts)
    on_progress("publish", 1, STEPS)
    on_progress("publish", 2, STEPS)
    archive.publish(plan.job.places, run, replace=plan.published is not None)
    on_progress("publish", 3, STEPS)


def _load_renderer() -> None:
    """Import what makes pages, and unpack their scripts, while kernels work."""
    import nbconvert.exporters.templateexporter  # noqa: F401

    from segcore.report.bundle import packed

    packed()


def _render(plan: Plan, staging: Path) -> None:
    """The report notebook's outputs as one page."""
    from segcore.report import html

    study = plan.job.study
    html.render(
        staging / "notebooks" / "report.ipynb",
        staging / archive.REPORT / f"{archive.REPORT}.html",
        title=f"{study.report.title}: {study.title}, {plan.run_date}",
    )


@contextmanager
def _timed(timings: dict[str, float], what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[what] = round(time.perf_counter() - start, 3)


@contextmanager
def disk_errors(folder: Path, outcome: str) -> Iterator[None]:
    """Tell the errors of a disk as a sentence, and what they mean for the run.

    Raises
    ------
    StageError
        In the place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise StageError(
            f"{folder}{os.sep}: the disk must take all that a run writes (got {error.strerror or error}); "
            f"free some space, or mend it, and run again. {outcome}"
        ) from None
