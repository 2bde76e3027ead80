from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from segcore.sentences import calls as say

EUR = "€\N{NO-BREAK SPACE}"
TOTAL = {"customers": 80, "falling": 10, "cut": 0, "first": 0}
DRAW = {
    "segment": "Needs attention",
    "eligible": 84,
    "listed": 60,
    "held_out": 6,
    "share": 0.1,
    "published_ahead": True,
    "listed_before": True,
}


@pytest.mark.parametrize(
    ("customers", "told"),
    [
        (10, f"10 customers worth {EUR}463,200 will fall before the run of 15 May unless they order"),
        (1, f"One customer worth {EUR}463,200 will fall before the run of 15 May unless it orders"),
        (0, "No customer will fall before the run of 15 May"),
    ],
)
def test_how_many_will_fall(customers, told):
    until = say.day(dt.date(2026, 5, 15), dt.date(2026, 3, 31))
    assert say.falling(customers, Decimal("463200.12"), until, "EUR") == told


def test_a_run_of_the_next_year_is_told_with_its_year():
    assert say.day(dt.date(2026, 2, 14), dt.date(2025, 12, 31)) == "14 February 2026"


@pytest.mark.parametrize(
    ("label", "now", "unit", "limit", "told"),
    [
        ("Last order", "131", "days ago", "135", "last order 131 days ago, limit 135"),
        ("Last order", "1", "days ago", "30", "last order 1 day ago, limit 30"),
        ("RFM days", "3", "", "4", "RFM days 3, limit 4"),
    ],
)
def test_how_far_a_variable_is_from_its_edge(label, now, unit, limit, told):
    assert say.limit(label, now, unit, limit) == told


@pytest.mark.parametrize(
    ("why", "near", "told"),
    [
        ("falls", "last order 1 day ago, limit 30", "last order 1 day ago, limit 30"),
        ("follow_up", "", "At risk is to be followed up"),
        ("held out", "", "left alone since the last run"),
        ("held out", "last order 1 day ago, limit 30",
         "left alone since the last run; last order 1 day ago, limit 30"),
    ],
)  # fmt: skip
def test_why_a_customer_stands_on_a_list(why, near, told):
    assert say.reason(why, "At risk", near) == told


@pytest.mark.parametrize(
    ("total", "told"),
    [
        ({}, "80 customers stand on call lists."),
        ({"customers": 1}, "1 customer stands on call lists."),
        ({"customers": 0}, "Nobody is to be called."),
        ({"cut": 1204}, "80 customers stand on call lists; 1,204 more would, but each list is cut to 20."),
    ],
)
def test_how_long_the_lists_are(total, told):
    assert say.lists({**TOTAL, **total}, 20) == told


def test_who_is_left_alone_is_told_with_its_segments():
    two = [DRAW, {**DRAW, "segment": "At risk", "listed": 3, "held_out": 0}]
    assert say.held_out(two, first_run=False) == [
        "**6 of 63 customers are left alone** until the next run, of those on a list who are in Needs "
        "attention or At risk: drawn by lot within each segment, so that the next report can say whether "
        "calls help. Whoever is left alone is on no list now and stands first on the next one."
    ]
    assert say.held_out([{**DRAW, "held_out": 1}], first_run=False)[0].startswith(
        "**1 of 60 customers is left alone** until"
    )


def test_where_nobody_is_left_alone_nothing_is_promised():
    few = {**DRAW, "listed": 3, "held_out": 0}
    for rows, listed in (
        ([few], "3 customers on a list are"),
        ([{**few, "listed": 1}], "1 customer on a list is"),
    ):
        assert say.held_out(rows, first_run=False) == [
            "**Nobody is left alone** until the next run, so it adds nothing to what a hold-out shows: "
            f"{listed} in Needs attention, too few to leave 10% of each segment alone."
        ]


FOLLOW = {"falling": 58, "to_follow": 110, "follow_value": Decimal("41900.2"), "follow_cut": 0}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"to_follow": 0}, ""),
        ({}, f"110 more worth {EUR}41,900 are to be followed up"),
        ({"falling": 0}, f"110 customers worth {EUR}41,900 are to be followed up"),
        ({"to_follow": 1}, f"1 more worth {EUR}41,900 is to be followed up"),
        (
            {"follow_cut": 107},
            f"110 more worth {EUR}41,900 are to be followed up, 107 of whom do not fit on the lists",
        ),
        (
            {"follow_cut": 1},
            f"110 more worth {EUR}41,900 are to be followed up, 1 of whom does not fit on the lists",
        ),
        (
            {"follow_cut": 110},
            f"110 more worth {EUR}41,900 are to be followed up, but none of them fits on a list",
        ),
        (
            {"to_follow": 1, "follow_cut": 1},
            f"1 more worth {EUR}41,900 is to be followed up, but does not fit on a list",
        ),
    ],
)
def test_who_is_to_be_followed_up_is_told_with_who_does_not_fit(given, told):
    assert say.to_follow({**FOLLOW, **given}, "EUR") == told


