"""The charts of the dashboard as Vega-Lite, made by Altair.

A specification holds no text of a study, neither as data nor in an expression: segments are numbers in
it, and their names come with the rows, which the page's script hands over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segcore.charts import Colour, specification
from segcore.charts.colours import INK, INK_2, INK_3, RULE, WHITE
from segcore.charts.theme import HALO, PLAIN, Chart, altair, unchecked
from segcore.sentences import causes
from segcore.sentences import dashboard as say

WIDE, PHONE = 720, 328
GREY = "#6B7686"
MOVES = {"up": INK, "down": GREY, "new": INK, "returned": RULE, "gone": GREY}
"""Kind of move → its area."""
FILLS = {"earned": INK, "aged": GREY, "corrected": RULE}
"""Mark → its area; those of the model are white, told apart by their lines."""
DASHES = {"boundary": [1, 0], "rules": [4, 2], "model": [1, 2]}
DAY = "%-d %b %y"
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+,.0f')"
COUNTS = "format(abs(datum.value), abs(datum.value) >= 100000 ? '~s' : ',')"
"""The label of an axis of customers, below the line as above it."""


@dataclass(frozen=True)
class Frame:
    """What the charts of a study have in common.

    Parameters
    ----------
    dates
        The runs, ascending.
    colours
        Those of all segments, best first, retired ones last.
    most
        The most customers that a segment has in any run.
    width
        The width of each chart in px.
    """

    dates: Sequence[dt.date]
    colours: Sequence[Colour]
    most: int
    width: int

    @property
    def phone(self) -> bool:
        """Whether there is little room."""
        return self.width < WIDE

    def time(self, field: str = "day", *, few: bool = False) -> Any:
        """The axis of run dates, the same in every chart; with ``few`` the first and the last are written."""
        alt = altair()
        days = [self.dates[0], self.dates[-1]] if few or self.phone else self.dates
        axis = alt.Axis(
            values=[day.isoformat() for day in days],
            format="%b %y" if few else DAY,
            labelOverlap="greedy",
            labelSeparation=8,
        )
        # Written out, for a chart without rows would have no end on either side.
        ends = [_milliseconds(day) for day in (self.dates[0], self.dates[-1])]
        scale = alt.Scale(type="utc", domain=ends, padding=12 if few else 24, nice=False)
        return alt.X(f"{field}:T", title=None, axis=axis, scale=scale)

    @property
    def bar(self) -> float:
        """The width of a bar for each run."""
        return round(min(40.0, (self.width - 80) / (1.6 * len(self.dates))), 1)


def _milliseconds(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days * 86_400_000


def specs(frame: Frame) -> dict[str, Any]:
    """Every chart by its name, drawn for one width."""
    return {name: specification(made(frame)) for name, made in CHARTS.items()}


def _rows(name: str = "rows") -> Chart:
    alt = altair()
    return alt.Chart(alt.NamedData(name=name))


def _zero() -> Chart:
    """The line at nothing."""
    one = _rows().transform_aggregate(zero="count()").transform_calculate(zero="0")
    return one.mark_rule(color=INK, aria=False).encode(altair().Y("zero:Q"))


def _says() -> list[Any]:
    alt = altair()
    return [alt.Tooltip("says:N"), alt.Description("says:N")]


def _lines(frame: Frame) -> list[Chart]:
    """Where another model begins: a dotted line, and above it a word on what is another."""
    alt = altair()
    base = _rows("lines").encode(frame.time())
    rule = base.mark_rule(color=INK, strokeDash=[2, 2], aria=False)
    look = {**PLAIN, "align": "center", "fontSize": 12, "color": INK_2, "limit": 120}
    word = base.mark_text(**look).encode(alt.Text("words:N"), alt.YValue(-10))
    return [rule, word]


@unchecked
def sizes(frame: Frame) -> Chart:
    """A small chart for every segment, all on one scale from zero; it can show one of three measures."""
    alt = altair()
    across = min(2 if frame.phone else 3, len(frame.colours))
    gap = 20
    width = (frame.width - 52 - gap * (across - 1)) // across
    places = list(range(len(frame.colours)))
    measure = alt.param(name="measure", value="customers")
    base = alt.Chart().transform_calculate(shown="datum[measure]").encode(frame.time(few=True))
    tall = alt.Y(
        "shown:Q",
        title=None,
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(tickCount=3, labelExpr=f"measure == 'share' ? format(datum.value, '.0%') : {COUNTS}"),
    )
    fill = alt.Fill("place:O", legend=None, scale=_scale(places, [c.fill for c in frame.colours]))
    outline = alt.Stroke("place:O", legend=None, scale=_scale(places, [c.outline for c in frame.colours]))
    text = alt.Color("place:O", legend=None, scale=_scale(places, [c.text for c in frame.colours]))
    one = base.transform_filter("datum.last")
    chip: dict[str, Any] = {"size": 256, "opacity": 1, "strokeWidth": 1, "aria": False}
    number = {**PLAIN, "align": "center", "fontWeight": "bold", "dy": 1}
    at = alt.XValue(8), alt.YValue(-16)
    name, change = {**PLAIN, "limit": width - 72}, {**PLAIN, "align": "right", "color": INK_2}
    layers = [
        base.mark_area(opacity=1, aria=False).encode(tall, fill),
        base.mark_line(strokeWidth=1.5, aria=False).encode(tall, outline),
        base.transform_filter("datum.line")
        .mark_rule(color=INK, strokeDash=[2, 2], aria=False)
        .encode(frame.time("line", few=True)),
        base.mark_point(size=36, fill=WHITE, strokeWidth=1.5, opacity=1).encode(tall, outline, *_says()),
        one.mark_square(**chip).encode(fill, outline, *at),
        one.mark_text(**number).encode(alt.Text("number:N"), text, *at),
        one.mark_text(**name).encode(alt.Text("segment:N"), alt.XValue(24), alt.YValue(-16)),
        one.mark_text(**change).encode(alt.Text("change:N"), alt.XValue(width), alt.YValue(-16)),
    ]
    head = alt.Header(title=None, labelExpr="''", labelFontSize=1, labelPadding=0)
    return (
        alt.layer(*layers, data=alt.NamedData(name="rows"), width=width, height=96)
        .add_params(measure)
        .facet(
            facet=alt.Facet("place:O", header=head),
            columns=across,
            bounds="flush",
            resolve=alt.Resolve(axis=alt.AxisResolveMap(x="independent")),
            spacing={"column": gap, "row": 72},
            description=say.CHARTS["sizes"],
        )
    )


def _scale(domain: Sequence[Any], found: Sequence[Any]) -> Any:
    return altair().Scale(domain=list(domain), range=list(found))


@unchecked
def headline(frame: Frame) -> Chart:
    """The share in a target for every run, with its interval as a band."""
    alt = altair()
    base = _rows().encode(frame.time())
    tall = alt.Y("share:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(format=".0%", tickCount=4))
    value = base.mark_text(**HALO, align="center", dy=-14, fontWeight="bold").encode(
        tall, alt.Text("share:Q", format=".0%")
    )
    layers = [
        base.mark_area(color=RULE, opacity=1, aria=False).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        *_lines(frame),
        base.mark_line(color=INK, strokeWidth=1.5, aria=False).encode(tall),
        base.mark_circle(color=INK, size=64, opacity=1).encode(tall, *_says()),
        value.transform_filter("datum.last"),
    ]
    return _sized(alt.layer(*layers), frame, 220, "headline")


def _sized(chart: Chart, frame: Frame, height: int, name: str) -> Chart:
    return chart.properties(
        width=frame.width - 8,
        height=height,
        description=say.CHARTS[name],
        autosize=altair().AutoSizeParams(type="fit-x", contains="padding"),
    )


@unchecked
def flows(frame: Frame) -> Chart:
    """Two charts on one axis: who moved up and down, and who came and went."""
    alt = altair()
    kinds = list(range(len(say.MOVES)))
    look = alt.Fill("kind:O", legend=None, scale=_scale(kinds, list(MOVES.values())))

    def panel(number: int, height: int) -> Chart:
        base = _rows().transform_filter(f"datum.panel == {number}").encode(frame.time())
        tall = alt.Y("customers:Q", title=None, axis=alt.Axis(tickCount=5, labelExpr=COUNTS))
        bars = base.mark_bar(size=frame.bar, stroke=INK, strokeWidth=1, opacity=1)
        zero = _zero()
        layers = [bars.encode(tall, look, alt.Order("kind:O"), *_says()), zero]
        layers += _lines(frame)[: None if not number else 1]
        return alt.layer(*layers).properties(width=frame.width - 60, height=height)

    return alt.vconcat(panel(0, 200), panel(1, 110), spacing=44, bounds="flush").properties(
        description=say.CHARTS["flows"]
    )


@unchecked
def by_cause(frame: Frame) -> Chart:
    """Stacked bars for every run: moves up above the line, moves down below it, by cause."""
    alt = altair()
    marks = list(causes.MARKS)
    places = list(range(len(marks)))
    look = [
        alt.Fill("mark:O", legend=None, scale=_scale(places, [FILLS.get(m, WHITE) for m in marks])),
        alt.StrokeDash("mark:O", legend=None, scale=_scale(places, [DASHES.get(m, [1, 0]) for m in marks])),
    ]
    base = _rows().encode(frame.time())
    tall = alt.Y("customers:Q", title=None, axis=alt.Axis(tickCount=5, labelExpr=COUNTS))
    bars = base.mark_bar(size=frame.bar, stroke=INK, strokeWidth=1, opacity=1)
    zero = _zero()
    layers = [bars.encode(tall, alt.Order("mark:O"), *look, *_says()), zero, *_lines(frame)]
    return _sized(alt.layer(*layers), frame, 240, "causes")


@unchecked
def followup(frame: Frame) -> Chart:
    """Observed less expected for every run, with what chance alone makes likely."""
    alt = altair()
    base = _rows().encode(frame.time())
    tall = alt.Y("difference:Q", title=None, axis=alt.Axis(tickCount=4, labelExpr=SIGNED))
    zero = _zero()
    dot = alt.Fill("outside:N", legend=None, scale=_scale([False, True], [WHITE, INK]))
    layers = [
        base.mark_area(color=RULE, opacity=1, aria=False).encode(alt.Y("low95:Q"), alt.Y2("high95:Q")),
        zero,
        *_lines(frame),
        base.mark_line(color=INK_3, strokeWidth=1, aria=False).encode(tall),
        base.mark_circle(size=80, stroke=INK, strokeWidth=1.5, opacity=1).encode(tall, dot, *_says()),
    ]
    return _sized(alt.layer(*layers), frame, 200, "followup")


@unchecked
def compare(frame: Frame) -> Chart:
    """Both runs for every segment, on a scale that is the same whichever runs are chosen."""
    alt = altair()
    places = list(range(len(frame.colours)))
    pitch, left, outer = (64, 8, 0.7) if frame.phone else (56, 176, 0.28)
    base = _rows().encode(alt.Y("place:O", axis=None, scale=alt.Scale(domain=places)))
    long = alt.X(
        "customers:Q",
        title=None,
        scale=alt.Scale(domain=[0, frame.most], nice=True),
        axis=alt.Axis(orient="top", tickCount=4, labelExpr=COUNTS, grid=True),
    )
    shift = alt.YOffset("which:O", scale=alt.Scale(domain=[0, 1], paddingInner=0.1, paddingOuter=outer))
    fill = alt.Fill("place:O", legend=None, scale=_scale(places, [c.fill for c in frame.colours]))
    outline = alt.Stroke("place:O", legend=None, scale=_scale(places, [c.outline for c in frame.colours]))
    light = alt.FillOpacity("which:O", legend=None, scale=_scale([0, 1], [0.25, 1]))
    bars = base.mark_bar(strokeWidth=1).encode(long, shift, fill, outline, light, *_says())
    value = base.mark_text(**{**HALO, "align": "left", "dx": 6}).encode(long, shift, alt.Text("written:N"))
    names = base.transform_filter("datum.which == 0")
    at = alt.XValue(0 if frame.phone else -left + 8)
    look = {**PLAIN, "limit": frame.width - 24 if frame.phone else left - 24, "dy": -26 if frame.phone else 0}
    layers = [bars, value, names.mark_text(**look).encode(alt.Text("named:N"), at)]
    return alt.layer(*layers).properties(
        width=frame.width - left - 56,
        height=pitch * len(places),
        padding={"left": left, "top": 28, "right": 56, "bottom": 4},
        autosize="none",
        description=say.CHARTS["compare"],
    )


CHARTS: dict[str, Callable[[Frame], Chart]] = {
    "sizes": sizes,
    "headline": headline,
    "flows": flows,
    "causes": by_cause,
    "followup": followup,
    "compare": compare,
}
"""Name of a section → what draws its chart."""
