"""The colours of segments: order, contrast, and every kind of sight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from segcore import charts
from segcore.charts import colours


def test_six_segments_have_the_colours_that_were_drawn_by_hand():
    looks = charts.segment_colours(6, 3)
    assert [c.fill for c in looks] == ["#0D2B4B", "#1F5580", "#3F7CA0", "#B98A33", "#DEB468", "#F2E2C2"]
    assert [c.outline for c in looks] == ["#0D2B4B", "#1F5580", "#3F7CA0", "#7A5814", "#7A5814", "#7A5814"]
    assert [c.text for c in looks] == ["#FFFFFF"] * 3 + ["#1B222C"] * 3
    assert [c.number for c in looks] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("segments", range(2, 9))
def test_darker_is_better_and_text_can_be_read(segments):
    for healthy in range(segments + 1):
        looks = charts.segment_colours(segments, healthy)
        light = [colours.lightness(c.fill) for c in looks]
        assert light[0] == pytest.approx(17, abs=1)
        assert light[-1] == pytest.approx(90, abs=1)
        steps = np.diff(light)
        if (segments, healthy) != (6, 3):
            assert steps == pytest.approx([73 / (segments - 1)] * (segments - 1), abs=1)
        assert min(colours.contrast(c.text, c.fill) for c in looks) >= 4.5
        assert min(colours.contrast(c.outline, "#FFFFFF") for c in looks) >= 3


# How people without one kind of cone see linear red, green and blue: Viénot, Brettel and Mollon,
# Color Research and Application 24 (1999), for red and green; Machado and others, IEEE TVCG 15 (2009),
# for blue.
SIGHT = {
    "protan": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deutan": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("segments", [3, 4, 5, 6])
def test_neighbours_differ_for_every_kind_of_sight(segments, sight):
    for healthy in range(1, segments):
        seen = [_seen(c.fill, SIGHT[sight]) for c in charts.segment_colours(segments, healthy)]
        apart = [np.linalg.norm(np.subtract(a, b)) for a, b in pairwise(seen)]
        assert min(apart) >= 13  # CIE76; 15 for the colours of six
        assert (segments, healthy) != (6, 3) or min(apart) >= 15


def _seen(colour: str, sight: list[list[float]]) -> tuple[float, float, float]:
    linear = np.clip(np.array(sight) @ colours._linear(colour), 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return colours._lab("#" + "".join(f"{round(255 * part):02X}" for part in coded))
