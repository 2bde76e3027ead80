"""The overall effect of following up, with the best evidence that there is."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from segcore.intervals import FEW
from segcore.kpi import persontime
from segcore.kpi.adjusted import KNOWN, adjusted, compared, landmark, raw
from segcore.kpi.hazards import flags
from segcore.kpi.holdout import Difference, by_lot, comparable, holdout, in_both

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Effect", "adjusted", "compared", "detectable", "effect", "holdout", "landmark", "placebo", "raw"]

AT_FIRST = ("segment", "recency_class", "frequency_class")
"""What a customer was at the beginning of a period."""

RARE = 10
"""Outcomes below which the period before cannot say whether the groups were alike."""

POWER = 0.8
"""How often an effect of the detectable size would be found."""


@dataclass(frozen=True)
class Effect:
    """What following up did, as plain values, and on what evidence.

    Parameters
    ----------
    evidence
        "randomised" (a hold-out, as assigned), "adjusted" (made alike in what is known), "raw" or
        "none". Only the first is an effect.
    why
        Why there is no better evidence: "" (there is), "nothing_held_out", "few_held_out" (under 20),
        "few_followed" (under 20), "few_unfollowed" (under 200: no comparison), "nobody_alike" (who
        was followed up and who was not have too little in common to be adjusted) or "few_before" (a
        placebo: under 10 had ordered in the period before).
    difference, low, high
        Shares, with the 95 % interval; None without evidence.
    share, other
        Shares of those who were to be called, or were followed up, and of the others.
    customers, others
        Customer-runs in both groups.
    runs, outcomes
        Of how many runs they are, and how many of them did it.
    detectable
        The difference that so many customer-runs would show in four of five such comparisons; None
        if there is none.
    day
        Of the period, on which it was decided who counts as followed; None with a hold-out.
    overlap, imbalance, imbalance_left
        As in ``Adjusted``; None with other evidence.
    """

    evidence: str
    why: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    other: float | None = None
    customers: int = 0
    others: int = 0
    runs: int = 0
    outcomes: int = 0
    detectable: float | None = None
    day: int | None = None
    overlap: float | None = None
    imbalance: float | None = None
    imbalance_left: float | None = None


def effect(rows: pd.DataFrame, *, outcome: str = "reached") -> Effect:
    """The effect of following up on an outcome, with the best evidence that the rows allow.

    Parameters
    ----------
    rows
        Customer-runs of all runs: customer_id, run_date, segment, recency_class, frequency_class,
        days, followed_on, order_on, listed, held_out, counts and the outcome (BOOLEAN).
    outcome
        The column that is compared.
    """
    by_draw = comparable(rows)
    return _best(rows, by_draw, compared(rows), outcome)


def placebo(rows: pd.DataFrame) -> Effect:
    """The same analysis of what cannot be an effect: whether they had ordered in the period before.

    Parameters
    ----------
    rows
        As for ``effect``.

    Returns
    -------
    Effect
        Of this period's list or follow-up on the orders of the period before, among customers who
        were eligible in both; if this is not about zero, the groups differed before anybody called.
        Without a hold-out, who was followed up in the period before is left out, and the groups are
        made alike in the segment and classes that they had at its beginning. Where hardly anybody had
        ordered, for whoever orders leaves the segments to follow up, there is no evidence (why is
        "few_before") and only the counts are there.
    """
    import pandas as pd

    turn = pd.factorize(rows["run_date"], sort=True)[0]
    rows = rows.assign(turn=turn)
    before = rows.assign(
        turn=turn + 1, ordered_before=rows["order_on"].notna(), followed_before=rows["followed_on"]
    )[["customer_id", "turn", *AT_FIRST, "ordered_before", "followed_before"]]
    kept = ["customer_id", "turn", "run_date", "arm"]
    by_draw = comparable(rows)[kept].merge(before, on=kept[:2])
    by_call = compared(rows)[kept].merge(before[before["followed_before"].isna()], on=kept[:2])
    found = _best(rows, by_draw, by_call, "ordered_before")
    if found.evidence == "none" or found.outcomes >= RARE:
        return found
    counts = {name: getattr(found, name) for name in ("customers", "others", "runs", "outcomes")}
    return Effect("none", "few_before", **counts)


def detectable(customers: int, base: float, held: float) -> float | None:
    """The smallest difference that a comparison of this size finds in four of five cases.

    Parameters
    ----------
    customers
        Customer-runs in both arms together.
    base
        Share of the smaller arm that does it anyway, between 0 and 1.
    held
        Share of the customers in this arm, between 0 and 1.

    Returns
    -------
    float or None
        A share; None if not even everybody's doing it would be found.

    Notes
    -----
    Test of two shares at 5 %, two-sided, with 80 % power, as statsmodels computes it.
    """
    from scipy.optimize import brentq
    from statsmodels.stats.proportion import power_proportions_2indep

    others = round(held * customers)
    if not 0 < others < customers:
        return None
    ratio = others / (customers - others)

    def missing(difference: float) -> float:
        found = power_proportions_2indep(
            difference, base, customers - others, ratio=ratio, return_results=False
        )
        return float(found) - POWER

    least, most = 1e-6, 1 - base - 1e-9
    if most <= least or missing(most) < 0:
        return None
    return float(brentq(missing, least, most, xtol=1e-6))


def _best(rows: pd.DataFrame, by_draw: pd.DataFrame, by_call: pd.DataFrame, outcome: str) -> Effect:
    """Randomised if there is a hold-out of some size, else adjusted, else raw, else none."""
    held = int((~by_draw["arm"]).sum())
    found: Difference | None = by_lot(by_draw, outcome=outcome) if held >= FEW else None
    if found is not None and found.others >= FEW:
        return _described(("randomised", ""), found, in_both(by_draw), outcome)
    why = "few_held_out" if held else "nothing_held_out"
    if by_call["arm"].sum() < FEW:
        return Effect("none", "few_followed")
    if not persontime.enough(rows) or (~by_call["arm"]).sum() < FEW:
        return Effect("none", "few_unfollowed")
    day = landmark(rows)
    found = adjusted(by_call, outcome=outcome, known=KNOWN)
    if found is not None and found.overlap >= 0.5:
        return _described(("adjusted", why), found, by_call, outcome, day=day)
    return _described(("raw", "nobody_alike"), raw(by_call, outcome=outcome), by_call, outcome, day=day)


def _described(
    kind: tuple[str, str],
    found: Difference | None,
    rows: pd.DataFrame,
    outcome: str,
    *,
    day: int | None = None,
) -> Effect:
    """Evidence and why, the difference, and of which rows it is."""
    evidence, why = kind
    if found is None:
        return Effect("none", why)
    customers = found.customers + found.others
    least = detectable(customers, min(max(found.other, 0.0), 1.0), found.others / customers)
    runs, outcomes = int(rows["run_date"].nunique()), int(flags(rows[outcome]).sum())
    return Effect(evidence, why, runs=runs, outcomes=outcomes, detectable=least, day=day, **asdict(found))
