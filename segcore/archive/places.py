"""Where things lie: the folders of a study and of its runs."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
TIMINGS = "timings.json"
FAILED, DRY_RUN, EDITED, SCRATCH = ".failed", ".dry-run", ".edited", ".scratch"
"""Hidden folders: what failed runs left, mails to look at, files that somebody changed, and trials."""

OUTBOX = "outbox.sqlite"
ERASING = ".erasing.json"
"""Lies beside the runs of a study while somebody is erased, and says whom."""
LOG = "run.log"
UNSEALED = (MANIFEST, TIMINGS, LOG)
"""What lies beside the sealed files of a run."""

REPORT = "report"
STUDY = "study"
"""Where a run keeps the study and the rule table that it used."""

FOLDERS = ("notebooks", "data", REPORT, STUDY)
"""The folders of a run."""
ASIDE = ("superseded", "withdrawn")
"""Why a run is kept and not published."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_STAGING = ".staging-"


@dataclass(frozen=True)
class Places:
    """The folders of one study in a project.

    Parameters
    ----------
    root
        The project's folder, which holds ``runs/`` and ``reports/``.
    study
        The study's name.
    """

    root: Path
    study: str

    @property
    def runs(self) -> Path:
        """Its runs."""
        return self.root / "runs" / self.study

    @property
    def inputs(self) -> Path:
        """Its extracts by content, and what is made from them once."""
        return self.runs / "inputs"

    @property
    def outbox(self) -> Path:
        """The mails about its runs: those that wait, and what became of the others."""
        return self.runs / OUTBOX

    @property
    def reports(self) -> Path:
        """Finished pages and files for people."""
        return self.root / "reports" / self.study

    def published(self, run_date: dt.date) -> Path:
        """A published run."""
        return self.runs / run_date.isoformat()

    def staging(self, run_date: dt.date) -> Path:
        """A run while it works."""
        return self.runs / f"{_STAGING}{run_date}"

    def failed(self, run_date: dt.date) -> Path:
        """What is kept of a run that failed."""
        return self.runs / FAILED / run_date.isoformat()

    @property
    def edited(self) -> Path:
        """Where edited files of ``reports/`` are kept when the published ones are written again."""
        return self.reports / EDITED

    def aside(self, kind: str) -> Path:
        """Where runs are kept that are published no more: "superseded" or "withdrawn"."""
        return self.runs / f".{kind}"

    def asides(self, run_date: dt.date | None = None) -> list[Path]:
        """The runs that are kept aside, of all dates or of one."""
        start = f"{run_date}-" if run_date else "????-??-??-"
        return sorted(path for kind in ASIDE for path in self.aside(kind).glob(f"{start}*"))

    @property
    def written(self) -> list[Path]:
        """The folders in which files and folders are written that a killed command may leave half done."""
        inputs = (self.inputs, self.inputs / "parsed", self.inputs / "models")
        return [self.runs, *inputs, *(self.aside(kind) for kind in ASIDE), self.runs / FAILED]

    def stagings(self) -> list[tuple[dt.date, Path]]:
        """Run dates and folders of runs under way, or of killed ones."""
        paths = sorted(self.runs.glob(f"{_STAGING}*"))
        dated = ((date_of(path.name.removeprefix(_STAGING)), path) for path in paths)
        return [(date, path) for date, path in dated if date]


def run_date_of(folder: Path) -> dt.date | None:
    """The run date of a run's folder, published, staged or of a scratch place; None if it says none."""
    return date_of(folder.name.removeprefix(_STAGING))


def date_of(name: str) -> dt.date | None:
    """The run date that a folder is named after, None if it is named otherwise."""
    try:
        return dt.date.fromisoformat(name) if _DATE.fullmatch(name) else None
    except ValueError:
        return None


def dated(folder: Path) -> list[Path]:
    """The folders in a folder that are named after a run date, ascending; links are none."""
    if not folder.is_dir():
        return []
    there = (path for path in folder.iterdir() if date_of(path.name))
    return sorted(path for path in there if path.is_dir() and not path.is_symlink())


def studies(runs: Path) -> list[str]:
    """Names of the studies that have a folder in ``runs/``; folders of other things are none."""
    if not runs.is_dir():
        return []
    there = (path for path in runs.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(path.name for path in there if _holds_runs(path))


def _holds_runs(folder: Path) -> bool:
    try:
        return any(run_date_of(Path(name)) or name in (FAILED, "ledger.jsonl") for name in os.listdir(folder))
    except PermissionError:
        return True  # whose it is will be told
