"""What is kept of a run that failed: its notebooks as far as they came, and the error."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive.places import LOG
from segcore.errors import StageError
from segcore.files import remove, write_text
from segcore.runner.cells import notebook_text
from segcore.runner.normalise import normalised
from segcore.runner.pictures import with_pictures

if TYPE_CHECKING:
    from segcore.runner.execute import Failure
    from segcore.runner.notebooks import Notebook
    from segcore.runner.planning import Plan

WORK = ".work"


def keep_failed(
    plan: Plan, notebook: Notebook, folder: Path, failure: Failure, failed: Path | None
) -> StageError:
    """Keep the notebooks and the log of a run that failed.

    They may show records of customers, so they stay there and go into no report and no mail.

    Parameters
    ----------
    plan
        The run.
    notebook
        The one that failed.
    folder
        The folder in which the run worked.
    failure
        Why it failed.
    failed
        Where they are moved, ``.failed/RUN_DATE/``; None leaves them in the folder.

    Returns
    -------
    StageError
        Names the notebook, the cell and the error, and says where to look.
    """
    kept = failed or folder / "notebooks"
    try:
        _keep(plan, notebook, folder, failure)
        if failed:
            _move(kept, folder)
        shown = kept / f"{notebook.name}.ipynb"
        look = f"see {shown if shown.exists() else kept / LOG}"
    except (OSError, ValueError) as error:
        look = f"the notebook could not be kept ({error})"
    where = f"{notebook.path.name}, cell {failure.cell}"
    told = [f"{where}: {problem}" for problem in failure.problems]
    outcome = "nothing was published" if failed else "could not be repeated"
    return StageError.at(notebook.path.name, failure.cell, *told, f"{plan.title}: {outcome}; {look}")


def _keep(plan: Plan, notebook: Notebook, folder: Path, failure: Failure) -> None:
    executed, partial = folder / "notebooks", folder / WORK / f"{notebook.name}.partial.ipynb"
    if partial.exists():  # not if the kernel died before the first cell
        node = normalised(json.loads(partial.read_text(encoding="utf-8")), plan.paths(folder))
        write_text(executed / partial.name.replace(".partial", ""), notebook_text(with_pictures(node)))
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write("\n".join([*failure.problems, failure.details, ""]))
    os.replace(folder / LOG, executed / LOG)


def _move(kept: Path, folder: Path) -> None:
    remove(kept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    os.rename(folder / "notebooks", kept)
