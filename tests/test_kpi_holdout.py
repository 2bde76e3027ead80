from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import confint_proportions_2indep

from segcore.kpi.holdout import comparable, holdout

FIRST, SECOND, THIRD = (dt.date(2026, 1, 1) + dt.timedelta(days=45 * run) for run in range(3))


def arms(called: tuple[int, int], held: tuple[int, int], *, segment: str = "At risk", run: dt.date = FIRST):
    """Customer-runs of a run: (reached, of) of those on the list, and of those held out."""
    flags = [(number < hits, arm) for arm, (hits, of) in ((1, called), (0, held)) for number in range(of)]
    return pd.DataFrame(
        {
            "customer_id": [f"{segment} {run} {number}" for number in range(len(flags))],
            "run_date": run,
            "segment": segment,
            "reached": [hit for hit, _ in flags],
            "listed": [arm == 1 for _, arm in flags],
            "held_out": [arm == 0 for _, arm in flags],
            "counts": True,
            "rests": False,
        }
    )


@pytest.mark.parametrize(
    ("called", "held", "difference", "low", "high"),
    [
        ((7, 34), (1, 34), 0.1765, 0.0189, 0.3404),
        ((56, 70), (48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6, 0.1705, 0.8090),
    ],
)
def test_one_stratum_gives_newcombes_published_intervals(called, held, difference, low, high):
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10; and as statsmodels has it."""
    found = holdout(arms(called, held))
    assert [round(value, 4) for value in (found.difference, found.low, found.high)] == [difference, low, high]
    library = confint_proportions_2indep(*called, *held, method="newcomb")
    assert (found.low, found.high) == pytest.approx(library, abs=1e-12)
    assert (found.customers, found.others) == (called[1], held[1])
    assert found.share - found.other == pytest.approx(found.difference)


def test_strata_are_compared_within_and_weighted_as_mantel_and_haenszel_do():
    """Pooled, the held-out ones would look better: more of them are in the better segment."""
    rows = pd.concat(
        [
            arms((20, 100), (2, 20), run=FIRST),
            arms((30, 50), (25, 50), segment="Needs attention"),
            arms((11, 60), (3, 15), run=SECOND),
        ]
    )
    found = holdout(rows)
    weights = np.array([100 * 20 / 120, 25, 60 * 15 / 75])
    differences = np.array([0.2 - 0.1, 0.6 - 0.5, 11 / 60 - 3 / 15])
    assert found.difference == pytest.approx((weights * differences).sum() / weights.sum())
    dummies = pd.get_dummies(rows["segment"] + rows["run_date"].astype(str), dtype=float)
    exog = np.column_stack([~rows["held_out"].to_numpy(), dummies])
    library = OLS(rows["reached"].astype(float), exog).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["customer_id"])[0]}
    )
    assert found.difference == pytest.approx(library.params.iloc[0])
    assert found.high - found.low == pytest.approx(2 * 1.96 * library.bse.iloc[0], rel=0.05)


def test_customers_who_come_again_do_not_count_as_new_ones():
    once = pd.concat([arms((300, 900), (30, 100), run=run) for run in (FIRST, SECOND, THIRD)])
    again = once.assign(customer_id=once["customer_id"].str.replace(r"2026-\d\d-\d\d", "", regex=True))
    alone, together = holdout(once), holdout(_without_turns(again))
    assert together.difference == pytest.approx(alone.difference)
    widened = (together.high - together.low) / (alone.high - alone.low)
    assert widened == pytest.approx(np.sqrt(3), rel=0.05)


def _without_turns(rows: pd.DataFrame) -> pd.DataFrame:
    """The same with the runs as segments of one run: nobody's turn comes after having been held out."""
    return rows.assign(segment=rows["run_date"].astype(str), run_date=FIRST)


def test_who_was_held_out_last_time_leaves_both_arms():
    rows = pd.concat([arms((2, 4), (1, 2), run=FIRST), arms((2, 4), (1, 2), run=SECOND)])
    rows["customer_id"] = [*"ABCDEF", *"AEBCFG"]
    rows["rests"] = (rows["run_date"] == SECOND) & rows["customer_id"].isin([*"EF"])
    kept = comparable(rows)
    assert kept.loc[kept["run_date"] == FIRST, "customer_id"].tolist() == [*"ABCDEF"]
    # E and F were held out: E is called first now, and F's being drawn again does not count either.
    assert kept.loc[kept["run_date"] == SECOND, "customer_id"].tolist() == [*"ABCG"]


def test_only_lists_that_were_published_ahead_count_and_only_who_stood_on_them():
    rows = arms((2, 4), (1, 2))
    rows["counts"] = [True, False, None, True, True, True]
    rows.loc[3, "listed"] = False  # below the cut
    kept = comparable(rows)
    assert kept.index.tolist() == [0, 4, 5]
    assert kept["arm"].tolist() == [True, False, False]


def test_a_hold_out_that_was_switched_on_in_the_middle_leaves_the_runs_before_out():
    before = arms((90, 100), (0, 0)).assign(counts=False)
    after = arms((20, 80), (5, 20), run=SECOND)
    also = arms((10, 80), (0, 0), segment="Needs attention", run=SECOND)  # a segment too small for a lot
    found = holdout(pd.concat([before, after, also]))
    assert found == holdout(after)
    assert holdout(before) is None
    assert holdout(before.head(0)) is None


def test_arms_in_which_nobody_or_everybody_reaches_have_an_interval():
    found = holdout(pd.concat([arms((0, 50), (0, 10)), arms((0, 50), (0, 10), run=SECOND)]))
    assert found.difference == 0
    assert -0.2 < found.low < 0 < found.high < 0.3
    found = holdout(pd.concat([arms((50, 50), (0, 10)), arms((50, 50), (0, 10), run=SECOND)]))
    assert (found.difference, found.high) == (1, 1)
    assert 0.5 < found.low < 1


def test_another_outcome_can_be_compared():
    rows = arms((7, 34), (1, 34)).rename(columns={"reached": "up"})
    assert round(holdout(rows, outcome="up").low, 4) == 0.0189
