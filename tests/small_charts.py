"""Small frames that charts are drawn from, and every chart drawn from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from small_model import variable

from segcore import charts

SEGMENTS = ["Champions", "Loyal", "Needs attention", "Lost"]
COLOURS = charts.palette(SEGMENTS, 2)
RUNS = [dt.date(2025, 5, 15), dt.date(2025, 6, 29), dt.date(2025, 8, 13)]
DATES = ("14 Feb", "31 Mar")


def moves(*rows: list[int], gone: int = 2, retired: tuple[int, ...] = ()) -> pd.DataFrame:
    """A matrix of moves: one list of counts for each segment, and one of a retired segment."""
    cells = []
    for before, counts in zip(
        [*SEGMENTS, "Old"], [*rows, *([list(retired)] if retired else [])], strict=False
    ):
        for after, n in zip(SEGMENTS, counts, strict=True):
            cells.append((before, after, "stayed" if before == after else "up", n))
        cells.append((before, "Gone", "gone", gone))
    cells += [("New", after, "new", 1) for after in SEGMENTS]
    return pd.DataFrame(cells, columns=["from_segment", "to_segment", "state", "customers"])


MOVES = moves([180, 17, 3, 0], [24, 420, 14, 0], [7, 31, 600, 21], [0, 12, 27, 330])
SIZES = pd.DataFrame(
    [(day, s, 100 * (rank + 1) + 5 * i) for rank, s in enumerate(SEGMENTS) for i, day in enumerate(RUNS)],
    columns=["run_date", "segment", "customers"],
)
ORDERS = replace(variable((1, 3)), label="Orders", unit="orders", window="12 months")
BARS = pd.DataFrame(
    {
        "lower": [0.5, 0.5, 1.5, 3.5, 4.5],
        "upper": [1.5, 1.5, 2.5, 4.5, None],
        "segment": ["Lost", "Loyal", "Lost", "Champions", "Champions"],
        "customers": [3, 7, 2, 1, 4],
    }
)
MONTHS = pd.DataFrame({"month": pd.date_range("2024-01-01", periods=20, freq="MS"), "orders": range(20)})
COUNTS = pd.DataFrame({"segment": SEGMENTS, "customers": [5, 3, 2, 0], "share": [0.5, 0.3, 0.2, 0]})
BOOKS = pd.DataFrame(
    [
        ("Adler", 58, 1.6, -4.4, 5.1, False),
        ("Dietrich", 84, 6.7, -5.3, 5.9, False),
        ("Jansen", 14, 1.7, -1.3, 2.8, True),
        ("Krüger", 57, 1.5, -4.4, 5.0, False),
    ],
    columns=["name", "followed", "difference", "low95", "high95", "few"],
)
LIMITS = pd.DataFrame(
    [(0, 0.0, 0.0, 0.0, 0.0), (45, -3.9, 4.5, -5.2, 8.1), (90, -5.4, 6.1, -8.0, 10.8)],
    columns=["followed", "low95", "high95", "low998", "high998"],
)
TREND = pd.DataFrame({"run_date": RUNS, "value": [1, None, -4]})

CAUSES = pd.DataFrame(
    [
        ("Champions", "down", "aged", 81), ("Loyal", "up", "earned", 50), ("Loyal", "up", "boundary", 40),
        ("Loyal", "up", "rules", 4), ("Loyal", "down", "aged", 117), ("Needs attention", "up", "earned", 158),
        ("Needs attention", "up", "corrected", 12), ("Needs attention", "down", "model", 30),
        ("Lost", "masked", "masked", 9), ("Lost", "up", "aged", 0),
    ],
    columns=["segment", "direction", "mark", "customers"],
)  # fmt: skip

DRAWN: dict[str, Callable[[], Any]] = {
    "causes": lambda: charts.causes(CAUSES, COLOURS),
    "causes for phones": lambda: charts.causes(CAUSES, COLOURS, phone=True),
    "flow": lambda: charts.flow(MOVES, COLOURS, DATES),
    "flow for phones": lambda: charts.flow(MOVES, COLOURS, DATES, phone=True),
    "funnel": lambda: charts.funnel(BOOKS, LIMITS),
    "funnel for phones": lambda: charts.funnel(BOOKS, LIMITS, phone=True),
    "history": lambda: charts.history(SIZES, COLOURS, changed=[RUNS[1]]),
    "history for phones": lambda: charts.history(SIZES, COLOURS, phone=True),
    "spread": lambda: charts.spread(BARS, ORDERS, COLOURS, candidate=(2, 3)),
    "spread for phones": lambda: charts.spread(BARS, ORDERS, COLOURS, phone=True),
    "spread without segments": lambda: charts.spread(BARS.iloc[1:, [0, 1, 3]], ORDERS),
    "segment sizes": lambda: charts.segment_sizes(COUNTS, COLOURS),
    "segment sizes without colours": lambda: charts.segment_sizes(COUNTS),
    "orders by month": lambda: charts.orders_by_month(MONTHS),
    "trend": lambda: charts.trend(TREND),
}
