from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import asdict

import pandas as pd
import pytest

from segcore.kpi.effect import Effect, detectable, effect, holdout, placebo
from segcore.sentences import evidence

FIRST, SECOND = dt.date(2026, 1, 1), dt.date(2026, 2, 15)
COLUMNS = ["followed_on", "order_on", "held_out", "recency_class"]


def rows(*groups: tuple[int, float | None, float | None, bool, int], run: dt.date = FIRST) -> pd.DataFrame:
    """Groups of how many, called on, ordered on, held out, recency class."""
    made = pd.DataFrame([row for count, *row in groups for _ in range(count)], columns=COLUMNS)
    made = made.astype({"followed_on": float, "order_on": float, "held_out": bool})
    return made.assign(
        customer_id=[f"C{number:04d}" for number in range(len(made))],
        run_date=run,
        segment="At risk",
        frequency_class=1,
        days=45,
        reached=made["order_on"].notna(),
        listed=True,
        counts=made["held_out"].any(),
        rests=False,
    )


HELD = ((120, 3, 20, False, 1), (280, 3, None, False, 1), (10, None, 20, True, 1), (40, None, None, True, 1))
CALLED = (
    (60, 3, 20, False, 1),
    (140, 3, None, False, 1),
    (40, None, 20, False, 1),
    (160, None, None, False, 1),
)


def test_a_hold_out_is_the_best_evidence_and_is_analysed_as_assigned():
    told = effect(rows(*HELD))
    found = holdout(rows(*HELD))
    assert (told.evidence, told.why, told.day, told.overlap) == ("randomised", "", None, None)
    assert (told.difference, told.low, told.high) == (found.difference, found.low, found.high)
    assert (told.customers, told.others) == (400, 50)
    assert told.difference == pytest.approx(0.3 - 0.2)
    assert told.detectable == detectable(450, 0.2, 50 / 450)
    # Not having been called although on the list changes nothing.
    idle = rows(*HELD).assign(followed_on=None)
    assert effect(idle) == told


def test_without_one_customers_are_made_alike_in_what_is_known():
    told = effect(rows(*CALLED))
    assert (told.evidence, told.why, told.day) == ("adjusted", "nothing_held_out", 3)
    assert told.difference == pytest.approx(0.3 - 0.2)
    assert (told.customers, told.others, told.overlap, told.imbalance) == (200, 200, 1, 0)


def test_a_hold_out_of_a_few_is_no_evidence_yet():
    few = rows(*CALLED, (19, None, None, True, 1))
    told = effect(few)
    assert (told.evidence, told.why) == ("adjusted", "few_held_out")
    assert effect(rows(*CALLED, (20, None, None, True, 1))).evidence == "randomised"


def test_who_has_nobody_alike_is_told_raw():
    """All of class 1 are called and none of class 2."""
    told = effect(rows((60, 3, 20, False, 1), (140, 3, None, False, 1), (200, None, None, False, 2)))
    assert (told.evidence, told.why, told.day) == ("raw", "nobody_alike", 3)
    assert told.difference == pytest.approx(0.3)
    assert told.overlap is None


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        (((19, 3, 20, False, 1), (300, None, None, False, 1)), "few_followed"),
        (((300, 3, None, False, 1), (199, None, 20, False, 1)), "few_unfollowed"),
        (((300, 3, None, False, 1), (200, None, 2, False, 1)), "few_unfollowed"),  # all ordered at once
        (((300, None, None, False, 1),), "few_followed"),
    ],
)
def test_where_data_do_not_suffice_there_is_no_figure(groups, why):
    assert effect(rows(*groups)) == Effect("none", why)


def test_nobody_at_all_is_no_evidence():
    assert effect(rows(*CALLED).head(0)) == Effect("none", "few_followed")
    assert placebo(rows(*CALLED).head(0)) == Effect("none", "few_followed")


def test_the_runs_of_a_hold_out_are_those_that_held_somebody_out():
    second = rows(*HELD, run=SECOND)
    without = rows(*HELD).assign(held_out=False)
    assert effect(pd.concat([without, second])).runs == 1
    told = effect(pd.concat([rows(*HELD), second]))
    assert (told.runs, told.outcomes) == (2, 2 * int(second["reached"].sum()))


def test_orders_can_be_the_outcome():
    given = rows(*CALLED)
    given = given.assign(ordered=given["reached"], reached=False)
    assert effect(given).difference == 0
    assert effect(given, outcome="ordered").difference == pytest.approx(0.1)


