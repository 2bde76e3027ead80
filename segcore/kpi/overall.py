"""Whether following up helped, on what evidence, and whether representatives differ at all."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from segcore import tables
from segcore.holdout import how_many
from segcore.transitions import ends

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.kpi.counted import Measured
    from segcore.kpi.differ import Verdict
    from segcore.params import FollowUp, Study

EFFECT = {
    "position": "SMALLINT",
    "what": "VARCHAR",
    "evidence": "VARCHAR",
    "why": "VARCHAR",
    **dict.fromkeys(("difference", "low", "high", "share", "other"), "DOUBLE"),
    "customers": "BIGINT",
    "others": "BIGINT",
    "runs": "BIGINT",
    "outcomes": "BIGINT",
    "detectable": "DOUBLE",
    "day": "INTEGER",
    **dict.fromkeys(("overlap", "imbalance", "imbalance_left"), "DOUBLE"),
}
VERDICT = {
    "test": "VARCHAR",
    "p_value": "DOUBLE",
    "representatives": "BIGINT",
    "customers": "BIGINT",
}

RUNS_AHEAD, HELD_OUT = 8, 0.1
"""For what a hold-out of one in ten is weighed where the study holds nobody out: so many runs."""


def overall(engine: Engine, study: Study, measured: Measured) -> pd.DataFrame:
    """Make ``effect``: how much following up changed, with the best evidence that there is.

    Parameters
    ----------
    engine
        Where the table goes.
    study
        How many it holds out.
    measured
        What :func:`segcore.kpi.counted.measure` gives.

    Notes
    -----
    Columns out: position, what, then those of :class:`segcore.kpi.effect.Effect`. What is
    ``reached``, ``ordered`` (the same of orders), ``placebo`` (of whether they had ordered in the
    period before, which no call of this one can have changed; why is ``one_run`` without such a
    period), and ``plan``: the difference that eight runs would show (``detectable``) whose lists hold whom
    the last ones held after their cut (``customers``), with the study's share or one in ten of each segment
    held out (``others`` of them), at the share of now (``other``). No rows where nobody was to be
    followed up.
    """
    from segcore.kpi.effect import Effect, detectable, placebo
    from segcore.kpi.effect import effect as best

    rows = measured.rows
    if not len(rows):
        return tables.put(engine, "effect", EFFECT, [])
    ordered = rows.assign(ordered=rows["order_on"].notna())
    made = [
        ("reached", asdict(best(rows))),
        ("ordered", asdict(best(ordered, outcome="ordered"))),
        ("placebo", asdict(placebo(rows) if rows["run_date"].nunique() > 1 else Effect("none", "one_run"))),
        ("plan", _plan(rows, study.follow_up, detectable)),
    ]
    found = [
        [number, what, *(told.get(column) for column in [*EFFECT][2:])]
        for number, (what, told) in enumerate(made, start=1)
    ]
    return tables.put(engine, "effect", EFFECT, found)


def _plan(rows: pd.DataFrame, wanted: FollowUp, detectable: Any) -> dict[str, Any]:
    """What a hold-out would show after some runs with lists like the last ones."""
    from segcore.kpi.hazards import flags

    last = rows[rows["run_date"] == rows["run_date"].max()]
    if wanted.capacity:
        # Without a cut everybody stands on a list, also where an older run kept none.
        last = last[flags(last["listed"])]
    drawn = last[~flags(last["rests"])].groupby("segment").size()
    customers = RUNS_AHEAD * int(drawn.sum())
    others = RUNS_AHEAD * sum(how_many(int(number), wanted.holdout or HELD_OUT) for number in drawn)
    base = float(rows["reached"].mean())
    return {
        "evidence": "none",
        "why": "",
        "other": base,
        "customers": customers,
        "others": others,
        "detectable": detectable(customers, base, others / customers) if others else None,
    }


def verdict(engine: Engine, study: Study, measured: Measured | None) -> pd.DataFrame:
    """Make ``verdict``: one row, whether representatives differ by more than chance.

    Parameters
    ----------
    engine
        Holds ``headline`` and ``eligible``.
    study
        For the segment of the headline.
    measured
        What :func:`segcore.kpi.counted.measure` gives, of all runs; None without follow-ups: then who
        reached the headline's target since the last run is compared, beside customers of the same classes.

    Notes
    -----
    Columns out: test (``follow-ups`` for reached against expected of all runs, ``reached`` for who
    reached a target, ``none`` where there are no two books to compare), p_value (by exchanging whole
    customers between books, see :func:`segcore.kpi.differ.differ`; NULL without a test),
    representatives and customers that were compared. No row where there is no headline.
    """
    from segcore.kpi.differ import differ, standing

    path = ends(study)
    if path is None or not engine.rows("select 1 from headline limit 1"):
        return tables.put(engine, "verdict", VERDICT, [])
    found: Verdict | None
    if measured is not None and measured.told is not None:
        told, test = measured.told, "follow-ups"
        rows = measured.rows.assign(observed=told["reached"], expected=told["expected_reached"])
        found = differ(rows[told["followed_days"] > 0])
    else:
        test = "reached"
        rows = engine.frame(
            "select run_date, eligible.* exclude (value_after) from eligible, facts "
            "where segment = $segment and rep is not null order by customer_id",
            {"segment": path[0]},
        )
        found = differ(standing(rows)) if rows["rep"].nunique() > 1 else None
    row = (test, found.p_value, found.books, found.customers) if found else ("none", None, 0, 0)
    return tables.put(engine, "verdict", VERDICT, [row])
