"""Small frames that charts are drawn from."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from segcore import charts

SEGMENTS = ["Champions", "Loyal", "Needs attention", "Lost"]
COLOURS = charts.segment_colours(4, 2)
RUNS = [dt.date(2025, 5, 15), dt.date(2025, 6, 29), dt.date(2025, 8, 13)]


def moves(*rows: list[int], gone: int = 2, retired: tuple[int, ...] = ()) -> pd.DataFrame:
    """A matrix of moves: one list of counts for each segment, and one of a retired segment."""
    cells = []
    for before, counts in zip(
        [*SEGMENTS, "Old"], [*rows, *([list(retired)] if retired else [])], strict=False
    ):
        total = sum(counts) + gone
        cells += [(before, after, "stayed", n, total) for after, n in zip(SEGMENTS, counts, strict=True)]
        cells.append((before, "Gone", "gone", gone, total))
    cells += [("New", after, "new", 1, 4) for after in SEGMENTS]
    return pd.DataFrame(cells, columns=["from_segment", "to_segment", "state", "customers", "row_total"])


MOVES = moves([180, 17, 3, 0], [24, 420, 14, 0], [7, 31, 600, 21], [0, 12, 27, 330])
SIZES = pd.DataFrame(
    [
        (day, s, 3 - rank, 100 * (rank + 1) + 5 * i)
        for rank, s in enumerate(SEGMENTS)
        for i, day in enumerate(RUNS)
    ],
    columns=["run_date", "segment", "rank", "customers"],
)
BARS = charts.Bars(
    label="Orders",
    unit="12 months",
    frame=pd.DataFrame(
        {"bar": [0, 0, 1, 3], "segment": ["Loyal", "Lost", "Lost", "Champions"], "customers": [7, 3, 2, 1]}
    ),
    starts=[0.5, 1.5, 2.5, 3.5, 4.5],
    segments=SEGMENTS,
    edges=[(1.5, "1"), (3.5, "3")],
    candidate=[(2.5, "2"), (3.5, "3")],
    whole=True,
    log=False,
    better="high",
    beyond=4,
)
MONTHS = pd.DataFrame({"month": pd.date_range("2024-01-01", periods=20, freq="MS"), "orders": range(20)})
COUNTS = pd.DataFrame({"segment": SEGMENTS, "customers": [5, 3, 2, 0], "share": [0.5, 0.3, 0.2, 0]})
