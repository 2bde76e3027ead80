"""Whether runs are as they were sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from segcore.archive.files import files_in
from segcore.archive.manifest import Run, altered, open_run
from segcore.archive.places import UNSEALED
from segcore.errors import ArchiveError
from segcore.sources.extracts import sha256_of


def differences(run: Run, names: Iterable[str] | None = None) -> list[str]:
    """How a run differs from what its manifest says.

    Parameters
    ----------
    run
        The run.
    names
        Only these files of it, by path in its folder; None for all, and then files that the
        manifest does not know are differences too.

    Returns
    -------
    list of str
        One sentence for each file that was altered, is missing or was added.
    """
    there = files_in(run.folder)
    problems = []
    for name in run.outputs if names is None else names:
        path = there.get(name)
        if path is None:
            problems.append(
                f"{run.folder / name}: must be there (it is missing); put it back from a copy, "
                "or make that run again with --force"
            )
        elif not _same(run, name, path):
            problems.append(altered(path))
    if names is None:
        added = [name for name in there if name not in run.outputs and name not in UNSEALED]
        problems += [f"{run.folder / name}: must not be there (it was added); remove it" for name in added]
    return problems


def check_unaltered(folders: Sequence[Path], names: Sequence[str]) -> list[Run]:
    """Open runs that another run is going to read, and check the files that it reads.

    Parameters
    ----------
    folders
        The runs.
    names
        The files that are read of each run that has them.

    Raises
    ------
    ArchiveError
        With every file that is missing or not as it was sealed.
    """
    runs: list[Run] = []
    problems: list[str] = []
    for folder in folders:
        try:
            run = open_run(folder)
        except ArchiveError as error:
            problems += error.problems
            continue
        runs.append(run)
        problems += differences(run, [name for name in names if name in run.outputs])
    if problems:
        raise ArchiveError(*problems)
    return runs


def _same(run: Run, name: str, path: Path) -> bool:
    sealed = run.outputs.get(name)
    return (
        sealed is not None and path.stat().st_size == sealed["bytes"] and sha256_of(path) == sealed["sha256"]
    )
