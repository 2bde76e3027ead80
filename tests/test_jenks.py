from __future__ import annotations

import csv
import doctest
import io
import tracemalloc
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path

import ckmeans
import jenkspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segcore.jenks
from segcore.errors import BreaksError
from segcore.jenks import Breaks, natural_breaks, thin_classes
from segcore.jenks_search import best_cuts

# Employees per square kilometre in the 58 counties of California (US Census Bureau), in the order
# of the sample data of mapclassify.
CALIFORNIA = """
    329.92 0.42 5.9 14.03 2.78 1.34 181.27 1.65 10.03 16.7 1.32 3.99 3.16 0.22 8.7 6.56 3.27 0.33 370.5 4.51
    75.29 0.99 2.74 8.68 0.14 0.92 12.63 28.7 12.02 722.85 36.68 0.74 29.82 192.05 3.38 11.15 110.74 4111.45
    49.47 10.33 317.11 20.47 264.93 66.26 5.39 0.13 0.61 50.65 40.48 36.67 13.09 1.81 0.2 7.6 2.51 57.26 24.32
    6.97
"""
COUNTIES = [float(number) for number in CALIFORNIA.split()]


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


# Published breaks


def test_three_classes_of_the_first_example_of_ckmeans_1d_dp():
    """R package Ckmeans.1d.dp, tests: sizes, centres and within sums."""
    data = [-1, 2, -1, 2, 4, 5, 6, -1, 2, -1]
    breaks = cut(data, 3)
    parts = classes_of(data, breaks)
    assert breaks.sizes == (4, 3, 3)
    assert [np.mean(part) for part in parts] == [-1, 2, 5]
    assert [squares(part) for part in parts] == [0, 0, 2]
    assert breaks.within == pytest.approx(2, rel=1e-12)


def test_weights_do_what_repeated_values_do():
    """R package Ckmeans.1d.dp, tests: the same data as values with weights."""
    repeated = cut([-1, 2, -1, 2, 4, 5, 6, -1, 2, -1], 3)
    assert natural_breaks([-1, 2, 4, 5, 6], [4, 3, 1, 1, 1], 3) == repeated


def test_eight_classes_of_the_second_example_of_ckmeans_1d_dp():
    """R package Ckmeans.1d.dp, tests."""
    data = [-3, 2.2, -6, 7, 9, 11, -6.3, 75, 82.6, 32.3, -9.5, 62.5, 7, 95.2]
    breaks = cut(data, 8)
    centres = [np.mean(part) for part in classes_of(data, breaks)]
    assert breaks.sizes == (3, 2, 4, 1, 1, 1, 1, 1)
    assert centres == pytest.approx([-7.266667, -0.4, 8.5, 32.3, 62.5, 75, 82.6, 95.2], abs=1e-6)


def test_two_classes_of_one_to_ten():
    """R package Ckmeans.1d.dp, tests."""
    data = range(1, 11)
    breaks = cut(data, 2)
    parts = classes_of(data, breaks)
    assert breaks.sizes == (5, 5)
    assert [np.mean(part) for part in parts] == [3, 8]
    assert [squares(part) for part in parts] == [10, 10]


@pytest.mark.parametrize(
    ("data", "classes", "expected"),
    [
        (range(12), 4, [0, 2, 5, 8, 11]),
        ([0, 1, -2], 2, [-2, -2, 1]),
        ([-1, -1, -1, -1, 2, 2], 2, [-1, -1, 2]),
    ],
)
def test_the_breaks_in_jenkspys_readme_and_tests(data, classes, expected):
    """jenkspy, README and tests."""
    assert bounds(data, cut(data, classes)) == expected


def test_five_classes_of_the_counties_of_california():
    """mapclassify, FisherJenks on calemp."""
    breaks = cut(COUNTIES, 5)
    assert len(COUNTIES) == 58
    assert bounds(COUNTIES, breaks)[1:] == [75.29, 192.05, 370.5, 722.85, 4111.45]
    assert breaks.sizes == (49, 3, 4, 1, 1)


def test_three_classes_of_zeros_and_an_outlier():
    """R package classInt, tests."""
    data = [0, 0, 0, 1, 2, 50]
    assert classes_of(data, cut(data, 3)) == [[0, 0, 0], [1, 2], [50]]


def test_goodness_of_variance_fit_of_four_numbers():
    """ehdp.com, the worked example of goodness of variance fit."""
    breaks = cut([4, 5, 9, 10], 2)
    assert (breaks.total, breaks.within) == (26, 1)
    assert breaks.gvf == pytest.approx(0.961538, abs=5e-7)


