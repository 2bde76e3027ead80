from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests

from segcore.transitions.lifted import false_discoveries, lift


def counted(*strata):
    """Of each stratum: movers and customers of the level, movers and customers in all."""
    return tuple(np.array(column, dtype=np.int64) for column in zip(*strata, strict=True))


def squares(strata):
    """The same as tables of two by two: moved and stayed, of the level and of the rest."""
    return [np.array([[a, n - a], [m - a, every - n - m + a]], dtype=float) for a, n, m, every in strata]


def drawn(seed, strata=4, size=2_000):
    chance = np.random.default_rng(seed)
    every = chance.integers(size // 2, size, strata)
    n, m = (every * chance.uniform(0.2, 0.6, strata)).astype(int), (every * 0.3).astype(int)
    return list(zip(chance.hypergeometric(n, every - n, m), n, m, every, strict=True))


def test_with_one_stratum_it_is_the_share_among_movers_divided_by_the_share_among_all():
    found = lift(*counted((30, 100, 60, 400)))
    assert found.lift == pytest.approx((30 / 60) / (100 / 400))
    assert found.expected == 15


def test_what_only_comes_from_the_segments_is_no_lift():
    """Simpson: the level moves as everybody does in both segments, but most of it is where many move."""
    found = lift(*counted((45, 90, 50, 100), (1, 10, 10, 100)))
    assert pytest.approx(1.533, abs=0.001) == (46 / 60) / (100 / 200)
    assert (found.expected, found.lift) == (90 * 50 / 100 + 10 * 10 / 100, 1.0)
    assert found.p_value == pytest.approx(1)
    assert found.low < 1 < found.high


def test_a_level_that_moves_twice_as_often_in_each_segment_is_lifted_although_it_hardly_is_in_all():
    """Simpson once more, against the risk ratio of Mantel and Haenszel."""
    strata = [(8, 20, 28, 120), (40, 200, 42, 220)]
    crude = (48 / 220) / (70 / 340)
    found = lift(*counted(*strata))
    assert crude == pytest.approx(1.06, abs=0.001)
    assert found.expected == pytest.approx(20 * 28 / 120 + 200 * 42 / 220)
    assert found.lift == pytest.approx(48 / (20 * 28 / 120 + 200 * 42 / 220))
    by_hand = sum(a * (every - n) / every for a, n, _, every in strata) / sum(
        (m - a) * n / every for a, n, m, every in strata
    )
    assert StratifiedTable(squares(strata)).riskratio_pooled == pytest.approx(by_hand)
    assert by_hand == pytest.approx(2.0)
    # Numerator less denominator of that risk ratio are the movers beyond those to be expected.
    beyond = sum((a * (every - n) - (m - a) * n) / every for a, n, m, every in strata)
    assert found.lift == pytest.approx(1 + beyond / found.expected)


@pytest.mark.parametrize("seed", range(8))
def test_the_p_value_is_that_of_cochran_mantel_and_haenszel(seed):
    strata = drawn(seed)
    oracle = StratifiedTable(squares(strata)).test_null_odds(correction=False)
    assert lift(*counted(*strata)).p_value == pytest.approx(oracle.pvalue, rel=1e-9)


@pytest.mark.parametrize(
    "stratum", [(0, 20, 30, 300), (7, 20, 30, 300), (20, 25, 30, 40), (2, 30, 9, 900), (60, 60, 300, 9000)]
)
def test_few_customers_are_tested_exactly(stratum):
    (square,) = squares([stratum])
    assert lift(*counted(stratum)).p_value == pytest.approx(fisher_exact(square)[1], rel=1e-6)


def test_few_customers_in_several_segments_are_tested_by_all_tables_with_the_same_sums():
    strata = [(3, 5, 6, 12), (2, 4, 3, 9)]
    by_hand: dict[int, float] = {}
    for first in range(6):
        for second in range(4):
            chance = 1.0
            for taken, (_, n, m, every) in zip((first, second), strata, strict=True):
                chance *= comb(n, taken) * comb(every - n, m - taken) / comb(every, m)
            by_hand[first + second] = by_hand.get(first + second, 0) + chance
    rare = sum(chance for chance in by_hand.values() if chance <= by_hand[5] * (1 + 1e-9))
    assert lift(*counted(*strata)).p_value == pytest.approx(rare)


def test_exact_and_chi_squared_agree_where_one_takes_over_from_the_other():
    from segcore.transitions.lifted import _exact

    strata = drawn(3, size=400)
    a, n, m, every = (column.astype(float) for column in counted(*strata))
    assert _exact(float(a.sum()), n, m, every) == pytest.approx(lift(*counted(*strata)).p_value, abs=0.02)


@pytest.mark.parametrize("factor", [0.6, 1.0, 1.5])
def test_the_interval_holds_the_lift_in_about_95_of_100(factor):
    chance = np.random.default_rng(7)
    n, every, share = np.array([80, 150, 60]), np.array([400, 500, 300]), np.array([0.1, 0.2, 0.3])
    own, rest = share * factor, share
    true = (n * own).sum() / (n / every * (n * own + (every - n) * rest)).sum()
    held = 0
    for _ in range(1_000):
        a, b = chance.binomial(n, own), chance.binomial(every - n, rest)
        found = lift(a, n, a + b, every)
        held += found.low <= true <= found.high
    assert 930 <= held <= 970


def test_where_nobody_of_a_level_moved_the_interval_has_an_upper_end():
    found = lift(*counted((0, 40, 50, 400)))
    assert (found.lift, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(-np.log(0.025) / 5)


@pytest.mark.parametrize("stratum", [(10, 40, 10, 40), (40, 40, 400, 400), (0, 0, 10, 40)])
def test_where_nothing_can_differ_there_is_no_p_value(stratum):
    assert lift(*counted(stratum)).p_value is None


def test_where_nobody_moved_there_is_no_lift():
    found = lift(*counted((0, 40, 0, 400)))
    assert np.isnan(found.lift)
    assert found.p_value is None


@pytest.mark.parametrize("seed", range(5))
def test_false_discoveries_are_those_of_benjamini_and_hochberg(seed):
    p_values = np.random.default_rng(seed).random(60) ** 3
    p_values[10] = p_values[20]
    assert false_discoveries(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])


def test_without_a_test_there_is_no_false_discovery():
    assert false_discoveries(np.array([])).tolist() == []
