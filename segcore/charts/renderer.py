"""How charts appear: as a specification for browsers and as a picture for everything else.

A picture is what GitHub, JupyterLab, Quarto and mail show, and what a page keeps until its script
has drawn the specification. It is drawn in process by vl-convert with the font Liberation Sans, which
vl-convert brings along for machines that have none. On one machine the same chart gives the same
bytes; another version of the font may shift the edges of letters by a shade.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore.charts.colours import INK, INK_2, INK_3, RULE, WHITE
from segcore.charts.png import smaller
from segcore.charts.service import ask

if TYPE_CHECKING:
    import altair as alt

VEGA_LITE = "application/vnd.vegalite.v6+json"
PHONE = "application/vnd.segcore.phone+json"
"""The type of the narrower specification beside the one of :data:`VEGA_LITE`."""

CHARTS = "SEGCORE_CHARTS"
"""The environment variable that leaves charts out if it says ``off``: only their words appear."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
NAME = "segcore"

Bundle = dict[str, Any]


@dataclass(frozen=True)
class TwoWidths:
    """One chart in two widths: the page shows the one that fits, everything else the wide one.

    Parameters
    ----------
    wide, phone
        The chart for 720 and for 358 px.
    """

    wide: alt.TopLevelMixin
    phone: alt.TopLevelMixin

    def _repr_mimebundle_(self, **_: object) -> Bundle:
        wide, phone = (chart.to_dict(validate=False) for chart in (self.wide, self.phone))
        shown = render(wide)
        return {**shown, PHONE: phone} if VEGA_LITE in shown else shown


@dataclass(frozen=True)
class Drawn:
    """A chart that is shown as it is, without being checked once more against Vega-Lite's schema.

    Parameters
    ----------
    chart
        A chart of this package, whose tests have checked it.
    """

    chart: alt.TopLevelMixin

    def _repr_mimebundle_(self, **_: object) -> Bundle:
        return render(self.chart.to_dict(validate=False))


def enable() -> None:
    """Make charts of this process appear in the report's look, with specification and picture.

    It changes Altair's settings, so it is called in notebooks and nowhere else.
    """
    import altair as alt

    alt.renderers.register(NAME, render)
    alt.renderers.enable(NAME)
    theme: Any = {"config": CONFIG}
    alt.theme.register(NAME, enable=True)(lambda: theme)


def render(spec: dict[str, Any]) -> Bundle:
    """The forms of a chart by media type: specification, picture, and its title as text.

    The text alone where the environment says ``SEGCORE_CHARTS=off``.
    """
    import base64

    if os.environ.get(CHARTS) == "off":
        return {"text/plain": words(spec)}
    return {
        VEGA_LITE: spec,
        "image/png": base64.b64encode(picture(spec)).decode("ascii"),
        "text/plain": words(spec),
    }


def picture(spec: dict[str, Any]) -> bytes:
    """The chart as a PNG, one pixel of the picture for one of the page."""
    return ask(spec) or draw(spec)


def draw(spec: dict[str, Any]) -> bytes:
    """The picture of :func:`picture`, drawn in this process."""
    import vl_convert

    return smaller(vl_convert.vegalite_to_png(spec, scale=1))


def words(spec: dict[str, Any]) -> str:
    """What a chart shows, in words: its description, or its title."""
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, dict) else title
    return str(spec.get("description") or (" ".join(text) if isinstance(text, list) else text) or "Chart")


def warm(*, draws: bool = True) -> None:
    """Do what the first chart of a process would wait for.

    The runner calls it in a kernel that has nothing else to do yet.

    Parameters
    ----------
    draws
        Whether the process draws its pictures itself, which takes most of that second.
    """
    from segcore.charts.canvas import Canvas

    canvas = Canvas(10, 10)
    spec = canvas.sized(canvas.text([{"x": 0, "y": 0, "text": "0"}]), says="0").to_dict()
    if draws:
        draw(spec)


_AXIS = {
    "labelColor": INK_3,
    "labelFontSize": 12,
    "titleColor": INK_3,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
    "gridColor": RULE,
    "domainColor": INK,
    "tickColor": INK,
}

CONFIG: dict[str, Any] = {
    "background": WHITE,
    "font": FONT,
    "padding": 0,
    "axis": _AXIS,
    "header": {"labelColor": INK, "labelFontSize": 12, "title": None},
    "legend": {"labelColor": INK, "labelFontSize": 12, "titleColor": INK_2, "titleFontSize": 12},
    "mark": {"color": INK_2},
    "text": {"color": INK, "fontSize": 14},
    "title": {"color": INK, "fontSize": 14, "fontWeight": "bold", "anchor": "start"},
    "view": {"stroke": None},
}
