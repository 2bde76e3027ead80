"""Everything that a report says, read from a run's folder and counted once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import model as models
from segcore import tables, transitions
from segcore.charts import Bars, Colour, segment_colours
from segcore.engine import ENGINES
from segcore.params_file import parse_run_date
from segcore.report.bars import bars
from segcore.report.queries import Orders, censored, middle_halves, orders, sums, values_by_segment

if TYPE_CHECKING:
    import pandas as pd

    from segcore.model import Model
    from segcore.params import Study

TREND = 8
"""How many runs a trend goes back."""

READ = (
    "transactions",
    "customers",
    "sizes",
    "flows",
    "reconciliation",
    "exclusions",
    "matrix",
    "representatives",
)


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
    frames
        The run's small tables by name: sizes, flows, matrix, headline, reconciliation,
        exclusions, and ``rules`` and ``differences`` as :mod:`segcore.model` makes them.
    values
        Segment → amount ordered within ``orders.window``.
    halves
        (segment, variable) → first and third quartile.
    orders, bars, cut_off
        See :mod:`segcore.report.queries` and :mod:`segcore.report.bars`.
    """

    study: Study
    run_date: dt.date
    record: Mapping[str, Any]
    used: Model
    candidate: Model
    frames: Mapping[str, pd.DataFrame]
    values: Mapping[str, Decimal]
    halves: Mapping[tuple[str, str], tuple[Any, Any]]
    orders: Orders
    bars: tuple[Bars, ...]
    cut_off: float | None

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments, best first."""
        return self.used.segments

    @property
    def colours(self) -> tuple[Colour, ...]:
        """The segments' colours, best first."""
        return segment_colours(len(self.segments), transitions.healthy(self.study))

    @property
    def dates(self) -> list[dt.date]:
        """All run dates, ascending; the last is this run's."""
        return sorted(set(self.frames["sizes"]["run_date"]))

    @property
    def previous(self) -> dt.date | None:
        """The previous run's date, None for a first run."""
        return self.dates[-2] if len(self.dates) > 1 else None

    def sizes(self, segment: str) -> dict[dt.date, int]:
        """Run date → customers of a segment, ascending."""
        frame = self.frames["sizes"]
        own = frame[frame["segment"] == segment].sort_values("run_date")
        return dict(zip(own["run_date"], map(int, own["customers"]), strict=True))

    def customers(self, day: dt.date) -> int:
        """All customers of a run."""
        frame = self.frames["sizes"]
        return int(frame.loc[frame["run_date"] == day, "customers"].sum())

    def flow(self, day: dt.date) -> dict[str, int] | None:
        """What is counted of a run's moves (see :data:`segcore.transitions.MOVES`), None without any."""
        frame = self.frames["flows"]
        row = frame[frame["run_date"] == day]
        if row.empty or row["stayed"].isna().any():
            return None
        return {name: int(row[name].iloc[0]) for name in transitions.MOVES}

    @property
    def records(self) -> dict[str, int]:
        """What became of the records of all files of transactions."""
        return sums(self.frames["reconciliation"], "transactions")

    @property
    def adds_up(self) -> bool:
        """Whether every record of every file is accounted for, exactly."""
        frame = self.frames["reconciliation"]
        parts = frame[["loaded", "duplicates", "after_run_date", "excluded", "quarantined"]].sum(axis=1)
        return bool((parts == frame["records"]).all())

    @property
    def is_stale(self) -> bool:
        """Whether the newest order is older than the study allows."""
        return (self.run_date - self.orders.newest).days > self.study.max_gap_days

    @property
    def changed(self) -> list[dt.date]:
        """The run dates whose segments were made with another model than those of the run before."""
        flows = self.frames["flows"]
        known = flows[flows["model_changed"].notna()]
        return list(known.loc[known["model_changed"].astype(bool), "run_date"])

    @property
    def moving(self) -> int:
        """How many customers the candidate would place elsewhere."""
        return int(self.frames["differences"]["customers"].sum())


def load(study: Study, run_date: str, run_dir: str) -> Report:
    """Read and count what the report of a run says.

    Parameters
    ----------
    study
        The study that the run uses.
    run_date, run_dir
        The notebook's parameters. The folder holds what the three notebooks before it wrote.

    Raises
    ------
    UsageError
        If the run date cannot be used, or the run lacks its model.
    """
    here, the_study = Path(run_dir), study
    day = parse_run_date(run_date, option="run_date")
    used, candidate = (models.read(here / name) for name in ("model.json", "candidate.json"))
    engine = ENGINES["duckdb"](memory_limit=the_study.memory_limit)
    try:
        tables.load(engine, here, *READ)
        frames = {name: _dated(engine.frame(f'from "{name}"')) for name in READ[2:]}
        frames["headline"] = frames.pop("representatives").fillna({"rep": "not recorded"})
        frames["rules"] = models.rule_counts(engine, used)
        frames["differences"] = models.differences(engine, used, candidate, table="customers")
        counted = orders(engine, the_study, sorted(set(frames["sizes"]["run_date"]))[-TREND:])
        return Report(
            study=the_study,
            run_date=day,
            record=_record(here),
            used=used,
            candidate=candidate,
            frames=frames,
            values=values_by_segment(engine, day, counted.window),
            halves=middle_halves(engine, used),
            orders=counted,
            bars=bars(engine, used, candidate),
            cut_off=censored(engine, the_study),
        )
    finally:
        engine.close()


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with run dates as dates; an engine may give timestamps."""
    if "run_date" not in frame:
        return frame
    return frame.assign(run_date=[dt.date(day.year, day.month, day.day) for day in frame["run_date"]])


def _record(run_dir: Path) -> dict[str, Any]:
    path = run_dir / "run.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
