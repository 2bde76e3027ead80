from __future__ import annotations

import tracemalloc
from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise

import ckmeans
import jenkspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.jenks import Breaks, natural_breaks
from segcore.jenks_search import best_cuts
from segcore.jenks_sums import Histogram


def histogram(data):
    """Distinct values, ascending, and how often each occurs."""
    counted = sorted(Counter(data).items())
    return [value for value, _ in counted], [count for _, count in counted]


def cut(data, classes, **options) -> Breaks:
    return natural_breaks(*histogram(data), classes, **options)


def classes_of(data, breaks: Breaks) -> list[list]:
    """The data by interval (lower, upper], to look at what the edges do."""
    bounds = [-np.inf, *breaks.edges, np.inf]
    return [[value for value in sorted(data) if low < value <= high] for low, high in pairwise(bounds)]


def bounds(data, breaks: Breaks) -> list:
    """Minimum, inner edges, maximum, as jenkspy writes breaks."""
    return [min(data), *breaks.edges, max(data)]


def squares(part) -> Fraction:
    mean = Fraction(sum(part)) / len(part)
    return sum((value - mean) ** 2 for value in part)


def optima(data, classes) -> tuple[Fraction, list[tuple]]:
    """The least cost and every set of edges that has it, in exact arithmetic, by trying all."""
    ways = {}
    for edges in combinations(sorted(set(data))[:-1], classes - 1):
        parts = classes_of(data, Breaks(edges, (), 0.0, 0.0))
        ways[edges] = sum((squares(part) for part in parts), Fraction(0))
    least = min(ways.values())
    return least, [edges for edges, cost in ways.items() if cost == least]


# Exactness


def test_of_two_optima_the_smaller_edges_win():
    assert optima([0, 1, 2], 2) == (Fraction(1, 2), [(0,), (1,)])
    assert cut([0, 1, 2], 2).edges == (0,)


small = st.lists(st.integers(-6, 6), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(small, st.integers(1, 5))
def test_the_edges_are_the_componentwise_smallest_optimum(data, classes):
    classes = min(classes, len(set(data)))
    least, edges = optima(data, classes)
    breaks = cut(data, classes)
    assert breaks.edges == tuple(min(column) for column in zip(*edges, strict=True))
    assert breaks.within == pytest.approx(float(least), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("unit", "size", "classes"), [(0.1, 5, 3), (0.1, 6, 4), (1 / 3, 7, 4), (0.1, 8, 3)])
def test_fractions_whose_costs_differ_by_rounding_only_are_cut_as_whole_numbers_are(unit, size, classes):
    """Several cuts are equally good; as floats, one of the larger seems better by a hair."""
    whole = cut(range(size), classes)
    assert cut([unit * n for n in range(size)], classes).edges == tuple(unit * edge for edge in whole.edges)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.integers(-999, 999), st.integers(1, 10**6), min_size=2, max_size=9), st.integers(2, 4)
)
def test_large_counts_are_cut_exactly(counted, classes):
    values, counts = zip(*sorted(counted.items()), strict=True)
    classes = min(classes, len(values))
    weight = np.array(counts, dtype=object)
    ways = {}
    for cuts in combinations(range(1, len(values)), classes - 1):
        parts = [slice(low, high) for low, high in pairwise([0, *cuts, len(values)])]
        sums = [(sum(weight[p]), sum(weight[p] * np.array(values[p], dtype=object))) for p in parts]
        ways[cuts] = -sum(Fraction(moment) ** 2 / count for count, moment in sums)
    least = min(ways.values())
    tied = [cuts for cuts, cost in ways.items() if cost == least]
    expected = tuple(values[min(column) - 1] for column in zip(*tied, strict=True))
    assert natural_breaks(values, counts, classes).edges == expected


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(-50, 50), min_size=2, max_size=14), st.integers(2, 4), st.sampled_from([1, 4, 100])
)
def test_jenkspy_has_the_same_edges_where_the_optimum_is_unique(numbers, classes, unit):
    """Integers, quarters and hundredths; the optimum is known in exact arithmetic."""
    classes = min(classes, len(set(numbers)))
    data = [number / unit for number in numbers]
    breaks = cut(data, classes)
    least, edges = optima(numbers, classes)
    theirs = jenkspy.jenks_breaks(data, classes) if classes > 1 else [min(data), max(data)]
    their_parts = classes_of(data, Breaks(tuple(theirs[1:-1]), (), 0.0, 0.0))
    assert sum(float(squares(part)) for part in their_parts) == pytest.approx(
        breaks.within, rel=1e-9, abs=1e-9
    )
    assert breaks.within == pytest.approx(float(least) / unit**2, rel=1e-9, abs=1e-9)
    if len(edges) == 1:
        assert bounds(data, breaks) == theirs


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 7), st.sampled_from(["orders", "money", "days"]))
def test_jenkspy_has_the_same_sum_of_squares_on_hundreds_of_customers(seed, classes, kind):
    random = np.random.default_rng(seed)
    data = {
        "orders": random.geometric(0.05, 400),
        "money": random.lognormal(5, 1.5, 400).round(2),
        "days": random.integers(0, 700, 400),
    }[kind].tolist()
    breaks = cut(data, classes)
    parts = classes_of(data, Breaks(tuple(jenkspy.jenks_breaks(data, classes)[1:-1]), (), 0.0, 0.0))
    theirs = sum(np.var(part) * len(part) for part in parts)
    assert breaks.within == pytest.approx(theirs, rel=1e-9)


