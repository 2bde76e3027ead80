from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import minimize
from scipy.special import chdtrc

from segcore.transitions.generator import chances, fit, sojourn, steady
from segcore.transitions.unusual import apart, degrees_of_freedom

Q = np.array([[-0.3, 0.2, 0.06, 0.04], [0.1, -0.5, 0.3, 0.1], [0.0, 0.2, -0.6, 0.4], [0, 0, 0, 0]]) / 45


def seen(gaps, customers=1000, q=Q):
    """The counts that come out on average, one table for each gap."""
    return np.stack([chances(q, gap) * customers for gap in gaps]) * (np.diagonal(q) < 0)[:, None]


# Chances


def test_chances_of_two_states_are_the_formula_of_the_textbook():
    """P12(t) = a / (a + b) (1 - exp(-(a + b) t)) for the rates a and b (Cox and Miller 1965, 4.5)."""
    a, b = 0.02, 0.005
    for days in (1, 45, 400):
        left = a / (a + b) * (1 - np.exp(-(a + b) * days))
        back = b / (a + b) * (1 - np.exp(-(a + b) * days))
        expected = [[1 - left, left], [back, 1 - back]]
        assert chances(np.array([[-a, a], [b, -b]]), days) == pytest.approx(np.array(expected), abs=1e-14)


def test_two_gaps_after_each_other_are_one_long_one():
    assert chances(Q, 38) @ chances(Q, 52) == pytest.approx(chances(Q, 90), abs=1e-14)
    assert chances(Q, 90).sum(axis=1) == pytest.approx(np.ones(4))
    assert chances(Q, 90)[3] == pytest.approx([0, 0, 0, 1])  # nobody comes back from gone


# Fitting


@pytest.mark.parametrize("gaps", [(45,), (45, 45, 45), (38, 52), (1, 30, 45, 90)])
def test_the_generator_behind_the_moves_is_found_whatever_the_gaps(gaps):
    found, _ = fit(seen(gaps), np.array(gaps))
    assert found * 45 == pytest.approx(Q * 45, abs=1e-4)


def test_equal_gaps_give_the_shares_that_were_seen():
    """Kalbfleisch and Lawless 1985: where the shares have a generator, it is the most likely one."""
    counts = np.array([[[900, 80, 20], [50, 700, 250], [0, 0, 0]]], dtype=float)
    found, _ = fit(counts, np.array([45.0]))
    assert chances(found, 45)[:2] == pytest.approx(counts[0, :2] / 1000, abs=1e-5)


def test_two_states_have_rates_in_closed_form():
    """a + b = -log(1 - P12 - P21) / t, shared out as P12 to P21."""
    found, _ = fit(np.array([[[90.0, 10], [30, 70]]]), np.array([30.0]))
    both = -np.log(1 - 0.1 - 0.3) / 30
    assert found == pytest.approx(np.array([[-0.25, 0.25], [0.75, -0.75]]) * both, rel=1e-4)


def test_the_likelihood_is_that_of_all_pairs_of_looks():
    counts = np.array([[[90.0, 10], [30, 70]]])
    _, likelihood = fit(counts, np.array([30.0]))
    assert likelihood == pytest.approx((counts * np.log(counts / 100)).sum(), abs=1e-6)


def test_shares_that_no_generator_gives_are_met_as_well_as_one_can():
    """Everybody changes sides in every gap: no rates do that, and the best ones are still rates."""
    counts = np.array([[[5.0, 95], [95, 5]]])
    found, likelihood = fit(counts, np.array([30.0]))
    assert np.isfinite(found).all()
    assert (found - np.diag(np.diagonal(found)) >= 0).all()
    assert chances(found, 30) == pytest.approx(np.full((2, 2), 0.5), abs=0.01)
    assert likelihood == pytest.approx(200 * np.log(0.5), abs=0.1)


