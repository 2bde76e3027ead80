from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binomtest, poisson

from segcore.kpi.funnel import funnel
from segcore.kpi.shrinkage import fit, shrinkage

# Tumours among control rats of 70 earlier experiments, R. E. Tarone, Biometrics 38 (1982) 215-220, as in
# A. Gelman and others, Bayesian Data Analysis, table 5.1: 263 of 1,725.
RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 "
    "1/18 1/18 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 "
    "3/20 2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 "
    "5/20 6/23 5/19 6/22 6/20 6/20 6/20 16/52 15/47 15/46 9/24"
)


def rats() -> pd.DataFrame:
    pairs = [tuple(int(number) for number in group.split("/")) for group in RATS.split()]
    return pd.DataFrame(pairs, columns=["hits", "of"])


def test_the_rat_tumours_give_the_published_maximum_of_the_likelihood():
    groups = rats()
    assert (len(groups), groups["hits"].sum(), groups["of"].sum()) == (70, 263, 1725)
    prior = fit(groups["hits"], groups["of"])
    assert prior.alpha == pytest.approx(2.3048, abs=1e-4)
    assert prior.beta == pytest.approx(14.0797, abs=3e-4)


def test_a_share_is_pulled_towards_that_of_all_by_as_much_as_its_group_is_small():
    groups = rats()
    told = shrinkage(groups)
    none_of_20, sixteen_of_52 = told.iloc[0], told.iloc[66]
    assert none_of_20["shrunken"] == pytest.approx(2.3048 / (2.3048 + 14.0797 + 20), abs=1e-4)
    assert sixteen_of_52["shrunken"] == pytest.approx(18.3048 / (2.3048 + 14.0797 + 52), abs=1e-4)
    assert none_of_20["low"] == pytest.approx(beta.ppf(0.05, 2.3048, 34.0797), abs=1e-4)
    assert none_of_20["high"] == pytest.approx(beta.ppf(0.95, 2.3048, 34.0797), abs=1e-4)


def test_books_that_spread_no_more_than_chance_get_the_share_of_all_as_sure_as_all_of_them_make_it():
    groups = pd.DataFrame({"hits": [5, 5, 5, 0], "of": [20, 20, 20, 0]})
    told = shrinkage(groups)
    assert told["shrunken"].tolist() == pytest.approx([0.25] * 4, abs=0.01)
    # The prior weighs as much as the 60 customers it was learnt from, and no more.
    prior = fit(groups["hits"], groups["of"])
    assert prior.alpha + prior.beta == pytest.approx(60)
    whole = binomtest(15, 60).proportion_ci(0.90, method="wilson")
    assert told["low"].iloc[3] == pytest.approx(whole.low, abs=0.01)
    assert told["high"].iloc[3] == pytest.approx(whole.high, abs=0.01)


@pytest.mark.parametrize(("hits", "of"), [([0, 0], [3, 4]), ([3, 4], [3, 4]), ([1], [1]), ([0, 4], [4, 4])])
def test_shares_of_nothing_or_all_stay_between_them(hits, of):
    told = shrinkage(pd.DataFrame({"hits": hits, "of": of}))
    assert (told["low"] >= 0).all()
    assert (told["low"] <= told["shrunken"]).all()
    assert (told["shrunken"] <= told["high"]).all()
    assert (told["high"] <= 1).all()
    assert (told["high"] - told["low"] > 0.01).all()


def test_without_customers_there_is_nothing_to_shrink():
    told = shrinkage(pd.DataFrame({"hits": [0, 0], "of": [0, 0]}, index=[4, 7]))
    assert told.index.tolist() == [4, 7]
    assert told.isna().all(axis=None)
    with pytest.raises(ValueError) as refused:
        fit([0], [0])
    assert str(refused.value) == "groups must hold a customer (got none); leave the shrinkage out"


class TestFunnel:
    """Limits of observed minus expected."""

    def test_limits_lie_between_the_whole_numbers_that_scipys_quantiles_give(self):
        expected = pd.Series([0.3, 2.0, 7.5, 40.0, 900.0])
        limits = funnel(expected)
        for name, tail in (("95", 0.025), ("998", 0.001)):
            low, high = poisson.ppf(tail, expected), poisson.ppf(1 - tail, expected)
            assert (limits[f"high{name}"] + expected <= high).all()
            assert (limits[f"high{name}"] + expected >= high - 1).all()
            assert (limits[f"low{name}"] + expected <= low).all()
            assert (limits[f"low{name}"] + expected >= np.maximum(low - 1, 0)).all()

    def test_many_expected_have_the_limits_of_the_normal_distribution(self):
        limits = funnel(pd.Series([10_000.0]))
        assert limits["low95"].iloc[0] == pytest.approx(-196, abs=1)
        assert limits["high95"].iloc[0] == pytest.approx(196, abs=2)
        assert limits["high998"].iloc[0] == pytest.approx(309, abs=3)

    def test_nothing_expected_leaves_no_room_and_nobody_falls_below_none(self):
        limits = funnel(pd.Series([0.0, 0.5], index=["nobody", "half"]))
        assert limits.loc["nobody"].tolist() == [0, 0, 0, 0]
        assert limits.loc["half", ["low95", "low998"]].tolist() == [-0.5, -0.5]

    def test_the_limits_widen_with_what_is_expected(self):
        limits = funnel(pd.Series(np.linspace(0.1, 60, 400)))
        assert (np.diff(limits["high95"]) > -0.11).all()  # between whole numbers it may give way a little
        assert (limits["high998"] >= limits["high95"]).all()
        assert (limits["low998"] <= limits["low95"]).all()
