"""Which of the runs that are published now each run was made after."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from segcore.files import sha256_of

MANIFEST = "manifest.json"


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
    """

    before: Mapping[dt.date, dt.date | None] = field(default_factory=dict)
    stale: Sequence[dt.date] = ()

    def knows(self, later: dt.date, earlier: dt.date) -> bool:
        """Whether a run was made after exactly the run of an earlier date that is published now."""
        at: dt.date | None = later
        while at is not None and at > earlier:
            at = self.before.get(at)
        return at == earlier


def made_after(folders: Sequence[Path]) -> After:
    """Read from the manifests which run each run was made after.

    Parameters
    ----------
    folders
        The published runs of a study, ascending. One without a manifest counts as made after the one
        before it.
    """
    hashes = {folder.name: _hash(folder) for folder in folders}
    before: dict[dt.date, dt.date | None] = {}
    stale: list[dt.date] = []
    last: str | None = None
    for folder in folders:
        date = dt.date.fromisoformat(folder.name)
        named = _previous(folder, last, hashes)
        before[date] = dt.date.fromisoformat(named) if named else None
        if named != last or _gone(folder, named) or (stale and last == str(stale[-1])):
            stale.append(date)
        last = folder.name
    return After(before, stale)


def _previous(folder: Path, last: str | None, hashes: Mapping[str, str | None]) -> str | None:
    """The run that a run says it was compared with, None if it is not published so."""
    if hashes[folder.name] is None:
        return last
    told = _recorded(folder)
    if not told or told.get("run_date") not in hashes:
        return None
    date = str(told["run_date"])
    return date if told.get("manifest_sha256") == hashes[date] else None


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
