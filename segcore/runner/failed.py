"""What is kept of a run that failed: its notebooks as far as they came, and the error."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive.files import remove, write_text
from segcore.errors import StageError
from segcore.runner.cells import notebook_text
from segcore.runner.normalise import normalised

if TYPE_CHECKING:
    from segcore.runner.execute import Failure
    from segcore.runner.notebooks import Notebook
    from segcore.runner.planning import Plan

LOG = "error.log"


def keep_failed(plan: Plan, notebook: Notebook, partial: Path, failure: Failure) -> StageError:
    """Move the notebooks of a failed run to ``.failed/``.

    They may show records of customers, so they stay there and go into no report and no mail.

    Parameters
    ----------
    plan
        The run.
    notebook
        The one that failed.
    partial
        Where it was written as far as it came.
    failure
        Why it failed.

    Returns
    -------
    StageError
        Names the notebook, the cell and the error, and says where to look.
    """
    kept = plan.job.places.failed(plan.run_date)
    shown = kept / f"{notebook.name}.ipynb"
    try:
        _keep(plan, notebook, partial, failure)
        look = f"see {shown}"
    except (OSError, ValueError) as error:
        look = f"the notebook could not be kept ({error})"
    where = f"{notebook.path.name}, cell {failure.cell}"
    told = [f"{where}: {problem}" for problem in failure.problems]
    return StageError(*told, f"{plan.title}: nothing was published; {look}")


def _keep(plan: Plan, notebook: Notebook, partial: Path, failure: Failure) -> None:
    staging = plan.job.places.staging(plan.run_date)
    kept = plan.job.places.failed(plan.run_date)
    node = json.loads(partial.read_text(encoding="utf-8"))
    executed = staging / "notebooks"
    write_text(executed / f"{notebook.name}.ipynb", notebook_text(normalised(node, plan.paths(staging))))
    write_text(executed / LOG, "\n".join([*failure.problems, failure.details, ""]))
    remove(kept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    os.rename(executed, kept)
