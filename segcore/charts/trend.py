"""Small charts over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segcore import wording
from segcore.charts.canvas import Canvas, Layer, unchecked
from segcore.charts.colours import INK, INK_2, INK_3, WHITE, Colour
from segcore.charts.renderer import CONFIG

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 112, 32
TOP, BOTTOM, LEFT, RIGHT = 5.0, 27.0, 4.0, 108.0


@unchecked
def sparkline(values: Sequence[float | None], *, says: str, zero: bool = False) -> Layer:
    """The trend of one figure, 112 × 32 px, on its own scale, with a dot at its end.

    Parameters
    ----------
    values
        One for each run, ascending; None where a run has none. At least one number.
    says
        What it shows in words.
    zero
        Whether to draw a line at zero, for figures that go both ways.
    """
    known = [float(v) for v in values if v is not None] + ([0.0] if zero else [])
    low, high = min(known), max(known)
    step = (RIGHT - LEFT) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1) if high > low else 16.0

    # With a single run there is no trend; the dot stands at the end, where it will be next time too.
    first = RIGHT if len(values) == 1 else LEFT
    rows = [{"x": round(first + i * step, 1), "y": y(v)} for i, v in enumerate(values) if v is not None]
    canvas = Canvas(WIDTH, HEIGHT)
    layers = [
        canvas.draw(rows, "line", color=INK_3, strokeWidth=1.5),
        canvas.draw(rows[-1:], "point", color=INK, filled=True, size=36, opacity=1),
    ]
    if zero:
        base = [{"x": LEFT, "y": y(0)}, {"x": RIGHT, "y": y(0)}]
        layers.insert(0, canvas.draw(base, "line", color="#A9B1BB", strokeWidth=1))
        over = -3 if y(0) > 14 else 11
        layers.append(canvas.text([{"x": 2, "y": y(0) + over, "text": "0"}]))
    return canvas.sized(*layers, says=says)


def orders_by_month(frame: pd.DataFrame) -> Layer:
    """Orders of every month as bars, 720 px wide.

    Parameters
    ----------
    frame
        month (the first day of the month, ascending) and orders.
    """
    import altair as alt
    import pandas as pd

    rows = [
        {"month": f"{month:%Y-%m}", "orders": int(orders)}
        for month, orders in zip(frame["month"], frame["orders"], strict=True)
    ]
    shown: Any = [row["month"] for row in rows][:: max(1, -(-len(rows) // 12))]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar(color=INK_2)
        .encode(
            x=alt.X(
                "month:O",
                title=None,
                axis=alt.Axis(values=shown, labelAngle=0, ticks=False),
            ),
            y=alt.Y("orders:Q", title="orders", axis=alt.Axis(tickCount=4, domain=False, ticks=False)),
            tooltip=["month:N", alt.Tooltip("orders:Q", format=",")],
        )
        .properties(width=660, height=160, description="Orders of every month", config=CONFIG)
    )


@unchecked
def segment_sizes(frame: pd.DataFrame, colours: Sequence[Colour] = ()) -> Layer:
    """How many customers each segment has, as bars with the number and the share written.

    Parameters
    ----------
    frame
        segment, customers, share (0 to 1); best first.
    colours
        Those of the segments, best first; without them the bars are grey.
    """
    looks = colours or [Colour(i, INK_2, INK_2, WHITE) for i in range(1, len(frame) + 1)]
    canvas = Canvas(720, 28 * len(frame) + 4)
    most = max(int(frame["customers"].max()), 1)
    bars, names, counts = [], [], []
    rows = zip(frame["segment"], frame["customers"], frame["share"], looks, strict=True)
    for place, (segment, customers, share, look) in enumerate(rows):
        top, end = 28 * place + 4, round(160 + 400 * int(customers) / most, 1)
        bars.append(
            {"x": 160, "x2": end, "y": top, "y2": top + 20, "fill": look.fill, "stroke": look.outline}
        )
        names.append({"x": 0, "y": top + 15, "text": segment})
        told = f"{wording.count(int(customers))} ({wording.percent(float(share))})"
        counts.append({"x": end + 8, "y": top + 15, "text": told})
    return canvas.sized(
        canvas.draw(bars, "rect", "x2", "y2", "fill", "stroke", opacity=1),
        canvas.text(names, size=14, bold=True, color=INK, limit=150),
        canvas.text(counts, size=14, color=INK),
        says="Customers of each segment",
    )
