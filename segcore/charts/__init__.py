"""Frames → Altair charts, in the colours, type and measures of the report.

A chart function takes a small frame and gives back an Altair chart, or :class:`TwoWidths` where a
phone needs another one. ``enable()`` at the top of a notebook makes every chart appear as an
interactive specification and as a picture, without any request to the network.
"""

from __future__ import annotations

from segcore.charts.colours import Colour, palette, segment_colours
from segcore.charts.drawing import (
    CHARTS,
    TwoWidths,
    bundle,
    complete,
    enable,
    html_bundle,
    picture,
    place,
    svg,
)
from segcore.charts.flow import Flow, flow
from segcore.charts.histogram import Bars, histogram
from segcore.charts.history import history, nice_ceiling
from segcore.charts.renderer import PHONE, VEGA_LITE, Drawn
from segcore.charts.trend import orders_by_month, segment_sizes, sparkline

__all__ = [
    "CHARTS",
    "PHONE",
    "VEGA_LITE",
    "Bars",
    "Colour",
    "Drawn",
    "Flow",
    "TwoWidths",
    "bundle",
    "complete",
    "enable",
    "flow",
    "histogram",
    "history",
    "html_bundle",
    "nice_ceiling",
    "orders_by_month",
    "palette",
    "picture",
    "place",
    "segment_colours",
    "segment_sizes",
    "sparkline",
    "svg",
]
