"""A copy of a published run in which everything may be changed, and every notebook runs."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive.places import SCRATCH as TRIALS
from segcore.archive.places import STUDY
from segcore.errors import ArchiveError
from segcore.files import remove, sha256_of, write_text
from segcore.outputs import STAGES
from segcore.runner.cells import INJECTED, notebook_text, source_of, tagged
from segcore.sources.extracts import stored_path

SCRATCH = Path("runs", TRIALS, "open")
INPUTS = "inputs"


@dataclass(frozen=True)
class Opened:
    """A run that was opened.

    Parameters
    ----------
    run
        The published run.
    place
        Where its copy lies.
    notebook
        The notebook of the copy to begin with.
    advice
        What the user should know, one sentence each.
    """

    run: archive.Run
    place: Path
    notebook: Path
    advice: tuple[str, ...] = ()


def open_copy(folder: Path, *, root: Path, stage: str = STAGES[0]) -> Opened:
    """Copy a published run, its notebooks and its inputs to a scratch place, to be run and changed.

    The notebooks' parameters name the copy, and its ``study/`` counts; the previous run stays the
    published one. Each notebook gives the same results again as long as nothing is changed.

    Parameters
    ----------
    folder
        The run.
    root
        The project's folder; the copy goes to ``runs/.scratch/open/STUDY/RUN_DATE/``, and
        that of a run that is kept aside to a folder beside it.
    stage
        The notebook to begin with.

    Raises
    ------
    ArchiveError
        If the run is not as it was sealed, an input is missing, or it was opened before: what was
        changed in the copy is never overwritten.
    """
    run = archive.open_run(folder)
    if stage not in STAGES:
        raise ArchiveError(f"--stage must be one of {', '.join(STAGES)} (got {stage!r})")
    places = archive.Places(root, run.manifest["study"])
    aside = "" if folder.resolve() == places.published(run.run_date).resolve() else f"-{run.sha256[:8]}"
    seen = SCRATCH / f"{places.study}{aside}" / run.manifest["run_date"]
    place = root / seen
    if place.exists():
        raise ArchiveError(
            f"{place}: must not be there yet (the run was opened before, and what was changed in it stays); "
            f"go on in it, or move or remove it and open the run again"
        )
    problems = archive.differences(run, run.outputs)
    if problems:
        raise ArchiveError(*problems)
    _copy_inputs(run, places.inputs, place.parent / INPUTS)
    partial = place.with_name(f".{place.name}.partial")
    remove(partial)
    for name in run.outputs:
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run.folder / name, partial / name)  # its content only: the copy is writable
    for path in sorted((partial / "notebooks").glob("*.ipynb")):
        _point(path, _parameters(run, seen, partial))
    os.rename(partial, place)
    return Opened(run, place, place / "notebooks" / f"{stage}.ipynb", _previous(run, places))


def _previous(run: archive.Run, places: archive.Places) -> tuple[str, ...]:
    """What to say if the run that this one was compared with does not stand there any more."""
    recorded = run.manifest["previous"]
    if not recorded:
        return ()
    if (recorded["run_date"], recorded["manifest_sha256"]) in archive.read_ledger(places.runs).expired:
        return (
            f"warning: the run of {recorded['run_date']} that this one was compared with has expired; "
            "transitions and report will differ from the published ones",
        )
    there, _ = archive.opened([places.runs / recorded["run_date"]])
    if [before.reference for before in there] == [recorded]:
        return ()
    return (
        f"warning: the run of {recorded['run_date']} that this one was compared with is gone or was made "
        "again since; transitions and report will differ from the published ones",
    )


def _copy_inputs(run: archive.Run, inputs: Path, store: Path) -> None:
    """Copy the extracts that a run read; ``ingest`` looks for them beside the run."""
    store.mkdir(parents=True, exist_ok=True)
    problems = []
    for entry in run.inputs:
        kept = stored_path(inputs, entry["sha256"], entry["name"])
        target = store / kept.name
        if not (target.is_file() and sha256_of(target) == entry["sha256"]):
            if kept.is_file() and sha256_of(kept) == entry["sha256"]:
                shutil.copyfile(kept, target)
            else:
                problems.append(
                    f"{kept}: must be {entry['name']} as it was delivered (it was altered or is missing); "
                    "put it back from a copy"
                )
    if problems:
        raise ArchiveError(*problems)


def _parameters(run: archive.Run, seen: Path, copy: Path) -> Mapping[str, Any]:
    """The parameters that differ from those of the published run."""
    study = Path(STUDY) / f"{run.manifest['study']}.yaml"
    own = {"study": (seen / study).as_posix()} if (copy / study).exists() else {}
    return {"run_dir": seen.as_posix(), **own}


def _point(notebook: Path, parameters: Mapping[str, Any]) -> None:
    """Set parameters in the cell that the runner's execution has injected."""
    node = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in (cell for cell in node["cells"] if tagged(cell, INJECTED)):
        cell["source"] = source_of(cell)
        for name, value in parameters.items():
            line = f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\\", r"\\")
            cell["source"] = re.sub(rf"(?m)^{name} = .*$", line, cell["source"])
    write_text(notebook, notebook_text(node))
