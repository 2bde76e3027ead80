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
from segcore.model import Model
from segcore.report.data import Row, Tables
from segcore.report.summary import summary

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
    """

    study: str
    runs: Sequence[RunSeen]
    unread: Sequence[dt.date]

    @property
    def last(self) -> RunSeen:
        """The newest run, whose tables tell of all runs up to it."""
        return self.runs[-1]

    @cached_property
    def palette(self) -> dict[str, Colour]:
        """Segment of the newest run, best first → its colours."""
        return {row["segment"]: Colour(**row["colour"]) for row in self.last.told["segments"]}

    @cached_property
    def dates(self) -> list[dt.date]:
        """The dates of all runs that the newest one knows, ascending."""
        return [row["run_date"] for row in self.last.tables["flows"]]

    def at(self, date: dt.date) -> RunSeen | None:
        """The run of a date, None if it cannot be shown or is published no more."""
        return next((run for run in self.runs if run.date == date), None)

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
    runs, unread = [], []
    for folder in folders:
        found = _run(folder)
        if found is None:
            unread.append(dt.date.fromisoformat(folder.name))
        else:
            runs.append(found)
    return Seen(study, runs, unread)


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


def _model(folder: Path) -> Model | None:
    try:
        return models.read(folder / "model.json")
    except (SegcoreError, OSError, ValueError):
        return None
