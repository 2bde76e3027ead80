"""The verdict on representatives: held against scipy.stats, and against data with planted rates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from segcore import tables
from segcore.engine import ENGINES
from segcore.transitions import verdict
from segcore.transitions.attention import HEADLINE, REPRESENTATIVES
from segcore.transitions.verdict import compare


@pytest.fixture
def engine():
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def put_books(engine, *books):
    """The tables that the verdict reads, from (recorded, customers, reached)."""
    made = []
    for n, (recorded, customers, reached) in enumerate(books):
        counts = (customers, reached, customers - reached, 0, 0, 0, customers < 20, 0.0, 0.0, 0.0)
        made.append((n, str(n), str(n), recorded, *counts))
    tables.put(engine, "representatives", REPRESENTATIVES, made)
    tables.put(engine, "headline", HEADLINE, [(None, "x", *made[0][4:])] if made else [])
    verdict(engine)
    return engine.rows("from verdict")


def planted(rates, size, seed=0):
    """Books of one size whose customers reach a target at planted rates."""
    return [size] * len(rates), np.random.default_rng(seed).binomial(size, rates).tolist()


def table(customers, reached):
    return np.array([reached, np.array(customers) - reached])


def test_many_expected_make_a_chi_squared_test_as_scipy_makes_it():
    customers, reached = [40, 60, 55, 200], [8, 9, 20, 31]
    assert table(customers, reached).sum() == 355
    expected = stats.chi2_contingency(table(customers, reached), correction=False)
    assert expected.expected_freq.min() >= 5
    test, p = compare(customers, reached)
    assert (test, round(p, 12)) == ("chi-squared", round(expected.pvalue, 12))


def test_exactly_five_expected_are_enough_and_less_are_not():
    assert compare([20, 20], [5, 5])[0] == "chi-squared"
    assert compare([20, 20], [4, 5])[0] == "exact"
    assert compare([20, 20], [16, 15])[0] == "exact"


def test_few_expected_make_an_exact_test_as_fisher_makes_it():
    customers, reached = [22, 25], [1, 8]
    test, p = compare(customers, reached)
    exact = stats.fisher_exact(table(customers, reached)).pvalue
    assert test == "exact" and p == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("reached", [[0, 0, 0], [30, 20, 25]])
def test_all_alike_is_what_chance_makes(reached):
    assert compare([30, 20, 25], reached) == ("exact", 1.0)


@pytest.mark.parametrize("size", [25, 200])
def test_planted_differences_are_found(size):
    _, p = compare(*planted([0.02] * 6 + [0.6] * 2, size))
    assert p < 0.001


@pytest.mark.parametrize(("rate", "size", "test"), [(0.3, 60, "chi-squared"), (0.05, 25, "exact")])
def test_equal_rates_are_called_different_about_one_time_in_twenty(rate, size, test):
    found = [compare(*planted([rate] * 8, size, seed)) for seed in range(60)]
    assert {name for name, _ in found} == {test}
    assert sum(p < 0.05 for _, p in found) <= 7


def test_the_exact_test_draws_the_same_every_time():
    assert compare([22, 25, 30], [1, 8, 0]) == compare([22, 25, 30], [1, 8, 0])


def test_only_recorded_books_of_twenty_and_more_are_compared(engine):
    books = [(True, 20, 5), (True, 40, 30), (True, 19, 19), (False, 500, 0)]
    ((test, p, representatives, customers),) = put_books(engine, *books)
    assert (test, representatives, customers) == ("chi-squared", 2, 60)
    assert p == compare([20, 40], [5, 30])[1]


@pytest.mark.parametrize(
    ("books", "compared"), [([(True, 20, 3), (True, 5, 0)], (1, 20)), ([(False, 90, 3)], (0, 0))]
)
def test_one_book_is_compared_with_nothing(engine, books, compared):
    assert put_books(engine, *books) == [("none", None, *compared)]


def test_without_a_headline_there_is_no_verdict(engine):
    assert put_books(engine) == []
