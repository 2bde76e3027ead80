from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from segcore.sentences import drift as say

OLD, NEW = dt.date(2025, 12, 31), dt.date(2026, 3, 31)


def segments(*rows):
    return pd.DataFrame(rows, columns=["segment", "customers", "fragile"])


@pytest.mark.parametrize(
    ("uncertain", "customers", "text"),
    [
        (
            620, 2458,
            "620 of 2,458 customers (25%) lie so near the edge of a class that chance could have put them "
            "into "
            "another segment.",
        ),
        (
            1, 2458,
            "1 of 2,458 customers (under 1%) lies so near the edge of a class that chance could have put "
            "it into "
            "another segment.",
        ),
        (
            0, 2458,
            "No customer lies so near the edge of a class that chance could have put it into another "
            "segment.",
        ),
    ],
)  # fmt: skip
def test_customers_who_may_be_in_their_segment_by_chance(uncertain, customers, text):
    assert say.fragile(uncertain, customers) == text


def test_the_least_sure_segment_is_named():
    frame = segments(("Loyal", 10, 1), ("At risk", 4, 2), ("Lost", 0, 0))
    assert say.by_segment(frame) == (
        "3 of 14 customers (21%) lie so near the edge of a class that chance could have put them into "
        "another "
        "segment. The least sure is At risk: 2 of 4 (50%)."
    )
    assert say.by_segment(segments(("Loyal", 10, 0))) == say.fragile(0, 10)
    assert say.by_segment(segments(("Loyal", 10, None))) == "How sure the edges are is not known."


ROW = {
    "variable": "recency", "psi": 0.1534, "psi_limit": 0.012, "gvf": 0.95, "gvf_now": 0.9, "gvf_own": 0.925,
    "outside": 1, "judged": True, "says": "refit",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            "recency: all three signs speak for new edges. Signs: shift (PSI) 0.153, more than the 0.012 "
            "of chance; 10.0% of the spread left unexplained, 7.5% by this run's own edges; 1 own edge "
            "outside "
            "the intervals.",
        ),
        (
            {"psi": 0.004, "outside": 0, "says": "fits"},
            "recency: the edges still fit. Signs: shift (PSI) 0.004, no more than the 0.012 of chance; "
            "10.0% of the spread left unexplained, 7.5% by this run's own edges; no own edge outside the "
            "intervals.",
        ),
        (
            {"outside": 2, "psi": None, "gvf_now": None, "says": "signs"},
            "recency: not all signs speak for new edges. Signs: 2 own edges outside the intervals.",
        ),
        (
            {"outside": None, "psi": None, "gvf_now": None, "says": "calendar"},
            "recency: it grows by the calendar and is not judged. No sign is known.",
        ),
    ],
)
def test_every_variable_says_whether_its_edges_still_fit(changes, text):
    assert say.drift([{**ROW, **changes}]) == [text]


def test_a_refit_is_proposed_with_the_line_to_write():
    table = [ROW, {**ROW, "variable": "years", "says": "calendar"}, {**ROW, "variable": "frequency"}]
    assert say.proposal(table, (OLD,), NEW, OLD) == (
        "A refit is proposed, for on recency and frequency all three signs speak for new edges: write "
        "breaks: "
        "{policy: keep, from: [2025-12-31, 2026-03-31]} in the study, and runs from this one on use this "
        "run's "
        "own breaks."
    )


def test_nothing_is_proposed_without_reason():
    fits = [{**ROW, "says": "signs"}]
    told = (
        "On no variable do all three signs speak for new edges, so no refit is proposed. Whoever wants this "
        "run's own breaks all the same writes breaks: {policy: keep, from: [2025-12-31, 2026-03-31]} in the "
        "study."
    )
    assert say.proposal(fits, (OLD,), NEW, OLD) == told
    newest = "The breaks in use are not older than this run, so there is nothing to refit."
    assert say.proposal([ROW], (NEW,), NEW, NEW) == newest
    assert say.proposal([ROW], (NEW,), OLD, NEW) == newest
    assert say.proposal([ROW], (), NEW, NEW) == newest


def test_what_is_not_known_is_a_dash_in_a_table():
    assert [say.unexplained(None), say.places(None)] == ["–", "–"]
    assert [say.unexplained(0.9), say.places(0.1534)] == ["10.0%", "0.153"]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [("Loyal", 900, 40), ("Needs attention", 480, 159), ("At risk", 290, 96)],
            "Of those who are to be followed up, chance could have put 159 of 480 in Needs attention (33%) "
            "and 96 of 290 in At risk (33%) into another segment.",
        ),
        (
            [("Needs attention", 480, 1), ("At risk", 290, 0)],
            "Of those who are to be followed up, chance could have put 1 of 480 in Needs attention (under "
            "1%) into another segment.",
        ),
        (
            [("Loyal", 900, 40), ("Needs attention", 480, 0), ("At risk", 290, 0)],
            "Chance could have put nobody in Needs attention or At risk into another segment.",
        ),
        ([("Needs attention", 0, 0), ("At risk", 0, 0)], ""),
        ([("Needs attention", 480, None), ("At risk", 290, None)], ""),
        ([("Loyal", 900, 40)], ""),
    ],
)
def test_how_sure_the_segments_to_follow_up_are(rows, text):
    assert say.of_followed(segments(*rows), ("Needs attention", "At risk")) == text
