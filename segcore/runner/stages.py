"""The notebooks of a run, one after the other, in a folder of its own.

While a notebook works in its kernel, the runner draws the charts of the one before and writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from segcore import archive, language, stopping
from segcore.files import remove, write_json, write_text
from segcore.kernels import Kernels
from segcore.outputs import NOTEBOOKS, PAGE
from segcore.runner.cells import notebook_text
from segcore.runner.events import Telling
from segcore.runner.execute import Failure, OnCell, Watch, execute, load
from segcore.runner.failed import WORK, keep_failed
from segcore.runner.normalise import normalised
from segcore.runner.notebooks import Notebook
from segcore.runner.pictures import drawn, with_pictures
from segcore.runner.planning import Plan


def execute_stages(
    plan: Plan, folder: Path, kernels: Kernels, tell: Telling, failed: Path | None = None
) -> None:
    """Execute the notebooks of a plan; afterwards the folder is a whole run but for its seal.

    Parameters
    ----------
    plan
        What the run is made of.
    folder
        Its folder, with empty ones for what stages write (see :func:`segcore.archive.stage`).
    kernels
        For its notebooks.
    tell
        Hears of every cell and stage.
    failed
        Where notebooks and log go if one fails; they stay in the folder if left out.

    Raises
    ------
    StageError
        If a notebook fails.
    """
    _lay_out(plan, folder)
    done: tuple[Notebook, Mapping[str, Any]] | None = None
    with _thread("draw") as drawing, _thread("stage") as worker:

        def heard(name: str, done: int, of: int, last: Mapping[str, Any] | None) -> None:
            tell.step(name, done, of)
            if last:
                drawing.submit(drawn, last)  # it is remembered until the notebook is written

        def write(notebook: Notebook, node: Mapping[str, Any]) -> None:
            drawing.submit(_write, plan, folder, notebook, node).result()

        for notebook in plan.setup.notebooks:
            making = _Making(plan, folder, kernels, tell)
            work = worker.submit(_execute, making, notebook, partial(heard, notebook.name))
            try:
                if done:
                    write(*done)
                else:
                    _renderer().warm()
                stopping.check()
                done = notebook, work.result()
            except Failure as failure:
                raise keep_failed(plan, notebook, folder, failure, failed) from None
            except BaseException:
                kernels.abort()  # or the worker would go on to the notebook's end
                raise
        assert done is not None
        write(*done)
    with tell.stage("page"):
        _render(plan, folder)
    remove(folder / WORK)
    write_json(folder / archive.TIMINGS, tell.timings)


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=name)


def _lay_out(plan: Plan, folder: Path) -> None:
    """What the stages are given."""
    (folder / WORK).mkdir()
    for name, content in plan.handed.items():
        (folder / name).write_bytes(content)


@dataclass(frozen=True)
class _Making:
    """A run while it is made: its plan, where, with what, and who hears of it."""

    plan: Plan
    folder: Path
    kernels: Kernels
    tell: Telling


def _execute(making: _Making, notebook: Notebook, on_cell: OnCell) -> dict[str, Any]:
    """One notebook in a kernel of its own, as plain JSON."""
    from jupyter_core.utils import ensure_event_loop

    plan, work = making.plan, making.folder / WORK
    source = work / f"{notebook.name}.source.ipynb"
    write_json(source, notebook.as_json())
    load()
    kernel = making.kernels.take()
    try:
        with making.tell.stage(notebook.name):
            return execute(
                source,
                work / f"{notebook.name}.partial.ipynb",
                plan.given(notebook, making.folder),
                watch=Watch(kernel, plan.setup.study.limits),
                on_cell=on_cell,
            )
    finally:
        making.kernels.stop(kernel)
        making.tell.note(kernel.log.read_text(encoding="utf-8", errors="replace"))
        ensure_event_loop().close()  # each thread that executes notebooks has one


def _write(plan: Plan, folder: Path, notebook: Notebook, node: Mapping[str, Any]) -> None:
    """Write an executed notebook, and its page with code and outputs, while the next one is executed."""
    from segcore.report import executed

    # Cleaned before it is drawn: the code of a picture is long, and has nothing to clean.
    made = with_pictures(normalised(node, plan.paths(folder)))
    path = folder / "notebooks" / f"{notebook.name}.ipynb"
    write_text(path, notebook_text(made))
    with language.spoken(plan.setup.study.language):
        executed.render(path, folder / archive.REPORT / NOTEBOOKS[notebook.name], of=_title(plan))


def _render(plan: Plan, folder: Path) -> None:
    """The report notebook's outputs as one page."""
    page = folder / archive.REPORT / PAGE
    with language.spoken(plan.setup.study.language):
        _renderer().render(folder / "notebooks" / "report.ipynb", page, title=_title(plan))


def _title(plan: Plan) -> str:
    study = plan.setup.study
    return f"{study.heading}: {study.title}, {plan.run_date}"


def _renderer() -> ModuleType:
    """What makes the page; it takes half a second to import."""
    from segcore.report import page

    return page
