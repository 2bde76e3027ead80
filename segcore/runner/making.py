"""A run is made: the notebooks in a hidden folder, the seal, the one rename that publishes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive.files import json_text, remove, write_json, write_text
from segcore.errors import StageError
from segcore.runner.execute import Failure, execute, load
from segcore.runner.failed import keep_failed
from segcore.runner.kernels import Kernels
from segcore.runner.normalise import normalised
from segcore.runner.notebooks import Notebook
from segcore.runner.planning import Plan

Progress = Callable[[str, int, int], None]
STEPS = 4
WORK = ".work"


def make(plan: Plan, kernels: Kernels, on_progress: Progress) -> dict[str, float]:
    """Make and publish a run.

    Parameters
    ----------
    plan
        What it is made of. A published run of its date is kept aside.
    kernels
        The next kernels are those of its notebooks.
    on_progress
        Called with (what, done, of).

    Returns
    -------
    dict
        What was done → seconds.

    Raises
    ------
    StageError
        If a notebook fails, or the disk does.
    """
    places = plan.job.places
    timings: dict[str, float] = {}
    with disk_errors(places.runs, f"{plan.title}: nothing was published"):
        try:
            staging = _stage(plan)
            load()
            for number, notebook in enumerate(plan.job.notebooks):
                with _timed(timings, notebook.name):
                    _execute(plan, notebook, staging, kernels=kernels, on_progress=on_progress)
                if number == 0:  # the runner itself has little to do from here on
                    threading.Thread(target=_load_renderer, daemon=True).start()
            with _timed(timings, "page"):
                _render(plan, staging)
            remove(staging / WORK)
            write_json(staging / "timings.json", timings)
            _publish(plan, staging, on_progress)
        except Exception:
            # A sealed run is left only where the one that it replaces is gone: the next command ends it.
            if plan.published is None or plan.published.exists():
                remove(places.staging(plan.run_date))
            raise
    with disk_errors(places.reports, f"{plan.title}: the run is published; segcore list ends the work"):
        archive.sync_reports(places)
        archive.rebuild_index(places)
    on_progress("publish", STEPS, STEPS)
    return timings


def _stage(plan: Plan) -> Path:
    staging = archive.stage(plan.job.places, plan.run_date)
    (staging / WORK).mkdir()
    write_json(staging / "run.json", plan.record)
    if plan.choice.text is not None:
        write_text(staging / "kept_model.json", plan.choice.text)
    return staging


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
    if plan.published is not None:
        archive.set_aside(plan.job.places, plan.run_date)
    on_progress("publish", 2, STEPS)
    archive.publish(plan.job.places, run)
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
