"""What a report says, read from the tables that the notebooks before it made."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from segcore import model as models
from segcore.charts import Colour, palette
from segcore.transitions import healthy

if TYPE_CHECKING:
    import pandas as pd

    from segcore.model import Model
    from segcore.params import Study

Row: TypeAlias = Mapping[str, Any]

READ = (
    "facts", "segments", "profile", "spread", "classes", "rules", "differences", "decides",
    "sizes", "flows", "movers", "accounts", "matrix", "headline", "representatives", "verdict",
    "reconciliation", "records", "excluded",
)  # fmt: skip
"""The tables of a run that its report is made of."""


@dataclass(frozen=True)
class Report:
    """What a report says; nothing is drawn or written yet.

    Parameters
    ----------
    study, run_date
        The study, and the only "today".
    record
        The run's ``run.json``, empty for a notebook that is run on its own.
    used, candidate
        The model of the segments, and the one that this run's customers would give.
    tables
        The rows of the run's tables of :data:`READ`; none of a table that it does not have.
    """

    study: Study
    run_date: dt.date
    record: Mapping[str, Any]
    used: Model
    candidate: Model
    tables: Mapping[str, Sequence[Row]]

    def frame(self, name: str) -> pd.DataFrame:
        """A table as a frame, as charts take it."""
        import pandas as pd

        return pd.DataFrame(list(self.tables[name]))

    def where(self, name: str, **wanted: object) -> list[Row]:
        """The rows of a table that have these values."""
        return [row for row in self.tables[name] if all(row[key] == value for key, value in wanted.items())]

    def one(self, name: str, **wanted: object) -> Row:
        """The one row of a table that has these values, empty if there is none."""
        return next(iter(self.where(name, **wanted)), {})

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments, best first."""
        return self.used.segments

    @cached_property
    def palette(self) -> dict[str, Colour]:
        """Segment, best first → its colours."""
        return palette(self.segments, healthy(self.study))

    @cached_property
    def facts(self) -> Row:
        """How many customers there are, and how far the orders reach."""
        return self.one("facts")

    @cached_property
    def dates(self) -> list[dt.date]:
        """All run dates, ascending; the last is this run's."""
        return [row["run_date"] for row in self.tables["flows"]]

    @property
    def previous(self) -> dt.date | None:
        """The previous run's date, None for a first run."""
        return self.dates[-2] if len(self.dates) > 1 else None

    @cached_property
    def moved(self) -> Row | None:
        """What is counted of this run's moves, None without any."""
        row = self.one("flows", run_date=self.run_date)
        return row if row.get("both") is not None else None

    @property
    def changed(self) -> list[dt.date]:
        """The run dates whose segments were made with another model than those of the run before."""
        return [row["run_date"] for row in self.tables["flows"] if row["model_changed"]]

    @property
    def moving(self) -> int:
        """How many customers the candidate would place elsewhere."""
        rows = self.tables["differences"]
        return int(rows[0]["moving"]) if rows else 0


def load(study: Study, day: dt.date, here: Path) -> Report:
    """Read what the report of a run says.

    Parameters
    ----------
    study, day, here
        The study, date and folder of the run. The folder holds what the three notebooks before it wrote.

    Raises
    ------
    ModelError
        If the run lacks its model.
    """
    used, candidate = (models.read(here / name) for name in ("model.json", "candidate.json"))
    found = {name: _rows(here / "data" / f"{name}.parquet") for name in READ}
    return Report(study, day, _record(here), used, candidate, found)


def _rows(path: Path) -> list[Row]:
    """A small table as plain values: whole numbers stay whole where some are missing, money is exact."""
    from pyarrow import parquet

    if not path.exists():
        return []
    rows: list[Row] = parquet.read_table(path).to_pylist()
    return rows


def _record(run_dir: Path) -> dict[str, Any]:
    path = run_dir / "run.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
