"""What the published runs of a study hold for its dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from segcore import model as models
from segcore.charts import Colour
from segcore.errors import SegcoreError
from segcore.language import LANGUAGES
from segcore.model import Model
from segcore.params.file import load_study
from segcore.report.data import Row, Tables
from segcore.report.summary import summary
from segcore.transitions import renamed

NEEDED = ("sizes", "flows")
"""The tables without which a run has nothing to show here."""


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
    """

    study: str
    runs: Sequence[RunSeen]
    unread: Sequence[dt.date]
    renamed: Mapping[str, str]

    @property
    def last(self) -> RunSeen:
        """The newest run, whose tables tell of all runs up to it."""
        return self.runs[-1]

    @cached_property
    def palette(self) -> dict[str, Colour]:
        """Segment of the newest run, best first → its colours."""
        return {row["segment"]: Colour(**row["colour"]) for row in self.last.told["segments"]}

    @cached_property
    def flows(self) -> list[Row]:
        """Of the newest run's rows about all runs those of runs that are published, ascending."""
        published = {*self.unread, *(run.date for run in self.runs)}
        return [row for row in self.last.tables["flows"] if row["run_date"] in published]

    @cached_property
    def dates(self) -> list[dt.date]:
        """The dates of all runs that are shown, ascending."""
        return [row["run_date"] for row in self.flows]

    @cached_property
    def unknown(self) -> list[dt.date]:
        """The dates of runs that the newest one does not know, for it was made before them."""
        return [run.date for run in self.runs if run.date not in self.dates]

    def of(self, name: str) -> list[Row]:
        """The newest run's rows about each run that is shown, in the order of a table that has a run_date."""
        return [row for row in self.last.tables[name] if row["run_date"] in set(self.dates)]

    def lacking(self, name: str) -> list[dt.date]:
        """The runs after the first that do not keep a table."""
        runs = [self.at(date) for date in self.dates[1:]]
        return [
            date for date, run in zip(self.dates[1:], runs, strict=True) if not run or not run.tables[name]
        ]

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


def seen(study: str, folders: Sequence[Path]) -> Seen:
    """Read what the published runs of a study hold.

    Parameters
    ----------
    study
        Its name.
    folders
        Its published runs, ascending.
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
    return Seen(study, runs, unread, names)


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
