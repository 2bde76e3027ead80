"""The report's sentences, with many, one, none and nothing to compare with."""

from __future__ import annotations

import datetime as dt

import pytest

from segcore.report import sentences as say

FEBRUARY, MARCH = dt.date(2026, 2, 14), dt.date(2026, 3, 31)


@pytest.mark.parametrize(
    ("customers", "before", "text"),
    [
        (3012, 2961, "ACME has **3,012 customers**, 51 more than in February."),
        (2961, 3012, "ACME has **2,961 customers**, 51 fewer than in February."),
        (3012, 3012, "ACME has **3,012 customers**, as many as in February."),
        (1, 2, "ACME has **1 customer**, 1 fewer than in February."),
        (3012, None, "ACME has **3,012 customers**."),
    ],
)
def test_the_size_is_told_against_the_run_before(customers, before, text):
    assert say.size("ACME has", customers, before, (FEBRUARY, MARCH)) == text


def test_the_run_before_is_named_so_that_it_is_clear():
    assert say.when(FEBRUARY, MARCH) == "in February"
    assert say.when(dt.date(2025, 12, 1), MARCH) == "in December 2025"
    assert say.when(dt.date(2026, 3, 1), MARCH) == "on 1 March"


def test_a_study_s_title_names_the_company():
    assert say.company("ACME customers") == "ACME has"
    assert say.company("AdventureWorks resellers") == "AdventureWorks resellers:"


@pytest.mark.parametrize(
    ("segment", "customers", "before", "text"),
    [
        ("Needs attention", 388, 409, "**388 need attention**, 21 fewer"),
        ("Needs attention", 388, 388, "**388 need attention**, as many as before"),
        ("Needs attention", 1, 0, "**1 customer needs attention**, 1 more"),
        ("Needs attention", 0, None, "no customer needs attention"),
        ("At risk", 1200, None, "**1,200 are in At risk**"),
        ("At risk", 1, None, "**1 customer is in At risk**"),
        ("At risk", 0, 3, "no customer is in At risk, 3 fewer"),
    ],
)
def test_who_needs_attention(segment, customers, before, text):
    assert say.attention(segment, customers, before) == text


@pytest.mark.parametrize(
    ("up", "down", "text"),
    [
        (142, 131, "Since 14 February **142 moved up and 131 moved down**."),
        (1, 0, "Since 14 February **1 customer moved up and nobody moved down**."),
        (0, 1, "Since 14 February **nobody moved up and 1 customer moved down**."),
        (0, 0, "No customer changed segment since 14 February."),
    ],
)
def test_moves(up, down, text):
    assert say.moves(up, down, "14 February") == text


def test_moves_that_are_missing_say_which_run_is_missing():
    text = "Moves cannot be shown: the run of 14 February 2026 is not in the archive."
    assert say.no_moves(FEBRUARY) == text


def test_who_came_and_went():
    assert say.came_and_went(63, 5, 12) == "63 customers are new, 5 have returned and 12 are gone."
    assert say.came_and_went(1, 1, 1) == "1 customer is new, 1 has returned and 1 is gone."
    assert say.came_and_went(0, 0, 2) == "2 are gone."
    assert say.came_and_went(0, 0, 0) == ""


@pytest.mark.parametrize(
    ("up", "down", "text"),
    [
        (142, 131, "273 customers changed segment, slightly more up than down"),
        (131, 142, "273 customers changed segment, slightly more down than up"),
        (200, 73, "273 customers changed segment, more up than down"),
        (100, 100, "200 customers changed segment, about as many up as down"),
        (105, 100, "205 customers changed segment, about as many up as down"),
        (3, 0, "3 customers changed segment, all of them up"),
        (0, 1, "1 customer changed segment: down"),
        (0, 0, "No customer changed segment"),
    ],
)
def test_the_balance_of_moves_allows_for_chance(up, down, text):
    assert say.moved(up, down) == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (
            (409, 39),
            "Of 409 customers who needed attention on 14 February, **39 are now Champions or Loyal**",
        ),
        ((409, 1), "Of 409 customers who needed attention on 14 February, **1 is now Champions or Loyal**"),
        (
            (409, 0),
            "Of 409 customers who needed attention on 14 February, **none is now Champions or Loyal**",
        ),
        ((1, 1), "The one customer who needed attention on 14 February **is now Champions or Loyal**"),
        ((1, 0), "The one customer who needed attention on 14 February **is not yet Champions or Loyal**"),
        ((0, 0), "No customer needed attention on 14 February"),
    ],
)
def test_the_headline(counts, text):
    assert say.headline("Needs attention", ("Champions", "Loyal"), counts, "14 February") == text


