"""Who moved, as bands between the segments of two runs: what the grammar of charts has no mark for.

Movers are drawn to scale, one pixel for each customer as long as all of them stay under 300 px;
those who stayed are a band of one thickness with the count written on it. Bands are opaque, thin
ones on top. New, returned and gone customers are not drawn; the matrix has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import wording
from segcore.charts.colours import INK_3, STAYED, WHITE, Colour, looks
from segcore.charts.theme import PLAIN, Chart, altair, unchecked

if TYPE_CHECKING:
    import pandas as pd

MOST, GAP, STAY, NODE, TOP, LEVEL = 285.0, 12.0, 14.0, 10.0, 28.0, 12.0
"""In px: all movers, between two nodes, a band of those who stayed, the width of a node, the dates
above, and how far a band runs level at its ends."""
PITCH, LABELLED = 36.0, 12.5
"""The least distance between two labels of two lines, and the thickness of a band with a count."""
WIDE, PHONE = (712, 128, 574, 592), (350, 92, 242, 256)
"""The width, where the nodes start on the left and on the right, and the labels on the right."""


def lay_out(matrix: pd.DataFrame, segments: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where bands and nodes stand, in px from the top.

    Parameters
    ----------
    matrix
        from_segment, to_segment, state, customers.
    segments
        The segments of this run, best first.

    Returns
    -------
    bands
        before, after, customers, stayed, thick, before_y, after_y (its upper ends), as they are drawn.
    nodes
        side, segment, customers, top, bottom; retired segments stand below on the left side.
    """
    import pandas as pd

    rows = matrix.rename(columns={"from_segment": "before", "to_segment": "after"})
    absent = {"before": ["new", "returned"], "after": ["gone"]}
    left = rows[~rows["state"].isin(absent["before"])]
    names = [*segments, *dict.fromkeys(name for name in left["before"] if name not in segments)]
    bands = left.loc[(left["state"] != "gone") & (left["customers"] > 0), ["before", "after", "customers"]]
    bands = bands.assign(stayed=bands["before"] == bands["after"])
    movers = max(int(bands.loc[~bands["stayed"], "customers"].sum()), 1)
    bands["thick"] = (bands["customers"] * min(1.0, MOST / movers)).where(~bands["stayed"], STAY)
    nodes = []
    for side, other in (("before", "after"), ("after", "before")):
        own = names if side == "before" else list(segments)
        heights = bands.groupby(side)["thick"].sum().reindex(own, fill_value=0.0)
        totals = rows[~rows["state"].isin(absent[side])].groupby(side)["customers"].sum()
        made = pd.DataFrame(_stack(list(heights)), columns=["top", "bottom"], index=own)
        nodes.append(made.assign(side=side, segment=own, customers=totals.reindex(own, fill_value=0)))
        # Bands leave in the order of where they go, and arrive in that of where they come from.
        ordered = bands.sort_values([side, other], key=lambda column: column.map(names.index))
        above = ordered.groupby(side)["thick"].cumsum() - ordered["thick"]
        bands[f"{side}_y"] = ordered[side].map(made["top"]) + above
    bands = bands.sort_values(["stayed", "thick"], ascending=False, kind="stable")
    return bands.reset_index(drop=True), pd.concat(nodes, ignore_index=True)


def _stack(heights: Sequence[float]) -> list[tuple[float, float]]:
    """Upper and lower ends of nodes below each other, with room for a label of two lines each."""
    heights = [max(height, 2.0) for height in heights]
    top, ends = TOP, []
    for height, following in [*pairwise(heights), (heights[-1], 0.0)]:
        ends.append((top, top + height))
        top += height + max(GAP, PITCH - (height + following) / 2)
    return ends


