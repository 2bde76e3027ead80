"""How a variable is spread over customers, and where its classes are cut."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import wording
from segcore.charts.canvas import Canvas, Layer, Row, by_place, text_width, unchecked
from segcore.charts.colours import GRID, INK, INK_2, INK_3, Colour
from segcore.charts.history import nice_ceiling

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 344, 218
CANVAS = Canvas(WIDTH, HEIGHT)
LEFT, RIGHT, TOP, ZERO = 40.0, 340.0, 64.0, 184.0


@dataclass(frozen=True)
class Bars:
    """A variable in at most 60 bars, ready to be drawn. All values are as shown (years, not days).

    Parameters
    ----------
    label, unit
        Its name and what it counts, like "Last order" and "days ago".
    frame
        bar, segment, customers: one row for each bar and segment that has anybody in it.
    starts
        Where each bar starts, and last where the last one ends.
    segments
        The segments, best first.
    edges, candidate
        The edges in use and those that this run's data would give (none if they are the same),
        each with the text to show; where customers up to the edge end on the axis.
    whole
        Whether all values are whole numbers.
    log
        Whether the axis shows ln(1 + value).
    better
        Which end is the best class: "low" or "high".
    beyond
        Customers above the last bar, who are not drawn.
    """

    label: str
    unit: str
    frame: pd.DataFrame
    starts: Sequence[float]
    segments: Sequence[str]
    edges: Sequence[tuple[float, str]]
    candidate: Sequence[tuple[float, str]]
    whole: bool
    log: bool
    better: str
    beyond: int = 0


@unchecked
def histogram(bars: Bars, colours: Sequence[Colour]) -> Layer:
    """Bars in the colours of the segments, a line at every edge, a dotted one at the candidate's.

    Parameters
    ----------
    bars
        What to draw.
    colours
        Those of the segments, best first.
    """
    return _Drawing(bars, colours).chart()


class _Drawing:
    def __init__(self, bars: Bars, colours: Sequence[Colour]) -> None:
        self.bars, self.colours = bars, colours
        totals = bars.frame.groupby("bar")["customers"].sum()
        self.ceiling = nice_ceiling(int(totals.max()))
        first, last = self._spread(bars.starts[0]), self._spread(bars.starts[-1])
        self._per_px = (last - first) / (RIGHT - LEFT)

    def _spread(self, value: float) -> float:
        return math.log1p(max(value, -0.999)) if self.bars.log else value

    def x(self, value: float) -> float:
        """Where a value stands, in px."""
        offset = self._spread(value) - self._spread(self.bars.starts[0])
        return round(LEFT + offset / self._per_px, 1)

    def y(self, customers: float) -> float:
        """How high a number of customers is, in px from the top."""
        return round(ZERO - (ZERO - TOP) * customers / self.ceiling, 1)

    def chart(self) -> Layer:
        edges = ", ".join(shown for _, shown in self.bars.edges)
        says = f"{self.bars.label} ({self.bars.unit}): customers by value; edges at {edges}"
        bold, ticks = self._axis()
        return CANVAS.sized(
            CANVAS.draw(self._rules(), "rule", "x2", "color", strokeWidth=1),
            self._bars(),
            *self._lines(),
            CANVAS.text(bold, bold=True, color=INK, align="center"),
            CANVAS.text([*ticks, *self._classes()], "color", align="center"),
            CANVAS.text(self._margin(), align="right"),
            CANVAS.text([{"x": 0, "y": 14, "text": self.bars.label}], size=14, bold=True, color=INK),
            CANVAS.text([{"x": 0, "y": 32, "text": self.bars.unit}], color=INK_2),
            says=says,
        )

    @property
    def _steps(self) -> list[int]:
        return [0, self.ceiling // 2, self.ceiling] if self.ceiling > 1 else [0, 1]

    def _rules(self) -> list[Row]:
        return [
            {"x": LEFT, "x2": RIGHT, "y": self.y(n), "color": GRID if n else INK}
            for n in reversed(self._steps)
        ]

    def _margin(self) -> list[Row]:
        """What stands right-aligned: the scale, the word before the classes, who is not drawn."""
        rows: list[Row] = [
            {"x": LEFT - 6, "y": self.y(n) + 4, "text": wording.compact(n)} for n in self._steps
        ]
        rows.append({"x": LEFT - 6, "y": TOP - 12, "text": "class"})
        if self.bars.beyond:
            rows.append({"x": RIGHT, "y": 32, "text": f"{self.bars.beyond:,} further right"})
        return rows

    def _axis(self) -> tuple[list[Row], list[Row]]:
        """Values under the axis: the edges, and round numbers where there is room left."""
        taken: list[tuple[float, float, int]] = []

        def fit(value: float, shown: str, rows: Sequence[int], *, bold: bool = False) -> list[Row]:
            half = text_width(shown, bold=bold) / 2 + 3
            x = min(max(self.x(value), half - 3), WIDTH - half + 3)
            for row in rows:
                if all(row != other or x + half <= a or x - half >= b for a, b, other in taken):
                    taken.append((x - half, x + half, row))
                    return [{"x": round(x, 1), "y": ZERO + 17 + 14 * row, "text": shown, "color": INK_3}]
            return []

        edges = [row for edge in self.bars.edges for row in fit(edge[0], self._edge(edge), (0, 1), bold=True)]
        return edges, [row for tick in self._ticks() for row in fit(tick, _short(tick), (0,))]

    def _edge(self, edge: tuple[float, str]) -> str:
        """The edge, with a sign where single values have bars of their own and it stands between two."""
        at, text = edge
        return f"≤ {text}" if self.bars.whole and self.x(at) - self.x(at - 1) > 10 else text

    def _ticks(self) -> list[float]:
        low, high = max(self.bars.starts[0], 0.0), self.bars.starts[-1]
        if self.bars.log:
            tens = [m * 10**p for p in range(12) for m in (1, 2, 5)]
            return [0.0 for _ in range(low < 0.5)] + [float(t) for t in tens if low <= t <= high]
        step = nice_step((high - low) / 6)
        step = max(1.0, round(step)) if self.bars.whole else step
        return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]

    def _bars(self) -> Layer:
        """One rectangle for each bar and segment, the best segment at the bottom."""
        import altair as alt

        make: Any = alt
        place = {segment: i for i, segment in enumerate(self.bars.segments)}
        frame = self.bars.frame
        found = zip(frame["bar"], frame["segment"].map(place), frame["customers"], strict=True)
        rows: list[Row] = []
        below = [0] * len(self.bars.starts)
        for bar, segment, customers in sorted((int(b), int(s), int(n)) for b, s, n in found):
            left, right = self.x(self.bars.starts[bar]), self.x(self.bars.starts[bar + 1])
            gap = 0.5 if right - left > 3 else 0.15
            x, x2 = round(left + gap, 2), round(right - gap, 2)
            y, y2 = self.y(below[bar]), self.y(below[bar] + customers)
            rows.append({"x": x, "x2": x2, "y": y, "y2": y2, "s": segment, "n": customers})
            below[bar] += customers
        names = " : ".join(f"datum.s == {i} ? {json.dumps(s)}" for s, i in place.items())
        drawn = CANVAS.draw(rows, "rect", "x2", "y2", "says", strokeWidth=0.5, opacity=1)
        return drawn.transform_calculate(says=f"format(datum.n, ',') + ' ' + ({names} : '')").encode(
            fill=make.Fill(**by_place([c.fill for c in self.colours])),
            stroke=make.Stroke(**by_place([c.outline for c in self.colours])),
        )

    def _lines(self) -> list[Layer]:
        last = self.bars.starts[-1]
        solid = [{"x": self.x(at), "y": TOP - 8, "y2": ZERO + 4} for at, _ in self.bars.edges]
        dotted = [{"x": self.x(at), "y": TOP + 30, "y2": ZERO} for at, _ in self.bars.candidate if at <= last]
        layers = [CANVAS.draw(solid, "rule", "y2", color=INK, strokeWidth=1)]
        if dotted:
            layers.append(CANVAS.draw(dotted, "rule", "y2", color=INK, strokeWidth=1.25, strokeDash=[1.5, 2]))
        return layers

    def _classes(self) -> list[Row]:
        """The numbers of the classes between the lines, k the best."""
        ends = [LEFT, *(self.x(at) for at, _ in self.bars.edges), RIGHT]
        numbers = range(1, len(ends))
        ordered = numbers if self.bars.better == "high" else reversed(numbers)
        return [
            {"x": round((a + b) / 2, 1), "y": TOP - 12, "text": str(number), "color": INK}
            for (a, b), number in zip(pairwise(ends), ordered, strict=True)
            if b - a >= 8
        ]


def nice_step(rough: float) -> float:
    """The smallest 1, 2, 2.5 or 5 times a power of ten that is not below."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"
