"""Which runs there are, and which of them another run may read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive.ledger import read_ledger
from segcore.archive.manifest import Run, open_run
from segcore.archive.places import MANIFEST, STUDY, Places, date_of, dated, run_date_of
from segcore.errors import ArchiveError
from segcore.params.file import load_study

if TYPE_CHECKING:
    from segcore.params import Study

RUN = "run.json"
CUSTOMERS = "data/customers.parquet"
Expired = Collection[tuple[str, str]]
"""Run dates and hashes of runs, as :attr:`segcore.archive.ledger.Ledger.expired` has them."""


def published(study_runs: Path) -> list[Path]:
    """The folders of a study's published runs, ascending by run date.

    A folder without a manifest is none, whatever its name; whether a manifest and what it names are
    as they were sealed is another question, which :func:`segcore.archive.open_run` answers.
    """
    return [folder for folder in dated(study_runs) if (folder / MANIFEST).is_file()]


def published_at(study_runs: Path) -> float | None:
    """When the newest published run of a study was sealed, in seconds since 1970; None if there is none."""
    seals = [folder / MANIFEST for folder in published(study_runs)[-1:]]
    return next((seal.stat().st_mtime for seal in seals), None)


def opened(folders: Iterable[Path]) -> tuple[list[Run], list[str]]:
    """Those of some runs that can be opened, in their order, and what is wrong with the others."""
    runs: list[Run] = []
    problems: list[str] = []
    for folder in folders:
        try:
            runs.append(open_run(folder))
        except ArchiveError as error:
            problems += error.problems
    return runs, problems


def run_folder(named: str, root: Path) -> Path:
    """The folder of a published run that a user named.

    Parameters
    ----------
    named
        ``STUDY/RUN_DATE``, or the run's folder as seen from the working folder; that of a run which
        another one has replaced will do too, like ``STUDY/.superseded/RUN_DATE-HASH``.
    root
        The project's folder.

    Raises
    ------
    ArchiveError
        If there is no such run.
    """
    for folder in (root / "runs" / named, Path(named)):
        if folder.is_dir() and (date_of(folder.name) or (folder / MANIFEST).is_file()):
            return folder
    raise ArchiveError(
        f"{named!r} must name a published run, like demo/2025-12-31, or its folder (there is none); "
        "segcore list shows what there is"
    )


def latest_run(study_runs: Path) -> Path:
    """The published run with the greatest run date.

    Raises
    ------
    ArchiveError
        If the study has none.
    """
    runs = published(study_runs)
    if not runs:
        raise ArchiveError(
            f"{study_runs}: there must be a published run (there is none); make one with "
            f"segcore run {study_runs.name} --date YYYY-MM-DD"
        )
    return runs[-1]


def run_of(study_runs: Path, date: dt.date | None) -> Path:
    """The published run of a date, or the latest one.

    Raises
    ------
    ArchiveError
        If there is none, with the dates of those that there are.
    """
    latest = latest_run(study_runs)
    if date is None or date.isoformat() == latest.name:
        return latest
    found = {folder.name: folder for folder in published(study_runs)}
    if date.isoformat() not in found:
        raise ArchiveError(
            f"--date must be that of a published run of {study_runs.name} (got {date}); "
            f"there {'is' if len(found) == 1 else 'are'} {', '.join(found)}"
        )
    return found[date.isoformat()]


def previous_run(study_runs: Path, run_date: dt.date) -> Path | None:
    """The published run with the greatest earlier run date, None for a first run."""
    earlier = [path for path in published(study_runs) if path.name < run_date.isoformat()]
    return earlier[-1] if earlier else None


def earlier_runs(run_dir: Path, previous_run_dir: str) -> list[Path]:
    """The runs before a run, ascending, without those that have expired; the last one is the previous run.

    Parameters
    ----------
    run_dir
        The run that asks. If it was staged, its ``run.json`` says which runs are earlier.
    previous_run_dir
        Folder of the previous run, "" if there is none; the others are its siblings.

    Raises
    ------
    ArchiveError
        If a run that should be there is not, with every such run.
    """
    if not previous_run_dir:
        return []
    previous = Path(previous_run_dir)
    if date_of(previous.name) is None:
        raise ArchiveError(
            f"previous_run_dir must be a run's folder, named after its run date (got {previous_run_dir!r})"
        )
    names = recorded_runs(run_dir)
    if names is None:
        names = [
            path.name
            for path in dated(previous.parent)
            if path.name <= previous.name and (path / CUSTOMERS).exists()
        ]
    expired = {date for date, _ in read_ledger(previous.parent).expired}
    missing = [name for name in {*names, previous.name} if not (previous.parent / name / CUSTOMERS).exists()]
    names = [name for name in names if name not in missing or name not in expired]
    missing = [name for name in missing if name not in expired]
    if missing:
        raise ArchiveError(
            *(
                f"{previous.parent / name}: there must be a run with {CUSTOMERS} here (there is none); "
                "make the earlier run first"
                for name in sorted(missing)
            )
        )
    return [previous.parent / name for name in sorted(names)]


def check_writable(run_dir: Path, run_date: str) -> None:
    """Make sure that a stage may write into a run's folder, and that it is the folder of its run date.

    Raises
    ------
    ArchiveError
        If the run is sealed, or is the run of another date.
    """
    if (run_dir / MANIFEST).exists():
        raise ArchiveError(
            f"{run_dir}: must be a run that is not published yet (it is sealed); "
            "name another run_dir, or make the run again with segcore run … --force"
        )
    date = run_date_of(run_dir)
    if date is None or date.isoformat() != run_date:
        raise ArchiveError(
            f"run_dir must be the folder of the run date {run_date}, named after it (got {run_dir}); "
            f"give run_date and run_dir together, like {run_dir.parent / run_date}"
        )


def study_of(run_dir: Path, study: str) -> Study:
    """The study that a run uses.

    Parameters
    ----------
    run_dir
        The run's folder. A staged run, and one that ``segcore open`` copied, keeps its study and rule
        table in ``study/``, and these count, whatever became of the files in ``params/`` since.
    study
        The study's file for a scratch run that keeps none, so that a lone notebook sees edits.

    Raises
    ------
    ParamsError
        If the study cannot be used.
    """
    kept = run_dir / STUDY / Path(study).name
    return load_study(kept if kept.exists() else study)


def recorded_runs(run_dir: Path) -> list[str] | None:
    """The dates of the runs before a run, as its ``run.json`` has them; None if it has none."""
    try:
        runs = json.loads((run_dir / RUN).read_text(encoding="utf-8"))["runs"]
    except FileNotFoundError:
        return None
    return [run["run_date"] for run in runs]


def recorded_missing(run_dir: Path) -> list[str]:
    """The dates of runs that were published and gone when a run was made, as its ``run.json`` has them."""
    found: list[str] = json.loads((run_dir / RUN).read_text(encoding="utf-8")).get("missing", [])
    return found


def is_backfill(run_dir: Path) -> bool:
    """Whether a run says that it was made afterwards, as one of a history; not if it says nothing."""
    try:
        record = json.loads((run_dir / RUN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("backfill") is True


def stale(runs: Sequence[Run], expired: Expired = frozenset()) -> dict[str, str]:
    """Which runs should be made again, and why.

    Parameters
    ----------
    runs
        The published runs of one study, ascending.
    expired
        Of its ledger: the runs that were removed because they were kept long enough. Whatever was compared
        with one of them holds, as long as no other run came between the two.

    Returns
    -------
    dict
        Run date → reason, for runs that were compared with another run than the one that stands
        before them now, and for all runs after such a run.
    """
    reasons: dict[str, str] = {}
    before: Run | None = None
    for run in runs:
        reason = "" if compared_rightly(run, before, expired) else _stale(run, before)
        if not reason and before and before.manifest["run_date"] in reasons:
            reason = f"the run of {before.manifest['run_date']} before it is stale"
        if reason:
            reasons[run.manifest["run_date"]] = reason
        before = run
    return reasons


def compared_rightly(run: Run, before: Run | None, expired: Expired) -> bool:
    """Whether a run was compared with the one before it, or with one that stood there until it expired."""
    recorded = run.manifest["previous"]
    if recorded == (before.reference if before else None):
        return True
    return (
        recorded is not None
        and (recorded["run_date"], recorded["manifest_sha256"]) in expired
        and (before is None or before.manifest["run_date"] < recorded["run_date"])
    )


def holds(run: Run, earlier: Sequence[Run], places: Places) -> bool:
    """Whether a run was compared with the last one before it, or with one that expired since."""
    return compared_rightly(run, earlier[-1] if earlier else None, read_ledger(places.runs).expired)


def _stale(run: Run, before: Run | None) -> str:
    recorded = run.manifest["previous"]
    if before is None:
        return f"the run of {recorded['run_date']} that it was compared with is gone"
    if recorded is None or recorded["run_date"] != before.manifest["run_date"]:
        compared = f"compared with {recorded['run_date']}" if recorded else "made as a first run"
        return f"{compared}, but the run of {before.manifest['run_date']} stands before it now"
    return f"the run of {recorded['run_date']} was made again since"
