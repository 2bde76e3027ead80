"""What the tables ``segments`` and ``drift`` say of edges, without words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.rows import Row, Table, rows
from segcore.wording import EN_DASH, percent


def least_sure(segments: Table) -> Row:
    """The segment with the greatest share of fragile customers; empty if that is not known, or none is."""
    found = [row for row in rows(segments) if row["customers"]]
    if any(row["fragile"] is None for row in rows(segments)) or not any(row["fragile"] for row in found):
        return {}
    return max(found, key=lambda row: row["fragile"] / row["customers"])


def followed(segments: Table, names: Sequence[str]) -> list[Row]:
    """The rows of some segments that have customers; none where it is not known who is fragile."""
    found = [row for row in rows(segments) if row["segment"] in names and row["customers"]]
    return [] if any(row["fragile"] is None for row in found) else found


def asked(table: Table) -> list[str]:
    """The variables on which all signs speak for new edges."""
    return [row["variable"] for row in rows(table) if row["says"] == "refit"]


def line(dates: Sequence[dt.date], run_date: dt.date) -> str:
    """What to write in the study, so that runs from this one on use its own breaks."""
    kept = [date for date in dates if date < run_date]
    return f"breaks: {{policy: keep, from: [{', '.join(map(str, [*kept, run_date]))}]}}"


def unexplained(gvf: float | None) -> str:
    """The share of the spread that lies within classes, – if it is not known."""
    return EN_DASH if gvf is None else percent(max(0.0, 1 - gvf), places=1)