@unchecked
def flow(
    matrix: pd.DataFrame, palette: Mapping[str, Colour], dates: tuple[str, str], *, phone: bool = False
) -> Chart:
    """The moves from the previous run to this one.

    Parameters
    ----------
    matrix
        As for :func:`lay_out`; has rows (a first run has none and no such chart).
    palette
        The colours of the segments, best first.
    dates
        The two run dates as they are written above the sides, like ``14 Feb``.
    phone
        Whether it is for 358 px instead of 720.
    """
    alt = altair()
    bands, nodes = lay_out(matrix, list(palette))
    shown = looks(palette, nodes["segment"])
    width, left, right, label = PHONE if phone else WIDE
    height = nodes["bottom"].max() + 16
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    fill, stroke = alt.Fill("fill:N", scale=None), alt.Stroke("stroke:N", scale=None)
    says, text, ends = alt.Description("says:N"), alt.Text("text:N"), (left + NODE, right)
    look: dict[str, Any] = {**PLAIN, "baseline": "alphabetic"}
    style = {"fontSize": 12 if phone else 14, "limit": left - 6}

    def layer(rows: list[dict[str, Any]], *channels: Any) -> Chart:
        return alt.Chart(alt.InlineData(values=rows)).encode(x, y, *channels)

    labels = _labels(nodes, label)
    counts = _counts(bands, shown, ends[0] + 6, words=not phone)
    days = [{"x": at, "y": 12, "text": day} for at, day in zip((0, label), dates, strict=True)]
    areas = layer(_areas(bands, shown, ends), alt.Y2("y2"), alt.Detail("band:N"), fill, stroke, says)
    boxes = layer(_boxes(nodes, shown, (left, right)), alt.X2("x2"), alt.Y2("y2"), fill, stroke, says)
    return alt.layer(
        areas.mark_area(interpolate="monotone", opacity=1, strokeWidth=0.75),
        boxes.mark_rect(strokeWidth=1, opacity=1),
        layer(labels, alt.Text("name:N")).mark_text(
            **look, **style, dy=-2, fontWeight="normal" if phone else "bold"
        ),
        layer(labels, text).mark_text(**look, **style, dy=13),
        layer(counts, text, alt.Color("color:N", scale=None)).mark_text(**look, dy=4),
        layer(days, text).mark_text(**look, color=INK_3),
        width=width,
        height=height,
        description=f"Moves of customers between segments from {dates[0]} to {dates[1]}. "
        + "; ".join(f"{row['name']} {row['text']}" for row in labels if row["x"])
        + f"; {wording.count(int(bands.loc[~bands['stayed'], 'customers'].sum()))} moved",
    )


def _areas(bands: Any, shown: Mapping[str, Colour], ends: tuple[float, float]) -> list[dict[str, Any]]:
    """Each band is one area of four points; between the middle ones it swings, level at both ends."""
    (start, stop), rows = ends, []
    for place, band in enumerate(bands.itertuples()):
        colour, who = shown[band.before], wording.plural(band.customers, "customer")
        line = WHITE if colour.fill == colour.outline else colour.outline
        says = f"{who} stayed in {band.after}" if band.stayed else f"{who} from {band.before} to {band.after}"
        fill, stroke = (STAYED, STAYED) if band.stayed else (colour.fill, line)
        own = {"band": place, "fill": fill, "stroke": stroke, "says": says}
        for y, level in ((band.before_y, (start, start + LEVEL)), (band.after_y, (stop - LEVEL, stop))):
            rows += [{**own, "x": x, "y": round(y, 1), "y2": round(y + band.thick, 1)} for x in level]
    return rows


def _boxes(
    nodes: pd.DataFrame, shown: Mapping[str, Colour], lefts: tuple[float, float]
) -> list[dict[str, Any]]:
    x = dict(zip(("before", "after"), lefts, strict=True))
    return [
        {
            "x": x[side], "x2": x[side] + NODE, "y": top, "y2": bottom,
            "fill": shown[segment].fill, "stroke": shown[segment].outline,
            "says": f"{segment}: {wording.plural(customers, 'customer')}",
        }
        for top, bottom, side, segment, customers in nodes.to_numpy()
    ]  # fmt: skip


def _labels(nodes: pd.DataFrame, right: float) -> list[dict[str, Any]]:
    """The names of both sides; below each its customers, on the right how many more that are."""
    was: dict[str, int] = {}
    rows = []
    for top, bottom, side, segment, customers in nodes.to_numpy():
        more = f" ({wording.signed(customers - was[segment])})" if side == "after" else ""
        was.setdefault(segment, customers)
        text, x = wording.count(customers) + more, right if side == "after" else 0
        rows.append({"x": x, "y": round((top + bottom) / 2, 1), "name": segment, "text": text})
    return rows


def _counts(bands: Any, shown: Mapping[str, Colour], x: float, *, words: bool) -> list[dict[str, Any]]:
    """The counts on those bands that have the room."""
    return [
        {
            "x": x,
            "y": round(band.before_y + band.thick / 2, 1),
            "text": wording.count(band.customers) + (" stayed" if band.stayed and words else ""),
            "color": INK_3 if band.stayed else shown[band.before].text,
        }
        for band in bands.itertuples()
        if band.thick >= LABELLED
    ]