def minus_log_likelihood(logs, pairs, counts, gaps):
    """Of all pairs of looks, written down again."""
    q = np.zeros(counts.shape[1:])
    q[pairs] = np.exp(logs)
    np.fill_diagonal(q, -q.sum(axis=1))
    p = np.stack([expm(q * gap) for gap in gaps])
    there = counts > 0
    return -float((counts[there] * np.log(p[there].clip(1e-300))).sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_other_beginning_leads_to_likelier_rates(seed):
    """Few moves and rates of zero have several hollows; a fit that stops in one depends on the computer."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet([0.5, 0.4, 0.4, 0.3, 0.3], size=4)
    counts = np.stack([[*(rng.multinomial(60, row) for row in shares), [0] * 5] for _ in range(2)]).astype(
        float
    )
    gaps = np.array([45.0, 45.0])
    moved = counts.sum(axis=0)
    np.fill_diagonal(moved, 0)
    pairs = np.nonzero(moved)
    found = -fit(counts, gaps)[1]
    for _ in range(4):
        start = rng.uniform(-3, 1.5, len(pairs[0]))
        other = minimize(
            minus_log_likelihood, start, args=(pairs, counts, gaps / 45), bounds=[(-30, 10)] * len(start)
        )
        assert found <= other.fun + 1e-3


def test_what_nobody_did_has_no_rate_and_an_empty_state_is_left_by_nobody():
    counts = np.array([[[50.0, 0, 50], [0, 0, 0], [0, 0, 0]]])
    found, _ = fit(counts, np.array([45.0]))
    assert found[0] * 45 == pytest.approx([-np.log(2), 0, np.log(2)], abs=1e-5)
    assert not found[1:].any()
    still, likelihood = fit(np.array([[[50.0, 0], [0, 7]]]), np.array([45.0]))
    assert not still.any()
    assert likelihood == 0


def test_simulated_customers_give_the_rates_they_were_drawn_from():
    """10,000 paths with gaps of 38, 52 and 45 days; seeded."""
    chance, gaps = np.random.default_rng(3), (38, 52, 45)
    counts, size = np.zeros((3, 4, 4)), np.array([4000, 3000, 3000, 0])
    for number, gap in enumerate(gaps):
        for state, customers in enumerate(size):
            counts[number, state] = chance.multinomial(customers, chances(Q, gap)[state])
        size = counts[number].sum(axis=0).astype(int)
    counts[:, 3] = 0
    found, _ = fit(counts, np.array(gaps))
    assert np.abs(found - Q).max() * 45 < 0.02


# Heart transplants (cav), the most likely rates per year as R's msm 1.8 prints them.
CAV = np.array([[0, 0.12787, 0, 0.04250], [0.22512, 0, 0.34261, 0.04021], [0, 0.13062, 0, 0.30648], [0] * 4])
CAV -= np.diag(CAV.sum(axis=1))


def test_chances_of_published_rates_are_the_published_ones():
    """msm, pmatrix.msm(cav.msm, t = 10) and sojourn.msm(cav.msm); the rates are printed to five places."""
    ten_years = [
        [0.30940656, 0.09750021, 0.08787255, 0.5052207],
        [0.17165172, 0.06552639, 0.07794394, 0.6848780],
        [0.05898093, 0.02971653, 0.04665485, 0.8646477],
        [0, 0, 0, 1],
    ]
    assert chances(CAV, 10) == pytest.approx(np.array(ten_years), abs=1e-5)
    assert sojourn(CAV) == pytest.approx([5.869552, 1.644897, 2.287819, np.inf], abs=5e-5)


def test_published_rates_are_found_again_from_looks_at_uneven_gaps():
    gaps = (0.7, 1.0, 1.95, 3.5)
    found, likelihood = fit(seen(gaps, q=CAV), np.array(gaps))
    assert found == pytest.approx(CAV, abs=2e-4)
    shares = np.stack([chances(CAV, gap)[:3] for gap in gaps])
    assert likelihood == pytest.approx((1000 * shares * np.log(shares)).sum(), abs=1e-3)


# What a generator says. Shares P of equal steps are the generator P - 1 with a step for a day.

GIDDY = np.array(
    [[729, 71, 1, 0, 0], [72, 567, 80, 3, 0], [0, 81, 631, 86, 2], [0, 3, 86, 573, 56], [0, 0, 1, 57, 741]]
)


def test_steady_state_of_published_moves():
    """giddy, markov.py: incomes of 48 US states, 1929 to 2009."""
    shares = GIDDY / GIDDY.sum(axis=1, keepdims=True)
    assert shares[0, 0] == pytest.approx(0.91011236, abs=5e-9)
    expected = [0.20774716, 0.18725774, 0.20740537, 0.18821787, 0.20937187]
    assert steady(shares - np.eye(5)) == pytest.approx(expected, abs=5e-9)


def test_steady_state_and_sojourn_of_published_shares():
    """giddy, ergodic.py: the weather in the Land of Oz (Kemeny and Snell 1967)."""
    oz = np.array([[0.5, 0.25, 0.25], [0.5, 0, 0.5], [0.25, 0.25, 0.5]]) - np.eye(3)
    assert steady(oz) == pytest.approx([0.4, 0.2, 0.4])
    assert list(sojourn(oz)) == [2, 1, 2]


def test_a_state_that_nobody_leaves_lasts_for_ever_and_two_of_them_settle_nothing():
    assert list(sojourn(np.array([[-0.5, 0.5], [0, 0]]))) == [2, np.inf]
    assert steady(np.array([[-0.5, 0.5], [0, 0]])) == pytest.approx([0, 1])
    assert steady(np.zeros((2, 2))) is None


def test_chi_squared_of_published_moves():
    """giddy, chi2: is the first matrix drawn from the shares of the second?

    The published 9 degrees of freedom are (4 - 1) x (4 - 1). Two of the 16 moves were never made, and
    no row's counts are fixed by the other rows, so 14 - 4 = 10 are free; the p value is the
    published one at the published 9.
    """
    first = np.array([[562, 22, 1, 0], [12, 201, 22, 0], [0, 17, 97, 4], [0, 0, 3, 19]])
    second = np.array([[884, 77, 4, 0], [68, 794, 87, 3], [1, 92, 815, 51], [1, 0, 60, 903]])
    shares = second / second.sum(axis=1, keepdims=True)
    statistic = apart(first[None], (first.sum(axis=1, keepdims=True) * shares)[None])
    assert statistic == pytest.approx(23.39728441, abs=5e-9)
    assert chdtrc(9, statistic) == pytest.approx(0.00536312, abs=5e-9)
    assert degrees_of_freedom(np.stack([first, second])) == 10
