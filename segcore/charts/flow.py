"""Who moved, as bands between the segments of two runs.

Movers are drawn to scale, one pixel for each customer as long as all of them stay under 300 px;
those who stayed are a band of one thickness with the count written on it. Bands are opaque, thin
ones on top. New and gone customers are not drawn; the matrix has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from segcore import wording
from segcore.charts.canvas import Canvas, Layer, Row, text_width, unchecked
from segcore.charts.colours import INK, INK_2, INK_3, NO_SEGMENT, STAYED, WHITE, Colour
from segcore.charts.renderer import TwoWidths

if TYPE_CHECKING:
    import pandas as pd

MOST, GAP, STAY, NODE, TOP = 285.0, 12.0, 14.0, 10.0, 28.0
PITCH = 36.0
"""The least distance between two labels of two lines."""
LABELLED = 12.5
"""A band carries its count from this thickness on."""
SAMPLES = 12


@dataclass(frozen=True)
class Node:
    """A segment on one side: its place among the segments, its customers, and where it stands."""

    place: int
    name: str
    customers: int
    top: float
    bottom: float


@dataclass(frozen=True)
class Band:
    """Customers of one segment who are in one segment now, with the band's upper ends and thickness."""

    before: int
    after: int
    customers: int
    left: float
    right: float
    thickness: float

    @property
    def stayed(self) -> bool:
        """Whether they are in the segment they were in."""
        return self.before == self.after


@dataclass(frozen=True)
class Flow:
    """Nodes and bands in px, from the top; retired segments stand below on the left side.

    Parameters
    ----------
    before, after
        The segments of the previous run and of this one, best first.
    bands
        In the order in which they are drawn.
    height
        Of the whole drawing.
    """

    before: tuple[Node, ...]
    after: tuple[Node, ...]
    bands: tuple[Band, ...]
    height: float

    @classmethod
    def of(cls, matrix: pd.DataFrame, segments: Sequence[str]) -> Flow:
        """Lay out the customers who stayed.

        Parameters
        ----------
        matrix
            from_segment, to_segment, state, customers, row_total; see :func:`segcore.transitions.matrix`.
        segments
            The segments of this run, best first.
        """
        rows = matrix[~matrix["state"].isin(["new", "returned"])]
        names = [*segments, *dict.fromkeys(n for n in rows["from_segment"] if n not in segments)]
        stayed = rows[rows["state"] != "gone"]
        counts = {
            (names.index(a), segments.index(b)): int(n)
            for a, b, n in zip(stayed["from_segment"], stayed["to_segment"], stayed["customers"], strict=True)
            if n
        }
        movers = sum(n for (a, b), n in counts.items() if a != b)
        scale = min(1.0, MOST / movers) if movers else 1.0
        thick = {pair: STAY if pair[0] == pair[1] else n * scale for pair, n in counts.items()}
        left = _stack([sum(t for (a, _), t in thick.items() if a == i) for i in range(len(names))])
        right = _stack([sum(t for (_, b), t in thick.items() if b == i) for i in range(len(segments))])
        totals = rows.groupby("from_segment")["row_total"].first()
        now = matrix[matrix["state"] != "gone"].groupby("to_segment")["customers"].sum()
        return cls(
            tuple(Node(i, n, int(totals.get(n, 0)), *left[i]) for i, n in enumerate(names)),
            tuple(Node(i, n, int(now.get(n, 0)), *right[i]) for i, n in enumerate(segments)),
            _bands(counts, thick, left, right),
            max(left[-1][1], right[-1][1]) + 16,
        )


def _stack(heights: Sequence[float]) -> list[tuple[float, float]]:
    """Upper and lower ends of nodes below each other, with room for a label of two lines each."""
    heights = [max(height, 2.0) for height in heights]
    top, ends = TOP, []
    for height, following in [*pairwise(heights), (heights[-1], 0.0)]:
        ends.append((top, top + height))
        top += height + max(GAP, PITCH - (height + following) / 2)
    return ends


def _bands(
    counts: dict[tuple[int, int], int],
    thick: dict[tuple[int, int], float],
    left: list[tuple[float, float]],
    right: list[tuple[float, float]],
) -> tuple[Band, ...]:
    """Bands leave in the order of where they go and arrive in the order of where they come from."""
    out, into = [top for top, _ in left], [top for top, _ in right]
    starts, stops = {}, {}
    for a, b in sorted(counts):
        starts[a, b], out[a] = out[a], out[a] + thick[a, b]
    for a, b in sorted(counts, key=lambda pair: (pair[1], pair[0])):
        stops[a, b], into[b] = into[b], into[b] + thick[a, b]
    order = sorted(counts, key=lambda pair: (pair[0] != pair[1], -thick[pair], pair))
    return tuple(Band(*p, counts[p], starts[p], stops[p], thick[p]) for p in order)


@unchecked
def flow(matrix: pd.DataFrame, colours: Sequence[Colour], dates: tuple[str, str]) -> TwoWidths:
    """The moves from the previous run to this one.

    Parameters
    ----------
    matrix
        As for :meth:`Flow.of`; has rows (a first run has none and no such chart).
    colours
        Those of the segments, best first.
    dates
        The two run dates as they are written above the sides, like ``14 Feb``.
    """
    ordered = matrix[matrix["state"] != "gone"]["to_segment"].drop_duplicates()
    laid = Flow.of(matrix, list(ordered))
    says = f"Flows of customers between segments from {dates[0]} to {dates[1]}"
    sides = (_Sides(720, 128, 582, 600), _Sides(358, 96, 250, 264))
    return TwoWidths(*(_Drawing(laid, colours, side).chart(dates, says) for side in sides))


