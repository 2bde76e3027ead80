"""From a hidden folder to a published run, and what a killed run left put in order.

One rename publishes. ``reports/`` is copied from published runs afterwards, so that whatever happens
between any two steps, the next command can finish it.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from segcore.archive.files import files_in, move, remove
from segcore.archive.manifest import Run, open_run
from segcore.archive.places import MANIFEST, PARTS, REPORT, Places
from segcore.archive.verifying import differences
from segcore.errors import ArchiveError
from segcore.sources.extracts import sha256_of


def stage(places: Places, run_date: dt.date) -> Path:
    """An empty hidden folder for a run; one that a killed run left is removed."""
    folder = places.staging(run_date)
    remove(folder)
    for name in PARTS:
        (folder / name).mkdir(parents=True)
    return folder


def set_aside(places: Places, run_date: dt.date) -> Path:
    """Move a published run to where superseded runs are kept; the new one takes its place.

    Its manifest may be damaged, for that is a reason to make a run again.
    """
    folder = places.published(run_date)
    manifest = folder / MANIFEST
    target = places.superseded(run_date, sha256_of(manifest) if manifest.exists() else "unsealed")
    target.parent.mkdir(parents=True, exist_ok=True)
    remove(target)  # the same manifest: what lies there is this very run
    move(folder, target)
    return target


def finish(places: Places) -> None:
    """Do what follows publishing."""
    sync_reports(places)
    rebuild_index(places)


def publish(places: Places, staged: Run, *, replace: bool = False) -> Run:
    """Rename a sealed run to its place.

    Raises
    ------
    ArchiveError
        If there is a published run of that date.
    """
    target = places.published(staged.run_date)
    if replace:
        set_aside(places, staged.run_date)
    if target.exists():
        raise ArchiveError(f"{target}: must not be there yet (a run of {staged.run_date} is published)")
    move(staged.folder, target)
    remove(places.failed(staged.run_date))
    return Run(target, staged.manifest, staged.sha256)


def sync_reports(places: Places) -> list[Path]:
    """Make ``reports/STUDY/RUN_DATE/`` what the published runs hold under ``report/``.

    Returns
    -------
    list of Path
        The folders that had to be written. They are copies, not links: who saves a page or a
        table there must not alter the sealed run.
    """
    written = []
    for run in (path for path in sorted(places.runs.glob("????-??-??")) if (path / REPORT).is_dir()):
        target = places.reports / run.name
        if _listing(run / REPORT) != _listing(target):
            _replace(run / REPORT, target)
            written.append(target)
    return written


def rebuild_index(places: Places) -> None:
    """Write the page that lists the reports of all studies."""
    from segcore.report import site

    site.rebuild(places.root)


def heal(places: Places) -> list[str]:
    """Finish or remove what a killed run left; the caller holds the study's lock.

    A run that was sealed but not renamed is published if every file of it is as sealed and no run
    of its date is there; otherwise it was not done, and its hidden folder is removed.

    Returns
    -------
    list of str
        What was done, one sentence each.
    """
    done = []
    for date, folder in places.stagings():
        if _is_whole(folder) and not places.published(date).exists():
            publish(places, open_run(folder))
            done.append(f"{places.study} {date}: was sealed by a run that was killed; published it now")
        else:
            remove(folder)
            done.append(f"{places.study} {date}: removed what a run that was killed had left")
    for folder in (places.inputs, places.inputs / "parsed", places.reports):
        for path in folder.glob(".*"):
            remove(path)
    done += [f"{target}: written again from the published run" for target in sync_reports(places)]
    if done:
        rebuild_index(places)
    return done


def _is_whole(folder: Path) -> bool:
    try:
        return not differences(open_run(folder))
    except ArchiveError:
        return False


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    stats = ((name, path.stat()) for name, path in files_in(folder).items())
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in stats}


def _replace(source: Path, target: Path) -> None:
    """Copy a folder under a hidden name and put it in the place of another one."""
    partial, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    remove(partial)
    remove(old)
    for name, path in files_in(source).items():
        (partial / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, partial / name)
    if target.exists():
        move(target, old)
    move(partial, target)
    remove(old)
