"""What is said of the segments, on data that would make each sentence false."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from segcore.sentences import segments as say

MARCH, JUNE = dt.date(2026, 3, 31), dt.date(2026, 6, 30)


def table(customers: list[int], shares: list[float | None]) -> pd.DataFrame:
    names = ["Champions", "Loyal", "At risk", "Lost", "Gone long ago"][: len(customers)]
    value, members = pd.Series(shares, dtype="float64"), pd.Series(customers)
    return pd.DataFrame(
        {
            "segment": names,
            "customers": members,
            "value_share": value,
            "share_to_here": members.cumsum() / members.sum(),
            "value_share_to_here": value.cumsum(),
        }
    )


@pytest.mark.parametrize(
    ("title", "words"), [("ACME customers", "ACME has"), ("Online Retail II", "Online Retail II:")]
)
def test_a_title_becomes_the_subject(title, words):
    assert say.company(title) == words


@pytest.mark.parametrize(
    ("customers", "before", "dates", "text"),
    [
        (3012, 2961, (MARCH, JUNE), "ACME has **3,012 customers**, 51 more than in March."),
        (1, 2, (MARCH, JUNE), "ACME has **1 customer**, 1 fewer than in March."),
        (5, 5, (MARCH, JUNE), "ACME has **5 customers**, as many as in March."),
        (5, 4, (dt.date(2025, 6, 30), JUNE), "ACME has **5 customers**, 1 more than in June 2025."),
        (5, 4, (dt.date(2026, 6, 1), JUNE), "ACME has **5 customers**, 1 more than on 1 June."),
        (5, None, None, "ACME has **5 customers**."),
    ],
)
def test_how_many_there_are_against_the_run_before(customers, before, dates, text):
    assert say.size("ACME has", customers, before, dates) == text


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            (2458, "2024-01-02", "2025-12-30", "12 months", None),
            "2,458 customers, orders from 2 January 2024 to 30 December 2025. Order value is "
            "that of the last "
            "12 months.",
        ),
        (
            (1, "2025-12-30", "2025-12-30", None, 0.996),
            "1 customer, orders of 30 December 2025. Order value is that of all orders, for the data reach "
            "back no further. Over 99% of customers first ordered in the data's first 30 days.",
        ),
    ],
)
def test_the_last_12_months_are_named_only_if_the_data_are_that_long(facts, text):
    columns = ["customers", "first_order", "newest_order", "value_window", "years_cut_off"]
    frame = pd.DataFrame([facts], columns=columns).astype(
        {"first_order": "datetime64[s]", "newest_order": "datetime64[s]", "years_cut_off": "float64"}
    )
    assert say.known(frame) == text


@pytest.mark.parametrize(
    ("customers", "shares", "text"),
    [
        (
            [30, 30, 20, 20],
            [0.6, 0.27, 0.13, 0.0],
            "The two best segments, Champions and Loyal, have 60% of customers and bring 87% of order value.",
        ),
        (
            [1, 0, 300, 699],
            [0.0, 0.0, 0.001, 0.999],
            "The two best segments, Champions and Loyal, have under 1% of customers and bring 0% of order "
            "value.",
        ),
        ([40, 30, 30], [0.5, 0.3, 0.2], "The best segment, Champions, has 40% of customers and "
        "brings 50% of order value."),
        (
            [996, 0, 2, 2],
            [None] * 4,
            "The two best segments, Champions and Loyal, have over 99% of customers; order value adds up to "
            "nothing that could be shared out.",
        ),
    ],
)  # fmt: skip
def test_what_the_best_segments_are_and_bring(customers, shares, text):
    assert say.two_best(table(customers, shares)) == text


@pytest.mark.parametrize(
    ("customers", "text"),
    [
        ([50, 30, 20], "No segment has more than half of the customers; Champions has most, 50 "
        "of 100 customers."),
        (
            [30, 503, 467],
            "Loyal has 503 of 1,000 customers, more than half: it tells little about any of them. Try a "
            "narrower rule for it, more classes, or a window for the variables that its rules ask for.",
        ),
        (
            [0, 0, 1],
            "At risk has the only customer, more than half: it tells little about any of them. Try a "
            "narrower rule for it, more classes, or a window for the variables that its rules ask for.",
        ),
        (
            [0, 7, 0],
            "Loyal has all 7 customers, more than half: it tells little about any of them. Try a "
            "narrower rule for it, more classes, or a window for the variables that its rules ask for.",
        ),
    ],
)  # fmt: skip
def test_a_segment_over_half_is_said_with_what_to_try(customers, text):
    assert say.largest(table(customers, [None] * 3)) == text


@pytest.mark.parametrize(
    ("customers", "fits", "text"),
    [
        ([3, 1, 5], [3, 1, 9], "Every rule takes at least one customer."),
        (
            [3, 0, 5],
            [3, 0, 8],
            "The rule in line 3 of the rule table takes nobody: it fits no customer. Try to ask for less "
            "in it, or take it out.",
        ),
        (
            [9, 0, 0],
            [9, 9, 1],
            "The rules in lines 3 and 4 of the rule table take nobody: rules above take every customer whom "
            "they fit. Try to move them up, or take them out.",
        ),
        (
            [0, 9, 0],
            [0, 9, 1],
            "The rule in line 4 of the rule table takes nobody: rules above take every customer whom "
            "it fits. Try to move it up, or take it out. The rule in line 2 of the rule table takes nobody: "
            "it fits no customer. Try to ask for less in it, or take it out.",
        ),
    ],
)
def test_rules_that_take_nobody_are_named_by_their_lines_with_why(customers, fits, text):
    frame = pd.DataFrame({"line": [2, 3, 4], "customers": customers, "fits": fits})
    assert say.rules(frame) == text


def deciding(**customers: int) -> pd.DataFrame:
    return pd.DataFrame({"variable": list(customers), "customers": list(customers.values())})


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (
            {"recency": 10, "years": 4},
            ["Most depends on recency: with another class of it alone, all 10 customers could be "
            "in another segment."],
        ),
        (
            {"recency": 7, "frequency": 7, "years": 0},
            [
                "Most depends on recency and frequency: with another class of either of them alone, 7 of 10 "
                "customers could be in another segment.",
                "Nobody's segment depends on years: with any other class of it alone, every "
                "customer stays in the "
                "same one. Try a rule that asks for it, or leave it out of the study.",
            ],
        ),
        (
            {"recency": 1, "years": 0, "products": 0},
            [
                "Most depends on recency: with another class of it alone, 1 of 10 customers could be in "
                "another segment.",
                "Nobody's segment depends on years or products: with any other class of them alone, every "
                "customer stays in the same one. Try a rule that asks for them, or leave one of them out of "
                "the study.",
            ],
        ),
        (
            {"recency": 0, "years": 0},
            ["No variable decides anybody's segment: another class of one alone moves nobody."],
        ),
    ],
)  # fmt: skip
def test_who_decides_and_who_decides_nothing(found, lines):
    assert say.decides(deciding(**found), 10) == lines


def test_nothing_is_to_be_tried_where_nothing_is_amiss():
    rules = pd.DataFrame({"line": [2, 3], "customers": [1, 1], "fits": [1, 2]})
    assert say.to_try(table([5, 5], [None] * 2), rules, deciding(recency=10)) == []


def test_all_that_is_amiss_is_to_be_tried():
    rules = pd.DataFrame({"line": [2, 3], "customers": [0, 10], "fits": [0, 10]})
    segments = table([4, 6], [None] * 2)
    found = deciding(recency=10, years=0)
    assert say.to_try(segments, rules, found) == [
        say.largest(segments),
        say.rules(rules),
        say.decides(found, 10)[1],
    ]
    assert say.to_try(segments, rules, deciding(years=0))[2:] == say.decides(deciding(years=0), 10)


def test_the_best_and_the_worst_segment_with_customers_are_set_side_by_side():
    frame = pd.DataFrame(
        {
            "segment": ["Champions", "Loyal", "At risk", "Lost"],
            "recency, days ago": ["–", "6–21 (9)", "50 (50)", "427–632 (546)"],
            "years, years": ["–", "1.0–5.5 (2.1)", "1.0 (1.0)", "−0.1 to 4.0 (−0.1)"],
        }
    )
    assert say.profile(frame) == "Medians of Loyal and Lost: recency 9 and 546; years 2.1 and −0.1."
    assert say.profile(frame.iloc[:2]) == "All customers are in one segment."