@pytest.fixture(scope="module")
def orders(shared_data: Path) -> dict[str, list[date]]:
    """The order dates of each customer of rfm_data_orders, up to 2006-12-31."""
    dates: dict[str, list[date]] = {}
    with zipfile.ZipFile(shared_data / "rfm_r_package.zip") as package:
        text = io.TextIOWrapper(package.open("rfm_data_orders.csv"), encoding="utf-8")
        for row in csv.DictReader(text):
            dates.setdefault(row["customer_id"], []).append(date.fromisoformat(row["order_date"]))
    return dates


@pytest.mark.parametrize(
    ("classes", "expected"), [(5, [1, 154, 305, 466, 636, 976]), (4, [1, 166, 344, 553, 976])]
)
def test_recency_of_the_rfm_package(orders, classes, expected):
    """jenkspy on rfm_data_orders of the R package rfm at 2006-12-31."""
    recency = [(date(2006, 12, 31) - max(dates)).days for dates in orders.values()]
    assert len(recency) == 995
    assert bounds(recency, cut(recency, classes)) == expected


@pytest.mark.parametrize(("classes", "expected"), [(5, [1, 2, 4, 6, 8, 14]), (4, [1, 3, 5, 7, 14])])
def test_frequency_of_the_rfm_package(orders, classes, expected):
    """jenkspy on rfm_data_orders of the R package rfm at 2006-12-31."""
    frequency = [len(dates) for dates in orders.values()]
    assert bounds(frequency, cut(frequency, classes)) == expected


# Exactness


def test_of_two_optima_the_smaller_edges_win():
    assert optima([0, 1, 2], 2) == (Fraction(1, 2), [(0,), (1,)])
    assert cut([0, 1, 2], 2).edges == (0,)


small = st.lists(st.integers(-6, 6), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None)
@given(small, st.integers(1, 5))
def test_the_edges_are_the_componentwise_smallest_optimum(data, classes):
    classes = min(classes, len(set(data)))
    least, edges = optima(data, classes)
    breaks = cut(data, classes)
    assert breaks.edges == tuple(min(column) for column in zip(*edges, strict=True))
    assert breaks.within == pytest.approx(float(least), rel=1e-12, abs=1e-12)


@settings(max_examples=200, deadline=None)
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


@settings(max_examples=200, deadline=None)
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
    assert best_cuts(values.astype(float), weights, classes, coarse_above=coarse_above) == expected


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
    fine = best_cuts(values, weights, classes, coarse_above=len(values))
    assert best_cuts(values, weights, classes, coarse_above=0) == fine
    assert len(set(fine)) == classes - 1


def test_as_many_classes_as_values_put_each_value_into_its_own():
    breaks = natural_breaks([1, 5, 7, 20], [3, 1, 2, 9], 4)
    assert breaks == Breaks((1, 5, 7), (3, 1, 2, 9), 0.0, breaks.total)
    assert breaks.gvf == 1.0
    values = np.arange(600)
    cuts = best_cuts(values.astype(float), np.ones(600, dtype=int), 600, coarse_above=0)
    assert cuts == values[1:].tolist()


def test_one_class_has_no_edges():
    breaks = natural_breaks([1, 3], [1, 1], 1)
    assert breaks == Breaks((), (2,), 2.0, 2.0)
    assert breaks.gvf == 0.0


def test_a_single_value_is_fitted_perfectly():
    assert natural_breaks([7], [100], 1).gvf == 1.0


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


# The log scale


def test_the_log_scale_fits_the_logarithm_and_keeps_data_values_as_edges():
    values, counts = histogram(np.random.default_rng(2).geometric(0.05, 500).tolist())
    on_log = natural_breaks(values, counts, 4, scale="log")
    by_hand = natural_breaks(np.log1p(values), counts, 4)
    assert on_log.sizes == by_hand.sizes
    assert (on_log.within, on_log.total) == (by_hand.within, by_hand.total)
    assert np.log1p(on_log.edges).tolist() == pytest.approx(list(by_hand.edges), rel=1e-15)
    assert set(on_log.edges) <= set(values)


def test_the_log_scale_spreads_a_heavy_tail_over_the_classes():
    data = [1] * 500 + [2] * 300 + [4] * 200 + [9] * 90 + [30] * 20 + [400]
    assert cut(data, 4).sizes == (1000, 90, 20, 1)
    assert cut(data, 4, scale="log").sizes == (500, 300, 200, 111)


# Types


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 9], 2),
        (np.array([1, 2, 9], dtype=np.int32), 2),
        (np.array([1.5, 2.5, 9.0]), 2.5),
        ([Decimal("1.10"), Decimal("2.20"), Decimal("9")], Decimal("2.20")),
        (np.array([Decimal("1.10"), Decimal("2.20"), Decimal("9")]), Decimal("2.20")),
    ],
)
def test_edges_have_the_type_of_the_data(values, expected):
    (edge,) = natural_breaks(values, [1, 1, 1], 2).edges
    assert repr(edge) == repr(expected)


