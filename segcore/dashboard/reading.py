"""What the published runs of a study hold for its dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from segcore import model as models
from segcore.charts import Colour
from segcore.dashboard.made_after import After, Expired, made_after
from segcore.errors import SegcoreError
from segcore.language import LANGUAGES
from segcore.model import Model
from segcore.params.file import load_study
from segcore.report.data import Row, Tables
from segcore.report.summary import summary
from segcore.transitions import renamed

NEEDED = ("sizes", "flows")
"""The tables without which a run has nothing to show here."""
COMPARED = (
    "both", "up", "down", "stayed", "unranked", "new", "returned", "gone", "model_changed",
)  # fmt: skip
"""What a run's row of flows says beside the run before."""


@dataclass(frozen=True)
class RunSeen:
    """A run as the dashboard sees it.

    Parameters
    ----------
    date
        Its run date.
    tables
        Name → its rows, see :class:`segcore.report.data.Tables`.
    told
        Its summary.
    model
        What its segments were made with, None where this segcore cannot read it.
    """

    date: dt.date
    tables: Mapping[str, Sequence[Row]]
    told: Mapping[str, Any]
    model: Model | None

    def one(self, name: str, **wanted: object) -> Row:
        """The one row of a table that has these values, empty if there is none."""
        return next((r for r in self.tables[name] if all(r[k] == v for k, v in wanted.items())), {})


@dataclass(frozen=True)
class Seen:
    """A study as the dashboard sees it.

    Parameters
    ----------
    study
        Its name.
    runs
        The runs that can be shown, ascending.
    unread
        The dates of those that cannot.
    renamed
        A segment's name in earlier runs → its name in the newest one.
    after
        Which run each of them was made after.
    """

    study: str
    runs: Sequence[RunSeen]
    unread: Sequence[dt.date]
    renamed: Mapping[str, str]
    after: After = field(default_factory=After)

    @property
    def last(self) -> RunSeen:
        """The newest run; its tables tell of all runs up to it, as they were when it was made."""
        return self.runs[-1]

    @cached_property
    def palette(self) -> dict[str, Colour]:
        """Segment of the newest run, best first → its colours."""
        return {row["segment"]: Colour(**row["colour"]) for row in self.last.told["segments"]}

    @cached_property
    def dates(self) -> list[dt.date]:
        """The dates of all runs that are shown, ascending."""
        return [run.date for run in self.runs]

    @cached_property
    def stale(self) -> list[dt.date]:
        """The dates of runs whose moves are left out, for they were compared with what is gone."""
        return [date for date in self.dates if date in self.after.stale]

    @property
    def fresh(self) -> bool:
        """Whether the newest run, and with it what it sums over all runs, holds."""
        return self.last.date not in self.stale

    @cached_property
    def flows(self) -> list[Row]:
        """Each run's own row of flows, ascending; of a stale run only its customers and their value."""
        known = dict.fromkeys(("value", *COMPARED))
        found: list[Row] = []
        for run in self.runs:
            row = {**known, **run.one("flows", run_date=run.date)}
            moved = (row[name] for name in COMPARED if name != "model_changed")
            if run.date in self.stale or any(number is None for number in moved):
                row |= dict.fromkeys(COMPARED[:-1])
            if run.date in self.stale:
                row["model_changed"] = None
            found.append(row)
        return found

    @cached_property
    def sizes(self) -> list[Row]:
        """Customers of every segment of any run in every run, as each run counted its own."""
        own = [row for row in self.last.tables["sizes"] if row["run_date"] == self.last.date]
        ranks = {row["segment"]: row["rank"] for row in own if row["segment"] in self.palette}
        counted: dict[tuple[dt.date, str], tuple[int, Any]] = {}
        worth = set()
        for run in self.runs:
            for row in run.tables["sizes"]:
                if row["run_date"] == run.date:
                    name, value = self.today(row["segment"], run), row.get("value")
                    before = counted.get((run.date, name), (0, 0))
                    counted[run.date, name] = before[0] + row["customers"], before[1] + (value or 0)
                    if value is not None:
                        worth.add(run.date)
        retired = {name for (_, name), (customers, _) in counted.items() if customers} - set(self.palette)
        found: list[Row] = []
        for date in self.dates:
            for name in sorted({*self.palette, *retired}):
                customers, value = counted.get((date, name), (0, 0))
                value = value if date in worth else None
                row = {"run_date": date, "segment": name, "rank": ranks.get(name)}
                found.append({**row, "customers": customers, "value": value})
        return found

    def of(self, name: str) -> list[Row]:
        """Each run's own rows about itself, in a table that tells of moves; those of stale runs are left out.

        A run of another segcore whose rows lack a column of the newest run's is left out, too.
        """
        wanted = set(next(iter(self.last.tables[name]), {}))
        return [
            row
            for run in self.runs
            if run.date not in self.stale
            for row in run.tables[name]
            if row["run_date"] == run.date and wanted <= row.keys()
        ]

    def today(self, name: str, run: RunSeen) -> str:
        """What a segment of a run is called in the newest one."""
        return name if run is self.last else self.renamed.get(name, name)

    def lacking(self, name: str) -> list[dt.date]:
        """The runs after the first that do not keep a table."""
        return [run.date for run in self.runs[1:] if not run.tables[name] and run.date not in self.stale]

    def at(self, date: dt.date) -> RunSeen | None:
        """The run of a date, None if it cannot be shown or is published no more."""
        return next((run for run in self.runs if run.date == date), None)

    @property
    def language(self) -> str:
        """The language of the newest run; English of runs that do not say it."""
        spoken = self.last.told.get("language") if self.runs else None
        return spoken if spoken in LANGUAGES else "en"

    @property
    def currency(self) -> str:
        """The currency of the study."""
        return str(self.last.told["order_value"]["currency"])


def seen(study: str, folders: Sequence[Path], expired: Expired = ()) -> Seen:
    """Read what the published runs of a study hold.

    Parameters
    ----------
    study
        Its name.
    folders
        Its published runs, ascending.
    expired
        As for :func:`segcore.dashboard.made_after.made_after`.
    """
    runs: list[RunSeen] = []
    unread: list[dt.date] = []
    for folder in folders:
        found = _run(folder)
        if found is None:
            unread.append(dt.date.fromisoformat(folder.name))
        else:
            runs.append(found)
    last = next((f for f in reversed(folders) if runs and f.name == str(runs[-1].date)), None)
    names = _renamed(last / "study" / f"{study}.yaml") if last else {}
    return Seen(study, runs, unread, names, made_after(folders, expired))


def _run(folder: Path) -> RunSeen | None:
    """A run, None if it lacks what the dashboard needs or it cannot be read; verify says what is wrong."""
    tables = Tables(folder / "data")
    try:
        told = summary(folder)
        told["order_value"]["currency"], [Colour(**row["colour"]) for row in told["segments"]]
        if not all(tables[name] for name in NEEDED):
            return None
    except (SegcoreError, OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return RunSeen(dt.date.fromisoformat(folder.name), tables, told, _model(folder))


def _renamed(path: Path) -> dict[str, str]:
    """What a run's study says of segments that were named otherwise; nothing if it cannot be read."""
    try:
        return renamed(load_study(path))
    except (SegcoreError, OSError, ValueError):
        return {}


def _model(folder: Path) -> Model | None:
    try:
        return models.read(folder / "model.json")
    except (SegcoreError, OSError, ValueError):
        return None
