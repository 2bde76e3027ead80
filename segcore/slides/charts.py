"""Charts on slides: native ones, whose numbers stand in a workbook behind them and can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segcore.charts.colours import INK, INK_2, RULE, WHITE
from segcore.outputs.workbook.cells import ESCAPE
from segcore.slides import fitting
from segcore.slides.deck import SMALL, Box, Slide, clean, one_line

NAMESPACE = "http://schemas.openxmlformats.org/drawingml/2006/chart"
SHARES = {"en": "0%", "de": '0"\u00a0"%'}
"""Language → how shares are written."""
SMALLEST = 0.08
"""The share of the longest bar from which on a part has its number in it."""
LONGEST = 1.9
"""Inches of the name of a category; what is longer is cut off."""
GAP, WIDER, FEW = 45, 200, 4
"""Between two bars, in percent of a bar; the same where fewer than so many stand."""
ABOVE = 1.05
"""How high the scale goes above the highest that a number may be."""


@dataclass(frozen=True)
class Series:
    """Numbers of one kind.

    Parameters
    ----------
    name
        What they are.
    values
        One for every category, None where it is not known.
    fill
        The colour of their bars.
    line
        The colour of the lines around these, empty for none.
    fills
        A colour for every bar, where they differ: its area, and the line around it.
    hatched
        Whether the area is hatched.
    low, high
        How far the true number may lie below and above each; empty where nobody says.
    """

    name: str
    values: Sequence[Any]
    fill: str = INK
    line: str = ""
    fills: Sequence[tuple[str, str]] = ()
    hatched: bool = False
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True)
class Chart:
    """A chart of bars.

    Parameters
    ----------
    categories
        What each bar, or group of bars, is about.
    series
        The numbers.
    says
        The chart in words, for those who do not see it.
    form
        How numbers are written: ``#,##0``, or one of :data:`SHARES`.
    upright
        Whether bars stand.
    stacked
        Whether the bars of a category are one.
    legend
        Whether the names of the series are needed.
    """

    categories: Sequence[str]
    series: Sequence[Series]
    says: str
    form: str = "#,##0"
    upright: bool = False
    stacked: bool = False
    legend: bool = True


def put_chart(slide: Slide, box: Box, wanted: Chart) -> None:
    """Add a chart."""
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION

    from segcore.slides.workbooks import Numbers

    numbers = Numbers(slide.deck.day, wanted.form)
    numbers.categories = [_text(fitting.line_of(one_line(c), SMALL, LONGEST)) for c in wanted.categories]
    for series in wanted.series:
        numbers.add_series(_text(series.name), series.values)
        numbers.margins += [list(side) for side in (series.low, series.high) if side]
    kind = f"{'COLUMN' if wanted.upright else 'BAR'}_{'STACKED' if wanted.stacked else 'CLUSTERED'}"
    shape = slide.shapes.add_chart(XL_CHART_TYPE[kind], *box.sides, numbers)
    shape._element.nvGraphicFramePr.cNvPr.set("descr", clean(wanted.says))
    chart = shape.chart
    chart.has_title = False
    chart.font.size, chart.font.name = _points(SMALL), "Arial"
    chart.font.color.rgb = _colour(INK_2)
    chart.has_legend = wanted.legend
    if wanted.legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _shape_axes(chart, wanted)
    plot = chart.plots[0]
    plot.gap_width = WIDER if wanted.upright and len(wanted.categories) < FEW else GAP
    plot.overlap = 100 if wanted.stacked else -5
    behind = len(wanted.series) + 1
    for made, series in zip(plot.series, wanted.series, strict=True):
        _paint(made, series)
        _write(made, series, wanted)
        if series.low:
            _margins(made, series, behind)
            behind += 2


def _text(name: str) -> str:
    """A name as a chart can hold it: what looks like the code of a character is none."""
    return ESCAPE.sub("_x005F_", one_line(name))


def _shape_axes(chart: Any, wanted: Chart) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    values, names = chart.value_axis, chart.category_axis
    values.visible = False
    values.has_major_gridlines = False
    if not any(value < 0 for series in wanted.series for value in series.values if value is not None):
        values.minimum_scale = 0
    highest = [
        value + more
        for series in wanted.series
        for value, more in zip(series.values, series.high, strict=bool(series.high))
        if value is not None and more is not None
    ]
    if highest:  # programs look at the bars alone
        values.maximum_scale = max(highest) * ABOVE
    names.format.line.color.rgb = _colour(RULE)
    names.major_tick_mark = XL_TICK_MARK.NONE
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    names.reverse_order = not wanted.upright
    names.has_major_gridlines = False


def _paint(made: Any, series: Series) -> None:
    made.invert_if_negative = False
    _fill(made.format, series.fill, series.line, hatched=series.hatched)
    for place, (fill, line) in enumerate(series.fills):
        _fill(made.points[place].format, fill, line)


def _fill(look: Any, fill: str, line: str, *, hatched: bool = False) -> None:
    from pptx.enum.dml import MSO_PATTERN

    if hatched:
        look.fill.patterned()
        look.fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
        look.fill.fore_color.rgb, look.fill.back_color.rgb = _colour(INK_2), _colour(WHITE)
    else:
        look.fill.solid()
        look.fill.fore_color.rgb = _colour(fill)
    if line:
        look.line.color.rgb, look.line.width = _colour(line), _points(0.75)


def _write(made: Any, series: Series, wanted: Chart) -> None:
    """The numbers on the bars, or at their ends."""
    from pptx.enum.chart import XL_LABEL_POSITION

    from segcore.charts.colours import text_on

    labels = made.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = _written(wanted.form), False
    labels.font.size, labels.font.bold = _points(SMALL), True
    if wanted.stacked:
        _leave_out(labels, series, wanted)
    inside = wanted.stacked or bool(series.low)
    labels.position = XL_LABEL_POSITION.CENTER if wanted.stacked else (
        XL_LABEL_POSITION.INSIDE_BASE if inside else XL_LABEL_POSITION.OUTSIDE_END
    )  # fmt: skip
    colour = (
        INK if not inside or series.hatched else text_on(series.fills[-1][0] if series.fills else series.fill)
    )
    labels.font.color.rgb = _colour(colour)


def _written(form: str) -> str:
    """How numbers are written on bars: nothing is not, and a share of less than a hundredth is no 0%."""
    if form not in SHARES.values():
        return f"{form};-{form};"
    return f'[=0]"";[<0.005]"<{form.replace("0", "1")}";{form}'


def _leave_out(labels: Any, series: Series, wanted: Chart) -> None:
    """No numbers on parts that are too small for them."""
    from pptx.oxml import parse_xml

    longest = max(sum(values) for values in zip(*(s.values for s in wanted.series), strict=True))
    small = [n for n, value in enumerate(series.values) if value is not None and value < SMALLEST * longest]
    for place in reversed(small):
        told = f'<c:dLbl xmlns:c="{NAMESPACE}"><c:idx val="{place}"/><c:delete val="1"/></c:dLbl>'
        labels._element.insert(0, parse_xml(told))


def _margins(made: Any, series: Series, column: int) -> None:
    """Lines from the lowest to the highest that a number may be; they stand in the workbook, too."""
    from pptx.oxml import parse_xml

    def numbers(side: str, values: Sequence[float | None], place: int) -> str:
        letter = chr(ord("A") + place)
        points = "".join(
            f'<c:pt idx="{n}"><c:v>{value!r}</c:v></c:pt>'
            for n, value in enumerate(values)
            if value is not None
        )
        return (
            f"<c:{side}><c:numRef><c:f>Sheet1!${letter}$2:${letter}${len(values) + 1}</c:f><c:numCache>"
            f'<c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'
            f"</c:numRef></c:{side}>"
        )

    bars = parse_xml(
        f'<c:errBars xmlns:c="{NAMESPACE}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"{numbers('plus', series.high, column + 1)}{numbers('minus', series.low, column)}"
        f'<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="{INK[1:]}"/></a:solidFill></a:ln></c:spPr>'
        "</c:errBars>"
    )
    element = made._element
    element.find(f"{{{NAMESPACE}}}cat").addprevious(bars)


def _colour(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(colour[1:])


def _points(size: float) -> Any:
    from pptx.util import Pt

    return Pt(size)
