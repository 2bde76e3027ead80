"""How often customers without a follow-up order for the first time, by the day of the period."""

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

STRATA = (
    ("segment", "recency_class", "frequency_class", "week"),
    ("segment", "recency_class", "week"),
    ("segment", "week"),
    ("segment",),
    (),
)
"""Where a hazard comes from: the first of these with ``LEAST_DAYS`` unfollowed days."""


class Times(NamedTuple):
    """Days of each row: unfollowed 1..start, followed start+1..end; the order's day or infinity."""

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    order_on: Floats
    reached: npt.NDArray[np.bool_]


class Hazards(NamedTuple):
    """The stratum of each row, the hazards of its weeks (strata × weeks), and the table of them.

    Columns of the table: segment, recency_class, frequency_class, week (0 is the first), days
    (unfollowed, at risk), orders, reached (in them), per_day and per_day_reached (hazards), stratum (the
    columns of ``STRATA`` that the hazard is of, joined by commas; "" if it is that of all).
    """

    stratum: npt.NDArray[np.int64]
    ordered: Floats
    reached: Floats
    coarser: npt.NDArray[np.bool_]
    table: pd.DataFrame


def times_of(eligible: pd.DataFrame) -> Times:
    """Which days of each row are unfollowed, which followed, and when the first order came.

    Parameters
    ----------
    eligible
        days, followed_on, order_on, reached.
    """
    import numpy as np

    order_on, followed_on = (
        np.nan_to_num(numbers(eligible[name]), nan=np.inf) for name in ("order_on", "followed_on")
    )
    end = np.minimum(order_on, numbers(eligible["days"]))
    start = np.clip(np.minimum(followed_on, end), 0, None)
    reached = flags(eligible["reached"])
    return Times(start.astype(np.int64), end.astype(np.int64), order_on, reached)


def fitted(eligible: pd.DataFrame, times: Times) -> Hazards:
    """The hazards of unfollowed days, for each row by the number of its stratum.

    Parameters
    ----------
    eligible
        segment, recency_class, frequency_class.
    times
        What ``times_of`` gives for the same rows.
    """
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
    time = [np.bincount(stratum, within(times.start, week), len(names)) for week in range(weeks)]
    table["days"] = np.column_stack(time).ravel().astype(np.int64) if len(names) else 0
    table["orders"] = np.bincount(cell[unfollowed], minlength=size)
    table["reached"] = np.bincount(cell[unfollowed & times.reached], minlength=size)
    table = _chosen(table)
    shape = (len(names), weeks)
    return Hazards(
        stratum,
        table["per_day"].to_numpy().reshape(shape),
        table["per_day_reached"].to_numpy().reshape(shape),
        (table["stratum"] != ",".join(STRATA[0])).to_numpy().reshape(shape),
        table,
    )


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


def within(until: npt.NDArray[np.int64], week: int) -> Floats:
    """How many of the days 1..until lie in a week."""
    import numpy as np

    return np.clip(until - WEEK * week, 0, WEEK).astype(float)


def numbers(column: pd.Series) -> Floats:
    """A column's numbers, NaN where there is none; whatever the type in which an engine hands them out."""
    import numpy as np

    return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))


def flags(column: pd.Series) -> npt.NDArray[np.bool_]:
    """A column's flags, false where there is none."""
    import numpy as np

    return np.asarray(column.where(column.notna(), False).to_numpy(dtype=bool))
