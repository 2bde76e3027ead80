"""Charts that Vega-Lite accepts, and how they appear."""

from __future__ import annotations

import struct

import pytest
from segcore.charts.renderer import picture, words
from small_charts import BARS, COLOURS, COUNTS, MONTHS, MOVES, RUNS, SIZES

from segcore import charts

DRAWN = {
    "sparkline": charts.sparkline([1, 2, None, 4], says="Customers"),
    "sparkline with zero": charts.sparkline([None, -2, 3], says="Moves", zero=True),
    "flow": charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar")).wide,
    "flow for phones": charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar")).phone,
    "history": charts.history(SIZES, COLOURS, changed=[RUNS[1]]).wide,
    "history for phones": charts.history(SIZES, COLOURS).phone,
    "histogram": charts.histogram(BARS, COLOURS),
    "orders by month": charts.orders_by_month(MONTHS),
    "segment sizes": charts.segment_sizes(COUNTS, COLOURS),
    "segment sizes without colours": charts.segment_sizes(COUNTS),
}


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_valid_and_gives_the_same_picture_twice(name):
    spec = DRAWN[name].to_dict(validate=True)
    first, second = picture(spec), picture(spec)
    assert first == second
    assert first.startswith(b"\x89PNG")
    if name != "orders by month":
        assert struct.unpack(">II", first[16:24]) == (spec["width"], round(spec["height"]))


@pytest.mark.parametrize(
    ("name", "width"),
    [("flow", 720), ("flow for phones", 358), ("history", 720), ("history for phones", 358)],
)
def test_wide_charts_come_in_two_widths(name, width):
    assert DRAWN[name].to_dict()["width"] == width


def test_the_phone_s_chart_stands_beside_the_wide_one():
    bundle = charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar"))._repr_mimebundle_()
    assert sorted(bundle) == [charts.PHONE, charts.VEGA_LITE, "image/png", "text/plain"]
    assert (bundle[charts.VEGA_LITE]["width"], bundle[charts.PHONE]["width"]) == (720, 358)


def test_charts_that_are_off_appear_as_their_words_alone(monkeypatch):
    monkeypatch.setenv("SEGCORE_CHARTS", "off")
    flow = charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar"))
    assert flow._repr_mimebundle_() == {
        "text/plain": "Flows of customers between segments from 14 Feb to 31 Mar"
    }
    assert charts.Drawn(DRAWN["sparkline"])._repr_mimebundle_() == {"text/plain": "Customers"}


def test_words_of_a_chart_fall_back_to_its_title():
    assert words({"title": {"text": ["two", "lines"]}}) == "two lines"
    assert words({"description": "said", "title": "titled"}) == "said"
    assert words({}) == "Chart"
