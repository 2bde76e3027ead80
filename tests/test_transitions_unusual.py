from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from segcore.transitions.generator import chances
from segcore.transitions.unusual import (
    DRAWS,
    apart,
    compare,
    degrees_of_freedom,
    to_expect,
)

# Kullback, Kupperman and Ku 1962, table 9.2, as in giddy's kullback.
BEFORE = np.array([
    [22, 11, 24, 2, 2, 7], [5, 23, 15, 3, 42, 6], [4, 21, 190, 25, 20, 34], [0, 2, 14, 56, 14, 28],
    [32, 15, 20, 10, 56, 14], [5, 22, 31, 18, 13, 134],
])  # fmt: skip
AFTER = np.array([
    [3, 6, 9, 3, 0, 8], [1, 9, 3, 12, 27, 5], [2, 9, 208, 32, 5, 18], [0, 14, 32, 108, 40, 40],
    [22, 14, 9, 26, 224, 14], [1, 5, 13, 53, 13, 116],
])  # fmt: skip


def alike(seen):
    return np.ones_like(seen, dtype=float)


def test_what_is_to_be_expected_is_what_a_published_test_expects():
    """Conditional homogeneity by likelihood ratio is 160.96060031170782 (giddy, kullback).

    Its 30 degrees of freedom count a move that was made in neither period; 29 are free.
    """
    seen = np.stack([BEFORE, AFTER]).astype(float)
    expected, there = to_expect(seen, alike(seen)), seen > 0
    ratio = 2 * (seen[there] * np.log(seen[there] / expected[there])).sum()
    assert ratio == pytest.approx(160.96060031170782, abs=1e-9)
    assert degrees_of_freedom(seen) == 30 - 1


def test_chi_squared_and_its_freedom_are_those_of_the_rows_one_by_one():
    """scipy's chi2_contingency for each row, the destinations of which somebody reached."""
    seen = np.stack([BEFORE, AFTER, BEFORE[::-1]]).astype(float)
    rows = [seen[:, row][:, seen[:, row].sum(axis=0) > 0] for row in range(6)]
    single = [chi2_contingency(row, correction=False) for row in rows]
    assert apart(seen, to_expect(seen, alike(seen))) == pytest.approx(sum(one.statistic for one in single))
    assert degrees_of_freedom(seen) == sum(one.dof for one in single)


def test_a_row_that_a_period_does_not_have_frees_nothing():
    seen = np.array([[[5, 5], [0, 0]], [[6, 4], [3, 3]], [[1, 9], [2, 8]]], dtype=float)
    assert degrees_of_freedom(seen) == 2 + 1
    assert compare(seen[:1], alike(seen[:1])) == (0.0, 0, None, False)


def test_large_counts_take_the_distribution_and_small_ones_are_dealt():
    large = np.array([[[500, 100], [80, 400]], [[480, 120], [100, 380]]], dtype=float)
    statistic, degrees, p, drawn = compare(large, alike(large))
    assert (degrees, drawn) == (2, False)
    assert compare(large / 50, alike(large))[3] is True
    single = [chi2_contingency(large[:, row], correction=False) for row in range(2)]
    assert statistic == pytest.approx(sum(one.statistic for one in single))
    assert p == pytest.approx(np.exp(-statistic / 2))  # the tail with two degrees of freedom


def test_dealing_gives_the_exact_chance_of_a_small_table():
    """Of 3 and 3 customers all 3 of one period left, none of the other: 2 of the 20 ways are as far."""
    seen = np.array([[[0, 3]], [[3, 0]]], dtype=float)
    _, _, p, drawn = compare(seen, alike(seen))
    assert drawn
    assert p == pytest.approx(0.1, abs=0.02)
    assert p == compare(seen, alike(seen))[2]


def test_equal_moves_are_never_unusual():
    seen = np.stack([BEFORE, BEFORE]).astype(float)
    assert compare(seen, alike(seen)) == (pytest.approx(0, abs=1e-9), 29, 1.0, True)
    assert compare(seen * 50, alike(seen) * 50)[2:] == (1.0, False)


def test_a_longer_gap_is_no_surprise():
    """38 and 76 days of the same rates: unlike shares, the same ruler."""
    q = np.array([[-0.01, 0.008, 0.002], [0.004, -0.006, 0.002]])
    square = np.vstack([q, np.zeros(3)])
    shape = np.stack([chances(square, days)[:2] for days in (38, 76)])
    seen = shape * 5000
    assert compare(seen, shape, even=False)[2] == pytest.approx(1)
    assert compare(seen, alike(seen))[2] < 1e-9


@pytest.mark.parametrize("gaps", [(45, 45, 45, 45), (38, 52, 30, 60)])
def test_nothing_planted_is_called_unusual_as_often_as_chance_says(gaps):
    """300 seeded studies of one row with small counts: 5 % and three standard errors."""
    chance = np.random.default_rng(8)
    q = np.array([[-0.004, 0.003, 0.001], [0, 0, 0], [0, 0, 0]])
    shape = np.stack([chances(q, days)[:1] for days in gaps])
    called = 0
    for _ in range(300):
        seen = np.stack([[chance.multinomial(40, row[0])] for row in shape]).astype(float)
        called += compare(seen, shape, even=len(set(gaps)) == 1)[2] <= 0.05
    assert 0.012 <= called / 300 <= 0.088
    assert DRAWS == 2000