def test_runs_of_before_did_not_count_who_does_not_fit():
    before = {name: value for name, value in FOLLOW.items() if name != "follow_cut"}
    assert say.to_follow(before, "EUR") == f"110 more worth {EUR}41,900 are to be followed up"


def test_switched_on_in_the_middle_it_is_said_that_nobody_stands_first():
    begun = [{**DRAW, "listed_before": False}]
    assert say.held_out(begun, first_run=False)[1:] == [say.NO_LIST_BEFORE]
    assert say.held_out(begun, first_run=True)[1:] == []


def test_in_a_backfill_it_is_said_why_nobody_is_left_alone():
    assert say.held_out([{**DRAW, "published_ahead": False}], first_run=False) == [say.NOT_AHEAD]


def test_a_study_that_asks_for_no_hold_out_is_told_nothing_of_it():
    assert say.held_out([{**DRAW, "share": 0.0}], first_run=False) == []
    assert say.held_out([], first_run=False) == []


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (0, ""),
        (1, "1 customer stands first, having been left alone on purpose since the last run."),
        (3, "3 customers stand first, having been left alone on purpose since the last run."),
    ],
)
def test_who_stands_first(first, told):
    assert say.first({**TOTAL, "first": first}) == told


@pytest.mark.parametrize(
    ("customers", "told"),
    [
        (0, ""),
        (1, "1 customer has no representative; the file names them last."),
        (3, "3 customers have no representative; the file names them last."),
    ],
)
def test_the_customers_of_nobody(customers, told):
    lists = [
        {"position": 0, "recorded": False, "customers": 99},
        {"position": 1, "recorded": True, "customers": 50},
        {"position": 2, "recorded": False, "customers": customers},
    ]
    assert say.of_nobody(lists) == told


def test_what_the_dates_do_not_foresee():
    assert say.windows([]) == "An order before the date moves it."
    assert say.windows(["12 months", "12 months", "2 years"]) == (
        "An order before the date moves it. Orders that leave the window of 12 months and 2 years until then "
        "are not foreseen: a customer may fall earlier."
    )


def test_the_ten_are_told_from_the_others():
    assert say.named(10, 47) == (
        "The ten of highest value, by date",
        "Sorted by date: the ten of highest value among 47 who fall. Others may fall earlier.",
    )
    assert say.named(3, 3) == ("Who falls, by date", "Sorted by date.")


def test_a_list_in_a_line():
    row = {"name": "Anke Möller", "customers": 1, "would_fall": 0}
    assert say.of_one(row) == "Anke Möller: 1 customer to call, 0 would fall"
    assert say.of_one({**row, "name": None}) == "No representative: 1 customer to call, 0 would fall"


@pytest.mark.parametrize(
    ("days", "action", "text"),
    [
        (0, "Visit", "last order today; At risk: Visit"),
        (1, "Visit", "last order 1 day ago; At risk: Visit"),
        (150, "", "last order 150 days ago; At risk is to be followed up"),
    ],
)
def test_why_somebody_is_to_be_followed_up(days, action, text):
    assert say.to_do(days, "At risk", action) == text


LAST = {
    "run_date": dt.date(2025, 11, 16), "named": 1075, "fell": 578, "ordered": 490, "gone": 4, "others": 3,
    "unnamed": 47, "unnamed_ordered": 12,
}  # fmt: skip
NOT_CALLS = " It does not show what calls did: whoever ordered counts, called or not."


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {},
            "of 1,075 customers who the run of 16 November said would fall unless they ordered, 578 fell, "
            "490 ordered and did not fall, 4 are gone and 3 neither fell nor ordered. 47 others fell, 12 of "
            "them in spite of an order.",
        ),
        (
            {"named": 2, "fell": 1, "ordered": 0, "gone": 1, "others": 0, "unnamed": 1, "unnamed_ordered": 1},
            "of 2 customers who the run of 16 November said would fall unless they ordered, 1 fell and 1 is "
            "gone. 1 other customer fell, in spite of an order.",
        ),
        (
            {"named": 1, "fell": 0, "ordered": 1, "gone": 0, "others": 0, "unnamed": 0},
            "the one customer that the run of 16 November said would fall unless it ordered: it ordered and "
            "did not fall. Nobody else fell.",
        ),
        (
            {"named": 0, "fell": 0, "ordered": 0, "gone": 0, "others": 0, "unnamed": 2, "unnamed_ordered": 0},
            "the run of 16 November said of nobody that it would fall. 2 others fell.",
        ),
    ],
)
def test_how_the_last_list_did(given, text):
    found = say.last_list([{**LAST, **given}], dt.date(2025, 12, 31))
    assert found == f"**How the last list did:** {text}{NOT_CALLS}"
    assert say.last_list([], dt.date(2025, 12, 31)) == ""
