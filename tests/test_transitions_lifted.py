from __future__ import annotations

import numpy as np
import pytest

from segcore.transitions.lifted import lift


def counted(*strata):
    """Of each stratum: movers and customers of the level, movers and customers in all."""
    return tuple(np.array(column, dtype=np.int64) for column in zip(*strata, strict=True))


def squares(strata):
    """The same as tables of two by two: moved and stayed, of the level and of the rest."""
    return [np.array([[a, n - a], [m - a, every - n - m + a]]) for a, n, m, every in strata]


def test_with_one_stratum_it_is_the_share_among_movers_divided_by_the_share_among_all():
    found = lift(*counted((30, 100, 60, 400)))
    assert found.lift == pytest.approx((30 / 60) / (100 / 400))
    assert found.expected == 15


def test_what_only_comes_from_the_segments_is_no_lift():
    """Simpson: the level moves as everybody does in both segments, but most of it is where many move."""
    strata = [(45, 90, 50, 100), (1, 10, 10, 100)]
    found = lift(*counted(*strata))
    crude = (46 / 60) / (100 / 200)
    assert crude == pytest.approx(1.533, abs=0.001)
    assert found.expected == 90 * 50 / 100 + 10 * 10 / 100
    assert found.lift == 1.0
    assert found.p_value == pytest.approx(1)
