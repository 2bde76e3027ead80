from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy.stats import chi2

import segcore.drift
from segcore.drift import shift


def test_the_index_is_the_published_one():
    """p .10 .20 .30 .40, q .12 .18 .35 .35, from reference numbers."""
    assert shift([10, 20, 30, 40], [12, 18, 35, 35]).psi == pytest.approx(0.0201377, abs=5e-8)


def test_the_limit_is_the_quantile_of_chi_squared():
    """n = m = 2000, 6 classes: 0.01107."""
    limit = shift([1000, 200, 200, 200, 200, 200], [200, 200, 200, 200, 200, 1000]).limit
    assert limit == pytest.approx(0.01107, abs=5e-6)
    assert limit == pytest.approx(chi2.ppf(0.95, 5) * (1 / 2000 + 1 / 2000))


def test_chance_alone_passes_the_limit_in_one_of_twenty_cases():
    rng, shares = np.random.default_rng(1), [0.3, 0.25, 0.2, 0.1, 0.1, 0.05]
    pairs = rng.multinomial(2000, shares, size=(4000, 2))
    found = [shift(then, now) for then, now in pairs.tolist()]
    assert np.mean([one.psi > one.limit for one in found]) == pytest.approx(0.05, abs=0.012)
    assert not any(one.shifted for one in found)  # never by the rule of thumb as well


@pytest.mark.parametrize(
    ("now", "shifted"), [([100, 100], False), ([115, 85], False), ([125, 75], True), ([200, 0], True)]
)
def test_customers_have_shifted_where_it_is_more_than_chance_and_more_than_the_rule(now, shifted):
    assert shift([90, 110], now).shifted is shifted


def test_few_customers_shift_by_chance():
    few = shift([5, 5], [8, 2])
    assert few.psi > 0.10
    assert not few.shifted


def test_a_class_without_anybody_counts_as_half_a_customer():
    assert shift([10, 0], [10, 0]).psi == 0
    assert shift([10, 10], [20, 0]).psi == pytest.approx(shift([20, 20], [40, 1]).psi, rel=0.05)


def test_the_example_in_the_docstring_is_right():
    result = doctest.testmod(segcore.drift)
    assert (result.attempted, result.failed) == (1, 0)
