"""Who moved, as bands between the segments of two runs: what the grammar of charts has no mark for.

Movers are drawn to scale, one pixel for each customer as long as all of them stay under 300 px;
those who stayed are a band of one thickness with the count written on it. Bands are opaque, thin
ones on top. New, returned and gone customers are not drawn; the matrix has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import language, wording
from segcore.charts.colours import INK_3, STAYED, WHITE, Colour, looks
from segcore.charts.theme import PLAIN, Chart, altair, people, unchecked

if TYPE_CHECKING:
    import pandas as pd

MOST, GAP, STAY, NODE, TOP, LEVEL = 285.0, 12.0, 14.0, 10.0, 28.0, 12.0
"""In px: all movers, between two nodes, a band of those who stayed, the width of a node, the dates
above, and how far a band runs level at its ends."""
PITCH, LABELLED = 36.0, 12.5
"""The least distance between two labels of two lines, and the thickness of a band with a count."""
LOOK = ["fill", "stroke", "says", "link"]
"""What all points of a band have."""
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
    matrix: pd.DataFrame,
    palette: Mapping[str, Colour],
    dates: tuple[str, str],
    *,
    phone: bool = False,
    link: Callable[[str, str], str] | None = None,
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
    link
        Where a band leads, by the segments before and after, and a node, with "" for the other side.
    """
    import pandas as pd

    alt = altair()
    width, left, right, label = PHONE if phone else WIDE
    bands, nodes = lay_out(matrix, list(palette))
    shown = looks(palette, nodes["segment"])
    bands, nodes = _bands(bands, shown, words=not phone), _nodes(nodes, shown, (left, right, label))
    height = nodes["bottom"].max() + 16
    own = [alt.Fill("fill:N", scale=None), alt.Stroke("stroke:N", scale=None), alt.Description("says:N")]
    if link:
        _lead(bands, nodes, link)
        own.append(alt.Href("link:N"))
    look: dict[str, Any] = {**PLAIN, "baseline": "alphabetic"}
    style = {**look, "fontSize": 12 if phone else 14, "limit": left - 6}

    def layer(rows: pd.DataFrame, x: str, y: str, *channels: Any) -> Chart:
        return alt.Chart(rows).encode(
            alt.X(f"{x}:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
            alt.Y(f"{y}:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False)),
            *channels,
        )

    areas = layer(_points(bands, left + NODE, right), "x", "y", alt.Y2("y2"), alt.Detail("band:N"), *own)
    boxes = layer(nodes, "x", "top", alt.X2("x2"), alt.Y2("bottom"), *own)
    labels = layer(nodes, "label", "middle")
    counts = layer(bands[bands["thick"] >= LABELLED].assign(x=left + NODE + 6), "x", "middle")
    days = pd.DataFrame({"x": [0, label], "y": [12, 12], "day": dates})
    return alt.layer(
        areas.mark_area(interpolate="monotone", opacity=1, strokeWidth=0.75),
        boxes.mark_rect(strokeWidth=1, opacity=1),
        labels.mark_text(**style, dy=-2, fontWeight="normal" if phone else "bold").encode(
            alt.Text("segment:N")
        ),
        labels.mark_text(**style, dy=13).encode(alt.Text("total:N")),
        counts.mark_text(**look, dy=4).encode(alt.Text("text:N"), alt.Color("ink:N", scale=None)),
        layer(days, "x", "y", alt.Text("day:N")).mark_text(**look, color=INK_3),
        width=width,
        height=height,
        description=_described(bands, nodes, dates),
    )


def _lead(bands: pd.DataFrame, nodes: pd.DataFrame, link: Callable[[str, str], str]) -> None:
    """Where bands and nodes lead."""
    bands["link"] = [link(*ends) for ends in zip(bands["before"], bands["after"], strict=True)]
    after = nodes["side"] == "after"
    ends = zip(nodes["segment"].mask(after, ""), nodes["segment"].where(after, ""), strict=True)
    nodes["link"] = [link(*end) for end in ends]


def _described(bands: pd.DataFrame, nodes: pd.DataFrame, dates: tuple[str, str]) -> str:
    """The chart in words, for whoever does not see it."""
    movers = wording.count(int(bands.loc[~bands["stayed"], "customers"].sum()))
    title = language.say(
        "Moves of customers between segments from {before} to {after}", before=dates[0], after=dates[1]
    )
    moved = language.say("{number} moved", number=movers)
    sizes = [f"{node.segment} {node.total}" for node in nodes.itertuples() if node.side == "after"]
    return f"{title}. {'; '.join(sizes)}; {moved}"


def _bands(bands: pd.DataFrame, shown: Mapping[str, Colour], *, words: bool) -> pd.DataFrame:
    """Bands with their colours, what is written on them, and what they say."""
    colours = bands["before"].map(shown)
    line = colours.map(lambda one: WHITE if one.fill == one.outline else one.outline)
    counts, stayed = bands["customers"].map(wording.count), bands["stayed"]
    facts = zip(bands["customers"], bands["before"], bands["after"], strict=True)
    return bands.assign(
        fill=colours.map(lambda one: one.fill).mask(stayed, STAYED),
        stroke=line.mask(stayed, STAYED),
        ink=colours.map(lambda one: one.text).mask(stayed, INK_3),
        text=counts.mask(stayed, counts.map(_stayed)) if words else counts,
        middle=(bands["before_y"] + bands["thick"] / 2).round(1),
        says=[_band(*fact) for fact in facts],
    )


def _stayed(number: str) -> str:
    return language.say("{number} stayed", number=number)


def _band(customers: int, before: str, after: str) -> str:
    who = people(customers)
    if before == after:
        return language.say("{customers} stayed in {segment}", customers=who, segment=after)
    return language.say("{customers} from {before} to {after}", customers=who, before=before, after=after)


def _points(bands: pd.DataFrame, start: float, stop: float) -> pd.DataFrame:
    """Each band is one area of four points; between the middle ones it swings, level at both ends."""
    import pandas as pd

    ends = {start: "before", start + LEVEL: "before", stop - LEVEL: "after", stop: "after"}
    drawn = bands[bands.columns.intersection(LOOK)].assign(band=range(len(bands)))
    points = [
        drawn.assign(x=x, y=bands[f"{side}_y"].round(1), thick=bands["thick"]) for x, side in ends.items()
    ]
    made = pd.concat(points).sort_values(["band", "x"])
    return made.assign(y2=(made["y"] + made["thick"]).round(1)).drop(columns="thick")


def _nodes(nodes: pd.DataFrame, shown: Mapping[str, Colour], at: tuple[float, ...]) -> pd.DataFrame:
    """Nodes with their places from left to right, and on the right how many customers more that are."""
    left, right, label = at
    after, counts = nodes["side"] == "after", nodes["customers"].map(wording.count)
    more = nodes.groupby("segment")["customers"].diff().fillna(0).astype("int64").map(wording.signed)
    x = after.map({False: left, True: right})
    return nodes.assign(
        x=x,
        x2=x + NODE,
        label=after.map({False: 0, True: label}),
        middle=((nodes["top"] + nodes["bottom"]) / 2).round(1),
        fill=[shown[name].fill for name in nodes["segment"]],
        stroke=[shown[name].outline for name in nodes["segment"]],
        total=counts.mask(after, counts + " (" + more + ")"),
        says=nodes["segment"] + ": " + nodes["customers"].map(people),
    )
