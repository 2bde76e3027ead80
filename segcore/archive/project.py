"""The project's folder, from which studies, runs and reports are named."""

from __future__ import annotations

import os
from pathlib import Path


def enter_project(study: str) -> None:
    """Work in the project's folder, wherever the notebook was started.

    papermill starts a notebook in the folder of its caller, JupyterLab and Quarto in the one where it
    lies. Parameters are seen from the project's folder, so the notebook goes there first.

    Parameters
    ----------
    study
        The study's file, seen from the project's folder. The working folder becomes the nearest one,
        from the present one upwards, that has it; if none has, it stays as it is.
    """
    here = Path.cwd()
    project = next((folder for folder in (here, *here.parents) if (folder / study).is_file()), here)
    if project != here:
        os.chdir(project)
