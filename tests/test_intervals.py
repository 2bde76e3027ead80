from __future__ import annotations

import doctest
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

import segcore.intervals
from segcore.intervals import wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high", "digits"),
    [
        (100, 200, 0.4313609, 0.5686391, 7),
        (81, 263, 0.2553, 0.3662, 4),
        (15, 148, 0.0624, 0.1605, 4),
        (0, 20, 0.0, 0.1611, 4),
        (1, 29, 0.0061, 0.1718, 4),
    ],
)
def test_wilson_intervals_are_the_published_ones(hits, of, low, high, digits):
    """81/263, 15/148, 0/20 and 1/29: R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872."""
    rate = wilson(hits, of)
    assert (rate.share, round(rate.low, digits), round(rate.high, digits)) == (hits / of, low, high)


@given(st.integers(1, 5000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_formula_is_scipys(counts):
    hits, of = counts
    expected = binomtest(hits, of).proportion_ci(method="wilson")
    rate = wilson(hits, of)
    assert rate.low == pytest.approx(expected.low, abs=1e-12)
    assert rate.high == pytest.approx(expected.high, abs=1e-12)


def test_a_share_of_nobody_is_no_number():
    rate = wilson(0, 0)
    assert [math.isnan(value) for value in (rate.share, rate.low, rate.high)] == [True, True, True]
    assert rate.or_nothing == (None, None, None)
    assert wilson(0, 3).or_nothing[:2] == (0.0, 0.0)


def test_the_example_in_the_docstring_is_right():
    result = doctest.testmod(segcore.intervals)
    assert (result.attempted, result.failed) == (2, 0)
