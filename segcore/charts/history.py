"""Segments over runs: small multiples on one scale that starts at zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import wording
from segcore.charts.canvas import Canvas, Layer, Row, by_place, unchecked
from segcore.charts.colours import INK, NO_SEGMENT, RULE, WHITE, Colour
from segcore.charts.renderer import TwoWidths

if TYPE_CHECKING:
    import pandas as pd

TOP, ZERO, HEIGHT, ROWS_APART = 44.0, 128.0, 148.0, 24.0
"""Where in a small chart the scale's upper end and zero stand, how high it is, and the gap below."""
INSET = 6.0


@dataclass(frozen=True)
class Series:
    """One segment in every run, and how it looks."""

    segment: str
    look: Colour
    customers: tuple[int, ...]


@unchecked
def history(frame: pd.DataFrame, colours: Sequence[Colour], *, changed: Sequence[dt.date] = ()) -> TwoWidths:
    """One small chart for every segment: its customers in every run.

    Parameters
    ----------
    frame
        run_date, segment, rank (worst 0; missing for a retired segment), customers; every segment
        for every run, at least two runs.
    colours
        Those of the study's segments, best first.
    changed
        Run dates at which segments were made with another model than in the run before; a dotted
        line stands before each.
    """
    days = [_day(moment) for moment in sorted(frame["run_date"].unique())]
    series = _series(frame, colours)
    across = len(series) if len(series) <= 6 else -(-len(series) // 2)
    width = min(156, (720 - 14 * (across - 1)) // across)
    wide = _Multiples(series, days, changed, 720, across, width)
    phone = _Multiples(series, days, changed, 358, 3, 108)
    return TwoWidths(wide.chart(), phone.chart())


def nice_ceiling(largest: int) -> int:
    """The end of a scale: the smallest round number that holds it all and has a round half."""
    if largest <= 10:
        return max(2, largest + largest % 2)
    tenth: int = 10 ** (len(str(largest)) - 2)
    steps = (10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100)
    return next(step * tenth for step in steps if step * tenth >= largest)


def _series(frame: pd.DataFrame, colours: Sequence[Colour]) -> list[Series]:
    """The segments, best first, then the retired ones by name."""
    ranks = frame.dropna(subset=["rank"]).groupby("segment")["rank"].first()
    ranked = sorted(ranks.index, key=lambda segment: -ranks[segment])
    retired = sorted(set(frame["segment"]) - set(ranked))
    looks = [*colours, *[Colour(0, NO_SEGMENT, NO_SEGMENT, WHITE) for _ in retired]]
    ordered = frame.sort_values("run_date")
    return [
        Series(segment, look, tuple(map(int, ordered.loc[ordered["segment"] == segment, "customers"])))
        for segment, look in zip([*ranked, *retired], looks, strict=True)
    ]


@dataclass(frozen=True)
class _Multiples:
    """Small charts of one width beside and below each other."""

    series: Sequence[Series]
    days: Sequence[dt.date]
    changed: Sequence[dt.date]
    total: int
    across: int
    width: int

    def chart(self) -> Layer:
        lines = -(-len(self.series) // self.across)
        canvas = Canvas(self.total, lines * (HEIGHT + ROWS_APART) - ROWS_APART)
        layers = [*self._areas(canvas), *self._labels(canvas), *self._heads(canvas)]
        says = f"Customers of {len(self.series)} segments in {len(self.days)} runs"
        return canvas.sized(*layers, says=says)

    def corner(self, place: int) -> tuple[float, float]:
        """The upper left end of a small chart."""
        gap = (self.total - self.across * self.width) / max(self.across - 1, 1)
        gap = min(gap, 24.0)
        return (
            round(place % self.across * (self.width + gap), 1),
            place // self.across * (HEIGHT + ROWS_APART),
        )

    @property
    def ceiling(self) -> int:
        return nice_ceiling(max(max(s.customers) for s in self.series))

    def x(self, place: int, when: float) -> float:
        """Where a day stands, in px; a day is its ordinal number."""
        first, last = self.days[0].toordinal(), self.days[-1].toordinal()
        share = (when - first) / (last - first)
        return round(self.corner(place)[0] + INSET + share * (self.width - 2 * INSET), 1)

    def y(self, place: int, customers: float) -> float:
        """How high a number of customers is, in px."""
        return round(self.corner(place)[1] + ZERO - (ZERO - TOP) * customers / self.ceiling, 1)

    def _areas(self, canvas: Canvas) -> list[Layer]:
        import altair as alt

        make: Any = alt
        points: list[Row] = []
        for place, one in enumerate(self.series):
            for day, n in zip(self.days, one.customers, strict=True):
                says = f"{one.segment}, {wording.long_date(day)}: {wording.count(n)}"
                at = {"x": self.x(place, day.toordinal()), "y": self.y(place, n), "y2": self.y(place, 0)}
                points.append({**at, "s": place, "says": says})
        fill = make.Fill(**by_place([s.look.fill for s in self.series]))
        line = make.Stroke(**by_place([s.look.outline for s in self.series]))
        return [
            canvas.draw(self._grid(), "rule", "x2", color=RULE, strokeWidth=1),
            canvas.draw(points, "area", "y2", opacity=1).encode(fill=fill),
            canvas.draw(points, "line", strokeWidth=1.5).encode(stroke=line),
            canvas.draw(points, "point", "says", filled=True, size=120, opacity=0),
            *self._changes(canvas),
        ]

    def _grid(self) -> list[Row]:
        lefts = [self.corner(place)[0] for place in range(len(self.series))]
        return [
            {"x": left, "x2": left + self.width, "y": self.y(place, share * self.ceiling)}
            for place, left in enumerate(lefts)
            for share in (0, 0.5, 1)
        ]

    def _changes(self, canvas: Canvas) -> list[Layer]:
        """Dotted lines halfway between two runs, white and ink in turn, so that any colour shows them."""
        rows: list[Row] = []
        for place, one in enumerate(self.series):
            steps = zip(pairwise(self.days), pairwise(one.customers), strict=True)
            rows += [
                {"x": self.x(place, (a.toordinal() + b.toordinal()) / 2), "y": self.y(place, (n + m) / 2),
                 "y2": self.y(place, 0)}
                for (a, b), (n, m) in steps
                if b in self.changed
            ]  # fmt: skip
        if not rows:
            return []
        dots = {"strokeDash": [2, 2], "strokeWidth": 1}
        return [
            canvas.draw(rows, "rule", "y2", color=WHITE, **dots),
            canvas.draw(rows, "rule", "y2", color=INK, strokeDashOffset=2, **dots),
        ]

    def _labels(self, canvas: Canvas) -> list[Layer]:
        """The first and the last number, and when that was."""
        layers = []
        for end, align in ((0, "left"), (-1, "right")):
            numbers, months = [], []
            for place, one in enumerate(self.series):
                left, top = self.corner(place)
                x, n = left if end == 0 else left + self.width, one.customers[end]
                numbers.append(
                    {
                        "x": x,
                        "y": self.y(place, n) - 7,
                        "text": wording.count(n) if n < 1_000_000 else wording.compact(n),
                    }
                )
                months.append({"x": x, "y": top + HEIGHT - 4, "text": self._month(self.days[end])})
            layers += canvas.text_with_halo(numbers, bold=end == -1, align=align)
            layers.append(canvas.text(months, align=align))
        return layers

    def _month(self, day: dt.date) -> str:
        """The month of a run, or its day where all runs lie in one month."""
        first, last = self.days[0], self.days[-1]
        same = (first.year, first.month) == (last.year, last.month)
        return wording.short_date(day) if same else wording.short_month(day)

    def _heads(self, canvas: Canvas) -> list[Layer]:
        """Chip, number and name of each segment."""
        chips, numbers, names = [], [], []
        for place, one in enumerate(self.series):
            left, top = self.corner(place)
            box = {"x": left + 0.5, "x2": left + 15.5, "y": top + 0.5, "y2": top + 15.5}
            chips.append({**box, "fill": one.look.fill, "stroke": one.look.outline})
            number = str(one.look.number) if one.look.number else ""
            numbers.append({"x": left + 8, "y": top + 12.5, "text": number, "color": one.look.text})
            names.append({"x": left + 20, "y": top + 12.5, "text": one.segment})
        return [
            canvas.draw(
                chips, "rect", "x2", "y2", "fill", "stroke", cornerRadius=2, strokeWidth=1, opacity=1
            ),
            canvas.text(numbers, "color", bold=True, align="center"),
            canvas.text(names, color=INK, limit=self.width - 20),
        ]


def _day(moment: Any) -> dt.date:
    """A day, whatever the frame holds: dates, timestamps or numpy's."""
    import pandas as pd

    day: dt.date = pd.Timestamp(moment).date()
    return day
