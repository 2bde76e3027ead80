from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from small_kpi import PREVIOUS, Company, days_after, small_model, small_study
from small_runs import SEGMENTS

from segcore import kpi
from segcore.kpi.eligible import ELIGIBLE, gather
from segcore.model import Model
from segcore.params import FollowUp, Segment
from segcore.rules import parse_rules
from segcore.transitions import renamed

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
OLD = ("Champions", "Regular", "Watch", "At risk", "Lost")


@pytest.fixture
def company(tmp_path):
    with Company(tmp_path) as made:
        yield made


def found(company, *columns: str) -> list[tuple]:
    return company.engine.rows(f"select {', '.join(columns)} from eligible order by customer_id")


def left_out(company) -> list[tuple]:
    return company.engine.rows("select run_date, why from left_out order by run_date")


def test_eligible_are_the_customers_of_every_segment_that_is_to_be_followed_up(company):
    company.runs({"a": ATTENTION, "b": RISK, "c": LOYAL, "d": LOST}, {"a": LOYAL})
    assert found(company, "customer_id", "segment", "days") == [("a", ATTENTION, 45), ("b", RISK, 45)]
    assert list(company.engine.columns("eligible").items()) == list(ELIGIBLE.items())


def test_who_reached_ordered_in_between_and_is_in_a_target(company):
    company.runs(
        dict.fromkeys("abcd", ATTENTION),
        {"a": LOYAL, "b": LOYAL, "c": RISK, "d": CHAMPIONS},
        orders=[("a", days_after(10), 50), ("c", days_after(3), 50), ("d", days_after(45), 5)],
    )
    assert found(company, "customer_id", "order_on", "reached", "up") == [
        ("a", 10, True, True),
        ("b", None, False, False),  # lifted by nothing that he did
        ("c", 3, False, False),
        ("d", 45, True, True),
    ]


def test_who_stays_in_a_followed_segment_that_is_a_target_too_reached_nothing(company):
    segments = {name: Segment(follow_up=name in (LOYAL, ATTENTION)) for name in SEGMENTS}
    target = FollowUp(target=(CHAMPIONS, ATTENTION))
    company.study = company.study_before = small_study(segments=segments, follow_up=target)
    company.runs(
        dict.fromkeys("abc", ATTENTION),
        {"a": ATTENTION, "b": CHAMPIONS, "c": RISK},
        orders=[(c, days_after(10), 50) for c in "abc"],
    )
    assert found(company, "customer_id", "reached", "up") == [
        ("a", False, False),
        ("b", True, True),
        ("c", False, False),
    ]


def test_an_order_on_the_previous_run_date_is_none_in_between(company):
    company.runs({"a": ATTENTION}, {"a": LOYAL}, orders=[("a", str(PREVIOUS), 50)])
    assert found(company, "order_on", "reached") == [(None, False)]


def test_follow_ups_count_from_the_day_after_the_previous_run_once_a_day(company):
    company.runs(
        dict.fromkeys("abcde", ATTENTION),
        dict.fromkeys("abcde", ATTENTION),
        orders=[("a", days_after(7), 20), ("a", days_after(9), 30), ("e", days_after(1), 9)],
        log=[
            ("a", "R1", days_after(7)),
            ("a", "R2", days_after(7)),
            ("a", "R1", days_after(20)),
            ("b", "R1", str(PREVIOUS)),
            ("c", "R1", days_after(45)),
            ("d", "R1", days_after(46)),
        ],
    )
    assert found(company, "customer_id", "followed_on", "followups", "value_after") == [
        ("a", 7, 2, Decimal("30.0000")),  # the order on the day itself is not after it
        ("b", None, 0, None),
        ("c", 45, 1, Decimal("0.0000")),
        ("d", None, 0, None),
        ("e", None, 0, None),
    ]


def test_the_representative_is_the_one_of_the_previous_run(company):
    company.runs(
        dict.fromkeys("abc", ATTENTION),
        {"a": LOYAL},
        reps={"a": " Adler ", "b": "  "},
        reps_now={"a": "Zorn", "b": "Zorn"},
    )
    assert found(company, "customer_id", "rep") == [("a", "Adler"), ("b", None), ("c", None)]


def test_a_first_run_has_nobody_who_was_to_be_followed_up(company):
    company.runs({"a": ATTENTION})
    assert found(company, "customer_id") == []
    assert list(company.engine.columns("eligible")) == list(ELIGIBLE)


def test_earlier_runs_are_read_as_they_were_published(company):
    folders = company.runs(
        {"a": ATTENTION},
        {"a": ATTENTION},
        {"a": LOYAL},
        log=[("a", "R1", days_after(-40)), ("a", "R1", days_after(4))],
        keep=True,
    )
    gather(company.engine, folders[:-1])
    assert company.engine.rows("select run_date, followed_on from followable order by 1") == [
        (dt.date(2025, 2, 15), 5),
        (dt.date(2025, 4, 1), 4),
    ]


def test_runs_that_published_no_such_rows_are_left_out_and_named(company):
    folders = company.runs({"a": ATTENTION}, {"a": ATTENTION}, {"a": LOYAL}, log=[("a", "R1", days_after(4))])
    gather(company.engine, folders[:-1])
    assert left_out(company) == [(dt.date(2025, 2, 15), "not kept")]
    assert company.engine.rows("select run_date from followable") == [(dt.date(2025, 4, 1),)]


