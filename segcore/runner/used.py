"""Whether a run was made of what its manifest is going to say."""

from __future__ import annotations

from pathlib import Path

from segcore.errors import StageError
from segcore.own_code import code_sha256, hash_of_code
from segcore.runner.earlier import read_earlier
from segcore.runner.planning import Plan


def check_used(plan: Plan, folder: Path) -> None:
    """Make sure, before a run is sealed, that it was made of what its manifest is going to say.

    Parameters
    ----------
    plan
        What it was to be made of.
    folder
        Where it was made.

    Raises
    ------
    StageError
        If somebody changed meanwhile what the stages were given, or segcore's own code.
    ArchiveError
        If an earlier run was altered meanwhile.
    """
    read_earlier([run.folder for run in plan.earlier])
    changed = [name for name, content in plan.handed.items() if not _is(folder / name, content)]
    told = [f"{folder / name}: must stay as it was given to the stages (it was changed)" for name in changed]
    if code_sha256() != hash_of_code():
        told.append("segcore's own code must stay as it is while a run is made (it was changed)")
    if told:
        raise StageError(*told, f"{plan.title}: nothing was published; run again")


def _is(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except OSError:
        return False
