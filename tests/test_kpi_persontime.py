from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from segcore.engine import DuckDB
from segcore.kpi.hazards import fitted, times_of
from segcore.kpi.persontime import deviation, enough, expected

NEVER = np.nan
COLUMNS = ["followed_on", "order_on", "reached"]


def frame(*rows: tuple[float, float, bool], **more: object) -> pd.DataFrame:
    """Customers of one stratum over 14 days; other columns by name."""
    made = pd.DataFrame(list(rows), columns=COLUMNS).astype({"reached": bool})
    alike = {"segment": "At risk", "recency_class": 2, "frequency_class": 1, "days": 14}
    return made.assign(customer_id=[f"C{number}" for number in range(len(made))], **(alike | more))


def unfollowed(customers: int, ordered: int, *, day: int = 7, **more: object) -> pd.DataFrame:
    """Customers whom nobody called, of whom some ordered on a day and reached a target."""
    rest = customers - ordered
    return frame(*[(NEVER, day, True)] * ordered, *[(NEVER, NEVER, False)] * rest, **more)


def both(*frames: pd.DataFrame) -> pd.DataFrame:
    together = pd.concat(frames, ignore_index=True)
    return together.assign(customer_id=[f"C{number}" for number in range(len(together))])


def test_days_count_as_followed_from_the_day_after_the_call_to_the_first_order_or_the_end():
    rows = frame(
        (5, NEVER, False),  # called on day 5, no order
        (5, 9, True),  # ordered four days after
        (5, 5, True),  # ordered on the day of the call
        (5, 3, True),  # called after the order
        (NEVER, 9, True),
        (14, NEVER, False),  # called on the last day
    )
    told = expected(rows)
    assert told["at_risk_days"].tolist() == [14, 9, 5, 3, 9, 14]
    assert told["followed_days"].tolist() == [9, 4, 0, 0, 0, 0]
    assert told["ordered"].tolist() == [False, True, False, False, False, False]
    assert told["reached"].tolist() == [False, True, False, False, False, False]


def test_expected_are_the_orders_per_unfollowed_day_of_a_week_times_the_followed_days():
    """40 unfollowed customers, 4 of whom order on day 7: 280 days of week 1, 252 days of week 2."""
    alone = both(unfollowed(40, 4), unfollowed(40, 0).head(0))
    assert expected(alone)["expected_ordered"].sum() == 0
    rows = both(unfollowed(40, 4), frame((4, NEVER, False)))
    told = expected(rows).iloc[-1]
    # The call's own four idle days count as unfollowed, too.
    assert told["expected_ordered"] == pytest.approx(3 * 4 / (280 + 4))
    assert told["expected_reached"] == told["expected_ordered"]
    assert told["coarser_days"] == 0


def test_reaching_has_a_hazard_of_its_own():
    rows = both(
        frame(*[(NEVER, 7, False)] * 3, (NEVER, 7, True), *[(NEVER, NEVER, False)] * 36), frame((4, 6, False))
    )
    told = expected(rows).iloc[-1]
    assert told["expected_reached"] == pytest.approx(told["expected_ordered"] / 4)
    assert (told["ordered"], told["reached"]) == (True, False)


def test_weeks_have_hazards_of_their_own():
    rows = both(unfollowed(40, 4, day=9), frame((7, NEVER, False), (0, 7, False)))
    told = expected(rows).tail(2)
    # Week 2 has 36 customers for 7 days and 4 for 2; the first call idles through week 1 only.
    assert told["expected_ordered"].tolist() == pytest.approx([7 * 4 / (36 * 7 + 4 * 2), 0])


def test_a_stratum_with_little_time_borrows_from_the_next_coarser_and_says_so():
    fine = {"recency_class": 2, "frequency_class": 1}
    rows = both(
        unfollowed(40, 4, **fine),
        unfollowed(10, 5, recency_class=2, frequency_class=3),  # 70 days, too few
        frame((0, 7, False), recency_class=2, frequency_class=3),
        frame((0, 7, False), recency_class=5, frequency_class=3),
    )
    told = expected(rows).tail(2)
    assert told["coarser_days"].tolist() == [7, 7]
    pooled = 7 * 9 / (50 * 7)
    assert told["expected_ordered"].tolist() == pytest.approx([pooled, pooled])
    stated = fitted(rows, times_of(rows)).table.set_index(["recency_class", "frequency_class", "week"])[
        "stratum"
    ]
    assert stated.loc[(2, 1, 0)] == "segment,recency_class,frequency_class,week"
    assert stated.loc[(2, 3, 0)] == "segment,recency_class,week"
    assert stated.loc[(5, 3, 0)] == "segment,week"


