"""The colours of segments: order, contrast, and every kind of sight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from segcore import charts
from segcore.charts import colours


def test_six_segments_have_the_colours_that_were_drawn_by_hand():
    looks = list(charts.palette("abcdef", 3).values())
    assert [c.fill for c in looks] == ["#0D2B4B", "#1F5580", "#3F7CA0", "#B98A33", "#DEB468", "#F2E2C2"]
    assert [c.outline for c in looks] == ["#0D2B4B", "#1F5580", "#3F7CA0", "#7A5814", "#7A5814", "#7A5814"]
    assert [c.text for c in looks] == ["#FFFFFF"] * 3 + ["#1B222C"] * 3
    assert [c.number for c in looks] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("segments", range(2, 9))
def test_darker_is_better_and_text_can_be_read(segments):
    for healthy in range(segments + 1):
        looks = charts.palette("abcdefgh"[:segments], healthy).values()
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


TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("segments", [3, 4, 5, 6])
def test_neighbours_differ_for_every_kind_of_sight(segments, sight):
    for healthy in range(1, segments):
        seen = [_seen(c.fill, SIGHT[sight]) for c in charts.palette("abcdefgh"[:segments], healthy).values()]
        apart = [np.linalg.norm(np.subtract(a, b)) for a, b in pairwise(seen)]
        assert min(apart) >= 13  # CIE76; 15 for the colours of six
        assert (segments, healthy) != (6, 3) or min(apart) >= 15


def _seen(colour: str, sight: list[list[float]]) -> np.ndarray:
    """L*, a* and b* of CIELAB as that sight sees them."""
    coded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    ratio = np.array(TO_XYZ) @ np.clip(np.array(sight) @ linear, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
