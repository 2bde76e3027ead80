"""What a hold-out says: who was on the list against who was left off it by lot, as assigned."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from segcore.intervals import score_interval
from segcore.kpi.hazards import flags

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

STRATA = ["segment", "run_date"]
"""Within these the lot was drawn, so within these the arms are compared."""


@dataclass(frozen=True)
class Difference:
    """The share of one arm less that of the other, with its 95 % interval.

    Parameters
    ----------
    difference, low, high
        Shares, between -1 and 1.
    share, other
        The two arms' shares, weighted as the difference is: ``difference == share - other``.
    customers, others
        Customer-runs in the two arms.
    """

    difference: float
    low: float
    high: float
    share: float
    other: float
    customers: int
    others: int


def comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """The customer-runs of both arms of a hold-out.

    Parameters
    ----------
    rows
        Customer-runs of all runs: customer_id, run_date, segment, listed, held_out, counts (the list
        was published before the period began), rests (held out at the run before, see
        :func:`segcore.kpi.eligible`), the last four BOOLEAN.

    Returns
    -------
    DataFrame
        Those whose list counts and who stood on it or were held out, with ``arm`` (BOOLEAN: was to
        be followed up). Who was held out for one run stands first on the next list, and is left
        out of both arms there.
    """
    listed, held_out, counts, rests = (
        flags(rows[name]) for name in ("listed", "held_out", "counts", "rests")
    )
    return rows.assign(arm=~held_out)[counts & (listed | held_out) & ~rests]


def holdout(rows: pd.DataFrame, *, outcome: str = "reached") -> Difference | None:
    """Listed less held out, as assigned: whether anybody then called or not.

    Parameters
    ----------
    rows
        As for ``comparable``, with the outcome (BOOLEAN).
    outcome
        The column that is compared.

    Returns
    -------
    Difference or None
        None if no stratum has both arms.
    """
    return by_lot(comparable(rows), outcome=outcome)


def in_both(found: pd.DataFrame) -> pd.DataFrame:
    """Those of the strata in which both arms have somebody; found: as for ``by_lot``."""
    return found[found.groupby(STRATA)["arm"].transform("nunique") == 2]


def by_lot(found: pd.DataFrame, *, outcome: str) -> Difference | None:
    """The same of rows whose ``arm`` is known.

    Parameters
    ----------
    found
        customer_id, run_date, segment, arm (BOOLEAN) and the outcome (BOOLEAN).
    outcome
        The column that is compared.
    """
    found = in_both(found)
    if found.empty:
        return None
    stratum = found.groupby(STRATA, sort=True).ngroup().to_numpy().astype("int64")
    return stratified(
        flags(found[outcome]).astype(float),
        found["arm"].to_numpy(dtype=bool),
        stratum,
        found["customer_id"].to_numpy(),
    )


def stratified(
    outcome: Floats,
    arm: npt.NDArray[np.bool_],
    stratum: npt.NDArray[np.int64],
    customer: npt.NDArray[np.object_],
) -> Difference:
    """The difference of two arms within strata, with Newcombe's interval widened for who recurs.

    Parameters
    ----------
    outcome
        0 or 1 for each customer-run.
    arm, stratum, customer
        Aligned with it: in the first arm or not; number of the stratum, 0..; whose it is. Each
        stratum holds both arms.

    Notes
    -----
    Strata are weighted by n1 n0 / (n1 + n0), as Mantel and Haenszel do. Newcombe's interval
    (Statistics in Medicine 17 (1998) 873-890, method 10) joins the two arms' Wilson intervals; with
    several strata, or customers who recur, each arm counts as so many customers that the variance
    of the difference is the one that the residuals show, added up by customer. With one stratum
    in which everybody stands once it is Newcombe's interval as statsmodels computes it.
    """
    import numpy as np

    strata = int(stratum.max()) + 1
    size = [np.bincount(stratum, arm == side, strata) for side in (True, False)]
    hits = [np.bincount(stratum, outcome * (arm == side), strata) for side in (True, False)]
    weights = size[0] * size[1] / (size[0] + size[1])
    weights = weights / weights.sum()
    share, other = (float((weights * h / n).sum()) for h, n in zip(hits, size, strict=True))
    many, others = (1 / float((weights**2 / n).sum()) for n in size)
    if strata > 1 or len(np.unique(customer)) < len(customer):
        plain = share * (1 - share) / many + other * (1 - other) / others
        shown = _variance(outcome, arm, stratum, customer)
        if plain > 0 and shown > 0:
            many, others = many * plain / shown, others * plain / shown
    low, high = _newcombe((share, many), (other, others))
    return Difference(share - other, low, high, share, other, int(size[0].sum()), int(size[1].sum()))


def _newcombe(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Newcombe's interval of a difference from the two arms' (share, customers)."""
    (first, low_1, high_1), (second, low_2, high_2) = (
        (arm[0], *score_interval(*arm)) for arm in (one, other)
    )
    low = first - second - sqrt((first - low_1) ** 2 + (high_2 - second) ** 2)
    high = first - second + sqrt((high_1 - first) ** 2 + (second - low_2) ** 2)
    return max(low, -1.0), min(high, 1.0)


def _variance(
    outcome: Floats,
    arm: npt.NDArray[np.bool_],
    stratum: npt.NDArray[np.int64],
    customer: npt.NDArray[np.object_],
) -> float:
    """The variance of the difference that the residuals show, added up by customer."""
    import numpy as np
    from statsmodels.regression.linear_model import OLS
    from statsmodels.stats.sandwich_covariance import cov_cluster

    count = np.bincount(stratum)

    def within(values: Floats) -> Floats:
        return values - (np.bincount(stratum, values) / count)[stratum]

    fitted = OLS(within(outcome), within(arm.astype(float))[:, None]).fit()
    groups = np.unique(customer, return_inverse=True)[1]
    return float(np.squeeze(cov_cluster(fitted, groups)))
