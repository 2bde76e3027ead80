from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from small_kpi import PREVIOUS, Company, days_after, small_model
from small_runs import SEGMENTS

from segcore import kpi
from segcore.kpi.eligible import ELIGIBLE, gather

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS


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