def test_ckmeans_has_the_same_sum_of_squares_on_many_decimals():
    values = np.unique(np.random.default_rng(5).lognormal(5, 1.5, 40_000))
    theirs = sum(np.var(part) * len(part) for part in ckmeans.ckmeans(values, 5))
    assert natural_breaks(values, np.ones(len(values), dtype=int), 5).within == pytest.approx(
        theirs, rel=1e-9
    )


def quadratic_cuts(values, weights, classes) -> list[int]:
    """The textbook programme: every row against the whole matrix of costs, in exact arithmetic."""
    n = len(values)
    weight, moment = (
        np.concatenate(([0], np.cumsum(terms))).tolist() for terms in (weights, weights * values)
    )

    def gain(low: int, high: int) -> Fraction:  # the sum of squares is the same for all but for this
        return Fraction((moment[high] - moment[low]) ** 2, weight[high] - weight[low])

    rows = [{high: gain(0, high) for high in range(1, n + 1)}]
    for _ in range(classes - 1):
        last = rows[-1]
        rows.append(
            {
                high: max(last[c] + gain(c, high) for c in last if c < high)
                for high in range(len(rows) + 1, n + 1)
            }
        )
    cuts = [n]
    for j in range(classes - 2, -1, -1):
        best = rows[j + 1][cuts[-1]]
        cuts.append(min(c for c in rows[j] if c < cuts[-1] and rows[j][c] + gain(c, cuts[-1]) == best))
    return cuts[:0:-1]


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("coarse_above", [0, 10_000])
def test_both_searches_find_what_the_textbook_programme_finds(classes, coarse_above):
    random = np.random.default_rng(classes)
    values = np.unique(random.geometric(0.02, 300))
    weights = random.geometric(0.1, len(values))
    expected = quadratic_cuts(values, weights, classes)
    assert best_cuts(Histogram.of(values, weights), classes, coarse_above=coarse_above) == expected


def heavy(random, n):
    return random.pareto(0.3, n).clip(0, 1e11).astype(int) + 1


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(2, 9),
    st.sampled_from(["even", "lognormal", "heavy", "humps", "twins"]),
    st.booleans(),
)
def test_the_coarse_grid_changes_no_cut(seed, classes, kind, weighted):
    random = np.random.default_rng(seed)
    values = np.unique(
        {
            "even": np.arange(3001.0),  # full of ties
            "lognormal": random.lognormal(5, 1.5, 4000).round(2),
            "heavy": random.pareto(0.7, 4000),
            "humps": np.concatenate([random.normal(4 * hump, 1, 500) for hump in range(8)]),
            "twins": np.repeat(random.normal(0, 1, 1500), 2) + np.tile([0, 1e-7], 1500),
        }[kind]
    )
    weights = heavy(random, len(values)) if weighted else np.ones(len(values), dtype=int)
    fine = best_cuts(Histogram.of(values, weights), classes, coarse_above=len(values))
    assert best_cuts(Histogram.of(values, weights), classes, coarse_above=0) == fine
    assert len(set(fine)) == classes - 1


def test_as_many_classes_as_values_leave_no_choice():
    values = np.arange(600)
    cuts = best_cuts(Histogram.of(values, np.ones(600, dtype=int)), 600, coarse_above=0)
    assert cuts == values[1:].tolist()


# Large offsets


def test_year_months_are_cut_as_their_differences_are():
    months = np.array([*range(202401, 202413), *range(202501, 202513)])
    counts = np.arange(24) % 5 + 1
    for classes in range(2, 9):
        near = natural_breaks(months - 202400, counts, classes)
        far = natural_breaks(months, counts, classes)
        assert [edge - 202400 for edge in far.edges] == list(near.edges)
        assert far.within == pytest.approx(near.within, rel=1e-9)


def test_consecutive_year_months_are_cut_as_zero_to_twenty_three_are():
    """202401…202424: ties in plenty, and the smallest edges win at the offset too."""
    months = list(range(202401, 202425))
    for classes in range(2, 7):
        near = natural_breaks(range(24), [1] * 24, classes)
        far = natural_breaks(months, [1] * 24, classes)
        assert [edge - 202401 for edge in far.edges] == list(near.edges)


@pytest.mark.parametrize("offset", [100_000, 10**9])
def test_an_offset_does_not_hurt_amounts(offset):
    cents = np.unique((100 * np.random.default_rng(3).lognormal(0, 1, 3000)).astype(np.int64))
    counts = np.ones(len(cents), dtype=int)
    near = natural_breaks(cents / 100, counts, 6)
    far = natural_breaks(offset + cents / 100, counts, 6)
    assert far.sizes == near.sizes
    assert far.within == pytest.approx(near.within, rel=1e-7)


# Size


def test_memory_grows_with_the_number_of_values_and_no_faster():
    def peak(n: int) -> int:
        values, counts = np.random.default_rng(1).random(n).cumsum(), np.ones(n, dtype=int)
        tracemalloc.start()
        natural_breaks(values, counts, 5)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(400_000) < 2.2 * peak(200_000)