def test_sizes_are_plain_integers():
    sizes = natural_breaks(np.array([1.0, 9.0]), np.array([3, 4], dtype=np.int32), 2).sizes
    assert repr(sizes) == "(3, 4)"


def test_decimals_that_are_equal_as_floats_are_still_distinct():
    close = [Decimal("1.00000000000000000001"), Decimal("1.00000000000000000002"), Decimal(5)]
    assert natural_breaks(close, [1, 1, 1], 2).edges == (close[1],)


def test_the_arguments_stay_as_they_are():
    values, counts = np.array([1.0, 2.0, 9.0]), np.array([1, 2, 3])
    natural_breaks(values, counts, 2, scale="log")
    assert (values.tolist(), counts.tolist()) == ([1.0, 2.0, 9.0], [1, 2, 3])


# What cannot be cut


def test_fewer_distinct_values_than_classes_is_an_error_that_names_the_variable():
    with pytest.raises(BreaksError) as error:
        natural_breaks([-1, 2], [4, 2], 3, name="recency")
    assert str(error.value) == (
        "recency must have at least 3 distinct values for 3 classes (got 2): "
        "lower variables.recency.classes in the study to at most 2"
    )


def test_no_value_at_all_is_an_error_that_names_the_variable():
    with pytest.raises(BreaksError) as error:
        natural_breaks([], [], 1, name="years")
    assert str(error.value) == (
        "years must have a value for at least one customer (got none): "
        "look at the run date, at exclude and at population in the study"
    )


def test_values_below_the_log_scale_are_an_error_that_names_the_variable():
    with pytest.raises(BreaksError) as error:
        natural_breaks([-1.5, 2, 7], [1, 1, 1], 2, scale="log", name="monetary")
    assert str(error.value) == (
        "monetary must be greater than -1 everywhere to be cut on the log scale (got -1.5): "
        "set variables.monetary.scale to linear in the study"
    )


FINITE = "values must be finite, less than 1e+100 in size, and none may be missing"
ASCENDING = "values must be distinct and ascending"
WHOLE = "counts must be whole numbers of at least 1"


@pytest.mark.parametrize(
    ("values", "counts", "message"),
    [
        ([2, 1, 3], [1, 1, 1], ASCENDING),
        ([1, 1, 3], [1, 1, 1], ASCENDING),
        ([Decimal(2), Decimal(1), Decimal(3)], [1, 1, 1], ASCENDING),
        (np.array([1.0, 3.0, 2.0]), [1, 1, 1], ASCENDING),
        ([1.0, 2.0, float("nan")], [1, 1, 1], FINITE),
        ([1.0, 2.0, float("inf")], [1, 1, 1], FINITE),
        ([1.0, 2.0, 1e200], [1, 1, 1], FINITE),
        ([Decimal(1), Decimal(2), Decimal("NaN")], [1, 1, 1], FINITE),
        (np.ma.masked_array([1, 2, 3], [False, False, True]), [1, 1, 1], FINITE),
        ([1, 2, 3], [1, 1], "counts must be one for each value (got 2 for 3 values)"),
        ([1, 2, 3], [1, 0, 1], WHOLE),
        ([1, 2, 3], [1.0, 1.0, 1.0], WHOLE),
        ([1, 2, 3], [1, 1, 2**53], "counts must add up to 9,007,199,254,740,992 at most"),
        ([1, 2, None], [1, 1, 1], "values must be one list of numbers (got 1-d object)"),
        (["a", "b", "c"], [1, 1, 1], "values must be one list of numbers (got 1-d <U1)"),
        ([[1, 2], [3, 4]], [1, 1], "values must be one list of numbers (got 2-d int64)"),
    ],
)
def test_what_is_not_a_histogram_is_refused(values, counts, message):
    with pytest.raises(ValueError) as error:
        natural_breaks(values, counts, 2)
    assert str(error.value) == message


def test_no_class_and_an_unknown_scale_are_refused():
    with pytest.raises(ValueError) as error:
        natural_breaks([1, 2], [1, 1], 0)
    assert str(error.value) == "classes must be at least 1 (got 0)"
    with pytest.raises(ValueError) as error:
        natural_breaks([1, 2], [1, 1], 2, scale="Log")  # type: ignore[arg-type]
    assert str(error.value) == "scale must be 'linear' or 'log' (got 'Log')"


# Thin classes


def test_a_class_under_twenty_customers_or_half_a_percent_is_thin():
    assert thin_classes([4751, 936, 170, 19, 2]) == (3, 4)
    assert thin_classes([1623, 1608, 1348, 971, 328]) == ()
    assert thin_classes([9900, 50, 50]) == ()
    assert thin_classes([9901, 49, 50]) == (1,)
    assert thin_classes([20, 19]) == (1,)
    assert thin_classes([3, 9, 90], fewest=5, share=0.1) == (0, 1)


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


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(segcore.jenks).failed == 0
