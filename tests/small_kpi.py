"""Runs of a handful of customers with follow-ups, and frames of eligible customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from small_model import study
from small_runs import SEGMENTS, start_run

from segcore import kpi, tables, transitions
from segcore.engine import ENGINES
from segcore.model import Model, ModelVariable
from segcore.params import FollowUp, Segment, Study
from segcore.rules import parse_rules

TODAY = dt.date(2025, 4, 1)
PREVIOUS = dt.date(2025, 2, 15)
FOLLOWED = ("Needs attention", "At risk")
TARGET = ("Champions", "Loyal")

LOG = {
    "customer_id": "VARCHAR",
    "rep": "VARCHAR",
    "date": "DATE",
    "outcome": "VARCHAR",
    "file": "VARCHAR",
    "record": "BIGINT",
}
_RULES = "Champions,3,2,\nLoyal,3,*,\nNeeds attention,2,2,\nAt risk,2,*,\nLost,*,*,\n"


def days_after(days: int) -> str:
    """The date so many days after the previous run."""
    return str(PREVIOUS + dt.timedelta(days=days))


def small_study(**more: Any) -> Study:
    """A study whose fourth and third segment are to be followed up."""
    segments = {name: Segment(follow_up=name in FOLLOWED) for name in SEGMENTS}
    return study(**{"segments": segments, "follow_up": FollowUp(target=TARGET), **more})


def small_model(
    recency: tuple[int, ...] = (30, 90), rows: str = _RULES, segments: Sequence[str] = SEGMENTS
) -> Model:
    """A model for :func:`small_study`."""
    table = parse_rules(
        f"segment,recency,frequency,note\n{rows}",
        file="acme.rules.csv",
        variables={"recency": 3, "frequency": 2},
        segments=segments,
    )
    edges = {"recency": recency, "frequency": (4,)}
    variables = tuple(ModelVariable.of(study(), name, at) for name, at in edges.items())
    return Model("acme", dt.date(2024, 12, 31), variables, table)


class Company:
    """A company whose runs are 45 days apart; the last one looks from :data:`TODAY`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = ENGINES["duckdb"]()
        self.study = self.study_before = small_study()
        self.models: Mapping[int, Model] = {}
        self.own = small_model()

    def __enter__(self) -> Company:
        return self

    def __exit__(self, *exc: object) -> None:
        self.engine.close()

    def runs(
        self,
        *members: Mapping[str, str],
        orders: Sequence[tuple[str, str, int]] = (),
        log: Sequence[tuple[str, str, str]] | None = (),
        reps: Mapping[str, str] | None = None,
        reps_now: Mapping[str, str] | None = None,
        keep: bool = False,
        before: Sequence[str] = SEGMENTS,
        **columns: tuple[str, Mapping[str, object]],
    ) -> list[Path]:
        """Make runs of who is in which segment, and ``eligible`` of the last one; their folders.

        Everybody ordered long ago, and what ``orders`` says; ``log`` holds customer, representative
        and date. With ``keep`` earlier runs publish their ``eligible``, too. ``before`` are the segments
        of all runs but the last.
        """
        everybody = sorted({who for one in members for who in one})
        bought = [*((who, "2024-01-05", 10) for who in everybody), *orders]
        folders: list[Path] = []
        for number, one in enumerate(members):
            last = number + 1 == len(members)
            day = TODAY - dt.timedelta(days=45 * (len(members) - 1 - number))
            folder = self.folder / day.isoformat()
            known = reps_now if last and reps_now is not None else reps
            told = {**columns, **({"rep": ("VARCHAR", known)} if known is not None else {})}
            until = [order for order in bought if order[1] <= day.isoformat()]
            names = transitions.renamed(self.study) if last else {}
            segments = SEGMENTS if last else before
            start_run(
                self.engine,
                folder,
                one,
                earlier=folders,
                orders=until,
                segments=segments,
                names=names,
                **told,
            )
            used = self.models.get(number, self.own)
            # Every order has a number of its own.
            self.engine.execute(
                "create or replace table transactions as select *, "
                "'O' || row_number() over (order by customer_id, order_date) as order_id from transactions"
            )
            (folder / "model.json").write_text(used.to_json(), encoding="utf-8")
            if log is not None:
                rows = [(*row, "called", "visits.csv", n) for n, row in enumerate(log, start=1)]
                tables.put(self.engine, "followups", LOG, [row for row in rows if row[2] <= day.isoformat()])
            if last or keep:
                study = self.study if last or before == SEGMENTS else self.study_before
                kpi.eligible(self.engine, study, used, folders)
                tables.save(self.engine, folder, "eligible")
            folders.append(folder)
        return folders
