"""How many would have ordered without a follow-up, by days at risk.

Everybody counts as unfollowed until the day after the first follow-up, and as followed from then on;
an order on the day of the follow-up counts as unfollowed. Days at risk end with the first order, or
with the period. So nobody counts as followed for having survived without an order until somebody
called, which is what comparing followed with unfollowed customers gets wrong (immortal-time bias).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.intervals import LEAST_UNFOLLOWED
from segcore.kpi.hazards import STRATA, WEEK, Hazards, Times, fitted, times_of, within

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]


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
    period, pooled over the rows; see ``hazards.STRATA`` for where there are too few. If following up changes
    nothing, observed minus expected is zero on average: the days up to the order, and no others, are
    both counted and waited for. Sums of expectations mean something, a single one may exceed 1.
    """
    import pandas as pd

    times = times_of(eligible)
    hazards = fitted(eligible, times)
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


def _added(times: Times, hazards: Hazards) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Hazards added over the followed days of each row: of orders, of reaching; coarser days."""
    import numpy as np

    ordered, reached = np.zeros(len(times.end)), np.zeros(len(times.end))
    coarser = np.zeros(len(times.end), dtype=np.int64)
    for week in range(hazards.ordered.shape[1]):
        days = within(times.end, week) - within(times.start, week)
        ordered += days * hazards.ordered[hazards.stratum, week]
        reached += days * hazards.reached[hazards.stratum, week]
        coarser += (days * hazards.coarser[hazards.stratum, week]).astype(np.int64)
    return ordered, reached, coarser


def deviation(
    eligible: pd.DataFrame, *, chosen: npt.NDArray[np.bool_] | None = None, of: str = "reached"
) -> float:
    """How far observed - expected strays from zero by chance alone, as a standard deviation.

    Parameters
    ----------
    eligible
        As for ``expected``, with customer_id.
    chosen
        Which rows observed and expected are added up over, aligned; None for all of them. The
        hazards are those of all rows in any case.
    of
        "reached" or "ordered".

    Notes
    -----
    The limits of the funnel take what is expected for known. Here counts, too, that it is estimated
    from the unfollowed days of others, and that customers come again: each row's influence on
    observed - expected is added up by customer. Zero where nothing was expected and nothing observed.
    """
    import numpy as np

    times = times_of(eligible)
    found = fitted(eligible, times)
    mine = np.ones(len(times.end), dtype=bool) if chosen is None else chosen
    count = times.reached if of == "reached" else np.ones(len(times.end), dtype=bool)
    influence = _influence(times, found, (mine, count), found.reached if of == "reached" else found.ordered)
    customers = np.unique(eligible["customer_id"].to_numpy(dtype=str), return_inverse=True)[1]
    return float(np.sqrt((np.bincount(customers, influence) ** 2).sum()))


def _influence(
    times: Times, found: Hazards, flags: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]], per_day: Floats
) -> Floats:
    """By what each row changes observed - expected of the chosen rows; flags: chosen, order counts."""
    import numpy as np

    mine, count = flags
    weeks = per_day.shape[1]
    idle = [within(times.start, week) for week in range(weeks)]
    followed = [(within(times.end, week) - idle[week]) * mine for week in range(weeks)]
    waited = [np.bincount(found.stratum, days, len(per_day)) for days in followed]
    per_order, per_idle_day = _leverage(
        found.table, np.column_stack(waited).ravel().astype(float), per_day.ravel()
    )
    first = found.stratum * weeks
    cell = first + np.maximum(times.end - 1, 0) // WEEK
    unfollowed = times.order_on <= times.start
    influence = np.where(mine & ~unfollowed & (times.order_on <= times.end) & count, 1.0, 0.0)
    influence -= np.where(unfollowed & count, per_order[cell], 0.0)
    for week in range(weeks):
        influence += idle[week] * per_idle_day[first + week] - followed[week] * per_day[found.stratum, week]
    return influence


def _leverage(table: pd.DataFrame, waited: Floats, per_day: Floats) -> tuple[Floats, Floats]:
    """For each stratum and week of ``hazards``: what an unfollowed order, and a day, change."""
    import numpy as np

    per_order, per_idle_day = np.zeros(len(table)), np.zeros(len(table))
    for keys in STRATA:
        own = (table["stratum"] == ",".join(keys)).to_numpy()
        told = table.assign(mine=np.where(own, waited, 0.0), hazard=np.where(own, per_day, 0.0))
        grouped = told.groupby(list(keys), dropna=False) if keys else told.groupby(np.zeros(len(told)))
        days = np.maximum(grouped["days"].transform("sum").to_numpy(), 1)
        weight = grouped["mine"].transform("sum").to_numpy() / days
        per_order += weight
        per_idle_day += weight * grouped["hazard"].transform("max").to_numpy()
    return per_order, per_idle_day
