"""What the report's charts share: layers on a canvas of an exact size, text in three sizes, halos.

Channels are given as objects of Altair, for it takes some milliseconds to make sense of a shorthand
like ``x2="x2:Q"``, and a report has a hundred layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

from segcore.charts.colours import INK, INK_3, WHITE
from segcore.charts.renderer import CONFIG

Row = Mapping[str, Any]
Layer: TypeAlias = Any
"""A chart of Altair. Its annotations refuse what its documentation shows, so layers go untyped."""


@dataclass(frozen=True)
class Canvas:
    """A drawing of one size in px, on whose layers ``x`` and ``y`` are px from its upper left end."""

    width: float
    height: float

    def draw(self, rows: Sequence[Row], mark: str, *fields: str, **look: Any) -> Layer:
        """One layer.

        Parameters
        ----------
        rows
            Plain numbers and texts; all have x and y.
        mark
            Altair's mark: area, line, point, rect, rule or text.
        *fields
            Which channels take their value from the field of the same name: x2, y2, text, detail,
            and color, fill and stroke, whose fields hold the colours themselves. ``says`` is the
            text that appears when a pointer rests on the mark.
        **look
            Properties of the mark.
        """
        import altair as alt

        make: Any = alt
        layer = make.Chart(make.InlineData(values=[dict(row) for row in rows]))
        drawn = getattr(layer, f"mark_{mark}")(**look)
        return drawn.encode(
            x=make.X(field="x", type="quantitative", axis=None, scale=_pixels(self.width)),
            y=make.Y(field="y", type="quantitative", axis=None, scale=_pixels(self.height)),
            **{CHANNEL_OF.get(field, field): _channel(field) for field in fields},
        )

    def text(
        self, rows: Sequence[Row], *fields: str, size: int = 12, bold: bool = False, **look: Any
    ) -> Layer:
        """A layer of text: the field ``text`` with its base line at x and y."""
        common = {"align": "left", "baseline": "alphabetic", "color": INK_3, "fontSize": size}
        weight = "bold" if bold else "normal"
        return self.draw(rows, "text", "text", *fields, **{**common, "fontWeight": weight, **look})

    def text_with_halo(self, rows: Sequence[Row], *, bold: bool = False, align: str = "left") -> list[Layer]:
        """Text in ink with a white edge of 4 px around it, for places where it crosses a line."""
        edge: dict[str, Any] = {"stroke": WHITE, "strokeWidth": 4, "strokeJoin": "round", "color": WHITE}
        return [
            self.text(rows, bold=bold, align=align, **edge),
            self.text(rows, bold=bold, align=align, color=INK),
        ]

    def sized(self, *layers: Layer, says: str) -> Layer:
        """The layers as a chart of exactly this size; ``says`` is what it shows, in words."""
        import altair as alt

        make: Any = alt
        return make.layer(*layers).properties(
            width=self.width,
            height=self.height,
            padding=0,
            autosize=make.AutoSizeParams(type="none", contains="padding"),
            description=says,
            config=CONFIG,
        )


Drawing = TypeVar("Drawing", bound=Callable[..., Any])


def unchecked(function: Drawing) -> Drawing:
    """Build a chart without checking each part against the schema of Vega-Lite.

    The checks take half the time, and the tests make them once for every chart.
    """

    @wraps(function)
    def build(*args: Any, **options: Any) -> Any:
        from altair.utils.schemapi import debug_mode

        with debug_mode(False):
            return function(*args, **options)

    return cast(Drawing, build)


CHANNEL_OF = {"says": "tooltip"}


def by_place(colours: Sequence[str]) -> dict[str, Any]:
    """Options of a colour channel whose field ``s`` is a place in a list of colours."""
    import altair as alt

    scale: Any = alt.Scale
    return {
        "field": "s",
        "type": "ordinal",
        "legend": None,
        "scale": scale(domain=list(range(len(colours))), range=list(colours)),
    }


def text_width(value: str, size: int = 12, *, bold: bool = False) -> float:
    """About how wide a text is, in px, in Arial and the fonts that copy its measures."""
    narrow = sum(character in " .,:;!'|ijlt()-/" for character in value)
    per_em = 0.3 * narrow + 0.556 * (len(value) - narrow)
    return size * per_em * (1.08 if bold else 1.0)


def _pixels(length: float) -> Any:
    """A scale on which one unit is one pixel."""
    import altair as alt

    return alt.Scale(domain=[0, length], range=[0, length], nice=False, zero=False)


def _channel(field: str) -> Any:
    import altair as alt

    make: Any = alt
    if field in ("x2", "y2"):
        return {"x2": make.X2, "y2": make.Y2}[field](field=field)
    if field in ("color", "fill", "stroke"):
        kind = {"color": make.Color, "fill": make.Fill, "stroke": make.Stroke}[field]
        return kind(field=field, type="nominal", scale=None, legend=None)
    if field == "says":
        return make.Tooltip(field=field, type="nominal", title=" ")
    return {"text": make.Text, "detail": make.Detail}[field](field=field, type="nominal")