def test_a_week_in_which_everybody_is_followed_borrows_from_the_others_and_a_segment_from_all():
    rows = both(
        unfollowed(40, 4, days=7),
        frame((7, NEVER, False)),
        frame((0, NEVER, False), segment="Needs attention", days=7),
    )
    stated = fitted(rows, times_of(rows)).table.set_index(["segment", "week"])["stratum"]
    assert stated.to_dict() == {
        ("At risk", 0): "segment,recency_class,frequency_class,week",
        ("At risk", 1): "segment",
        ("Needs attention", 0): "",
        ("Needs attention", 1): "",
    }
    told = expected(rows).tail(2)["expected_ordered"]
    assert told.tolist() == pytest.approx([7 * 4 / 287, 7 * 4 / 287])


def test_nobody_gives_an_empty_frame_and_nobody_unfollowed_no_expectation():
    rows = frame((0, 3, True), (0, NEVER, False))
    assert expected(rows)["expected_ordered"].tolist() == [0, 0]
    assert len(expected(rows.head(0))) == 0


def test_rows_keep_their_index_and_are_not_changed():
    rows = both(unfollowed(40, 4), frame((4, 6, True))).set_index(np.arange(100, 141))
    before = rows.copy()
    assert expected(rows).index.tolist() == list(range(100, 141))
    pd.testing.assert_frame_equal(rows, before)


def test_integers_with_nothing_in_them_are_read_as_an_engine_hands_them_out():
    rows = both(unfollowed(40, 4), frame((4, 6, True)))
    with DuckDB() as engine:
        engine.connection.register("given", rows)
        handed = engine.frame(
            "select * replace (case when isnan(followed_on) then null else followed_on::INTEGER end "
            "as followed_on, case when isnan(order_on) then null else order_on::INTEGER end as order_on, "
            "case when reached then true end as reached) from given"
        )
    pd.testing.assert_frame_equal(expected(handed), expected(rows))


def test_a_comparison_takes_200_customer_runs_without_a_follow_up():
    assert enough(both(unfollowed(200, 10), frame((3, NEVER, False))))
    assert not enough(both(unfollowed(199, 10), frame(*[(3, NEVER, False)] * 500)))


class TestDeviation:
    """The standard deviation of observed - expected."""

    def test_with_many_unfollowed_it_is_that_of_what_was_observed(self):
        rows = both(unfollowed(200_000, 20_000), frame(*[(0, 7, True)] * 10, *[(0, NEVER, False)] * 90))
        # Ten came where ten were expected, each day of waiting counted.
        hazard = 20_000 / 1_400_000
        one = np.array([1 - 7 * hazard] * 10 + [-7 * hazard] * 90)
        assert deviation(rows) == pytest.approx(np.sqrt((one**2).sum()), rel=0.01)

    def test_few_unfollowed_make_it_wider(self):
        called = frame(*[(0, 7, True)] * 40, *[(0, NEVER, False)] * 360)
        few, many = both(unfollowed(50, 5), called), both(unfollowed(5000, 500), called)
        # Of 5 orders each stands for 8 expected ones: 8² x 5, beside the 40 observed.
        assert deviation(few) == pytest.approx(np.sqrt(64 * 5 + 40), rel=0.1)
        assert deviation(many) < 0.4 * deviation(few)

    def test_customers_who_come_again_count_together(self):
        called = frame(*[(0, 7, True)] * 40, *[(0, NEVER, False)] * 360)
        rows = both(unfollowed(5000, 500), called)
        again = rows.assign(customer_id=[*rows["customer_id"][:5000], *np.repeat(np.arange(100), 4)])
        assert deviation(again) == pytest.approx(2 * deviation(rows), rel=0.1)

    def test_it_can_be_that_of_some_rows_or_of_orders(self):
        called = frame(*[(0, 7, True)] * 40, *[(0, 7, False)] * 40, *[(0, NEVER, False)] * 320)
        rows = both(unfollowed(5000, 500), called)
        none = np.zeros(len(rows), dtype=bool)
        assert deviation(rows, chosen=none) == 0
        assert deviation(rows, of="ordered") > deviation(rows, of="reached") > 0
        alone = none.copy()
        alone[5000] = True
        assert deviation(rows, chosen=alone) == pytest.approx(0.9, abs=0.05)

    def test_it_agrees_with_drawing_customers_anew(self):
        """300 seeded bootstrap samples of whole customers."""
        generator = np.random.default_rng(1)
        size = 1500
        order = generator.geometric(0.02, size).astype(float)
        call = generator.integers(1, 20, size).astype(float)
        rows = frame(
            *zip(
                np.where(call > 14, np.nan, call),
                np.where(order > 14, np.nan, order),
                order <= 14,
                strict=True,
            ),
            recency_class=generator.integers(1, 4, size),
        )
        drawn = []
        for _ in range(300):
            told = expected(rows.iloc[generator.integers(0, size, size)])
            drawn.append(told["reached"].sum() - told["expected_reached"].sum())
        assert deviation(rows) == pytest.approx(np.std(drawn), rel=0.12)
