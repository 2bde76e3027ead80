"""The one look of all charts: type, colours of axes, and what several of them draw alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from typing import Any, TypeAlias, TypeVar, cast

from segcore import language, wording
from segcore.charts.colours import GRID, INK, INK_2, INK_3, WHITE, Colour
from segcore.grammars import without_grammars

Chart: TypeAlias = Any
"""A chart of Altair. Its annotations refuse what its documentation shows, so charts go untyped."""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert brings Liberation Sans along for machines that have none."""

_TEXT = {"labelColor": INK_2, "labelFontSize": 12, "titleColor": INK_3, "titleFontSize": 12}

CONFIG: dict[str, Any] = {
    "background": WHITE,
    "font": FONT,
    "padding": 4,
    "axis": {**_TEXT, "titleFontWeight": "normal", "gridColor": GRID, "domainColor": INK, "tickColor": INK},
    "axisX": {"grid": False, "titleAnchor": "end", "labelFlush": True},
    "axisY": {"domain": False, "ticks": False, "tickCount": 3, "minExtent": 32},
    "header": {"labelColor": INK, "labelFontSize": 12, "title": None},
    "legend": {**_TEXT, "labelColor": INK},
    "mark": {"color": INK_2},
    "text": {"color": INK, "fontSize": 12},
    "title": {"color": INK, "fontSize": 14, "fontWeight": "bold", "anchor": "start"},
    "view": {"stroke": None},
}


def config() -> dict[str, Any]:
    """The look of all charts, with numbers and dates as they are written in the language that is spoken."""
    if language.current() == "en":
        return CONFIG
    written = wording.spelling()
    number = {
        "thousands": written.thousands,
        "decimal": written.decimal,
        "grouping": [3],
        "currency": ["", ""],
    }
    time = {
        "dateTime": "%x, %X",
        "date": "%d.%m.%Y",
        "time": "%H:%M:%S",
        "periods": ["", ""],
        "days": [""] * 7,
        "shortDays": [""] * 7,
        "months": list(written.months),
        "shortMonths": list(written.short_months),
    }
    return {**CONFIG, "locale": {"number": {**number, "currency": ["", ""]}, "time": time}}


PLAIN: dict[str, Any] = {"align": "left", "baseline": "middle", "aria": False}
HALO: dict[str, Any] = {"color": INK, "stroke": WHITE, "strokeWidth": 4, "strokeJoin": "round", "aria": False}
"""How text is drawn beside marks, and where it crosses lines: with a white edge behind the letters."""

Drawing = TypeVar("Drawing", bound=Callable[..., Any])


def people(number: int) -> str:
    """``1 customer``, ``3,012 customers``."""
    return wording.plural(number, language.say("customer"), language.say("customers"))


def altair() -> Any:
    """Altair, imported when the first chart is made, for that takes half a second."""
    without_grammars()
    import altair as alt

    return alt


def unchecked(function: Drawing) -> Drawing:
    """Build a chart without checking each part against the schema of Vega-Lite, and without copying each.

    Checks and copies take most of the time, and the tests make them once for every chart.
    """

    @wraps(function)
    def build(*args: Any, **options: Any) -> Any:
        from altair.utils.schemapi import debug_mode

        with debug_mode(False), _marks_shared():
            return function(*args, **options)

    return cast(Drawing, build)


@contextmanager
def _marks_shared() -> Iterator[None]:
    """Let copies of a chart share its marks and channels, which none of our functions changes once made.

    Altair copies all of a chart for every layer that it becomes part of, a mark's ninety settings one by
    one. An Altair that does so by another function goes on as it is.
    """
    alt, schemapi = altair(), cast(Any, import_module("altair.utils.schemapi"))
    copied = getattr(schemapi, "_deep_copy", None)
    own = (alt.TopLevelMixin, alt.Encoding, alt.FacetedEncoding)

    def shared(part: Any, by_ref: set[str]) -> Any:
        kept = isinstance(part, schemapi.SchemaBase) and not isinstance(part, own)
        return part if kept or copied is None else copied(part, by_ref)

    schemapi._deep_copy = shared
    try:
        yield
    finally:
        schemapi._deep_copy = copied


def segment(channel: Any, palette: Mapping[str, Colour], part: str) -> Any:
    """A colour channel of the field ``segment``, by one part of the colours: fill, outline or text."""
    shades = [getattr(colour, part) for colour in palette.values()]
    return channel("segment:N", legend=None, scale=altair().Scale(domain=list(palette), range=shades))


def chips(base: Chart, palette: Mapping[str, Colour], *at: Any) -> list[Chart]:
    """Squares in the segments' colours with their numbers, as two layers around the channels ``at``.

    ``base`` has a row for each segment with the fields segment and number.
    """
    alt = altair()
    look = {"size": 256, "opacity": 1, "strokeWidth": 1, "aria": False}
    colours = segment(alt.Fill, palette, "fill"), segment(alt.Stroke, palette, "outline")
    number = base.mark_text(**{**PLAIN, "align": "center"}, fontWeight="bold", dy=1)
    return [
        base.mark_square(**look).encode(*colours, *at),
        number.encode(alt.Text("number:N"), segment(alt.Color, palette, "text"), *at),
    ]