def test_the_headline_names_a_segment_of_another_name():
    text = say.headline("At risk", ("Good",), (409, 39), "14 February")
    assert text == "Of 409 customers in At risk on 14 February, **39 are now Good**"
    assert (
        say.headline("At risk", ("Good",), (0, 0), "14 February")
        == "No customer was in At risk on 14 February"
    )


def test_an_interval_needs_twenty_customers():
    assert say.interval(409, (0.0954, 0.0706, 0.1277)) == "10%, 95% interval 7–13%"
    assert say.interval(20, (0, 0, 0.1611)) == "0%, 95% interval 0–16%"
    assert say.interval(19, (0.5, 0.3, 0.7)) == "too few to judge (19)"


def test_what_became_of_the_others_leaves_out_nobody_and_nothing():
    counts = {"still": 129, "rose": 0, "fell": 111, "gone": 1}
    text = "**The others:** 129 still in Needs attention, 111 in a worse one and 1 gone."
    assert say.others("Needs attention", counts) == text
    assert say.others("Needs attention", dict.fromkeys(counts, 0)) == ""


def test_the_best_segments():
    assert say.best(["A", "B"], 700, 0.58) == "The two best segments, 700 customers, bring 58% of order value"
    assert say.best(["A"], 1, 0.58) == "The best segment, A, 1 customer, brings 58% of order value"
    assert say.best(["A", "B"], 700, None) == "The two best segments, 700 customers, have no order value yet"
    assert say.two_best(["A", "B"], 0.23, 0.58) == (
        "The two best segments are 23% of customers and 58% of order value"
    )
    assert say.two_best(["A"], 0.23, None) == "The best segment, A, is 23% of customers"


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (
            {"Promising": [1, 2, 3, 4, 5], "Needs attention": [5, 9, 8, 7, 6], "Lost": [1, 2, 1, 2, 1]},
            "Promising has grown in every run; Needs attention has shrunk three times in a row",
        ),
        ({"A": [5, 4, 6], "B": [5, 7, 4]}, "A has grown most since February 2026, by 1 customer"),
        ({"A": [5, 5], "B": [9, 2]}, "B has shrunk most since February 2026, by 7 customers"),
        ({"A": [5, 5], "B": [2, 2]}, "Every segment is as large as in February 2026"),
    ],
)
def test_segments_over_runs(sizes, text):
    assert say.over_runs(sizes, FEBRUARY) == text


def test_how_the_segments_were_made():
    kept = "The breaks of 14 February 2026 are in use; this run’s own would place"
    assert say.made(FEBRUARY, MARCH, 41) == f"{kept} 41 customers elsewhere"
    assert say.made(FEBRUARY, MARCH, 1) == f"{kept} 1 customer elsewhere"
    assert say.made(FEBRUARY, MARCH, 0) == f"{kept} nobody elsewhere"
    assert say.made(MARCH, MARCH, 0) == "The breaks were made from this run’s own customers"


def test_old_data_are_warned_of():
    assert say.stale(FEBRUARY, MARCH) == (
        "The newest order is of 14 February 2026, 45 days before the run date. Old data alone move "
        "customers down: check whether an extract is missing before acting on this report."
    )


def test_years_that_are_cut_off_are_warned_of():
    assert say.cut_off(0.162) == (
        "16% of customers first ordered in the first 30 days of the data, so many are older customers "
        "than their years say. Map since: in the study to mend it."
    )
