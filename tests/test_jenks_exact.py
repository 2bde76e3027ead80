"""Breaks beside brute force in exact arithmetic, where one value dwarfs the others."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore import jenks_search
from segcore.jenks import natural_breaks

TIE = Fraction(1, 10**12)


def spread(values, counts) -> Fraction:
    """Sum of squared distances to the mean, in exact arithmetic."""
    pairs = [(Fraction(value), int(count)) for value, count in zip(values, counts, strict=True)]
    mean = sum(value * count for value, count in pairs) / sum(count for _, count in pairs)
    return sum((value - mean) ** 2 * count for value, count in pairs)


def brute_force(values, counts, classes) -> tuple[tuple, Fraction]:
    """Of all ways to cut: the least cost, and from the last edge back the smaller of equal cuts."""
    ways = {}
    for cuts in combinations(range(1, len(values)), classes - 1):
        parts = list(pairwise([0, *cuts, len(values)]))
        ways[cuts] = sum(spread(values[low:high], counts[low:high]) for low, high in parts)
    best = min(ways.values())
    for edge in reversed(range(classes - 1)):
        least = min(ways.values())
        chosen = min(cuts[edge] for cuts, cost in ways.items() if cost <= least + best * TIE)
        ways = {cuts: cost for cuts, cost in ways.items() if cuts[edge] == chosen}
    (cuts,) = ways
    return tuple(values[cut - 1] for cut in cuts), best


def test_one_value_of_1e8_hides_nothing_of_the_small_ones():
    """As shares of the total, all cuts of the small values would cost the same."""
    breaks = natural_breaks([0, 1, 2, 10, 11, 10**8], [5, 5, 5, 5, 5, 1], 3)
    assert (breaks.edges, breaks.within) == ((2, 11), 12.5)


@pytest.mark.parametrize("outlier", [1e6, 1e8, 1e10, 1e12])
def test_one_large_order_has_a_class_of_its_own_and_moves_no_other_edge(outlier):
    amounts = np.unique(np.random.default_rng(7).lognormal(3, 1, 3000).round(2))
    ones = np.ones(len(amounts) + 1, dtype=int)
    without = natural_breaks(amounts, ones[1:], 4)
    assert natural_breaks(np.append(amounts, outlier), ones, 5).edges == (*without.edges, amounts[-1])


outliers = st.lists(st.sampled_from([10**6, 10**8, 10**10, 10**12]), max_size=2, unique=True)
numbers = st.dictionaries(st.integers(0, 400), st.integers(1, 5000), min_size=4, max_size=7)


@settings(max_examples=150, deadline=None)
@given(numbers, outliers, st.integers(2, 5), st.sampled_from(["int", "cents", "float", "log"]), st.booleans())
def test_the_edges_are_those_of_brute_force_beside_any_outlier(small, large, classes, kind, twins):
    counted = {**small, **{number + twin: 1 + twin for number in large for twin in range(1 + twins)}}
    whole, counts = zip(*sorted(counted.items()), strict=True)
    values = {
        "int": list(whole),
        "cents": [Decimal(number) / 100 for number in whole],
        "float": [number / 10 for number in whole],
        "log": np.log1p(np.array(whole, dtype=float)).tolist(),
    }[kind]
    classes = min(classes, len(values) - 1)
    edges, best = brute_force(values, counts, classes)
    breaks = natural_breaks(values, counts, classes)
    assert breaks.edges == edges
    assert breaks.within == pytest.approx(float(best), rel=1e-11)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 60), min_size=4, max_size=8), st.integers(2, 4), st.booleans())
def test_whole_numbers_and_decimals_beyond_2_to_the_53_are_exact(numbers, classes, decimals):
    """As floats, several of these would be one value."""
    values = [2**60 + number for number in sorted(numbers)]
    if decimals:
        values = [Decimal(value * 10**8 + 1).scaleb(-12) for value in values]
    ones = [1] * len(values)
    classes = min(classes, len(values) - 1)
    edges, best = brute_force(values, ones, classes)
    breaks = natural_breaks(values, ones, classes)
    assert breaks.edges == edges
    assert breaks.within == pytest.approx(float(best), rel=1e-12)


@pytest.mark.parametrize("offset", [2**55, 2**62, 2**70])
def test_long_numbers_are_cut_as_their_differences_are(offset):
    near = np.unique(np.random.default_rng(4).integers(0, 10**6, 400))
    ones, far = np.ones(400, dtype=int)[: len(near)], [offset + number for number in near.tolist()]
    assert natural_breaks(far, ones, 5).edges == tuple(
        offset + edge for edge in natural_breaks(near, ones, 5).edges
    )


def test_numbers_of_both_signs_that_fit_no_machine_word_are_cut_exactly():
    values = [-(2**63), -(2**63) + 1, 2**63, 2**63 + 5, 2**64]
    assert natural_breaks(values, [1] * 5, 3).edges == (values[1], values[3])


def test_ties_are_shares_of_the_best_cost():
    """One customer in 1e13 more makes the later cut better, by less than a tie; in 1e10, by more."""
    for customers, edge in ((10**13, 0), (10**10, 1)):
        counts = [customers, customers, customers + 1]
        assert natural_breaks([0, 1, 2], counts, 2).edges == (edge,)
        assert brute_force([0, 1, 2], counts, 2)[0] == (edge,)


def test_numbers_too_small_for_their_squares_are_cut_all_the_same():
    values = [1e-200 * number for number in (1, 2, 3, 50, 52, 53)]
    assert natural_breaks(values, [1] * 6, 2).edges == (values[2],)


@pytest.mark.parametrize("classes", [3, 6])
def test_floats_leave_whole_numbers_little_to_choose_from(classes, monkeypatch):
    """Beside an outlier too: it is set apart first, and the others have their digits again."""
    looked_at = []
    whole = jenks_search.Histogram.whole
    monkeypatch.setattr(
        jenks_search.Histogram, "whole", lambda self, cuts: looked_at.append(len(cuts)) or whole(self, cuts)
    )
    amounts = np.unique(np.random.default_rng(5).lognormal(5, 1.5, 20_000).round(2))
    values = np.append(amounts, 1e12)
    natural_breaks(values, np.ones(len(values), dtype=int), classes)
    assert sum(looked_at) < 100
