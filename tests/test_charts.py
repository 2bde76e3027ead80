"""What the charts show: valid specifications, texts that can be read, values by their scales."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pandas as pd
import pytest
from altair.utils import schemapi
from conftest import ROOT
from small_charts import BARS, COLOURS, COUNTS, DATES, DRAWN, MOVES, ORDERS, RUNS, SEGMENTS, SIZES, TREND
from small_model import variable

from segcore import charts

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = {"trend": 112, "causes": 720, "causes for phones": 358,
          "flow": 720, "flow for phones": 358, "spread": 720, "spread for phones": 358,
          "history": 720, "history for phones": 358, "funnel": 720, "funnel for phones": 358}  # fmt: skip


def root(chart: Any) -> ElementTree.Element:
    return ElementTree.fromstring(charts.svg(chart))


def texts(element: ElementTree.Element, x: float = 0, y: float = 0, **look: str) -> Iterator[dict[str, Any]]:
    """All texts with their left and right ends, their base lines and their weights; upright ones only."""
    move = element.get("transform", "")
    if "rotate" in move:
        return
    found = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", move)
    x, y = (x + float(found[1]), y + float(found[2])) if found else (x, y)
    look = {**look, **element.attrib}
    if element.tag == f"{SVG}text" and element.text:
        size = float(look["font-size"].removesuffix("px"))
        narrow = len(re.findall(r"[ .,:;!'|ijlt()\-/]", element.text))
        width = size * (0.3 * narrow + 0.556 * (len(element.text) - narrow))
        left = x - {"middle": width / 2, "end": width}.get(look.get("text-anchor", ""), 0)
        yield {"text": element.text, "x": left, "x2": left + width, "y": y, "size": size,
               "bold": look.get("font-weight") == "bold"}  # fmt: skip
    for child in element:
        yield from texts(child, x, y, **look)


def written(chart: Any) -> list[str]:
    return [one["text"] for one in texts(root(chart))]


def marks(chart: Any) -> list[str]:
    """What the marks say when a pointer rests on them."""
    return [str(title.text) for title in root(chart).iterfind(f".//{SVG}*/{SVG}title")]


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_valid_and_is_drawn_within_its_width(name):
    chart = DRAWN[name]()
    chart.to_dict(validate=True)
    width = float(root(chart).get("width", 0))
    assert width <= WIDTHS.get(name, 720)
    assert name != "trend" or charts.svg(chart).startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" width="112" height="32"'
    )


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_whose_copies_share_their_marks_is_the_one_that_altair_makes(name, monkeypatch):
    shared = charts.specification(DRAWN[name]())
    monkeypatch.setattr("segcore.charts.theme._marks_shared", nullcontext)
    assert charts.specification(DRAWN[name]()) == shared


def test_elsewhere_altair_copies_as_ever():
    alt, copied = charts.theme.altair(), schemapi._deep_copy
    DRAWN["trend"]()
    assert schemapi._deep_copy is copied
    chart = alt.Chart().mark_point().encode(alt.X("x:Q"))
    assert chart.copy().encoding.x is not chart.encoding.x


@pytest.mark.parametrize("name", DRAWN)
def test_texts_of_a_chart_do_not_overlap(name):
    boxes = [
        (t["text"], t["x"], t["x2"], t["y"] - 0.7 * t["size"], t["y"]) for t in texts(root(DRAWN[name]()))
    ]
    over = [
        (a[0], b[0])
        for a, b in combinations(boxes, 2)
        if a[1] < b[2] and b[1] < a[2] and a[3] < b[4] and b[3] < a[4]
    ]
    assert over == []


def test_charts_are_the_same_in_every_time_zone():
    names = ("history", "orders by month", "trend")
    code = (
        "import small_charts as s\nfrom segcore import charts\n"
        f"for name in {names}: print(charts.svg(s.DRAWN[name]()))"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    here = "".join(f"{charts.svg(DRAWN[name]())}\n" for name in names)
    found = {hashlib.sha256(here.encode()).hexdigest()}
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        env = {**os.environ, "TZ": zone, "PYTHONPATH": path}
        made = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
        found.add(hashlib.sha256(made.stdout).hexdigest())
        assert made.stdout.count(b"<svg") == 3
    assert len(found) == 1


def test_an_axis_is_changed_in_one_line():
    chart = charts.segment_sizes(COUNTS).configure_axisX(labelFontSize=20)
    chart.to_dict(validate=True)
    assert {t["size"] for t in texts(root(chart)) if t["text"] in "012345"} == {20}
    assert {t["size"] for t in texts(root(chart)) if t["text"] in SEGMENTS} == {12}


def test_the_flow_says_sizes_changes_and_those_bands_that_have_the_room():
    found = written(DRAWN["flow"]())
    assert {"14 Feb", "31 Mar", "Champions", "202", "212 (+10)", "645 (−16)", "17", "180 stayed"} <= set(
        found
    )
    assert not {"12", "7", "3"} & set(found)  # under 13 customers a band has no label
    assert "24 customers from Loyal to Champions" in marks(DRAWN["flow"]())
    assert root(DRAWN["flow"]()).findtext(f"{SVG}desc") == (
        "Champions 212 (+10); Loyal 481 (+21); Needs attention 645 (−16); Lost 352 (−19); 156 moved"
    )


def test_history_says_the_change_in_each_head_and_marks_a_changed_model():
    found = written(DRAWN["history"]())
    assert [t for t in found if t.startswith("+")] == ["+10"] * 4
    assert [t["text"] for t in texts(root(DRAWN["history"]())) if t["bold"]] == [
        text for number, last in zip("1234", ("110", "210", "310", "410"), strict=True)
        for text in (last, number, "+10")
    ]  # fmt: skip
    assert found.count("May 25") == found.count("Aug 25") == 4
    assert marks(DRAWN["history"]())[:2] == ["Champions, 15 May 2025: 100", "Champions, 29 June 2025: 105"]
    dotted = [
        charts.svg(DRAWN[name]()).count("stroke-dasharray") for name in ("history", "history for phones")
    ]
    assert dotted == [8, 0]


def test_the_axis_of_history_runs_by_real_time():
    late = SIZES.replace({RUNS[1]: dt.date(2025, 8, 1)})
    places = [
        float(re.findall(r"translate\(([\d.]+),[\d.]+\)\"[^>]*><title>Champions, ", charts.svg(one))[1])
        for one in (charts.history(SIZES, COLOURS), charts.history(late, COLOURS))
    ]
    assert places[0] == pytest.approx(places[1] * 45 / 78, abs=0.2)


def test_a_retired_segment_comes_last_and_grey():
    old = pd.DataFrame(
        [(day, "Old", n) for day, n in zip(RUNS, (9, 4, 0), strict=True)], columns=SIZES.columns
    )
    chart = charts.history(pd.concat([SIZES, old]), COLOURS)
    assert [t for t in written(chart) if t in {*SEGMENTS, "Old"}] == [*SEGMENTS, "Old"]
    assert "#8D97A5" in charts.svg(chart)


def test_runs_within_a_month_are_told_apart_by_their_days():
    days = {run: dt.date(2025, 5, day) for run, day in zip(RUNS, (1, 9, 20), strict=True)}
    close = SIZES.assign(run_date=SIZES["run_date"].map(days))
    assert {"1 May", "20 May"} <= set(written(charts.history(close, COLOURS)))


def test_spread_names_its_axes_writes_its_edges_and_who_is_not_drawn():
    chart = DRAWN["spread"]()
    assert {"Orders", "≤ 1", "≤ 3", "class 1", "class 2", "class 3"} <= set(written(chart))
    assert "12 months; 4 customers further right" in written(chart)
    assert ">customers<" in charts.svg(chart)
    assert marks(chart) == [
        "Champions, 4: 1", "Loyal, 1: 7", "Lost, 1: 3", "Lost, 2: 2",
        "Edge at 1", "Edge at 3", "Edge at 2 by this run's data", "Edge at 3 by this run's data",
    ]  # fmt: skip
    assert charts.bundle(chart)[0]["text/plain"] == (
        "Orders: customers by value. Edges in use: 1 and 3; the candidate's: 2 and 3"
    )


def test_a_kept_edge_outside_the_data_stands_at_the_end_of_the_axis():
    chart = charts.spread(BARS, replace(ORDERS, classes=4, edges=(-2, 1, 9)), COLOURS)
    assert {"← −2", "≤ 1", "9 →"} <= set(written(chart))


def test_a_log_axis_says_so_and_is_one():
    bars = pd.DataFrame({"lower": [0.0, 9.0], "upper": [9.0, 99.0], "customers": [3, 5]})
    log = replace(variable((9.0,)), scale="log", unit="EUR")
    assert {"Share", "EUR, log axis", "1", "10", "50"} <= set(written(charts.spread(bars, log)))
    widths = [
        float(w)
        for w in re.findall(r"<path d=\"M[\d.]+,[\d.]+h([\d.]+)", charts.svg(charts.spread(bars, log)))
    ]
    assert widths == [pytest.approx(326, abs=1)] * 2  # ln(1 + 9) is half of ln(1 + 99)


def test_class_k_is_best_at_either_end():
    def classes(better: str) -> list[str]:
        edges = replace(variable((1, 3), better), unit="orders")
        found = [t for t in texts(root(charts.spread(BARS, edges))) if t["text"].startswith("class")]
        return [t["text"] for t in sorted(found, key=lambda t: t["x"])]

    assert classes("high") == ["class 1", "class 2", "class 3"]
    assert classes("low") == ["class 3", "class 2", "class 1"]


def test_edges_that_crowd_stand_on_two_lines():
    bars = pd.DataFrame({"lower": [0.5, 9.5], "upper": [9.5, 40.5], "customers": [1, 2]})

    def heights(*edges: int) -> list[float]:
        chart = charts.spread(bars, replace(ORDERS, classes=len(edges) + 1, edges=edges), phone=True)
        return [t["y"] for t in texts(root(chart)) if t["text"].startswith("≤")]

    apart, (first, second, third) = heights(5, 20), heights(5, 9, 20)
    assert apart[0] == apart[1]
    assert first == third == second + 14


def test_segment_sizes_write_numbers_and_shares_beside_chips():
    found = written(DRAWN["segment sizes"]())
    assert {"1", "2", "3", "4", "5 (50%)", "0 (0%)", "Needs attention"} <= set(found)
    assert "customers" in found


def test_a_trend_has_a_line_at_zero_only_where_values_go_below():
    assert written(charts.trend(TREND)) == ["0"]
    assert written(charts.trend(TREND.assign(value=[5, 5, 5]))) == []
    assert marks(charts.trend(TREND.tail(1))) == []
    assert charts.bundle(charts.trend(TREND))[0]["text/plain"] == "Trend over 2 runs. From 1 to −4"
    assert charts.bundle(charts.trend(TREND, says="Net moves"))[0]["text/plain"] == "Net moves"


def test_a_hostile_segment_is_a_text_in_every_chart():
    name = "</text><script>alert(1)</script>\x1b"
    colours = charts.palette([name, *SEGMENTS[1:]], 2)
    hostile = {"Champions": name}
    drawn = [
        charts.flow(MOVES.replace(hostile), colours, DATES),
        charts.history(SIZES.replace(hostile), colours),
        charts.spread(BARS.replace(hostile), ORDERS, colours),
        charts.segment_sizes(COUNTS.replace(hostile), colours),
    ]
    for chart in drawn:
        tags = {element.tag for element in root(chart).iter()}
        assert tags <= {SVG + tag for tag in ("svg", "title", "desc", "g", "path", "line", "rect", "text")}
        assert "&lt;script&gt;" in charts.svg(chart)
