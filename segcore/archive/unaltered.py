"""Whether runs are as they were sealed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from segcore.archive.ledger import Ledger, read_ledger
from segcore.archive.manifest import Run, altered, open_run
from segcore.archive.places import MANIFEST, UNSEALED
from segcore.errors import ArchiveError
from segcore.files import files_in, sha256_of, what_it_is

AGAIN = "put it back from a copy, or make that run again with --force"


def differences(run: Run, names: Iterable[str] | None = None, *, quick: bool = False) -> list[str]:
    """How a run differs from what its manifest says.

    Parameters
    ----------
    run
        The run.
    names
        Only these files of it, by path in its folder; None for all, and then files that the
        manifest does not know are differences too.
    quick
        Whether to believe files that have their size and were not written since the run was sealed.

    Returns
    -------
    list of str
        One sentence for each file that was altered, is missing, was added, or is no plain file.
    """
    if run.folder.is_symlink():
        return [f"{run.folder}: must be a folder (it is a link); {AGAIN}"]
    problems = [
        told for name in run.outputs if names is None or name in names for told in _of(run, name, quick)
    ]
    if names is not None:
        return [*problems, *(altered(run.folder / name) for name in names if name not in run.outputs)]
    try:
        there = files_in(run.folder)
    except OSError as error:
        return [f"{run.folder}: must be a folder that can be read ({error.strerror}); ask its owner for it"]
    for name, path in there.items():
        if name in UNSEALED and what_it_is(path):
            problems.append(f"{path}: must be a plain file (it is {what_it_is(path)}); {AGAIN}")
        elif name not in run.outputs and name not in UNSEALED:
            problems.append(_added(path))
    return problems


def _added(path: Path) -> str:
    return f"{path}: must not be there (it was added); remove it"


def _of(run: Run, name: str, quick: bool) -> list[str]:
    path, sealed = run.folder / name, run.outputs[name]
    try:
        found = what_it_is(path)
        if found == "missing":
            return [f"{path}: must be there (it is missing); {AGAIN}"]
        if found == "a file that cannot be read":
            return [f"{path}: must be a file that can be read; ask its owner for it"]
        if found:
            return [f"{path}: must be a plain file (it is {found}); {AGAIN}"]
        stat = path.stat()
        if stat.st_size != sealed["bytes"]:
            return [altered(path)]
        if quick and stat.st_mtime_ns <= (run.folder / MANIFEST).stat().st_mtime_ns:
            return []
        return [] if sha256_of(path) == sealed["sha256"] else [altered(path)]
    except OSError as error:
        return [f"{path}: must be a file that can be read ({error.strerror}); put it back from a copy"]


def check_unaltered(folders: Sequence[Path], names: Sequence[str], of_last: Sequence[str] = ()) -> list[Run]:
    """Open runs that another run is going to read, and check the files that it reads.

    Parameters
    ----------
    folders
        The runs.
    names
        The files that are read of each run that has them.
    of_last
        Those that are read of the last run beside them.

    Raises
    ------
    ArchiveError
        With every file that is missing, not as it was sealed, or there although it was not sealed, and
        every run that is not the one that was published.
    """
    runs: list[Run] = []
    problems: list[str] = []
    ledgers = {folder: read_ledger(folder) for folder in {path.parent for path in folders}}
    for folder in folders:
        try:
            run = open_run(folder)
        except ArchiveError as error:
            problems += error.problems
            continue
        runs.append(run)
        problems += unrecorded(run, ledgers[folder.parent])
        asked = [*names, *of_last] if folder == folders[-1] else names
        problems += differences(run, [name for name in asked if name in run.outputs])
        added = (run.folder / name for name in asked if name not in run.outputs)
        problems += [_added(path) for path in added if os.path.lexists(path)]
    if problems:
        raise ArchiveError(*problems)
    return runs


def unrecorded(run: Run, ledger: Ledger) -> list[str]:
    """What to say of a published run that is not the one that the ledger knows: nothing if it is."""
    if ledger.standing(run.run_date) == run.sha256:
        return []
    return [
        f"{run.folder}: must be the run that was published (the ledger knows none of its hash, so it was "
        f"edited and sealed again); {AGAIN}"
    ]
