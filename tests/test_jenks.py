from __future__ import annotations

import csv
import doctest
import io
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import segcore.jenks
from segcore.errors import BreaksError
from segcore.jenks import Breaks, natural_breaks, thin_classes

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


# Published breaks


def test_three_classes_of_the_first_example_of_ckmeans_1d_dp():
    """R package Ckmeans.1d.dp, tests: sizes, centres and within sums; the same with weights."""
    data = [-1, 2, -1, 2, 4, 5, 6, -1, 2, -1]
    breaks = cut(data, 3)
    parts = classes_of(data, breaks)
    assert breaks.sizes == (4, 3, 3)
    assert [np.mean(part) for part in parts] == [-1, 2, 5]
    assert [squares(part) for part in parts] == [0, 0, 2]
    assert breaks.within == pytest.approx(2, rel=1e-12)
    weighted = natural_breaks([-1, 2, 4, 5, 6], [4, 3, 1, 1, 1], 3)
    assert weighted == breaks


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


@pytest.fixture
def orders(shared_data: Path) -> dict[str, list[date]]:
    """The order dates of each customer of rfm_data_orders, up to 2006-12-31."""
    dates: dict[str, list[date]] = {}
    with zipfile.ZipFile(shared_data / "rfm_r_package.zip") as package:
        text = io.TextIOWrapper(package.open("rfm_data_orders.csv"), encoding="utf-8")
        for row in csv.DictReader(text):
            dates.setdefault(row["customer_id"], []).append(date.fromisoformat(row["order_date"]))
    return dates


def test_recency_and_frequency_of_the_rfm_package(orders):
    """jenkspy on rfm_data_orders of the R package rfm at 2006-12-31."""
    recency = [(date(2006, 12, 31) - max(dates)).days for dates in orders.values()]
    frequency = [len(dates) for dates in orders.values()]
    assert len(orders) == 995
    assert bounds(recency, cut(recency, 5)) == [1, 154, 305, 466, 636, 976]
    assert bounds(recency, cut(recency, 4)) == [1, 166, 344, 553, 976]
    assert bounds(frequency, cut(frequency, 5)) == [1, 2, 4, 6, 8, 14]
    assert bounds(frequency, cut(frequency, 4)) == [1, 3, 5, 7, 14]


# Extremes


def test_as_many_classes_as_values_put_each_value_into_its_own():
    breaks = natural_breaks([1, 5, 7, 20], [3, 1, 2, 9], 4)
    assert breaks == Breaks((1, 5, 7), (3, 1, 2, 9), 0.0, breaks.total)
    assert breaks.gvf == 1.0


def test_one_class_has_no_edges():
    assert natural_breaks([1, 3], [1, 1], 1) == Breaks((), (2,), 2.0, 2.0)
    assert natural_breaks([1, 3], [1, 1], 1).gvf == 0.0


def test_a_single_value_is_fitted_perfectly():
    assert natural_breaks([7], [100], 1).gvf == 1.0


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
def test_edges_have_the_type_of_the_data_and_sizes_are_integers(values, expected):
    breaks = natural_breaks(values, np.array([1, 1, 1], dtype=np.int32), 2)
    assert repr(breaks.edges) == f"({expected!r},)"
    assert repr(breaks.sizes) == "(2, 1)"


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
    with pytest.raises(ValueError, match=r"^classes must be at least 1 \(got 0\)$"):
        natural_breaks([1, 2], [1, 1], 0)
    with pytest.raises(ValueError, match=r"^scale must be 'linear' or 'log' \(got 'Log'\)$"):
        natural_breaks([1, 2], [1, 1], 2, scale="Log")  # type: ignore[arg-type]


# Thin classes


def test_a_class_under_twenty_customers_or_half_a_percent_is_thin():
    assert thin_classes([4751, 936, 170, 19, 2]) == (3, 4)
    assert thin_classes([1623, 1608, 1348, 971, 328]) == ()
    assert thin_classes([9900, 50, 50]) == ()
    assert thin_classes([9901, 49, 50]) == (1,)
    assert thin_classes([20, 19]) == (1,)
    assert thin_classes([3, 9, 90], fewest=5, share=0.1) == (0, 1)


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(segcore.jenks).failed == 0
