"""What there is in the archive, run by run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.archive import copies
from segcore.archive.finding import opened, published, stale
from segcore.archive.ledger import read_ledger
from segcore.archive.lock import locked
from segcore.archive.manifest import Run, open_run
from segcore.archive.places import Places, date_of, studies
from segcore.archive.publishing import heal
from segcore.archive.unaltered import unrecorded
from segcore.errors import ArchiveError, LockedError
from segcore.outputs import PAGE

Tell = Callable[[str], None]


def silent(sentence: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Listed:
    """One run as `segcore list` shows it.

    Parameters
    ----------
    study, run_date
        Which run it is.
    stale
        Why it should be made again, "" if it is up to date.
    withdrawn
        When it was withdrawn and why, "" if it is published.
    damaged
        Why it cannot be opened, "" if it can be.
    report
        Its page.
    model_from
        The date of the breaks that it used, "" if it cannot be opened.
    """

    study: str
    run_date: str
    stale: str = ""
    withdrawn: str = ""
    damaged: str = ""
    report: Path = Path()
    model_from: str = ""

    @property
    def line(self) -> str:
        """The run in one line."""
        title = f"{self.study}  {self.run_date}"
        if self.withdrawn or self.damaged:
            return (
                f"{title}  {f'withdrawn {self.withdrawn}' if self.withdrawn else f'damaged: {self.damaged}'}"
            )
        stale = f"  stale: {self.stale}" if self.stale else ""
        return f"{title}  breaks of {self.model_from}  {self.report}{stale}"

    def as_json(self) -> dict[str, Any]:
        """The run for machines."""
        return {**vars(self), "report": self.report.as_posix() if self.model_from else ""}


def list_runs(runs: Path, *, study: str | None = None, tell: Tell = silent) -> list[Listed]:
    """The published and the withdrawn runs, by study and ascending by run date.

    Parameters
    ----------
    runs
        The folder ``runs/`` of a project. What a killed run left in it is put in order first.
    study
        Only this study.
    tell
        Called with a sentence for each thing that was put in order.

    Raises
    ------
    ArchiveError
        If there is no such study.
    """
    listed: list[Listed] = []
    for places in studies_in(runs, study):
        put_in_order(places, tell)
        listed += _listed(places)
    return listed


def _listed(places: Places) -> list[Listed]:
    found: list[Run] = []
    others: list[Listed] = []
    try:
        ledger = read_ledger(places.runs)
        names = sorted(path.name for path in places.runs.iterdir() if date_of(path.name))
    except (ArchiveError, OSError) as error:
        return [Listed(places.study, "", damaged=str(error))]
    for name in names:
        try:
            run = open_run(places.runs / name)
            wrong = unrecorded(run, ledger)
        except ArchiveError as error:
            wrong = list(error.problems)
        if wrong:
            others.append(Listed(places.study, name, damaged=wrong[0]))
        else:
            found.append(run)
    for entry in ledger.withdrawn:
        told = f"on {entry.on}: {entry.because}"
        others.append(Listed(places.study, entry.run_date or "", withdrawn=told))
    reasons = stale(found, ledger.expired)
    fine = [
        Listed(
            places.study,
            run.manifest["run_date"],
            stale=reasons.get(run.manifest["run_date"], ""),
            report=places.reports / run.folder.name / PAGE,
            model_from=run.manifest["model"]["from"] or run.manifest["run_date"],
        )
        for run in found
    ]
    return sorted([*fine, *others], key=lambda entry: entry.run_date)


def stale_dates(places: Places) -> list[dt.date]:
    """The dates of a study's stale runs, ascending."""
    runs, _ = opened(published(places.runs))
    return [dt.date.fromisoformat(date) for date in stale(runs, read_ledger(places.runs).expired)]


def stale_advice(places: Places) -> tuple[str, ...]:
    """What to say about runs that were compared with another run than stands before them now."""
    dates = ", ".join(map(str, stale_dates(places)))
    if not dates:
        return ()
    again = f"to make again: segcore backfill {places.study} --stale"
    return (f"{places.study}: stale, for a run before changed: {dates}; {again}",)


def studies_in(runs: Path, study: str | None) -> Iterator[Places]:
    """The studies that have runs, or one of them.

    Raises
    ------
    ArchiveError
        If there is no such study.
    """
    names = studies(runs)
    if study is not None and study not in names:
        there = f"there are {', '.join(names)}" if names else "there are none yet"
        raise ArchiveError(f"{study!r} must be a study that has runs in {runs} ({there})")
    yield from (Places(runs.parent, name) for name in ([study] if study else names))


def put_in_order(places: Places, tell: Tell, *, thorough: bool = False) -> None:
    """Finish what a killed run left, if that is possible now; ``thorough`` hashes every copy again."""
    try:
        with locked(places):
            for sentence in heal(places):
                tell(sentence)
            if thorough:
                copies.write(places, thorough=True)
    except (LockedError, ArchiveError, OSError):
        pass  # a run is under way, or this is a reader only: what is published can be read
