"""Moves in continuous time: what customers seen at uneven gaps tell of the rates of moving.

A generator Q holds, for every pair of states, the rate of moving per day; its rows sum to zero. After
t days the chances are P(t) = exp(Q t), so runs 38 and 52 days apart speak of the same Q, which their
shares of movers do not. A state is a segment, or gone, which nobody leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


USUAL, FAR = -1.0, 4.0
"""A usual logarithm of a rate, and how far from it there is hardly a slope."""
LESS = 1e-9
"""By how much the likelihood of a pair of looks must rise to go on."""


def chances(q: np.ndarray, days: float) -> np.ndarray:
    """The chance of being in each state after some days.

    Parameters
    ----------
    q
        The generator, states × states, per day.
    days
        How many.

    Returns
    -------
    ndarray
        States × states, from in rows, to in columns; rows sum to 1.
    """
    import scipy.linalg

    # What is below zero is rounding.
    found: np.ndarray = scipy.linalg.expm(q * days).clip(0)
    return found


def fit(counts: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, float]:
    """The generator that makes the moves seen most likely.

    Parameters
    ----------
    counts
        Gaps × states × states: how many were in one state at the beginning of the gap, and in which
        at its end.
    days
        The length of each gap.

    Returns
    -------
    tuple of ndarray and float
        The generator per day, and its log likelihood. A move that nobody made has the rate 0, and a
        state in which nobody was is left by nobody.

    Notes
    -----
    Kalbfleisch and Lawless, Journal of the American Statistical Association 80 (1985) 863-871: what
    happened between two looks is not seen, and the likelihood is the product of P(t) over all pairs.
    The slope is exact, by the derivative of the matrix exponential. Own code, for no maintained
    library of Python fits a generator to gaps of several lengths; the maximum is found by scipy.
    """
    import numpy as np

    gaps, where = np.unique(np.asarray(days, dtype=float), return_inverse=True)
    seen = np.zeros((len(gaps), *counts.shape[1:]))
    np.add.at(seen, where, counts)
    unit = gaps @ seen.sum(axis=(1, 2)) / seen.sum()
    moved = seen.sum(axis=0)
    np.fill_diagonal(moved, 0)
    pairs = np.nonzero(moved)
    q = np.zeros(counts.shape[1:])
    if not len(pairs[0]):
        return q, 0.0
    start = np.log(_guess(seen.sum(axis=0))[pairs])

    def minus(logs: np.ndarray) -> tuple[float, np.ndarray]:
        return _minus_log_likelihood(_filled(q.shape, pairs, np.exp(logs)), pairs, seen, gaps / unit)

    best = _lowest(minus, start)
    return _filled(q.shape, pairs, np.exp(best.x)) / unit, -float(best.fun) * seen.sum()


def _lowest(minus: Callable[[np.ndarray], tuple[float, np.ndarray]], start: np.ndarray) -> Any:
    """The minimum of a function of logarithms of rates, found alike on every computer.

    Where a rate is next to nothing, or so high that nobody stays, its logarithm has hardly a slope, so a
    step that went too far is never taken back, and how far it goes depends on the last digit of a
    processor. Such rates are set back and the search goes on from there as long as that finds less.
    """
    import numpy as np
    import scipy.optimize

    limits = [(-30.0, 10.0)] * len(start)  # a rate that wants to be zero is as good as zero there
    best, at = None, start
    while best is None or (np.abs(best.x - USUAL) > FAR).any():
        found = scipy.optimize.minimize(
            minus, at, jac=True, method="L-BFGS-B", bounds=limits,
            options={"maxiter": 2000, "maxfun": 20_000, "ftol": 1e-15, "gtol": 1e-9},
        )  # fmt: skip
        if best is not None and found.fun > best.fun - LESS:
            break
        best, at = found, np.where(np.abs(found.x - USUAL) > FAR, USUAL, found.x)
    return best


def _guess(counts: np.ndarray) -> np.ndarray:
    """The rates if all gaps were alike: the logarithm of the shares, where it is above zero."""
    import numpy as np
    import scipy.linalg

    counts = counts + np.diag(counts.sum(axis=1) == 0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    # Half as many stay as were seen at the least, so that there is a logarithm.
    log = np.real(scipy.linalg.logm(shares + np.eye(len(shares)) * 1e-3))
    found: np.ndarray = np.maximum(log, shares / 20)
    return found


Pairs = tuple["np.ndarray", ...]
"""From and to of the moves that somebody made."""


def _filled(shape: tuple[int, ...], pairs: Pairs, rates: np.ndarray) -> np.ndarray:
    import numpy as np

    q = np.zeros(shape)
    q[pairs] = rates
    np.fill_diagonal(q, 0.0 - q.sum(axis=1))
    return q


def _minus_log_likelihood(
    q: np.ndarray, pairs: Pairs, seen: np.ndarray, gaps: np.ndarray
) -> tuple[float, np.ndarray]:
    """Per pair of looks, and its slope by the logarithms of the rates."""
    import numpy as np
    import scipy.linalg

    states, size, scaled = len(q), seen.sum(), q * gaps[:, None, None]
    # Rounding may leave no chance at all, or less, for a move that was seen and has next to none.
    p, there = scipy.linalg.expm(scaled).clip(1e-13), seen > 0
    total = float((seen[there] * np.log(p[there])).sum())
    # The derivative of exp(A) stands in the corner of the exponential of a matrix of twice the size.
    doubled = np.zeros((len(gaps), 2 * states, 2 * states))
    doubled[:, :states, :states] = doubled[:, states:, states:] = scaled.transpose(0, 2, 1)
    doubled[:, :states, states:] = np.divide(seen, p, out=np.zeros_like(p), where=there) / size
    corner = scipy.linalg.expm(doubled)[:, :states, states:]
    slope = (gaps[:, None, None] * corner).sum(axis=0)
    by_rate = slope[pairs] - np.diagonal(slope)[pairs[0]]
    return -total / size, -by_rate * q[pairs]


def sojourn(q: np.ndarray) -> np.ndarray:
    """How long a stay in each state lasts on average, in the unit of the generator; inf if for ever."""
    import numpy as np

    leaving = -np.diagonal(q)
    found: np.ndarray = np.divide(1.0, leaving, out=np.full(len(q), np.inf), where=leaving > 0)
    return found


def steady(q: np.ndarray) -> np.ndarray | None:
    """The shares of the states at which a generator settles, None if that depends on the beginning."""
    import numpy as np

    system = np.vstack([q.T / max(float(np.abs(q).max()), 1e-300), np.ones(len(q))])
    if np.linalg.matrix_rank(system, tol=1e-9) < len(q):
        return None
    found: np.ndarray = np.linalg.lstsq(system, np.append(np.zeros(len(q)), 1.0), rcond=None)[0]
    return found.clip(0)
