"""Followed against unfollowed where nothing was held out: adjusted for what is known, or raw.

Neither is an effect: representatives may choose by what nobody wrote down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.intervals import FEW, Z
from segcore.kpi.aipw import model, standard_error
from segcore.kpi.hazards import flags, numbers
from segcore.kpi.holdout import Difference, stratified

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

KNOWN = ("segment", "recency_class", "frequency_class", "run_date")
"""What the two groups are made alike in."""

SURE = 0.05
"""Below this probability of a follow-up, or above its complement, there is hardly anybody to compare with."""


@dataclass(frozen=True)
class Adjusted(Difference):
    """A difference after adjustment, and how far to trust it.

    Parameters
    ----------
    overlap
        Share of customer-runs whose probability of a follow-up lies between 5 and 95 %.
    imbalance, imbalance_left
        The largest difference between the groups in a characteristic, in standard deviations, before
        and after weighting; up to 0.1 counts as balanced.
    """

    overlap: float = 1.0
    imbalance: float = 0.0
    imbalance_left: float = 0.0


def landmark(rows: pd.DataFrame) -> int | None:
    """The day of the period on which it is decided who counts as followed; None without a follow-up.

    Parameters
    ----------
    rows
        days, followed_on, order_on.

    Notes
    -----
    The day by which nine in ten first follow-ups of customers without an order were made, but at most
    half of the shortest period. Who ordered by then is left out, and who is followed up later counts
    as unfollowed: comparing all who were ever followed up would count their waiting without an order
    as a success of the call.
    """
    import numpy as np

    order_on, followed_on = numbers(rows["order_on"]), numbers(rows["followed_on"])
    before = followed_on[followed_on < np.nan_to_num(order_on, nan=np.inf)]
    if not before.size:
        return None
    half = float(numbers(rows["days"]).min()) // 2
    return int(max(1, min(float(np.quantile(before, 0.9, method="lower")), half)))


def compared(rows: pd.DataFrame) -> pd.DataFrame:
    """The customer-runs without an order up to the landmark, with ``arm``: followed up by then.

    Parameters
    ----------
    rows
        days, followed_on, order_on, and whatever else is wanted.
    """
    day = landmark(rows)
    if day is None:
        return rows.iloc[:0].assign(arm=False)
    waiting = ~(numbers(rows["order_on"]) <= day)
    return rows.assign(arm=numbers(rows["followed_on"]) <= day)[waiting]


def raw(found: pd.DataFrame, *, outcome: str = "reached") -> Difference | None:
    """Followed less unfollowed as they are; the interval adds up by customer.

    Parameters
    ----------
    found
        What ``compared`` gives: customer_id, arm and the outcome (BOOLEAN).
    outcome
        The column that is compared.

    Returns
    -------
    Difference or None
        None if either group has under ``FEW`` customer-runs.
    """
    import numpy as np

    if not _both(found):
        return None
    return stratified(
        flags(found[outcome]).astype(float),
        found["arm"].to_numpy(dtype=bool),
        np.zeros(len(found), dtype=np.int64),
        found["customer_id"].to_numpy(),
    )


def adjusted(
    found: pd.DataFrame, *, outcome: str = "reached", known: tuple[str, ...] = KNOWN
) -> Adjusted | None:
    """Followed less unfollowed, both made alike in what is known (AIPW).

    Parameters
    ----------
    found
        What ``compared`` gives: customer_id, arm, the outcome (BOOLEAN) and what is known.
    outcome
        The column that is compared.
    known
        Columns in which the groups are made alike: classes and names by value, other floats as numbers.

    Returns
    -------
    Adjusted or None
        None if either group has under ``FEW`` customer-runs with somebody like them in the other,
        or who is followed up can be told from what is known without an exception.

    Notes
    -----
    Augmented inverse probability weighting by statsmodels: a logit for who is followed up, a linear
    model for the outcome in each group. Right if either is. Customer-runs of a value that stands in
    one group only are left out. The interval adds up the influence of each customer-run by customer;
    where everybody stands once it is that of statsmodels' GMM, at a fraction of its time.
    """
    import numpy as np

    found = _alike(found, known)
    if not _both(found):
        return None
    exog, treated = _exog(found, known), found["arm"].to_numpy(dtype=float)
    effect = model(flags(found[outcome]).astype(float), treated, exog)
    if effect is None:
        return None
    difference, other, share = (float(value) for value in effect.aipw(return_results=False))
    groups = np.unique(found["customer_id"].to_numpy(), return_inverse=True)[1]
    half = Z * standard_error(effect, groups)
    chance = effect.prob_select
    return Adjusted(
        difference,
        difference - half,
        difference + half,
        share,
        other,
        int(treated.sum()),
        int((1 - treated).sum()),
        overlap=float(((chance >= SURE) & (chance <= 1 - SURE)).mean()),
        imbalance=_imbalance(exog, treated, np.ones(len(treated))),
        imbalance_left=_imbalance(exog, treated, treated / chance + (1 - treated) / (1 - chance)),
    )


def _both(found: pd.DataFrame) -> bool:
    return bool(found["arm"].sum() >= FEW and (~found["arm"]).sum() >= FEW)


def _alike(found: pd.DataFrame, known: tuple[str, ...]) -> pd.DataFrame:
    """The rows of which every value that counts by itself stands in both groups."""
    size = -1
    while size != len(found):
        size = len(found)
        for name in known:
            if not _a_number(found[name], name):
                found = found[found.groupby(name, dropna=False)["arm"].transform("nunique") == 2]
    return found


def _a_number(column: pd.Series, name: str) -> bool:
    return column.dtype.kind == "f" and not name.endswith("_class")


def _exog(found: pd.DataFrame, known: tuple[str, ...]) -> Floats:
    """A constant, the numbers, and a column for each further value of everything else."""
    import numpy as np
    import pandas as pd

    parts = [np.ones((len(found), 1))]
    for name in known:
        if _a_number(found[name], name):
            parts.append(found[name].to_numpy(dtype=float)[:, None])
        else:
            parts.append(pd.get_dummies(found[name], drop_first=True, dtype=float).to_numpy())
    return np.column_stack(parts)


def _imbalance(exog: Floats, treated: Floats, weights: Floats) -> float:
    """The largest standardised difference of a column of exog but the constant."""
    import numpy as np

    if exog.shape[1] == 1:
        return 0.0
    columns, arm = exog[:, 1:], treated == 1
    means = [np.average(columns[side], axis=0, weights=weights[side]) for side in (arm, ~arm)]
    spread = np.sqrt((columns[arm].var(axis=0) + columns[~arm].var(axis=0)) / 2)
    return float(np.max(np.abs(means[0] - means[1]) / np.where(spread > 0, spread, 1)))
