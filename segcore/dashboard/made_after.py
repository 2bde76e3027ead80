"""Which of the runs that are published now each run was made after."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segcore.files import sha256_of

MANIFEST = "manifest.json"
Expired = Collection[tuple[str, str]]


@dataclass(frozen=True)
class After:
    """Which run each run was made after.

    Parameters
    ----------
    before
        Run date → that of the run it was compared with, None for a first run and where that run is not
        published, or is published as another one.
    stale
        The runs that :func:`segcore.archive.stale` finds, ascending.
    gaps
        The runs that were compared with one that has expired since; before them stands an older one.
    """

    before: Mapping[dt.date, dt.date | None] = field(default_factory=dict)
    stale: Sequence[dt.date] = ()
    gaps: Sequence[dt.date] = ()

    def knows(self, later: dt.date, earlier: dt.date) -> bool:
        """Whether a run was made after exactly the run of an earlier date that is published now."""
        at: dt.date | None = later
        while at is not None and at > earlier:
            at = self.before.get(at)
        return at == earlier


def made_after(folders: Sequence[Path], expired: Expired = ()) -> After:
    """Read from the manifests which run each run was made after.

    Parameters
    ----------
    folders
        The published runs of a study, ascending. One without a manifest counts as made after the one
        before it.
    expired
        Run dates and hashes of the runs that were removed because they were kept long enough.
    """
    hashes = {folder.name: _hash(folder) for folder in folders}
    before: dict[dt.date, dt.date | None] = {}
    stale: list[dt.date] = []
    gaps: list[dt.date] = []
    last: str | None = None
    for folder in folders:
        date = dt.date.fromisoformat(folder.name)
        removed = _removed(folder, last, expired)
        named = last if removed else _previous(folder, last, hashes)
        before[date] = dt.date.fromisoformat(named) if named else None
        gone = not removed and (named != last or _gone(folder, named))
        if gone or (stale and last == str(stale[-1])):
            stale.append(date)
        if removed:
            gaps.append(date)
        last = folder.name
    return After(before, stale, gaps)


def _previous(folder: Path, last: str | None, hashes: Mapping[str, str | None]) -> str | None:
    """The run that a run says it was compared with, None if it is not published so."""
    if hashes[folder.name] is None:
        return last
    told = _recorded(folder)
    if not told or told.get("run_date") not in hashes:
        return None
    date = str(told["run_date"])
    return date if told.get("manifest_sha256") == hashes[date] else None


def _removed(folder: Path, last: str | None, expired: Expired) -> bool:
    """Whether a run names one that has expired, and none came between the two."""
    told = _recorded(folder) or {}
    date = str(told.get("run_date"))
    return (date, told.get("manifest_sha256")) in expired and (last is None or last < date)


def _gone(folder: Path, named: str | None) -> bool:
    """Whether a run names one that is not there: a first run now, but not when it was made."""
    return named is None and _recorded(folder) is not None


def _hash(folder: Path) -> str | None:
    try:
        return sha256_of(folder / MANIFEST)
    except OSError:
        return None


def _recorded(folder: Path) -> Mapping[str, object] | None:
    try:
        told = json.loads((folder / MANIFEST).read_bytes())["previous"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return told if isinstance(told, dict) else None
