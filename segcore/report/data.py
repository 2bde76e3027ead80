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
from segcore.tables import TABLES
from segcore.transitions import healthy

if TYPE_CHECKING:
    import pandas as pd

    from segcore.model import Model
    from segcore.params import Study

Row: TypeAlias = Mapping[str, Any]


class Tables(dict[str, Sequence[Row]]):
    """The rows of a run's tables, each read when it is first asked for; none of one that it lacks.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, name: str) -> Sequence[Row]:
        if name not in TABLES:
            raise KeyError(f"{name}: the table must be one of TABLES in segcore/tables.py")
        self[name] = _rows(self._folder / f"{name}.parquet")
        return self[name]


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
        Name → the rows of the run's table.
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

    def counted(self, segment: str | None = None) -> tuple[int, int | None]:
        """The customers of a segment, or all, in this run and in the one before; None without one."""
        rows = self.tables["flows"] if segment is None else self.where("sizes", segment=segment)
        known = {row["run_date"]: row["customers"] for row in rows}
        return known[self.run_date], known.get(self.previous)

    def change(self, segment: str | None = None) -> int | None:
        """By how many customers a segment, or all, differ from the run before; None for a first run."""
        now, before = self.counted(segment)
        return None if before is None else now - before

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
    return Report(study, day, _record(here), used, candidate, Tables(here / "data"))


def _rows(path: Path) -> list[Row]:
    """A small table as plain values: whole numbers stay whole where some are missing, money is exact."""
    from pyarrow import parquet

    if not path.exists():
        return []
    with parquet.ParquetFile(path) as file:  # parquet.read_table would import pandas
        rows: list[Row] = file.read().to_pylist()
    return rows


def _record(run_dir: Path) -> dict[str, Any]:
    path = run_dir / "run.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
