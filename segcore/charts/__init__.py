"""Frames → Altair charts, in the colours and type of the report.

A chart function takes a small frame and gives back a chart of Altair with real scales and axes: it
can be changed like any other (``charts.trend(frame).properties(width=300)``) and made from own data.
``enable()`` at the top of a notebook makes every chart appear as a drawing, without any request to
the network.
"""

from __future__ import annotations

from segcore.charts.causes import causes
from segcore.charts.colours import Colour, palette
from segcore.charts.drawing import (
    CHARTS,
    UNDRAWN,
    TwoWidths,
    bundle,
    complete,
    drawn_by,
    enable,
    html_bundle,
    picture,
    place,
    specification,
    svg,
)
from segcore.charts.flow import flow
from segcore.charts.funnel import funnel
from segcore.charts.history import history
from segcore.charts.sizes import orders_by_month, segment_sizes
from segcore.charts.spread import spread
from segcore.charts.trend import trend

__all__ = [
    "CHARTS",
    "UNDRAWN",
    "Colour",
    "TwoWidths",
    "bundle",
    "causes",
    "complete",
    "drawn_by",
    "enable",
    "flow",
    "funnel",
    "history",
    "html_bundle",
    "orders_by_month",
    "palette",
    "picture",
    "place",
    "segment_sizes",
    "specification",
    "spread",
    "svg",
    "trend",
]
