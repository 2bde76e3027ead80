"""How a variable is spread over customers, and where its classes are cut."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import language, variables, wording
from segcore.charts.colours import INK, INK_3, WHITE, Colour, looks
from segcore.charts.theme import Chart, altair, people, segment, unchecked

if TYPE_CHECKING:
    import pandas as pd

    from segcore.model import ModelVariable

HEIGHT, LINE, CROWDED = 150, 14, 50
"""In px: of the axes, of a line of text, and how far apart two labels have to be."""

Edge = Any
"""As the model keeps it: int, float or Decimal."""


@unchecked
def spread(
    rows: pd.DataFrame,
    variable: ModelVariable,
    palette: Mapping[str, Colour] | None = None,
    *,
    candidate: Sequence[Edge] = (),
    phone: bool = False,
) -> Chart:
    """Bars in the colours of the segments, a line at every edge in use, a dotted one at the candidate's.

    Parameters
    ----------
    rows
        lower, upper (as shown; upper missing for those above the last bar), customers, and perhaps
        segment: the rows of one variable in the table ``spread``.
    variable
        Its names, scale and edges.
    palette
        The colours of the segments, best first; without, the bars are grey.
    candidate
        The edges that this run's data would give, if they are other ones.
    phone
        Whether it is for 358 px instead of 720.
    """
    alt = altair()
    drawn = rows.dropna(subset=["upper"])
    width, low, high = 290 if phone else 652, float(drawn["lower"].min()), float(drawn["upper"].max())
    axis = _Axis(variable, low, high)
    beyond = people(int(rows.loc[rows["upper"].isna(), "customers"].sum()))
    further = language.say("{customers} further right", customers=beyond)
    below = [axis.unit, *([] if len(drawn) == len(rows) else [further])]
    title = "; ".join(part for part in below if part) or None
    x = alt.X("lower:Q", scale=axis.scale, title=title, axis=axis.ticks)
    layers = [_bars(drawn, palette or {}).encode(x), *_edges(axis, width)]
    used = axis.written(variable.edges)
    says = [language.say("Edges in use: {edges}", edges=used)] if variable.edges else []
    if candidate:
        layers += _dotted(axis, candidate)
        says.append(language.say("the candidate's: {edges}", edges=axis.written(candidate)))
    label = variables.label(variable)
    told = f"{language.say('{variable}: customers by value', variable=label)}. {'; '.join(says)}".rstrip()
    return alt.layer(*layers, width=width, height=HEIGHT, title=label, description=told)


@dataclass(frozen=True)
class _Axis:
    """A variable from the least to the greatest value that is drawn."""

    variable: ModelVariable
    low: float
    high: float

    @property
    def log(self) -> bool:
        """Whether edges were fitted on ln(1 + value); then the axis is that as well."""
        return self.variable.scale == "log" and self.low > -1

    @property
    def scale(self) -> Any:
        kind = {"type": "symlog", "constant": 1} if self.log else {"type": "linear"}
        return altair().Scale(domain=[self.low, self.high], nice=False, zero=False, **kind)

    @property
    def whole(self) -> bool:
        """Whether values are whole numbers as they are shown."""
        return self.variable.kind == "integer" and self.variable.shown_per == 1

    @property
    def ticks(self) -> Any:
        """Round values; on a log axis 1, 2 and 5 times the powers of ten."""
        powers = range(0 if self.whole else -3, 13)
        values = [0, *(digit * 10**power for power in powers for digit in (1, 2, 5))]
        inside = [value for value in values if self.low <= value <= self.high]
        own = {"values": inside, "labelOverlap": "greedy"} if self.log else {"tickCount": 6}
        return altair().Axis(format=",.3~f", **own, **({"tickMinStep": 1} if self.whole else {}))

    @property
    def unit(self) -> str:
        """What stands below the axis; the variable's name stands above."""
        v = self.variable
        label, unit = variables.label(v), variables.unit_alone(v)
        unit = "" if label.casefold().endswith(unit.casefold()) else unit
        log = language.say("log axis") if self.log else ""
        return ", ".join(part for part in (unit, wording.duration(v.window), log) if part)

    def share(self, value: float) -> float:
        """How far along the axis a value lies, 0 to 1."""
        low, at, high = (math.log1p(v) if self.log else v for v in (self.low, value, self.high))
        return (at - low) / (high - low) if high > low else 0.0

    def written(self, edges: Sequence[Edge]) -> str:
        """Edges as people read them."""
        from segcore.rules import shown

        return wording.join([shown(edge, self.variable) for edge in edges])

    def edge(self, edge: Edge) -> dict[str, Any]:
        """Where an edge is drawn; one that lies outside the data stands at the end of the axis."""
        text = self.written([edge])
        # Whole numbers are drawn in the middle of their bar, so the edge stands behind the last one.
        value = float(edge) / self.variable.shown_per + (0.5 if self.whole else 0.0)
        at = min(max(value, self.low), self.high)
        sign = "\N{LEFTWARDS ARROW}" if value < self.low else "\N{LESS-THAN OR EQUAL TO}"
        label = f"{text} \N{RIGHTWARDS ARROW}" if value > self.high else f"{sign} {text}"
        return {"at": at, "text": label, "says": language.say("Edge at {value}", value=text)}


