"""The charts of the dashboard as Vega-Lite, made by Altair.

They are the same for every study: no text, colour, date or number of one is part of a specification or
of an expression in it. The page's script hands rows over, the days to be written below the charts, and
how wide a bar is; so they can be made before anything is known of the runs (:mod:`segcore.dashboard.kit`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segcore.charts import specification
from segcore.charts.colours import INK, INK_2, INK_3, RULE, WHITE
from segcore.charts.theme import HALO, PLAIN, Chart, altair, unchecked

WIDTHS = {"wide": 720, "phone": 328}
"""Every chart exists twice, for these widths in px."""
LINES = "lines"
"""The name of the layers that the script takes out where no model changed."""
DAY, MONTH = "%x", "%b %y"
"""How axes write dates: a day as the language does it."""
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+,.0f')"
COUNTS = "format(abs(datum.value), abs(datum.value) >= 100000 ? '~s' : ',')"
"""The label of an axis of customers, below the line as above it."""
SHOWN = f"measure == 'share' ? format(datum.value, '.0%') : {COUNTS}"


def specs() -> dict[str, dict[str, Any]]:
    """Every chart by the name of its width and its own."""
    return {
        name: {chart: specification(made(width)) for chart, made in CHARTS.items()}
        for name, width in WIDTHS.items()
    }


def _time(field: str = "day", *, ends: bool = False) -> Any:
    """The axis of run dates; with ``ends`` only the first and the last are written."""
    alt = altair()
    values, look = ({"expr": "ends"}, MONTH) if ends else ({"expr": "days"}, DAY)
    # The months at both ends of a small chart stand within it, not halfway in the next one.
    edge, flush = (12, {"labelFlush": 16}) if ends else (24, {})
    axis = alt.Axis(values=values, format=look, labelOverlap="greedy", labelSeparation=8, **flush)
    scale = alt.Scale(type="utc", padding=edge, nice=False)
    return alt.X(f"{field}:T", title=None, axis=axis, scale=scale)


def _rows(name: str = "rows") -> Chart:
    alt = altair()
    return alt.Chart(alt.NamedData(name=name))


def _own(channel: Any, field: str) -> Any:
    """A colour or another look as the rows have it."""
    return channel(f"{field}:N", legend=None, scale=None)


def _says() -> list[Any]:
    alt = altair()
    return [alt.Tooltip("says:N"), alt.Description("says:N")]


def _zero() -> Chart:
    """The line at nothing."""
    one = _rows().transform_aggregate(zero="count()").transform_calculate(zero="0")
    return one.mark_rule(color=INK, aria=False).encode(altair().Y("zero:Q"))


def _lines(*, words: bool = True) -> list[Chart]:
    """Where another model begins: a dotted line, and above it a word on what is another.

    Below them nothing is drawn at the first and the last run, so that the axis is the same in all charts.
    """
    alt = altair()
    base = _rows("lines").encode(_time())
    found = [
        _rows("ends").mark_point(opacity=0, aria=False).encode(_time()),
        base.mark_rule(color=INK, strokeDash=[2, 2], aria=False).properties(name=LINES),
    ]
    if words:
        look = {**PLAIN, "align": "center", "color": INK_2, "limit": 120}
        word = base.mark_text(**look).encode(alt.Text("words:N"), alt.YValue(-10))
        found.append(word.properties(name=f"{LINES}_words"))
    return found


@unchecked
def sizes(total: int) -> Chart:
    """A small chart for every segment, all on one scale from zero; it can show one of three measures."""
    alt = altair()
    across, gap = (2 if total < WIDTHS["wide"] else 3), 20
    width = (total - 52 - gap * (across - 1)) // across
    base = alt.Chart().transform_calculate(shown="datum[measure]").encode(_time(ends=True))
    axis = alt.Axis(tickCount=3, labelExpr=SHOWN)
    tall = alt.Y("shown:Q", title=None, scale=alt.Scale(zero=True, nice=True), axis=axis)
    fill, outline = _own(alt.Fill, "fill"), _own(alt.Stroke, "outline")
    one = base.transform_filter("datum.last")
    chip: dict[str, Any] = {"size": 256, "opacity": 1, "strokeWidth": 1, "aria": False}
    number = {**PLAIN, "align": "center", "fontWeight": "bold", "dy": 1}
    at = alt.XValue(8), alt.YValue(-32)
    name, change = {**PLAIN, "limit": width - 24}, {**PLAIN, "limit": width, "color": INK_2}
    rule = base.transform_filter("datum.line").mark_rule(color=INK, strokeDash=[2, 2], aria=False)
    layers = [
        base.mark_area(opacity=1, aria=False).encode(tall, fill),
        base.mark_line(strokeWidth=1.5, aria=False).encode(tall, outline),
        rule.encode(_time("line", ends=True)).properties(name=LINES),
        base.mark_point(size=36, fill=WHITE, strokeWidth=1.5, opacity=1).encode(tall, outline, *_says()),
        one.mark_square(**chip).encode(fill, outline, *at),
        one.mark_text(**number).encode(alt.Text("number:N"), _own(alt.Color, "text"), *at),
        one.mark_text(**name).encode(alt.Text("segment:N"), alt.XValue(24), alt.YValue(-32)),
        one.mark_text(**change).encode(alt.Text("change:N"), alt.XValue(0), alt.YValue(-12)),
    ]
    head = alt.Header(title=None, labelExpr="''", labelFontSize=1, labelPadding=0)
    small = alt.layer(*layers, data=alt.NamedData(name="rows"), width=width, height=96)
    return small.facet(
        facet=alt.Facet("place:O", header=head),
        columns=across,
        bounds="flush",
        resolve=alt.Resolve(axis=alt.AxisResolveMap(x="independent")),
        spacing={"column": gap, "row": 88},
    )


def _sized(chart: Chart, width: int, height: int) -> Chart:
    fit = altair().AutoSizeParams(type="fit-x", contains="padding")
    return chart.properties(width=width - 8, height=height, autosize=fit)


@unchecked
def headline(width: int) -> Chart:
    """The share in a target for every run, with its interval as a band."""
    alt = altair()
    base = _rows().encode(_time())
    axis = alt.Axis(format=".0%", tickCount=4)
    tall = alt.Y("share:Q", title=None, scale=alt.Scale(zero=True), axis=axis)
    look = {**HALO, "align": "center", "dy": -14, "fontWeight": "bold"}
    value = base.transform_filter("datum.last").mark_text(**look)
    layers = [
        base.mark_area(color=RULE, opacity=1, aria=False).encode(alt.Y("low:Q"), alt.Y2("high:Q")),
        *_lines(),
        base.mark_line(color=INK, strokeWidth=1.5, aria=False).encode(tall),
        base.mark_circle(color=INK, size=64, opacity=1).encode(tall, *_says()),
        value.encode(tall, alt.Text("share:Q", format=".0%")),
    ]
    return _sized(alt.layer(*layers), width, 220)


def _bars(base: Chart) -> Chart:
    """Bars on both sides of a line, one for each run, in the looks of the rows."""
    alt = altair()
    tall = alt.Y("customers:Q", title=None, axis=alt.Axis(tickCount=5, labelExpr=COUNTS))
    bars = base.mark_bar(size={"expr": "bar"}, stroke=INK, strokeWidth=1, opacity=1)
    dash = _own(alt.StrokeDash, "dash")
    return bars.encode(_time(), tall, _own(alt.Fill, "fill"), dash, alt.Order("kind:O"), *_says())


def _title(says: str, number: int) -> Any:
    """The title of a chart, which the script hands over; the first above the words of lines."""
    offset = 8 if number else 24
    return {"text": {"expr": says}, "anchor": "start", "fontSize": 12, "color": INK, "offset": offset}


@unchecked
def flows(width: int) -> Chart:
    """Two charts on one axis: who moved up and down, and who came and went."""
    alt = altair()
    panels = [
        alt.layer(
            _bars(_rows().transform_filter(f"datum.panel == {number}")), _zero(), *_lines(words=not number)
        ).properties(width=width - 60, height=height, title=_title(f"panels[{number}]", number))
        for number, height in enumerate((200, 110))
    ]
    return alt.vconcat(*panels, spacing=64, bounds="flush")


@unchecked
def by_cause(width: int) -> Chart:
    """Stacked bars for every run: moves up above the line, moves down below it, by cause."""
    return _sized(altair().layer(_bars(_rows()), _zero(), *_lines()), width, 240)


@unchecked
def followup(width: int) -> Chart:
    """Observed less expected for every run, with what chance alone makes likely."""
    alt = altair()
    base = _rows().encode(_time())
    tall = alt.Y("difference:Q", title=None, axis=alt.Axis(tickCount=4, labelExpr=SIGNED))
    layers = [
        base.mark_area(color=RULE, opacity=1, aria=False).encode(alt.Y("low95:Q"), alt.Y2("high95:Q")),
        _zero(),
        *_lines(),
        base.mark_line(color=INK_3, strokeWidth=1, aria=False).encode(tall),
        base.mark_circle(size=80, stroke=INK, strokeWidth=1.5, opacity=1).encode(
            tall, _own(alt.Fill, "fill"), *_says()
        ),
    ]
    return _sized(alt.layer(*layers), width, 200)


@unchecked
def compare(width: int) -> Chart:
    """Both runs for every segment, on one scale for any two runs; the script says how high it is."""
    alt = altair()
    phone = width < WIDTHS["wide"]
    left, outer = (8, 0.7) if phone else (176, 0.28)
    base = _rows().encode(alt.Y("place:O", axis=None))
    axis = alt.Axis(orient="top", tickCount=4, labelExpr=COUNTS, grid=True)
    long = alt.X("customers:Q", title=None, scale=alt.Scale(zero=True, nice=True), axis=axis)
    shift = alt.YOffset("which:O", scale=alt.Scale(domain=[0, 1], paddingInner=0.1, paddingOuter=outer))
    light = alt.FillOpacity("light:Q", legend=None, scale=None)
    look = [_own(alt.Fill, "fill"), _own(alt.Stroke, "outline"), light]
    value = base.mark_text(**{**HALO, "align": "left", "dx": 6})
    names = base.transform_filter("datum.which == 0").mark_text(
        **{**PLAIN, "limit": width - 24 if phone else left - 24, "dy": -26 if phone else 0}
    )
    layers = [
        _rows("most").mark_point(opacity=0, aria=False).encode(long),
        base.mark_bar(strokeWidth=1).encode(long, shift, *look, *_says()),
        value.encode(long, shift, alt.Text("written:N")),
        names.encode(alt.Text("named:N"), alt.XValue(0 if phone else 8 - left)),
    ]
    return alt.layer(*layers).properties(
        width=width - left - 56,
        padding={"left": left, "top": 28, "right": 56, "bottom": 4},
        autosize="none",
    )


CHARTS: dict[str, Callable[[int], Chart]] = {
    "sizes": sizes,
    "headline": headline,
    "flows": flows,
    "causes": by_cause,
    "followup": followup,
    "compare": compare,
}
"""Name of a section → what draws its chart in a width."""