@dataclass(frozen=True)
class _Sides:
    """Where things stand from left to right: the width, both nodes' left ends, the right labels."""

    width: float
    left: float
    right: float
    label: float

    @property
    def phone(self) -> bool:
        return self.width < 720


@dataclass(frozen=True)
class _Drawing:
    laid: Flow
    colours: Sequence[Colour]
    sides: _Sides

    def chart(self, dates: tuple[str, str], says: str) -> Layer:
        names, counts, notes = self._labels(dates)
        canvas, phone = Canvas(self.sides.width, round(self.laid.height)), self.sides.phone
        size = 12 if phone else 14
        nodes = canvas.draw(self._nodes(), "rect", "x2", "y2", "fill", "stroke", strokeWidth=1, opacity=1)
        areas = canvas.draw(
            self._areas(), "area", "y2", "detail", "fill", "stroke", "says",
            interpolate="monotone", opacity=1, strokeWidth=0.75,
        )  # fmt: skip
        return canvas.sized(
            areas.transform_flatten(["x", "y"]).transform_calculate(y2="datum.y + datum.t"),
            nodes,
            canvas.text(names, size=size, bold=not phone, color=INK, limit=self.sides.left - 8),
            canvas.text(counts, size=size, color=INK),
            canvas.text(notes, "color"),
            says=says,
        )

    def _look(self, place: int) -> Colour:
        retired = Colour(0, NO_SEGMENT, INK_2, INK)
        return self.colours[place] if place < len(self.colours) else retired

    def _areas(self) -> list[Row]:
        """Each band is one area: a curve that leaves and arrives level."""
        rows: list[Row] = []
        x0, x1 = self.sides.left + NODE, self.sides.right
        curve = [_level(i / SAMPLES) for i in range(SAMPLES + 1)]
        for place, band in enumerate(self.laid.bands):
            look = self._look(band.before)
            line = WHITE if look.fill == look.outline else look.outline
            rows.append(
                {
                    "detail": place,
                    "x": [round(x0 + (x1 - x0) * run, 1) for run, _ in curve],
                    "y": [round(band.left + (band.right - band.left) * rise, 1) for _, rise in curve],
                    "t": round(band.thickness, 2),
                    "fill": STAYED if band.stayed else look.fill,
                    "stroke": "" if band.stayed else line,
                    "says": self._says(band),
                }
            )
        return rows

    def _says(self, band: Band) -> str:
        before, after = self.laid.before[band.before].name, self.laid.after[band.after].name
        who = wording.plural(band.customers, "customer")
        return f"{who} stayed in {after}" if band.stayed else f"{who} from {before} to {after}"

    def _nodes(self) -> list[Row]:
        sides = ((self.sides.left, self.laid.before), (self.sides.right, self.laid.after))
        return [
            {
                "x": x, "x2": x + NODE, "y": round(node.top, 1), "y2": round(node.bottom, 1),
                "fill": self._look(node.place).fill, "stroke": self._look(node.place).outline,
            }
            for x, nodes in sides
            for node in nodes
        ]  # fmt: skip

    def _labels(self, dates: tuple[str, str]) -> tuple[list[Row], list[Row], list[Row]]:
        """Names, counts, and everything in small type: dates, changes, counts on the bands."""
        names: list[Row] = []
        counts: list[Row] = []
        notes: list[Row] = [{"x": x, "y": 12, "text": date, "color": INK_3}
                            for x, date in zip((0, self.sides.label), dates, strict=True)]  # fmt: skip
        before = {node.name: node.customers for node in self.laid.before}
        for x, nodes in ((0.0, self.laid.before), (self.sides.label, self.laid.after)):
            for node in nodes:
                y = round((node.top + node.bottom) / 2, 1)
                total = wording.count(node.customers)
                names.append({"x": x, "y": y - 2, "text": node.name})
                counts.append({"x": x, "y": y + 13, "text": total})
                if x:
                    more = f"({wording.signed(node.customers - before[node.name])})"
                    shift = text_width(total + " ", 12 if self.sides.phone else 14)
                    notes.append({"x": x + round(shift, 1), "y": y + 13, "text": more, "color": INK_3})
        return names, counts, notes + self._counts()

    def _counts(self) -> list[Row]:
        x = self.sides.left + NODE + 6
        return [
            {
                "x": x,
                "y": round(band.left + band.thickness / 2 + 4, 1),
                "text": wording.count(band.customers)
                + (" stayed" if band.stayed and not self.sides.phone else ""),
                "color": INK_3 if band.stayed else self._look(band.before).text,
            }
            for band in self.laid.bands
            if band.thickness >= LABELLED
        ]


def _level(t: float) -> tuple[float, float]:
    """A point of the Bézier curve from (0, 0) to (1, 1) that is level at both ends."""
    rise = 3 * t * t - 2 * t**3
    return 1.5 * (1 - t) ** 2 * t + 1.5 * (1 - t) * t * t + t**3, rise