def _bars(rows: pd.DataFrame, palette: Mapping[str, Colour]) -> Chart:
    """One rectangle for each bar and segment, the best segment at the bottom."""
    alt = altair()
    rows = rows if "segment" in rows else rows.assign(segment="all")
    colours = looks(palette, sorted(set(rows["segment"].dropna())))
    rows = rows.assign(place=rows["segment"].map(list(colours).index)).sort_values(["place", "lower"])
    fields = ["lower", "upper", "segment", "place", "customers"]
    facts = rows[fields].to_dict("list")
    bars = zip(facts["segment"], facts["lower"], facts["upper"], facts["customers"], strict=True)
    says = [f"{name}, {_values(low, high)}: {wording.count(int(n))}" for name, low, high, n in bars]
    stacked = alt.Chart(rows[fields].assign(says=says)).transform_stack(
        stack="customers", groupby=["lower"], as_=["from", "to"], sort=[alt.SortField("place")]
    )
    return stacked.mark_rect(strokeWidth=0.5, opacity=1).encode(
        alt.X2("upper"), alt.Y("from:Q", title=language.say("customers")), alt.Y2("to"),
        alt.Description("says:N"),
        segment(alt.Fill, colours, "fill"), segment(alt.Stroke, colours, "outline"),
    )  # fmt: skip


def _values(low: float, high: float) -> str:
    """The values of a bar; those between two halves are whole numbers."""
    if low % 1 == high % 1 == 0.5:
        first, last = round(low + 0.5), round(high - 0.5)
        ends = [wording.count(first), wording.count(last)]
    else:
        ends = [wording.plain(low), wording.plain(high)]
    return f" {wording.spelling().to} ".join(dict.fromkeys(ends))


def _edges(axis: _Axis, width: int) -> list[Chart]:
    """The edges with their values above, and the numbers of the classes between them, k the best."""
    alt = altair()
    edges = [axis.edge(edge) for edge in axis.variable.edges]
    ends = [0.0, *(width * axis.share(edge["at"]) for edge in edges), float(width)]
    crowded = any(b - a < CROWDED for a, b in pairwise(ends[1:-1]))
    rows = [{**edge, "top": -4 - LINE * (crowded and place % 2)} for place, edge in enumerate(edges)]
    numbers = range(1, len(ends)) if axis.variable.better == "high" else range(len(ends) - 1, 0, -1)
    narrow = any(b - a < CROWDED for a, b in pairwise(ends))
    classes = [
        {
            "x": round((a + b) / 2, 1),
            "text": str(number) if narrow else language.say("class {number}", number=str(number)),
        }
        for (a, b), number in zip(pairwise(ends), numbers, strict=True)
        if b - a >= 10
    ]
    text: Any = {"baseline": "bottom", "aria": False}
    base = alt.Chart(alt.InlineData(values=rows)).encode(alt.X("at:Q"), alt.Y("top:Q", scale=None))
    above = alt.X("x:Q", scale=None), alt.YValue(-4 - LINE * (1 + crowded)), alt.Text("text:N")
    found = [
        base.mark_rule(color=INK).encode(alt.Y2Value(HEIGHT), alt.Description("says:N")),
        base.mark_text(**text, fontWeight="bold").encode(alt.Text("text:N")),
        alt.Chart(alt.InlineData(values=classes)).mark_text(**text, color=INK_3).encode(*above),
    ]
    return found if edges else found[:2]  # where nothing is cut there are no classes


def _class(number: int) -> str:
    return language.say("class {number}", number=str(number))


def _dotted(axis: _Axis, candidate: Sequence[Edge]) -> list[Chart]:
    """The candidate's edges, white and ink in turn, so that they are seen on any colour."""
    alt = altair()
    rows = [
        {**edge, "says": language.say("{edge} by this run's data", edge=edge["says"])}
        for edge in map(axis.edge, candidate)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(alt.X("at:Q"))
    return [
        base.mark_rule(strokeDash=[2, 2], color=WHITE, aria=False),
        base.mark_rule(strokeDash=[2, 2], color=INK, strokeDashOffset=2).encode(alt.Description("says:N")),
    ]
