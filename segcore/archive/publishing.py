"""From a hidden folder to a published run, and what a killed run left put in order.

The ledger's entry decides, one rename publishes, and ``reports/`` and the index are made from the
published runs afterwards. So whatever happens between any two steps, the next command can finish it.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from segcore.archive.after import AFTER, finish
from segcore.archive.expiring import is_expiring, take_away
from segcore.archive.ledger import Entry, read_ledger, record
from segcore.archive.manifest import Run, manifest_sha256, open_run
from segcore.archive.places import FOLDERS, Places
from segcore.archive.unaltered import differences
from segcore.errors import ArchiveError
from segcore.files import SCRATCH, flush, make_folder, move, remove, remove_partial


def stage(places: Places, run_date: dt.date) -> Path:
    """An empty hidden folder for a run; one that a killed run left is removed.

    Raises
    ------
    ArchiveError
        If what was left is another user's, or must be published.
    """
    folder = places.staging(run_date)
    if _promised(places, run_date):
        raise ArchiveError(f"{folder}: must be published first (it is sealed); segcore list does that")
    try:
        remove(folder)
    except PermissionError as error:
        raise ArchiveError(_unremoved(folder, error)) from None
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    return folder


def publish(places: Places, staged: Run, *, replace: bool = False) -> Run:
    """Give a sealed run its place, and wait until the disk knows.

    Parameters
    ----------
    places
        The study; the caller holds its lock.
    staged
        The run.
    replace
        Whether a published run of its date may be there, which is then kept aside.

    Raises
    ------
    ArchiveError
        If there is one, and it must not be replaced.
    """
    target, date = places.published(staged.run_date), staged.run_date
    there = os.path.lexists(target)
    if there and not replace:
        raise ArchiveError(f"{target}: must not be there yet (a run of {date} is published)")
    if not _promised(places, date):
        make_folder(places.runs)
        record(places.runs, _replacing(places, staged) if there else _first(staged))
    if there:
        _make_room(places, date)
    move(staged.folder, target)
    for folder in (places.runs.parent, places.root):  # in a new project they are new as well
        flush(folder)
    remove(places.failed(date))
    return Run(target, staged.manifest, staged.sha256)


def _make_room(places: Places, date: dt.date) -> None:
    """Keep the run aside that is replaced, unless somebody must be in no file of it any more."""
    last = read_ledger(places.runs).last(date)
    if last and last.event == "erased":
        discard(places.published(date))
    else:
        take_out(places, date, "superseded")


def discard(folder: Path) -> None:
    """Remove a run's folder whole or not at all: under a name first that the next command removes."""
    hidden = folder.with_name(f"{SCRATCH}{folder.name}")
    remove(hidden)
    move(folder, hidden)
    remove(hidden)


def _first(staged: Run) -> Entry:
    return Entry("sealed", staged.run_date.isoformat(), new=staged.sha256)


def _replacing(places: Places, staged: Run) -> Entry:
    old = places.published(staged.run_date)
    return Entry(
        "superseded",
        staged.run_date.isoformat(),
        old=manifest_sha256(old),
        new=staged.sha256,
        damaged=not is_whole(old) or None,
    )


def take_out(places: Places, run_date: dt.date, kind: str) -> Path:
    """Move a published run, whole or damaged, to where such runs are kept; none that is there is lost."""
    folder = places.published(run_date)
    name = f"{run_date}-{(manifest_sha256(folder) or 'unsealed')[:8]}"
    make_folder(places.aside(kind))
    names = (name, *(f"{name}-{number}" for number in range(2, 10_000)))
    target = next(p for n in names if not os.path.lexists(p := places.aside(kind) / n))
    move(folder, target)
    return target


def kept_aside(places: Places, run_date: dt.date, sha256: str) -> Path | None:
    """Where a run of this hash is kept that is published no more, None if it is not."""
    return next((path for path in places.asides(run_date) if manifest_sha256(path) == sha256), None)


def sealed(places: Places) -> list[dt.date]:
    """The dates of the runs that are sealed and not published yet, which :func:`heal` publishes."""
    return [date for date, folder in places.stagings() if _publishable(places, date, folder)]


def heal(places: Places) -> list[str]:
    """Finish or remove what a killed command left; the caller holds the study's lock.

    Returns
    -------
    list of str
        What was done, and what could not be done, one sentence each.
    """
    told: list[str] = []
    if places.runs.is_dir():
        ledger = read_ledger(places.runs)
        for date in sorted({*(date for date, _ in places.stagings()), *ledger.dates}):
            try:
                told += _mended(places, date, ledger.last(date))
            except PermissionError as error:
                told.append(_unremoved(Path(error.filename or places.runs), error))
        for folder in places.written:
            remove_partial(folder)
        flush(places.runs)  # whoever renamed a run may have been killed before the disk knew
    again = [path for step in AFTER.values() for path in step.missing(places)]
    return [*told, *(f"{path}: written again from the published runs" for path in again), *finish(places)]


def _mended(places: Places, date: dt.date, last: Entry | None) -> list[str]:
    """What the ledger says of a date is made true, as far as everything for it is there."""
    title, folder, target = f"{places.study} {date}", places.staging(date), places.published(date)
    there = os.path.lexists(target)
    if os.path.lexists(folder):
        if _publishable(places, date, folder):
            publish(places, open_run(folder), replace=True)
            return [f"{title}: was sealed by a run that was killed; published it now"]
        if last and _promised(places, date):
            _abandon(places, last)
        remove(folder)
        return [f"{title}: removed what a run that was killed had left"]
    if last and last.event == "withdrawn" and there and manifest_sha256(target) == last.old:
        take_out(places, date, "withdrawn")
        return [f"{title}: was being withdrawn; it is now"]
    if is_expiring(places, date, last):
        take_away(places, date)
        return [f"{title}: was being removed, for it was kept long enough; it is gone now"]
    if last and last.new and last.event == "restored" and not there:
        kept = kept_aside(places, date, last.new)
        if kept:
            move(kept, target)
            return [f"{title}: was being restored; it is now"]
    return []


def _publishable(places: Places, date: dt.date, folder: Path) -> bool:
    return is_whole(folder) and (not os.path.lexists(places.published(date)) or _promised(places, date))


def _abandon(places: Places, last: Entry) -> None:
    """Give up a run that was to be published and is damaged; what it was to replace is put back."""
    date = dt.date.fromisoformat(last.run_date or "")
    target, back = places.published(date), None
    if not os.path.lexists(target) and last.old:
        back = kept_aside(places, date, last.old)
    stands = last.old if back else manifest_sha256(target)
    record(places.runs, Entry("abandoned", last.run_date, old=last.new, new=stands))
    if back:
        move(back, target)


def _promised(places: Places, date: dt.date) -> bool:
    """Whether the ledger says that the staged run of a date is to be published, and it is not yet."""
    wanted = read_ledger(places.runs).standing(date)
    return wanted is not None and (
        manifest_sha256(places.staging(date)) == wanted != manifest_sha256(places.published(date))
    )


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a sealed run, and every file of it is as it was sealed."""
    try:
        return not differences(open_run(folder))
    except ArchiveError:
        return False


def _unremoved(path: Path, error: OSError) -> str:
    return f"{path}: must be removed ({error.strerror}); remove it, or ask its owner to"
