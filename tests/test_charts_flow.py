"""Where bands and nodes of the flow stand."""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise
from urllib.parse import parse_qs, urlencode

import pytest
from small_charts import MOVES, SEGMENTS, moves

from segcore import charts
from segcore.charts.flow import PITCH, lay_out


def test_movers_are_to_scale_and_who_stayed_is_one_thickness():
    bands, nodes = lay_out(MOVES, SEGMENTS)
    assert set(bands.loc[bands["stayed"], "thick"]) == {14}
    moved = bands[~bands["stayed"]]
    assert list(moved["thick"]) == list(moved["customers"])
    before, after = (nodes[nodes["side"] == side] for side in ("before", "after"))
    assert dict(zip(before["segment"], before["customers"], strict=True)) == {
        "Champions": 202, "Loyal": 460, "Needs attention": 661, "Lost": 371,
    }  # fmt: skip
    assert list(after["customers"]) == [212, 481, 645, 352]


@pytest.mark.parametrize("side", ["before", "after"])
def test_bands_fill_their_nodes_without_overlapping(side):
    bands, nodes = lay_out(MOVES, SEGMENTS)
    for node in nodes[nodes["side"] == side].itertuples():
        own = bands[bands[side] == node.segment].sort_values(f"{side}_y")
        ends = [(top, top + thick) for top, thick in zip(own[f"{side}_y"], own["thick"], strict=True)]
        assert (ends[0][0], ends[-1][1]) == (pytest.approx(node.top), pytest.approx(node.bottom))
        assert [a[1] for a in ends[:-1]] == pytest.approx([b[0] for b in ends[1:]])


def test_many_movers_are_scaled_down_to_285_px():
    many = moves([9000, 1000, 0, 0], [1000, 9000, 500, 0], [0, 500, 9000, 0], [0, 0, 0, 9000])
    bands, _ = lay_out(many, SEGMENTS)
    assert bands.loc[~bands["stayed"], "thick"].sum() == pytest.approx(285)


def test_thin_bands_are_drawn_last_and_stayers_first():
    bands, _ = lay_out(MOVES, SEGMENTS)
    assert list(bands["stayed"]) == [True] * 4 + [False] * (len(bands) - 4)
    assert bands.loc[4:, "thick"].is_monotonic_decreasing


def test_nobody_moved_leaves_room_for_every_label():
    alone = moves([5, 0, 0, 0], [0, 0, 0, 0], [0, 0, 3, 0], [0, 0, 0, 2], gone=0)
    _, nodes = lay_out(alone, SEGMENTS)
    for side in ("before", "after"):
        middles = nodes.loc[nodes["side"] == side, ["top", "bottom"]].mean(axis=1)
        assert min(b - a for a, b in pairwise(middles)) >= PITCH


def test_a_retired_segment_stands_on_the_left_only():
    old = moves([5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 5], retired=(1, 0, 3, 0))
    bands, nodes = lay_out(old, SEGMENTS)
    assert list(nodes.loc[nodes["side"] == "before", "segment"]) == [*SEGMENTS, "Old"]
    assert list(nodes.loc[nodes["side"] == "after", "segment"]) == SEGMENTS
    retired = bands[bands["before"] == "Old"]
    assert dict(zip(retired["after"], retired["customers"], strict=True)) == {
        "Needs attention": 3,
        "Champions": 1,
    }


@pytest.mark.parametrize("phone", [False, True])
def test_bands_and_nodes_lead_to_the_customers_behind_them(phone):
    names = ["</a><script>", "A & b", "Needs attention", "Lost"]
    matrix = MOVES.replace(dict(zip(SEGMENTS, names, strict=True)))

    def link(before: str, after: str) -> str:
        return "customers.html#" + urlencode({"from": before, "to": after})

    drawn = charts.svg(
        charts.flow(matrix, charts.palette(names, 2), ("1 Mar", "2 Apr"), phone=phone, link=link)
    )
    links = re.findall('<a href="([^"]+)" aria-label="([^"]+)"', drawn)
    told = {unescape(label): parse_qs(unescape(href).partition("#")[2]) for href, label in links}
    assert told["24 customers from A & b to </a><script>"] == {"from": ["A & b"], "to": ["</a><script>"]}
    assert told["</a><script>: 202 customers"] == {"from": ["</a><script>"]}
    assert told["</a><script>: 212 customers"] == {"to": ["</a><script>"]}
    bands, nodes = lay_out(matrix, names)
    assert len(links) == len(bands) + len(nodes)
    assert "<script" not in drawn


def test_without_a_place_to_lead_to_a_flow_is_a_picture():
    drawn = charts.svg(charts.flow(MOVES, charts.palette(SEGMENTS, 2), ("1 Mar", "2 Apr")))
    assert 'role="img"' in drawn
    assert "href" not in drawn
