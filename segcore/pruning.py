"""What is needed no more: superseded runs, what is left of failed ones, inputs that no run names."""

from __future__ import annotations

import calendar
import datetime as dt
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from segcore import archive
from segcore.archive import Entry, Places
from segcore.archive.places import FAILED, date_of, dated
from segcore.archive.verify import CACHED, STORED
from segcore.errors import ArchiveError, UsageError
from segcore.files import SCRATCH, files_in, move, remove

AGE = re.compile(r"[1-9]\d*[dwmy]")
KINDS = ("superseded", "failed", "inputs")


@dataclass(frozen=True)
class Old:
    """Something that may go.

    Parameters
    ----------
    path
        Where it lies.
    why
        Why it is needed no more.
    size
        Its bytes.
    entry
        What the ledger will say about it, None for what it does not know.
    shown
        What is named instead of the path, for a path that nobody should read.
    """

    path: Path
    why: str
    size: int
    entry: Entry | None = None
    shown: Path | None = None

    @property
    def line(self) -> str:
        """It in one line."""
        return f"{self.shown or self.path}: {self.size / 1e6:,.1f} MB, {self.why}"


@dataclass(frozen=True)
class Choice:
    """What may go.

    Parameters
    ----------
    kinds
        Of :data:`KINDS`.
    older_than
        Only runs of run dates that are older, and inputs that were kept longer ago, like "36m"; None
        for all.
    today
        The day that ages are counted from.

    Raises
    ------
    UsageError
        If nothing was chosen, or the age is not written like 36m.
    """

    kinds: frozenset[str]
    older_than: str | None
    today: dt.date

    def __post_init__(self) -> None:
        if not self.kinds:
            raise UsageError(
                "prune must be told what may go: --superseded, --failed or --inputs, or several of them, or "
                "--expired alone"
            )
        if self.older_than is not None and not AGE.fullmatch(self.older_than):
            raise UsageError(
                f"--older-than must be an age like 90d, 12w, 36m or 3y (got {self.older_than!r})"
            )

    def takes(self, day: dt.date) -> bool:
        """Whether something of a day is old enough."""
        return self.older_than is None or day < self._limit

    @property
    def _limit(self) -> dt.date:
        number, unit = int((self.older_than or "")[:-1]), (self.older_than or "")[-1]
        try:
            if unit in "dw":
                return self.today - dt.timedelta(days=number * (7 if unit == "w" else 1))
            months = self.today.year * 12 + self.today.month - 1 - number * (12 if unit == "y" else 1)
            year, month = months // 12, months % 12 + 1
            return dt.date(year, month, min(self.today.day, calendar.monthrange(year, month)[1]))
        except (OverflowError, ValueError):
            return dt.date.min


def pruned(root: Path, study: str | None, choice: Choice, *, remove: bool) -> Iterator[str]:
    """List what is needed no more, or remove it.

    Parameters
    ----------
    root
        The project's folder.
    study
        Only this study; None for all.
    choice
        What may go.
    remove
        Whether to remove it.

    Yields
    ------
    str
        One line for everything that goes, as soon as it is gone, and what was done with it; so whoever
        interrupts it sees what was removed.

    Raises
    ------
    ArchiveError
        If a published run cannot be opened, for then nobody knows which inputs it names.
    LockedError
        If a run of the study is under way.
    """
    sizes = []
    for places in archive.studies_in(root / "runs", study):
        for old in _prune(places, choice) if remove else needless(places, choice):
            sizes.append(old.size)
            yield old.line
    size = f"{sum(sizes) / 1e6:,.1f} MB"
    if not sizes:
        yield "nothing of that is there"
    else:
        yield f"removed {size}" if remove else f"{size} can be removed; to remove all of it, say --yes"


def needless(places: Places, choice: Choice) -> list[Old]:
    """What is needed no more of a study."""
    kinds = {"superseded": _superseded, "failed": _failed, "inputs": _inputs}
    return [old for kind, find in kinds.items() if kind in choice.kinds for old in find(places, choice)]


def _prune(places: Places, choice: Choice) -> Iterator[Old]:
    with archive.locked(places):
        archive.heal(places)
        for old in needless(places, choice):
            discard(places, old, choice.today)
            yield old


def discard(places: Places, old: Old, on: dt.date) -> None:
    """Remove something, after the ledger says so; the caller holds the study's lock."""
    if old.entry:
        archive.record(places.runs, replace(old.entry, on=str(on)))
    _remove(places, old.path)


def _superseded(places: Places, choice: Choice) -> Iterator[Old]:
    for folder in sorted(places.aside("superseded").glob("????-??-??-*")):
        date = date_of(folder.name[:10])
        if date and choice.takes(date):
            sha256 = archive.manifest_sha256(folder)
            entry = Entry("pruned", str(date), old=sha256)
            yield Old(folder, "a run that was made again since", size_of(folder), entry)


def _failed(places: Places, choice: Choice) -> Iterator[Old]:
    for folder in dated(places.runs / FAILED):
        date = date_of(folder.name)
        if date and choice.takes(date):
            yield Old(folder, "left of a run that failed", size_of(folder))


def _inputs(places: Places, choice: Choice) -> Iterator[Old]:
    runs, problems = archive.opened(
        [*archive.published(places.runs), *sorted(places.aside("withdrawn").glob("*"))]
    )
    if problems:
        raise ArchiveError(
            *problems, f"{places.inputs}: nobody knows which inputs those runs name; mend them first"
        )
    named = {entry["sha256"] for run in runs for entry in run.inputs}
    there = files_in(places.inputs) if places.inputs.is_dir() else {}
    for name, path in there.items():
        stored = STORED.fullmatch(name)
        if not choice.takes(dt.date.fromtimestamp(path.lstat().st_mtime)):
            continue
        if stored and stored[1] not in named:
            yield Old(
                path, "no published run names it", path.stat().st_size, Entry("pruned", None, old=stored[1])
            )
        elif CACHED.fullmatch(name):
            yield Old(path, "made again when it is needed", path.stat().st_size)


def size_of(path: Path) -> int:
    """The bytes of a file, or of all that lies in a folder; 0 if it is not there."""
    if path.is_dir() and not path.is_symlink():
        return sum(inner.lstat().st_size for inner in files_in(path).values())
    return path.lstat().st_size if os.path.lexists(path) else 0


def _remove(places: Places, path: Path) -> None:
    """Remove whole or not at all: under a name first that the next command removes."""
    if path.is_dir():
        folder = places.reports if path.is_relative_to(places.reports) else places.runs
        hidden = folder / f"{SCRATCH}{path.parent.name}-{path.name}"
        remove(hidden)
        move(path, hidden)
        path = hidden
    remove(path)
