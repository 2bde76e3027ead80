"""How charts appear: as a specification for browsers and as a picture for everything else.

In a run the notebooks give the specifications only, and the runner draws the pictures of all of them
(:func:`complete`): the first picture of a process takes a second. A notebook on its own draws its own.
The bytes are the same.

A picture is what GitHub, JupyterLab, Quarto and mail show, and what a page keeps until its script
has drawn the specification. It is drawn in process by vl-convert with the font Liberation Sans, which
vl-convert brings along for machines that have none. On one machine the same chart gives the same
bytes; another version of the font may shift the edges of letters by a shade.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore.charts.colours import INK, INK_2, INK_3, RULE, WHITE
from segcore.charts.png import smaller

if TYPE_CHECKING:
    import altair as alt

VEGA_LITE = "application/vnd.vegalite.v6+json"
PHONE = "application/vnd.segcore.phone+json"
"""The type of the narrower specification beside the one of :data:`VEGA_LITE`."""

CHARTS = "SEGCORE_CHARTS"
"""The environment variable that says how charts appear: "specification" leaves the picture out, "off"
leaves only what the chart shows in words."""

PNG = "image/png"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
NAME = "segcore"

Bundle = dict[str, Any]

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


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
    """The forms of a chart by media type: specification, picture, and its title as text."""
    how = os.environ.get(CHARTS)
    said = {"text/plain": words(spec)}
    if how == "off":
        return said
    bundle = {VEGA_LITE: spec, **said}
    return bundle if how == "specification" else complete(bundle)


def complete(bundle: Bundle) -> Bundle:
    """The forms of a chart with its picture; what is no chart, or has one, stays as it is."""
    if VEGA_LITE not in bundle or PNG in bundle:
        return bundle
    return {**bundle, PNG: base64.b64encode(picture(bundle[VEGA_LITE])).decode("ascii")}


def picture(spec: dict[str, Any]) -> bytes:
    """The chart as a PNG, one pixel of the picture for one of the page."""
    import vl_convert

    return smaller(vl_convert.vegalite_to_png(_drawable(spec), scale=1))


def _drawable(spec: Any) -> Any:
    """A specification whose texts XML can hold, as pictures are drawn from it; others abort the process."""
    if isinstance(spec, str):
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", spec)
    if isinstance(spec, dict):
        return {_drawable(key): _drawable(value) for key, value in spec.items()}
    return [*map(_drawable, spec)] if isinstance(spec, list | tuple) else spec


def words(spec: dict[str, Any]) -> str:
    """What a chart shows, in words: its description, or its title."""
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, dict) else title
    return str(spec.get("description") or (" ".join(text) if isinstance(text, list) else text) or "Chart")


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
