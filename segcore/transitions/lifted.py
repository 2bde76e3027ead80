"""Whether some customers moved more often than the others of their segments: observed against expected.

One level of an attribute (a region, a quarter of order value) is held against all customers who could
move, stratum by stratum (Mantel and Haenszel), for segments differ in who moves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from segcore.intervals import Z

if TYPE_CHECKING:
    import numpy as np

ENOUGH = 50.0
"""How many customers the movers may be off in either direction, beside what is expected, from which on
chi-squared is near enough; Mantel and Fleiss (1980) ask for 5, but not for the tails that many tests need."""
NONE_SEEN = 3.6888794541139363
"""Up to so many were expected, with 97.5 %, where none is seen (Poisson)."""


class Lift(NamedTuple):
    """How often those of a level moved, beside what their segments let one expect.

    Parameters
    ----------
    expected
        Movers of the level if it moved as all customers of the same strata did.
    lift
        Movers seen / expected. With one stratum that is the share of the level among movers, divided by
        its share among all.
    low, high
        Its 95 % interval.
    p_value
        Two-sided; None where nothing can differ.
    """

    expected: float
    lift: float
    low: float
    high: float
    p_value: float | None


def lift(movers: np.ndarray, customers: np.ndarray, of_movers: np.ndarray, of_customers: np.ndarray) -> Lift:
    """The lift of one level.

    Parameters
    ----------
    movers, customers
        Strata: those of the level who moved, and all of the level.
    of_movers, of_customers
        Strata: all who moved, and all who could.

    Notes
    -----
    ``lift = sum(a) / sum(n m / N)``: numerator and denominator are those of the Cochran-Mantel-Haenszel test,
    N. Mantel and W. Haenszel, JNCI 22 (1959) 719-748, which gives the p value: by chi-squared without
    correction where counts are large, else exactly, from the distribution of the sum of hypergeometric
    counts, both tails taken as Fisher's test takes them. The interval is that of the logarithm by the
    delta method, with binomial counts of the level and of the rest of each stratum.

    Examples
    --------
    >>> import numpy as np
    >>> found = lift(*(np.array([n]) for n in (30, 100, 60, 400)))
    >>> round(found.expected), round(found.lift, 3), round(found.low, 2), round(found.high, 2)
    (15, 2.0, 1.59, 2.51)
    """
    import numpy as np

    weight = customers / np.where(of_customers > 0, of_customers, 1)
    seen, expected = float(movers.sum()), float((weight * of_movers).sum())
    if not expected:
        return Lift(0.0, float("nan"), float("nan"), float("nan"), None)
    ratio, p = seen / expected, _p_value(movers, customers, of_movers, of_customers)
    if not seen:
        return Lift(expected, 0.0, 0.0, NONE_SEEN / expected, p)
    rest, rest_moved = of_customers - customers, of_movers - movers
    spread = (1 / seen - weight / expected) ** 2 * _binomial(movers, customers)
    spread = spread + (weight / expected) ** 2 * _binomial(rest_moved, rest)
    off = float(np.exp(Z * np.sqrt(spread.sum())))
    return Lift(expected, ratio, ratio / off, ratio * off, p)


def _binomial(hits: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The variance of each count."""
    import numpy as np

    found: np.ndarray = hits * (1 - hits / np.where(of > 0, of, 1))
    return found


def _p_value(
    movers: np.ndarray, customers: np.ndarray, of_movers: np.ndarray, of_customers: np.ndarray
) -> float | None:
    import numpy as np
    from scipy.special import chdtrc

    n, m, every = (values.astype(float) for values in (customers, of_movers, of_customers))
    there = (n > 0) & (n < every) & (m > 0) & (m < every)
    if not there.any():
        return None
    a, n, m, every = movers[there].astype(float), n[there], m[there], every[there]
    mean = n * m / every
    variance = mean * (1 - n / every) * (every - m) / (every - 1)
    least, most = np.maximum(0, n + m - every), np.minimum(n, m)
    if min((mean - least).sum(), (most - mean).sum()) >= ENOUGH:
        return float(chdtrc(1, (a - mean).sum() ** 2 / variance.sum()))
    return _exact(float(a.sum()), n, m, every)


def _exact(seen: float, n: np.ndarray, m: np.ndarray, every: np.ndarray) -> float:
    """How likely a sum of hypergeometric counts is that is no likelier than the one seen."""
    import numpy as np
    from scipy.special import gammaln

    def ways(of: float, taken: np.ndarray | float) -> np.ndarray:
        found: np.ndarray = gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1)
        return found

    first, chances = 0.0, np.ones(1)
    for own, moved, all_of in zip(n, m, every, strict=True):
        mean = own * moved / all_of
        far = 40 + 40 * np.sqrt(mean)  # beyond it nothing is left that a float could hold
        low = max(0.0, own + moved - all_of, np.floor(mean - far))
        counts = np.arange(low, min(own, moved, np.ceil(mean + far)) + 1)
        logs = ways(own, counts) + ways(all_of - own, moved - counts) - ways(all_of, moved)
        first, chances = first + low, np.convolve(chances, np.exp(logs))
    place = int(seen - first)
    if not 0 <= place < len(chances):
        return 0.0
    as_rare = chances <= chances[place] * (1 + 1e-7)
    return min(1.0, float(chances[as_rare].sum() / chances.sum()))


def false_discoveries(p_values: np.ndarray) -> np.ndarray:
    """The q value of each test: the share of false discoveries if all up to it are called found.

    Parameters
    ----------
    p_values
        Of all tests.

    Notes
    -----
    Y. Benjamini and Y. Hochberg, JRSS B 57 (1995) 289-300. ``scipy.stats`` would give the same, and cost
    each run more than a second to import.

    Examples
    --------
    >>> import numpy as np
    >>> false_discoveries(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    import numpy as np

    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    found = np.empty(len(p_values))
    found[order] = np.minimum.accumulate(p_values[order] * len(p_values) / ranks).clip(max=1)
    return found
