"""How the values of variables and shares of segments are written in the report's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segcore.rules import shown
from segcore.transitions import GONE, NEW, RETURNED
from segcore.wording import EN_DASH, count, percent

if TYPE_CHECKING:
    import pandas as pd

    from segcore.charts import Colour
    from segcore.model import ModelVariable
    from segcore.report.data import Report

MISSING = EN_DASH
ARRIVALS = {NEW: "New customers", RETURNED: "Returned customers"}


@dataclass(frozen=True)
class Column:
    """A variable as a column of the table of segments."""

    label: str
    unit: str
    short: str
    days: bool


def column(variable: ModelVariable) -> Column:
    """How the variable's column is headed; ``short`` and ``days`` are for phones."""
    days = variable.unit.startswith("day")
    return Column(variable.label, unit_of(variable), variable.label.lower(), days)


def unit_of(variable: ModelVariable) -> str:
    """What stands below a variable's name: ``days ago``, ``12 months``, ``orders, 12 months``."""
    named = variable.unit and variable.label.casefold().endswith(variable.unit.casefold())
    unit = "" if named else variable.unit
    return ", ".join(part for part in (unit, variable.window) if part) or "in all"


def middle(variable: ModelVariable, half: tuple[Any, Any] | None) -> str:
    """The range that the middle half of a segment lies in: ``6–21``, ``4.1–8.8``, one number if equal."""
    if half is None or None in half:
        return MISSING
    low, high = (value_text(value, variable) for value in half)
    return low if low == high else f"{low}{EN_DASH}{high}"


def value_text(value: Any, variable: ModelVariable) -> str:
    """A value as short as it can be: no decimals from 10 years, or from 100 of anything else, on."""
    size = abs(float(value) / variable.shown_per)
    if variable.shown_per != 1:
        return f"{size:.0f}" if size >= 10 else f"{size:.1f}"
    if isinstance(value, float | Decimal) and size >= 100:
        return count(round(value))
    return shown(value, variable)


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: its number, its share if it has one, and how it is marked."""

    text: str
    share: str
    kind: str


@dataclass(frozen=True)
class Row:
    """A row of the matrix."""

    name: str
    colour: Colour | None
    cells: Sequence[Cell]
    total: int


def matrix_rows(report: Report) -> list[Row]:
    """The rows of the matrix: segments, retired ones, then new and returned customers if there are any."""
    frame = report.frames["matrix"]
    colours = dict(zip(report.segments, report.colours, strict=True))
    rows = []
    for name in dict.fromkeys(frame["from_segment"]):
        own = frame[frame["from_segment"] == name]
        total = int(own["row_total"].iloc[0])
        if name == RETURNED and not total:
            continue
        arrived = name in ARRIVALS
        cells = [_cell(found, arrived=arrived) for found in own.to_dict("records")]
        cells += [Cell("0", "", "z")] * (len(report.segments) + 1 - len(cells))
        rows.append(Row(ARRIVALS.get(name, name), colours.get(name), cells, total))
    return rows


def _cell(found: Mapping[Any, Any], *, arrived: bool) -> Cell:
    customers = int(found["customers"])
    if not customers:
        return Cell("0", "", "z")
    if found["few"]:
        return Cell(count(customers), "", "few")
    if arrived:
        return Cell(count(customers), "", "")
    kind = "st" if found["from_segment"] == found["to_segment"] else "mvd"
    return Cell(
        count(customers), percent(found["share"], short=True), "" if found["to_segment"] == GONE else kind
    )


def column_totals(frame: pd.DataFrame, segments: Sequence[str]) -> list[int]:
    """How many are in each segment now, and how many are gone."""
    return [int(frame.loc[frame["to_segment"] == name, "customers"].sum()) for name in (*segments, GONE)]
