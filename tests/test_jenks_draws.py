from __future__ import annotations

import doctest
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segcore.jenks_draws
from segcore.jenks import Cut, natural_breaks
from segcore.jenks_draws import DRAWS, draw_cuts, draws, edge_intervals


def skewed(n: int, customers: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """A histogram as recency has one: many small values, few large ones."""
    drawn = np.random.default_rng(seed).exponential(n / 5, customers).astype(np.int64)
    return np.unique(drawn, return_counts=True)


def apart(values: np.ndarray) -> np.ndarray:
    return values - float(np.median(values))


def cut_one_by_one(values: np.ndarray, drawn: np.ndarray, classes: int) -> list[tuple[float, ...]]:
    """The edges of each draw by the exact algorithm, which knows nothing of the other draws."""
    there = [np.flatnonzero(weights) for weights in drawn]
    return [
        natural_breaks(values[at], weights[at], classes).edges
        for at, weights in zip(there, drawn, strict=True)
        if len(at) >= classes
    ]


@pytest.mark.parametrize(("n", "customers", "classes"), [(300, 5000, 5), (60, 400, 4), (2000, 90_000, 3)])
def test_all_draws_at_once_are_cut_as_each_is_by_the_exact_algorithm(n, customers, classes):
    values, counts = skewed(n, customers)
    drawn = draws(counts)[:40]
    cuts = draw_cuts(apart(values), drawn, classes)
    assert [tuple(edges) for edges in values[cuts - 1].T] == cut_one_by_one(values, drawn, classes)


@given(
    st.dictionaries(st.integers(0, 60), st.integers(1, 9), min_size=5, max_size=25),
    st.integers(2, 5),
)
@settings(deadline=None, max_examples=60)
def test_no_draw_is_cut_worse_than_the_exact_algorithm_cuts_it(pairs, classes):
    values, counts = (np.array(side) for side in zip(*sorted(pairs.items()), strict=True))
    drawn = draws(counts)[:10]
    able = [weights for weights in drawn if np.count_nonzero(weights) >= classes]
    cuts = draw_cuts(apart(values), drawn, classes)
    assert cuts.shape == (classes - 1, len(able))
    for edges, weights in zip(values[cuts - 1].T, able, strict=True):
        at = np.flatnonzero(weights)
        best = natural_breaks(values[at], weights[at], classes)
        assert set(edges) <= set(values[at])
        cost = Cut.at(values[at], weights[at], tuple(edges)).within
        assert cost == pytest.approx(best.within, rel=1e-9, abs=1e-9 * best.total)


def test_an_interval_is_the_fifth_of_200_edges_from_either_end():
    values, counts = skewed(200, 3000)
    own = natural_breaks(values, counts, 4)
    found = np.sort(np.array(cut_one_by_one(values, draws(counts), 4)), axis=0)
    assert len(found) == DRAWS == 200
    low, high = edge_intervals(values, counts, own.edges)
    assert low == tuple(np.minimum(found[4], own.edges))
    assert high == tuple(np.maximum(found[195], own.edges))
    assert all(below < edge < above for below, edge, above in zip(low, own.edges, high, strict=True))


def test_the_scale_of_the_fit_counts_and_edges_stay_values_of_the_data():
    values, counts = skewed(400, 3000)
    log, plain = (natural_breaks(values, counts, 3, scale=scale).edges for scale in ("log", "linear"))
    low, high = edge_intervals(values, counts, log, scale="log")
    assert (low, high) != edge_intervals(values, counts, plain)
    assert {*low, *high} <= {int(value) for value in values}
    assert all(type(edge) is int for edge in (*low, *high))


def test_decimals_stay_decimals():
    values = [Decimal(n) / 100 for n in range(1, 60)]
    low, high = edge_intervals(values, [3] * 59, natural_breaks(values, [3] * 59, 3).edges)
    assert {type(edge) for edge in (*low, *high)} == {Decimal}
    assert {*low, *high} <= set(values)


def test_as_many_values_as_classes_leave_an_edge_no_choice():
    assert edge_intervals([1, 2], [900, 1], (1,)) == ((1,), (1,))


def test_draws_that_lack_too_many_values_are_left_out():
    drawn = np.array([[5, 0, 0, 5], [4, 1, 0, 5], [3, 2, 2, 3]])
    assert draw_cuts(np.arange(4.0), drawn, 3).shape == (2, 2)
    assert draw_cuts(np.arange(4.0), drawn[:1], 3).shape == (2, 0)


def test_one_value_far_from_all_others_costs_no_digit():
    """Sums of floats lose 0, 1, 2 beside 1e12, so each draw is cut in whole numbers."""
    values, counts = np.array([0, 1, 2, 10, 11, 12, 10**12]), np.array([40, 40, 40, 40, 40, 40, 40])
    assert natural_breaks(values, counts, 3).edges == (2, 12)
    assert edge_intervals(values, counts, (2, 12)) == ((2, 12), (2, 12))


def test_many_thousand_values_are_told_apart_only_as_far_as_a_draw_can_tell():
    values = np.sort(np.random.default_rng(3).lognormal(5, 1, 20_000))
    counts = np.ones(20_000, dtype=np.int64)
    edges = natural_breaks(values, counts, 3, scale="log").edges
    low, high = edge_intervals(values, counts, edges, scale="log")
    found = np.sort(np.array([
        natural_breaks(values[weights > 0], weights[weights > 0], 3, scale="log").edges
        for weights in np.random.default_rng(5).multinomial(20_000, counts / 20_000, size=40)
    ]), axis=0)  # fmt: skip
    widths = np.array(high) - np.array(low)
    assert {*low, *high, *edges} <= set(values.tolist())
    assert np.all(np.abs(found[1] - low) < widths / 2) and np.all(np.abs(found[-2] - high) < widths / 2)


def test_the_numbers_drawn_are_the_same_for_ever():
    """The legacy generator's numbers are promised by numpy; another seed or order would show here."""
    assert draws(np.array([5, 3, 2]))[:3].tolist() == DRAWN


def test_the_example_in_the_docstring_is_right():
    result = doctest.testmod(segcore.jenks_draws)
    assert (result.attempted, result.failed) == (1, 0)


DRAWN = [[7, 3, 0], [7, 3, 0], [5, 5, 0]]
