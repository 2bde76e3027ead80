"""What is said of variables and their cuts, on data that would make each sentence false."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from segcore.sentences import model as say

DAY = dt.date(2026, 6, 30)


def test_quarters_are_said_so_that_ties_keep_them_true():
    row = {
        "variable": "recency", "unit": "days ago", "lowest": "0", "quarter": "25", "median": "95",
        "three_quarters": "379", "highest": "1,738",
    }  # fmt: skip
    one = {**row, "unit": "", "highest": "0"}
    assert say.described(pd.DataFrame([row, one])) == [
        "recency: from 0 to 1,738 days ago, the median is 95. At most a quarter of the "
        "customers lies below 25, "
        "at most a quarter above 379.",
        "recency: all customers have 0.",
    ]


def test_other_numbers_of_classes_are_told_by_what_they_leave_unexplained():
    frame = pd.DataFrame(
        [
            ("recency", 4, False, 0.9569),
            ("recency", 5, True, 0.9698),
            ("years", 2, True, 1.0),
            ("products", 2, True, 0.694),
            ("products", 3, False, 0.99999),
            ("products", 4, False, 1.0000000001),
        ],
        columns=["variable", "classes", "in_study", "gvf"],
    )
    assert say.alternatives(frame) == [
        "recency: 5 classes leave 3.0% of its spread unexplained; 4 would leave 4.3%.",
        "years: 2 classes leave 0.0% of its spread unexplained.",
        "products: 2 classes leave 30.6% of its spread unexplained; 3 would leave under 0.1% "
        "and 4 would leave "
        "0.0%.",
    ]


@pytest.mark.parametrize(
    ("fitted", "moving", "text"),
    [
        (DAY, 0, "The breaks were made from this run's own customers."),
        (DAY, 1, "The breaks of 30 June 2026 are in use; this run's own would place 1 customer "
        "in another segment."),
        (
            dt.date(2025, 12, 31), 0,
            "The breaks of 31 December 2025 are in use; this run's own would place nobody in "
            "another segment.",
        ),
        (
            dt.date(2026, 12, 31), 1234,
            "The breaks of 31 December 2026, which is after this run, are in use; this run's "
            "own would place 1,234 "
            "customers in another segment.",
        ),
    ],
)  # fmt: skip
def test_breaks_are_this_runs_own_only_if_they_move_nobody(fitted, moving, text):
    assert say.made(fitted, DAY, moving) == text


@pytest.mark.parametrize(
    ("same", "candidate", "text"),
    [
        ([True, True], ["0.7", "1.5"], "years is cut at 0.7 and 1.5 years; the candidate has the same."),
        (
            [True, False],
            ["0.7", "1.5"],
            "years is cut at 0.7 and 1.5 years; the candidate cuts a few days off.",
        ),
        (
            [True, False],
            ["0.7", "1.6"],
            "years is cut at 0.7 and 1.5 years; the candidate cuts at 0.7 and 1.6.",
        ),
    ],
)
def test_edges_are_the_same_only_if_they_are_to_the_day(same, candidate, text):
    frame = pd.DataFrame({"variable": "years", "unit": "years", "used": ["0.7", "1.5"]})
    edges = frame.assign(candidate=candidate, same=same)
    for beyond, more in (
        ([], ""),
        ([1], " 1 customer is further right than the bars."),
        ([2, 3], " 5 customers are further right than the bars."),
    ):
        bars = pd.DataFrame({"upper": [1.0, *[None for _ in beyond]], "customers": [9, *beyond]})
        assert say.cuts(edges, {"years": bars}) == [text + more]


@pytest.mark.parametrize(
    ("same", "text"),
    [
        ([True, True, True], "The candidate cuts every variable at the same values."),
        ([False, True, False], "The candidate cuts every variable elsewhere."),
        ([True, False, True], "The candidate cuts recency elsewhere, years at the same values."),
    ],
)
def test_a_variable_is_cut_elsewhere_if_one_of_its_edges_is(same, text):
    assert say.edges(pd.DataFrame({"variable": ["recency", "recency", "years"], "same": same})) == text


@pytest.mark.parametrize(
    ("moves", "lines"),
    [
        ([], []),
        ([("A", "B", 1)], ["The candidate would move 1 from A to B."]),
        ([("A", "B", 1), ("B", "A", 3)], ["The candidate would move 3 from B to A and 1 from A to B."]),
        (
            [("A", "B", 1), ("B", "A", 3), ("B", "C", 1_200), ("C", "A", 1), ("C", "B", 1)],
            ["The candidate would move 1,200 from B to C, 3 from B to A, 1 from A to B and 2 otherwise."],
        ),
    ],
)
def test_whom_the_candidate_would_move_the_largest_first(moves, lines):
    frame = pd.DataFrame(moves, columns=["from_segment", "to_segment", "customers"])
    assert say.differences(frame) == lines


def test_the_largest_class_and_those_with_nobody():
    frame = pd.DataFrame(
        {
            "variable": ["recency", "recency", "years", "years"],
            "class": [1, 2, 1, 2],
            "customers": [0, 300, 299, 1],
            "share": [0.0, 1.0, 0.9967, 0.0033],
        }
    )
    assert say.classes(frame) == (
        "The largest class is class 2 of recency, with 100% of the customers. Nobody is in "
        "class 1 of recency."
    )
    assert (
        say.classes(frame.iloc[2:])
        == "The largest class is class 1 of years, with over 99% of the customers."
    )


def test_thin_classes_with_what_the_other_scale_would_give():
    columns = ["variable", "class", "customers", "other_scale", "other_sizes"]
    one = pd.DataFrame([("frequency", 5, 1, "log", "342 · 258")], columns=columns)
    assert say.thin(one) == (
        "One class is thin: class 5 of frequency (1 customer). Cut anew on the log scale, "
        "frequency would have "
        "342 · 258 customers."
    )
    two = pd.DataFrame([("share", 1, 3, "log", ""), ("share", 2, 0, "log", "")], columns=columns)
    assert (
        say.thin(two)
        == "2 classes are thin: class 1 of share (3 customers) and class 2 of share (0 customers)."
    )
    assert say.thin(one.iloc[:0]) == "No class is thin."