class TestPlacebo:
    """Of this period's calls on the orders of the period before."""

    @staticmethod
    def before(*ordered_of: tuple[int, int]) -> pd.DataFrame:
        """The period before, in which nobody called the customers of ``CALLED``: who ordered, of how many."""
        groups = []
        for ordered, of in ordered_of:
            groups += [(ordered, None, 9, False, 2), (of - ordered, None, None, False, 2)]
        return rows(*groups).assign(counts=False)

    def test_groups_that_did_the_same_before_show_nothing(self):
        told = placebo(pd.concat([self.before((30, 200), (30, 200)), rows(*CALLED, run=SECOND)]))
        assert (told.evidence, told.difference) == ("adjusted", pytest.approx(0, abs=1e-9))
        assert told.low < 0 < told.high

    def test_groups_that_differed_before_anybody_called_are_found_out(self):
        told = placebo(pd.concat([self.before((90, 200), (30, 200)), rows(*CALLED, run=SECOND)]))
        assert told.difference == pytest.approx(0.3)
        assert told.low > 0.2

    def test_who_was_called_in_the_period_before_is_left_out(self):
        earlier = self.before((90, 200), (30, 200))
        earlier.loc[:9, "followed_on"] = 3
        told = placebo(pd.concat([earlier, rows(*CALLED, run=SECOND)]))
        assert (told.customers, told.others) == (190, 200)

    def test_a_hold_out_is_compared_as_assigned(self):
        earlier = self.before((80, 400), (10, 50))
        told = placebo(pd.concat([earlier, rows(*HELD, run=SECOND)]))
        assert (told.evidence, told.difference, told.customers) == ("randomised", pytest.approx(0), 400)

    def test_where_hardly_anybody_ordered_before_there_is_no_evidence(self):
        for earlier, now, groups in (
            (self.before((9, 400), (0, 50)), HELD, (400, 50)),
            (self.before((9, 200), (0, 200)), CALLED, (200, 200)),
        ):
            told = placebo(pd.concat([earlier, rows(*now, run=SECOND)]))
            assert told == Effect(
                "none", "few_before", customers=groups[0], others=groups[1], runs=1, outcomes=9
            )
        enough = placebo(pd.concat([self.before((9, 400), (1, 50)), rows(*HELD, run=SECOND)]))
        assert (enough.evidence, enough.outcomes) == ("randomised", 10)

    def test_a_hold_out_whose_arms_differed_before_anybody_called_is_found_out(self):
        """Of this period's list 40 % had ordered in the period before, of the held out 20 %."""
        earlier = self.before((160, 400), (10, 50))
        told = placebo(pd.concat([earlier, rows(*HELD, run=SECOND)]))
        assert (told.evidence, told.difference) == ("randomised", pytest.approx(0.2))
        assert told.low > 0
        assert evidence.placebo(asdict(told)) == (
            "**A check on the comparison:** the same of orders in the period before, which no call of this "
            "one can have changed, gives 20 points (95% interval 6 to 30 points): so the groups differed "
            "before anybody called, and the figures above are not to be believed."
        )

    def test_who_was_eligible_in_one_period_only_says_nothing_of_the_one_before(self):
        """Those who had ordered are not to be followed up again: nobody is left who could show it."""
        earlier, now = self.before((80, 400), (10, 50)), rows(*HELD, run=SECOND)
        left = set(earlier.loc[earlier["order_on"].notna(), "customer_id"])
        told = placebo(pd.concat([earlier, now[~now["customer_id"].isin(left)]]))
        assert (told.evidence, told.why, told.outcomes, told.customers) == ("none", "few_before", 0, 320)

    def test_one_run_has_no_run_before(self):
        assert placebo(rows(*CALLED)) == Effect("none", "few_followed")


class TestDetectable:
    """The difference that a comparison of this size finds in four of five cases."""

    @pytest.mark.parametrize(("customers", "points"), [(252, 28), (720, 17), (2016, 10), (5760, 6)])
    def test_a_tenth_held_out_at_25_percent(self, customers, points):
        assert round(100 * detectable(customers, 0.25, 0.1)) == points

    def test_it_is_none_where_nothing_would_do(self):
        assert detectable(25, 0.9, 0.1) is None
        assert detectable(4, 0.25, 0.1) is None
        assert detectable(100, 0.25, 0.0) is None
        assert detectable(100, 1.0, 0.5) is None

    def test_a_share_of_nobody_can_be_exceeded(self):
        assert 0 < detectable(1000, 0.0, 0.1) < 0.1


def test_statistics_are_imported_by_who_needs_them_only():
    told = (
        "import sys, segcore.kpi.effect, segcore.kpi.differ, segcore.kpi.funnel, segcore.kpi.shrinkage; "
        "print([name for name in ('pandas', 'scipy', 'statsmodels') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
