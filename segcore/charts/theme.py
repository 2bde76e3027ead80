"""The one look of all charts: font, sizes of type, colours of axes. Positions are left to the scales."""

from __future__ import annotations

from typing import Any

from segcore.charts.colours import INK, INK_2, INK_3, RULE, WHITE

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert brings Liberation Sans along for machines that have none."""

AXIS = {
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
    "padding": 4,
    "axis": AXIS,
    "axisY": {"domain": False, "ticks": False, "tickCount": 3, "titleAnchor": "end"},
    "axisX": {"grid": False, "titleAnchor": "end"},
    "header": {"labelColor": INK, "labelFontSize": 12, "title": None},
    "legend": {"labelColor": INK, "labelFontSize": 12, "titleColor": INK_2, "titleFontSize": 12},
    "mark": {"color": INK_2},
    "text": {"color": INK, "fontSize": 12},
    "title": {"color": INK, "fontSize": 14, "fontWeight": "bold", "anchor": "start"},
    "view": {"stroke": None},
}
