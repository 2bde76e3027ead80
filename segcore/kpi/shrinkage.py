"""Shares of small books, pulled towards the share of all as far as their size does not speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

LEVEL = 0.90
"""Of the intervals of shrunken shares."""


class Prior(NamedTuple):
    """How shares spread over books: a beta distribution with these two parameters."""

    alpha: float
    beta: float


def fit(hits: npt.ArrayLike, of: npt.ArrayLike) -> Prior:
    """The beta-binomial distribution of maximum likelihood.

    Parameters
    ----------
    hits, of
        Per group: customers who did it, and customers who could, ``0 <= hits <= of``.

    Notes
    -----
    Where groups spread no more than chance spreads them, the likelihood grows without end as the
    prior narrows. A prior that weighs more than all customers it was learnt from claims too much, so
    ``alpha + beta`` is at most their number (one more where nobody did it, or everybody).

    Raises
    ------
    ValueError
        If nobody could.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.stats import betabinom

    done, could = np.asarray(hits, dtype=float), np.asarray(of, dtype=float)
    done, could = done[could > 0], could[could > 0]
    if not could.size:
        raise ValueError("groups must hold a customer (got none); leave the shrinkage out")
    hit, whole = float(done.sum()), float(could.sum())
    if hit in (0, whole):
        # No spread can be seen where all shares are 0 or 1: half a customer on either side keeps them apart.
        return Prior(hit + 0.5, whole - hit + 0.5)
    bounds = [(-12.0, 12.0), (-3.0, float(np.log(whole)))]

    def against(parameters: npt.NDArray[np.float64]) -> float:
        share, weight = 1 / (1 + np.exp(-parameters[0])), np.exp(parameters[1])
        return -float(betabinom.logpmf(done, could, share * weight, (1 - share) * weight).sum())

    starts = np.linspace(bounds[1][0], bounds[1][1], 4)
    logit = float(np.log(hit / (whole - hit)))
    fine = {"ftol": 1e-14, "gtol": 1e-8}
    tried = [
        minimize(against, [logit, start], bounds=bounds, method="L-BFGS-B", options=fine) for start in starts
    ]
    best = min(tried, key=lambda found: float(found.fun))
    share, weight = 1 / (1 + np.exp(-best.x[0])), np.exp(best.x[1])
    return Prior(float(share * weight), float((1 - share) * weight))


def shrinkage(groups: pd.DataFrame) -> pd.DataFrame:
    """Shares by empirical Bayes, each with its 90 % interval.

    Parameters
    ----------
    groups
        hits, of (customers who did it and who could); one row per representative.

    Returns
    -------
    DataFrame
        Aligned with the rows: shrunken, low, high (shares; the mean of the posterior beta
        distribution and its 5 and 95 % quantiles; of a group without customers those of the prior).
        Empty of rows if no group holds a customer.
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import beta

    hits, of = groups["hits"].to_numpy(dtype=float), groups["of"].to_numpy(dtype=float)
    if not of.sum():
        return pd.DataFrame({"shrunken": np.nan, "low": np.nan, "high": np.nan}, index=groups.index)
    prior = fit(hits, of)
    for_it, against = prior.alpha + hits, prior.beta + of - hits
    tail = (1 - LEVEL) / 2
    return pd.DataFrame(
        {
            "shrunken": for_it / (for_it + against),
            "low": beta.ppf(tail, for_it, against),
            "high": beta.ppf(1 - tail, for_it, against),
        },
        index=groups.index,
    )
