"""Rates with the interval that their numbers allow, for everything that is shown as a share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isnan, sqrt
from statistics import NormalDist
from typing import Any, Literal

Z = NormalDist().inv_cdf(0.975)

FEW = 20
"""From how many customers on a share says something; below, reports mark it."""

LEAST_UNFOLLOWED = 200
"""Customer-runs without a follow-up from which on there is a comparison at all."""

LEVEL = 0.05
"""Up to which p value a difference is called more than chance."""

MOST_FALSE = 0.02
"""Up to which share of false discoveries findings are told, where many are looked for at once. With nothing
to be found something is told in as many runs: at :data:`LEVEL` that would be one in twenty."""

LIMITS = {"95": 0.95, "998": 0.998}
"""End of a column's name → share that stays within these limits by chance."""


def against_limits(row: Mapping[str, Any]) -> Literal["above", "within", "below"]:
    """Where a difference lies against the limits within which chance alone stays.

    Parameters
    ----------
    row
        Has difference, low95 and high95, of which none may be NULL.
    """
    if row["difference"] > row["high95"]:
        return "above"
    return "below" if row["difference"] < row["low95"] else "within"


@dataclass(frozen=True)
class Rate:
    """A share of customers with its Wilson 95 % interval; all ``nan`` for a share of nobody.

    Parameters
    ----------
    share, low, high
        Between 0 and 1.
    """

    share: float
    low: float
    high: float

    @property
    def or_nothing(self) -> tuple[float | None, float | None, float | None]:
        """Share, low and high as a table keeps them: None where there is no share."""
        return (None, None, None) if isnan(self.share) else (self.share, self.low, self.high)


@lru_cache(maxsize=4096)
def wilson(hits: int, of: int) -> Rate:
    """The share ``hits / of`` with its Wilson score interval at 95 %.

    Parameters
    ----------
    hits
        Customers who did it, ``0 <= hits <= of``.
    of
        Customers who could; 0 gives ``nan`` throughout, for there is no share of nobody.

    Notes
    -----
    Without continuity correction: E. B. Wilson, JASA 22 (1927) 209-212. Tests hold it against
    scipy; here stands the formula itself, for importing ``scipy.stats`` would cost each of two
    kernels of every run a second.

    Examples
    --------
    >>> rate = wilson(15, 148)
    >>> round(rate.low, 4), round(rate.high, 4)
    (0.0624, 0.1605)
    """
    if of == 0:
        return Rate(float("nan"), float("nan"), float("nan"))
    share = hits / of
    low, high = score_interval(share, of)
    # At 0 and 1 the formula gives the bound but for rounding; the bound itself is meant.
    return Rate(share, 0.0 if hits == 0 else low, 1.0 if hits == of else high)


def score_interval(share: float, of: float) -> tuple[float, float]:
    """Wilson's bounds of a share, for a number of customers that need not be whole.

    Parameters
    ----------
    share
        Between 0 and 1.
    of
        Customers who could, above 0; weighted comparisons count them in parts.
    """
    middle = share + Z**2 / (2 * of)
    half = Z * sqrt(share * (1 - share) / of + Z**2 / (4 * of**2))
    scale = 1 + Z**2 / of
    return (middle - half) / scale, (middle + half) / scale
