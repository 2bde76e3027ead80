"""What there is in the archive, run by run, and whether all of it is as it was sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.archive.finding import published
from segcore.archive.lock import locked
from segcore.archive.manifest import Run, open_run
from segcore.archive.places import REPORT, Places, studies
from segcore.archive.publishing import heal
from segcore.archive.verifying import differences
from segcore.errors import ArchiveError, LockedError
from segcore.sources.extracts import sha256_of, stored_path


@dataclass(frozen=True)
class Listed:
    """One published run as `segcore list` shows it.

    Parameters
    ----------
    study, run_date
        Which run it is.
    stale
        Why it should be made again, "" if it is up to date.
    report
        Its page.
    model_from
        The date of the breaks that it used.
    """

    study: str
    run_date: str
    stale: str
    report: Path
    model_from: str

    @property
    def line(self) -> str:
        """The run in one line."""
        stale = f"  stale: {self.stale}" if self.stale else ""
        return f"{self.study}  {self.run_date}  breaks of {self.model_from}  {self.report}{stale}"

    def as_json(self) -> dict[str, Any]:
        """The run for machines."""
        return {**vars(self), "report": self.report.as_posix()}


def list_runs(runs: Path, *, study: str | None = None) -> list[Listed]:
    """The published runs, by study and ascending by run date.

    Parameters
    ----------
    runs
        The folder ``runs/`` of a project. What a killed run left in it is put in order first.
    study
        Only this study.

    Raises
    ------
    ArchiveError
        If a manifest was altered, or there is no such study.
    """
    listed = []
    for places in _places(runs, study):
        found = [open_run(folder) for folder in published(places.runs)]
        reasons = stale(found)
        listed += [
            Listed(
                places.study,
                run.manifest["run_date"],
                reasons.get(run.manifest["run_date"], ""),
                places.reports / run.folder.name / f"{REPORT}.html",
                run.manifest["model"]["from"] or run.manifest["run_date"],
            )
            for run in found
        ]
    return listed


def stale(runs: list[Run]) -> dict[str, str]:
    """Which runs should be made again, and why.

    Parameters
    ----------
    runs
        The published runs of one study, ascending.

    Returns
    -------
    dict
        Run date → reason, for runs that were compared with another run than the one that stands
        before them now, and for all runs after such a run.
    """
    reasons: dict[str, str] = {}
    before: Run | None = None
    for run in runs:
        reason = _stale(run, before)
        if not reason and before and before.manifest["run_date"] in reasons:
            reason = f"the run of {before.manifest['run_date']} before it is stale"
        if reason:
            reasons[run.manifest["run_date"]] = reason
        before = run
    return reasons


def _stale(run: Run, before: Run | None) -> str:
    recorded = run.manifest["previous"]
    if recorded == (before.reference if before else None):
        return ""
    if before is None:
        return f"the run of {recorded['run_date']} that it was compared with is gone"
    if recorded is None or recorded["run_date"] != before.manifest["run_date"]:
        compared = f"compared with {recorded['run_date']}" if recorded else "made as a first run"
        return f"{compared}, but the run of {before.manifest['run_date']} stands before it now"
    return f"the run of {recorded['run_date']} was made again since"


def verify_all(runs: Path, *, study: str | None = None) -> list[str]:
    """Hash every file of the published runs, and the inputs that are kept for them, again.

    Returns
    -------
    list of str
        One sentence per run.

    Raises
    ------
    ArchiveError
        With every file that was altered, is missing or was added.
    """
    told: list[str] = []
    problems: list[str] = []
    for places in _places(runs, study):
        inputs: dict[Path, str] = {}
        for folder in published(places.runs):
            try:
                run = open_run(folder)
            except ArchiveError as error:
                problems += error.problems
                continue
            problems += differences(run)
            inputs |= {stored_path(places.inputs, i["sha256"], i["name"]): i["sha256"] for i in run.inputs}
            told.append(f"{folder}: {len(run.outputs)} files are as they were sealed")
        problems += [
            f"{path}: must be the extract as it was delivered (it was altered or is missing); "
            "put it back from a copy"
            for path, digest in sorted(inputs.items())
            if not path.exists() or sha256_of(path) != digest
        ]
    if problems:
        raise ArchiveError(*problems)
    return told


def _places(runs: Path, study: str | None) -> Iterator[Places]:
    names = studies(runs)
    if study is not None and study not in names:
        there = f"there are {', '.join(names)}" if names else "there are none yet"
        raise ArchiveError(f"{study!r} must be a study that has runs in {runs} ({there})")
    for name in [study] if study else names:
        places = Places(runs.parent, name)
        try:
            with locked(places):
                heal(places)
        except (LockedError, OSError):
            pass  # a run is under way, or this is a reader only: what is published can be read
        yield places
