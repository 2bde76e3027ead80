"""How many would have ordered without a follow-up, by days at risk.

Everybody counts as unfollowed until the day after the first follow-up, and as followed from then on;
an order on the day of the follow-up counts as unfollowed. Days at risk end with the first order, or
with the period. So nobody counts as followed for having survived without an order until somebody
called, which is what comparing followed with unfollowed customers gets wrong (immortal-time bias).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

WEEK = 7
"""Days within which the hazard counts as constant."""

LEAST_DAYS = 140
"""Unfollowed days at risk, 20 customers for a week, from which on a stratum speaks for itself."""

LEAST_UNFOLLOWED = 200
"""Customer-runs without a follow-up from which on there is a comparison at all."""

STRATA = (
    ("segment", "recency_class", "frequency_class", "week"),
    ("segment", "recency_class", "week"),
    ("segment", "week"),
    ("segment",),
    (),
)
"""Where a hazard comes from: the first of these with ``LEAST_DAYS`` unfollowed days."""


def enough(eligible: pd.DataFrame) -> bool:
    """Whether so many customer-runs had no follow-up that the others can be compared with them.

    Parameters
    ----------
    eligible
        followed_on (days after the earlier run of the first follow-up, or NULL).
    """
    return bool(eligible["followed_on"].isna().sum() >= LEAST_UNFOLLOWED)


def expected(eligible: pd.DataFrame) -> pd.DataFrame:
    """What each customer-run was expected to do in its followed days, and what it did.

    Parameters
    ----------
    eligible
        Customer-runs of all runs that are pooled: segment, recency_class, frequency_class, days
        (length of the period), followed_on (day of the first follow-up, 1..days, or NULL), order_on
        (day of the first order, likewise), reached (BOOLEAN, at the period's end).

    Returns
    -------
    DataFrame
        Aligned with the rows: at_risk_days (up to the first order, followed or not), followed_days
        (those of them after the day of the first follow-up), coarser_days (followed days whose
        hazard is that of a coarser stratum), ordered and reached (BOOLEAN: the first order came in
        followed days; the same, of those who reached a target), expected_ordered and
        expected_reached (hazards added over the followed days).

    Notes
    -----
    The hazard of a day is the orders (or the orders of those who reached) among unfollowed days at
    risk, divided by these days, within segment, recency class, frequency class and week of the
    period, pooled over the rows; see ``STRATA`` for where there are too few. If following up changes
    nothing, observed minus expected is zero on average: the days up to the order, and no others, are
    both counted and waited for. Sums of expectations mean something, a single one may exceed 1.
    """
    import pandas as pd

    times = _times(eligible)
    hazards = _hazards(eligible, times)
    ordered, reached, coarser = _added(times, hazards)
    came = (times.order_on <= times.end) & (times.order_on > times.start)
    return pd.DataFrame(
        {
            "at_risk_days": times.end,
            "followed_days": times.end - times.start,
            "coarser_days": coarser,
            "ordered": came,
            "reached": came & times.reached,
            "expected_ordered": ordered,
            "expected_reached": reached,
        },
        index=eligible.index,
    )


def hazards(eligible: pd.DataFrame) -> pd.DataFrame:
    """The hazards that ``expected`` adds up, and where each comes from.

    Parameters
    ----------
    eligible
        As for ``expected``.

    Returns
    -------
    DataFrame
        segment, recency_class, frequency_class, week (0 is the first), days (unfollowed, at risk),
        orders, reached (in them), per_day and per_day_reached (hazards), stratum (the columns of
        ``STRATA`` that the hazard is of, joined by commas; "" if it is that of all).
    """
    times = _times(eligible)
    return _hazards(eligible, times).table


class _Times(NamedTuple):
    """Days of each row: unfollowed 1..start, followed start+1..end; the order's day or infinity."""

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    order_on: Floats
    reached: npt.NDArray[np.bool_]


class _Hazards(NamedTuple):
    """The stratum of each row, the hazards of its weeks (strata × weeks), and the table of them."""

    stratum: npt.NDArray[np.int64]
    ordered: Floats
    reached: Floats
    coarser: npt.NDArray[np.bool_]
    table: pd.DataFrame


def _times(eligible: pd.DataFrame) -> _Times:
    import numpy as np

    never = np.inf
    days = eligible["days"].to_numpy(dtype=float)
    order_on = eligible["order_on"].to_numpy(dtype=float, na_value=np.nan)
    followed_on = eligible["followed_on"].to_numpy(dtype=float, na_value=np.nan)
    order_on = np.where(np.isnan(order_on), never, order_on)
    followed_on = np.where(np.isnan(followed_on), never, followed_on)
    end = np.minimum(order_on, days)
    start = np.clip(np.minimum(followed_on, end), 0, None)
    reached = eligible["reached"].to_numpy(dtype=bool, na_value=False)
    return _Times(start.astype(np.int64), end.astype(np.int64), order_on, reached)


def _hazards(eligible: pd.DataFrame, times: _Times) -> _Hazards:
    import numpy as np

    keys = ["segment", "recency_class", "frequency_class"]
    grouped = eligible.groupby(keys, sort=True, dropna=False)
    stratum = grouped.ngroup().to_numpy().astype(np.int64)
    names = grouped.size().reset_index()[keys]
    weeks = max(1, -(-int(times.end.max(initial=1)) // WEEK))
    unfollowed = times.order_on <= times.start
    # An order ends the days at risk, so its day is the last of them.
    cell = stratum * weeks + np.maximum(times.end - 1, 0) // WEEK
    size = len(names) * weeks
    table = names.loc[np.repeat(np.arange(len(names)), weeks)].reset_index(drop=True)
    table["week"] = np.tile(np.arange(weeks), len(names))
    time = [np.bincount(stratum, _within(times.start, week), len(names)) for week in range(weeks)]
    table["days"] = np.column_stack(time).ravel().astype(np.int64) if len(names) else 0
    table["orders"] = np.bincount(cell[unfollowed], minlength=size)
    table["reached"] = np.bincount(cell[unfollowed & times.reached], minlength=size)
    table = _chosen(table)
    shape = (len(names), weeks)
    return _Hazards(
        stratum,
        table["per_day"].to_numpy().reshape(shape),
        table["per_day_reached"].to_numpy().reshape(shape),
        (table["stratum"] != ",".join(STRATA[0])).to_numpy().reshape(shape),
        table,
    )


def _within(until: npt.NDArray[np.int64], week: int) -> Floats:
    """How many of the days 1..until lie in a week."""
    import numpy as np

    return np.clip(until - WEEK * week, 0, WEEK).astype(float)


def _chosen(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the hazards of the finest strata that have time enough."""
    import numpy as np

    counts = ["days", "orders", "reached"]
    table = table.assign(per_day=0.0, per_day_reached=0.0, stratum="")
    open_ = np.ones(len(table), dtype=bool)
    for keys in STRATA:
        if keys:
            sums = table.groupby(list(keys), dropna=False)[counts].transform("sum")
        else:
            sums = table[counts].sum().to_frame().T.loc[[0] * len(table)].set_index(table.index)
        now = open_ & ((sums["days"] >= LEAST_DAYS) | ((not keys) & (sums["days"] > 0))).to_numpy()
        table.loc[now, "per_day"] = sums["orders"][now] / sums["days"][now]
        table.loc[now, "per_day_reached"] = sums["reached"][now] / sums["days"][now]
        table.loc[now, "stratum"] = ",".join(keys)
        open_ &= ~now
    return table


def _added(times: _Times, hazards: _Hazards) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Hazards added over the followed days of each row: of orders, of reaching; coarser days."""
    import numpy as np

    ordered, reached = np.zeros(len(times.end)), np.zeros(len(times.end))
    coarser = np.zeros(len(times.end), dtype=np.int64)
    for week in range(hazards.ordered.shape[1]):
        days = _within(times.end, week) - _within(times.start, week)
        ordered += days * hazards.ordered[hazards.stratum, week]
        reached += days * hazards.reached[hazards.stratum, week]
        coarser += (days * hazards.coarser[hazards.stratum, week]).astype(np.int64)
    return ordered, reached, coarser
