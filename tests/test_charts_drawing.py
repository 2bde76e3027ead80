"""Where things stand in the charts: bands, labels, lines and bars."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import pandas as pd
import pytest
from small_charts import BARS, COLOURS, MOVES, RUNS, SEGMENTS, SIZES, moves

from segcore import charts
from segcore.charts.canvas import text_width
from segcore.charts.flow import PITCH, Flow


def texts(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of text layers, with the size of their type and how they are aligned."""
    found = []
    for layer in spec["layer"]:
        mark = layer["mark"]
        if mark["type"] == "text" and mark["color"] != "#FFFFFF":
            rows = layer["data"].get("values") or spec["datasets"][layer["data"]["name"]]
            found += [
                {**row, "size": mark["fontSize"], "align": mark["align"], "weight": mark["fontWeight"]}
                for row in rows
            ]
    return found


def box(row: dict[str, Any]) -> tuple[float, float, float, float]:
    width = text_width(row["text"], row["size"], bold=row["weight"] == "bold")
    left = row["x"] - {"left": 0, "center": width / 2, "right": width}[row["align"]]
    return left, left + width, row["y"] - 0.72 * row["size"], row["y"]


def overlapping(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (one["text"], other["text"])
        for one, other in combinations([r for r in rows if r["text"]], 2)
        if (a := box(one))[0] < (b := box(other))[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
    ]


def test_movers_are_to_scale_and_who_stayed_is_one_thickness():
    laid = Flow.of(MOVES, SEGMENTS)
    assert {band.thickness for band in laid.bands if band.stayed} == {14}
    assert all(band.thickness == band.customers for band in laid.bands if not band.stayed)
    assert [(node.name, node.customers) for node in laid.before] == [
        ("Champions", 202), ("Loyal", 460), ("Needs attention", 661), ("Lost", 371),
    ]  # fmt: skip
    assert [node.customers for node in laid.after] == [212, 481, 645, 352]


def test_bands_fill_their_nodes_without_overlapping():
    laid = Flow.of(MOVES, SEGMENTS)
    for nodes, start, place in ((laid.before, "left", "before"), (laid.after, "right", "after")):
        for node in nodes:
            own = sorted(
                (getattr(b, start), b.thickness) for b in laid.bands if getattr(b, place) == node.place
            )
            ends = [(top, top + thick) for top, thick in own]
            assert ends[0][0] == pytest.approx(node.top)
            assert ends[-1][1] == pytest.approx(node.bottom)
            assert [a[1] for a in ends[:-1]] == pytest.approx([b[0] for b in ends[1:]])


def test_many_movers_are_scaled_down_to_285_px():
    many = moves([9000, 1000, 0, 0], [1000, 9000, 500, 0], [0, 500, 9000, 0], [0, 0, 0, 9000])
    bands = [band for band in Flow.of(many, SEGMENTS).bands if not band.stayed]
    assert sum(band.thickness for band in bands) == pytest.approx(285)
    assert bands[0].thickness == pytest.approx(95)


def test_thin_bands_are_drawn_last_and_stayers_first():
    bands = Flow.of(MOVES, SEGMENTS).bands
    moved = [band.thickness for band in bands if not band.stayed]
    assert [band.stayed for band in bands] == [True] * 4 + [False] * len(moved)
    assert moved == sorted(moved, reverse=True)


def test_nobody_moved_leaves_room_for_every_label():
    laid = Flow.of(moves([5, 0, 0, 0], [0, 0, 0, 0], [0, 0, 3, 0], [0, 0, 0, 2], gone=0), SEGMENTS)
    for nodes in (laid.before, laid.after):
        middles = [(node.top + node.bottom) / 2 for node in nodes]
        assert min(b - a for a, b in pairwise(middles)) >= PITCH


def test_a_retired_segment_stands_on_the_left_only():
    laid = Flow.of(
        moves([5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5], retired=(1, 0, 3, 0)), SEGMENTS
    )
    assert [node.name for node in laid.before] == [*SEGMENTS, "Old"]
    assert [node.name for node in laid.after] == SEGMENTS
    assert [(b.after, b.customers) for b in laid.bands if b.before == 4] == [(2, 3), (0, 1)]


@pytest.mark.parametrize("kind", ["wide", "phone"])
def test_labels_of_the_flow_do_not_overlap(kind):
    drawn = getattr(charts.flow(MOVES, COLOURS, ("14 Feb", "31 Mar")), kind)
    found = texts(drawn.to_dict())
    assert overlapping(found) == []
    written = {row["text"] for row in found}
    assert {"17", "24", "31", "14 Feb", "31 Mar", "(+10)", "(−16)"} <= written
    assert not {"12", "7", "3"} & written  # under 13 customers a band has no label


def test_a_hostile_segment_stays_a_text_in_the_specification():
    name = "</script><script>alert(1)</script>"
    hostile = MOVES.replace({"Champions": name})
    drawn = charts.flow(hostile, COLOURS, ("14 Feb", "31 Mar")).wide.to_dict(validate=True)
    assert name in {row["text"] for row in texts(drawn)}


def test_small_multiples_share_one_scale_from_zero():
    spec = charts.history(SIZES, COLOURS).wide.to_dict()
    found = texts(spec)
    assert overlapping(found) == []
    assert [row["text"] for row in found if row["weight"] == "bold"] == [
        "110",
        "210",
        "310",
        "410",
        "1",
        "2",
        "3",
        "4",
    ]
    assert [row["text"] for row in found if row["text"].startswith(("May", "Aug"))] == ["May 25"] * 4 + [
        "Aug 25"
    ] * 4


def test_a_retired_segment_comes_last_and_grey():
    old = pd.DataFrame(
        [(day, "Old", None, n) for day, n in zip(RUNS, (9, 4, 0), strict=True)], columns=SIZES.columns
    )
    spec = charts.history(pd.concat([SIZES, old]), COLOURS).wide.to_dict()
    names = [row["text"] for row in texts(spec) if row["text"] in {*SEGMENTS, "Old"}]
    assert names == [*SEGMENTS, "Old"]


def test_runs_within_a_month_are_told_apart_by_their_days():
    close = SIZES.assign(
        run_date=SIZES["run_date"].map(
            dict(zip(RUNS, [dt.date(2025, 5, d) for d in (1, 9, 20)], strict=True))
        )
    )
    found = {row["text"] for row in texts(charts.history(close, COLOURS).wide.to_dict())}
    assert {"1 May", "20 May"} <= found


def test_a_changed_model_is_marked_halfway_between_two_runs():
    def rules(drawn: Any) -> int:
        return sum(layer["mark"]["type"] == "rule" for layer in drawn.wide.to_dict()["layer"])

    assert rules(charts.history(SIZES, COLOURS)) == 1  # the grid
    assert rules(charts.history(SIZES, COLOURS, changed=[RUNS[2]])) == 3


@pytest.mark.parametrize(
    ("largest", "ceiling"),
    [
        (0, 2),
        (1, 2),
        (2, 2),
        (3, 4),
        (10, 10),
        (11, 12),
        (97, 100),
        (101, 120),
        (742, 800),
        (1201, 1600),
        (81_000, 100_000),
    ],
)
def test_the_end_of_a_scale_is_round_and_has_a_round_half(largest, ceiling):
    assert charts.nice_ceiling(largest) == ceiling


def test_labels_of_a_histogram_do_not_overlap():
    found = texts(charts.histogram(BARS, COLOURS).to_dict())
    assert overlapping(found) == []
    written = [row["text"] for row in found]
    assert "4 further right" in written
    assert {"≤ 1", "≤ 3", "class"} <= set(written)


def test_edges_that_crowd_get_a_second_line_or_none():
    crowded = replace(
        BARS, edges=[(i + 0.5, f"{1000 + i}") for i in (1, 2, 3)], starts=[0.5, 400.5], whole=False
    )
    crowded = replace(crowded, frame=crowded.frame.assign(bar=0), candidate=())
    found = texts(charts.histogram(crowded, COLOURS).to_dict())
    assert overlapping(found) == []


def test_class_k_is_best_at_either_end():
    def classes(better: str) -> list[str]:
        found = texts(charts.histogram(replace(BARS, better=better), COLOURS).to_dict())
        return [r["text"] for r in sorted(found, key=lambda r: r["x"]) if r["text"] in "123" and r["y"] < 60]

    assert classes("high") == ["1", "2", "3"]
    assert classes("low") == ["3", "2", "1"]


def test_bars_stack_the_segments_with_the_best_at_the_bottom():
    spec = charts.histogram(BARS, COLOURS).to_dict()
    layer = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect")
    rows = layer["data"].get("values") or spec["datasets"][layer["data"]["name"]]
    first = [(row["s"], row["n"]) for row in rows if row["x"] < 100]
    assert first == [(1, 7), (3, 3)]
    assert rows[0]["y2"] == rows[1]["y"]


def test_a_trend_stands_where_it_is_with_one_run_or_none_before():
    spec = charts.sparkline([5], says="Customers").to_dict()
    assert next(iter(spec["datasets"].values())) == [{"x": 108.0, "y": 16.0}]
    flat = charts.sparkline([5, 5], says="Customers").to_dict()
    assert {row["y"] for rows in flat["datasets"].values() for row in rows} == {16.0}