def test_a_run_whose_time_knows_no_follow_up_is_left_out(company):
    folders = company.runs(
        {"a": ATTENTION}, {"a": ATTENTION}, {"a": LOYAL}, log=[("a", "R1", days_after(4))], keep=True
    )
    gather(company.engine, folders[:-1])
    assert left_out(company) == [(dt.date(2025, 2, 15), "no follow-ups")]
    assert company.engine.rows("select run_date from followable") == [(dt.date(2025, 4, 1),)]


@pytest.mark.parametrize("log", [None, []])
def test_there_is_no_log_without_any_follow_up(company, log):
    company.runs({"a": ATTENTION}, {"a": LOYAL}, log=log)
    assert not kpi.has_log(company.engine)
    assert isinstance(company.folder, Path)


def test_both_dates_are_seen_with_the_model_of_the_previous_run(company):
    """The new model calls everybody Loyal; under the old one b is no better than before."""
    company.models = {1: small_model((30, 90), "Loyal,*,*,\nLost,1,1,\n")}
    company.runs(
        {"a": ATTENTION, "b": ATTENTION},
        {"a": LOYAL, "b": LOYAL},
        orders=[("a", days_after(3), 9), ("b", days_after(4), 9)],
        recency=("BIGINT", {"a": 10, "b": 60}),
        frequency=("BIGINT", {"a": 9, "b": 9}),
    )
    assert found(company, "customer_id", "reached", "up") == [("a", True, True), ("b", False, False)]


def windowed(window: str) -> Model:
    """The small model, with frequency counted in a window."""
    recency, frequency = small_model().variables
    return replace(small_model(), variables=(recency, replace(frequency, window=window)))


def test_where_a_variable_is_counted_otherwise_now_it_is_made_as_it_was_then(company):
    """Five orders in all are a Champion's then; in the window of today there is one."""
    company.study = small_study(
        variables={"recency": {"classes": 3}, "frequency": {"classes": 2, "window": "30 days"}}
    )
    company.models = {1: windowed("30 days")}
    early = [("a", f"2024-02-0{day}", 9) for day in (1, 2, 3)]
    company.runs(
        {"a": ATTENTION},
        {"a": LOYAL},
        orders=[*early, ("a", days_after(40), 9)],
        recency=("BIGINT", {"a": 5}),
        frequency=("BIGINT", {"a": 1}),
    )
    assert found(company, "reached", "up") == [(True, True)]
    assert company.engine.rows("select segment from judged") == [(CHAMPIONS,)]


def test_a_model_before_that_cannot_be_fed_any_more_leaves_the_run_out(company):
    recency, frequency = small_model().variables
    own = replace(frequency, name="colours", sql="count(distinct colour)")
    table = parse_rules(
        "segment,recency,colours,note\nLoyal,3,2,\nLost,*,*,\n",
        file="acme.rules.csv",
        variables={"recency": 3, "colours": 2},
        segments=SEGMENTS,
    )
    company.models = {0: Model("acme", small_model().fitted_as_of, (recency, own), table)}
    folders = company.runs(
        {"a": ATTENTION},
        {"a": LOYAL},
        orders=[("a", days_after(3), 9)],
        log=[("a", "R1", days_after(1))],
        keep=True,
        recency=("BIGINT", {"a": 10}),
        frequency=("BIGINT", {"a": 9}),
    )
    gather(company.engine, folders[:-1])
    assert found(company, "customer_id") == []
    assert left_out(company) == [(dt.date(2025, 4, 1), "nobody")]


def test_a_mistake_of_our_own_is_not_taken_for_a_model_that_cannot_be_fed(company, monkeypatch):
    def wrong(engine, *_) -> None:
        engine.execute("select wrong from transactions")

    monkeypatch.setattr(sys.modules[kpi.eligible.__module__], "make_values", wrong)
    company.models = {1: windowed("30 days")}
    with pytest.raises(company.engine.errors, match="wrong"):
        company.runs({"a": ATTENTION}, {"a": LOYAL})


def test_a_segment_that_was_renamed_is_the_same_one(company):
    """Target and start have other names today; nobody moves for it, and earlier rows read alike."""
    old = small_model((30, 90), "Champions,3,2,\nRegular,3,*,\nWatch,2,2,\nAt risk,2,*,\nLost,*,*,\n", OLD)
    asked = {"Watch": Segment(follow_up=True)}
    company.study_before = small_study(
        segments={name: asked.get(name, Segment()) for name in OLD}, follow_up=FollowUp(target=("Regular",))
    )
    was = {LOYAL: Segment(was=("Regular",)), ATTENTION: Segment(follow_up=True, was=("Watch",))}
    company.study = small_study(segments={name: was.get(name, Segment()) for name in SEGMENTS})
    company.models = {0: old, 1: old, 2: small_model()}
    folders = company.runs(
        {"a": "Watch"},
        {"a": "Watch", "b": "Watch"},
        {"a": LOYAL, "b": ATTENTION},
        orders=[("a", days_after(3), 9)],
        log=[("a", "R1", days_after(-40)), ("a", "R1", days_after(1))],
        before=OLD,
        keep=True,
        recency=("BIGINT", {"a": 10, "b": 60}),
        frequency=("BIGINT", {"a": 2, "b": 9}),
    )
    gather(company.engine, folders[:-1], names=renamed(company.study))
    assert found(company, "customer_id", "segment", "reached") == [
        ("a", ATTENTION, True),
        ("b", ATTENTION, False),
    ]
    assert {row[0] for row in company.engine.rows("select segment from followable")} == {ATTENTION}
