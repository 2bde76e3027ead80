from __future__ import annotations

import pytest

from segcore.sentences import causes as say


def marks(fragile=None, **counts) -> list[dict]:
    """The table ``marks``: direction_mark=customers, or (customers, ordered)."""
    found = []
    for name, given in counts.items():
        direction, _, mark = name.partition("_")
        customers, ordered = given if isinstance(given, tuple) else (given, 0)
        row = {"direction": direction, "mark": mark or "masked", "customers": customers, "ordered": ordered}
        found.append({**row, "fragile": fragile})
    return found


@pytest.mark.parametrize(
    ("counts", "up"),
    [
        ({}, "Nobody moved up."),
        ({"up_earned": 1}, "1 customer moved up and earned it by orders."),
        ({"up_boundary": 1}, "1 customer moved up only because boundaries moved."),
        ({"up_earned": 2}, "Both who moved up earned it by orders."),
        ({"up_earned": 1284}, "All 1,284 who moved up earned it by orders."),
        ({"up_rules": 14}, "All 14 who moved up did so only because rules changed."),
        (
            {"up_earned": 97, "up_boundary": 31, "up_rules": 14},
            "Of 142 who moved up, 97 earned it by orders, 31 only because boundaries moved and 14 only "
            "because rules changed.",
        ),
        (
            {"up_aged": 3, "up_corrected": 2, "up_model": 1},
            "Of 6 who moved up, 3 as time passed, 2 because earlier orders came late or were corrected and 1 "
            "only because the model changed.",
        ),
    ],
)
def test_why_customers_moved_up(counts, up):
    assert say.moved(marks(**counts), "up") == up


@pytest.mark.parametrize(
    ("counts", "down"),
    [
        ({}, "Nobody moved down."),
        ({"down_aged": 1}, "1 customer moved down and aged without a new order."),
        ({"down_aged": (1, 1)}, "1 customer moved down and aged in spite of an order."),
        ({"down_earned": (1, 1)}, "1 customer moved down by what it ordered."),
        ({"down_aged": 2}, "Both who moved down aged without a new order."),
        ({"down_aged": (407, 7)}, "All 407 who moved down aged (7 of them in spite of an order)."),
        (
            {"down_aged": 96, "down_boundary": 24, "down_earned": (1, 1)},
            "Of 121 who moved down, 1 by what they ordered, 96 aged without a new order and 24 only because "
            "boundaries moved.",
        ),
    ],
)
def test_why_customers_moved_down(counts, down):
    assert say.moved(marks(**counts), "down") == down


@pytest.mark.parametrize(
    ("counts", "finding"),
    [
        ({}, "Nobody moved"),
        ({"masked": 9}, "Nobody moved"),
        ({"up_earned": 1}, "The one move was the customer’s own"),
        ({"up_earned": 284, "down_aged": 407}, "All 691 moves were the customers’ own"),
        ({"up_rules": 1}, "The one move came from our method"),
        ({"up_rules": 3, "down_boundary": 2}, "All 5 moves came from our method"),
        ({"up_corrected": 2}, "All 2 moves came from late or corrected orders"),
        ({"up_earned": 1, "up_model": 4}, "1 of 5 moves was the customers’ own; 4 came from our method"),
        (
            {"up_earned": 3, "up_corrected": 2},
            "3 of 5 moves were the customers’ own; 2 came from late or corrected orders",
        ),
        (
            {"up_corrected": 2, "down_rules": 3},
            "None of 5 moves was the customers’ own; 3 came from our method and 2 from late or "
            "corrected orders",
        ),
    ],
)
def test_how_many_moves_were_the_customers_own(counts, finding):
    assert say.finding(marks(**counts)) == finding


def test_who_is_masked_is_told_and_nothing_where_nobody_is():
    assert say.masked(marks(masked=12)) == (
        "12 customers who stayed would have moved under the model before: the new one hides it."
    )
    assert say.masked(marks(masked=1)).startswith("1 customer who stayed would have moved")
    assert say.masked(marks(masked=0)) == ""


def test_fragile_movers_are_told_where_the_run_knows_them():
    assert say.fragile(marks(up_earned=5)) == ""
    assert say.fragile(marks(fragile=0, up_earned=5)) == "None of them is fragile."
    assert say.fragile(marks(fragile=2, up_earned=5, down_aged=6)) == (
        "Of these 11, 4 are fragile: at this run or the last one they stood so near to a boundary that "
        "chance may have decided."
    )
    assert say.fragile(marks(fragile=1, up_earned=1)) == (
        "It is fragile: at this run or the last one it stood so near to a boundary that chance may have "
        "decided."
    )
    assert say.fragile(marks(fragile=0, up_earned=1)) == "It is not fragile."


def test_both_ways_are_told_after_a_change_and_only_those_that_somebody_went():
    assert say.told_apart(marks(up_earned=2, down_aged=0)) == "Both who moved up earned it by orders."
    assert say.told_apart([]) == ""


def test_marks_that_are_not_the_customers_own_are_explained_where_there_are_any():
    assert say.meaning(marks(up_earned=2, up_rules=0)) == ""
    assert say.meaning(marks(up_rules=1)) == (
        "**Rules changed:** the rule table was edited; with the old one they would not have moved."
    )


def test_what_the_new_model_alone_did_to_sizes_is_told():
    def resized(*rows):
        found = [dict(zip(("from_segment", "to_segment", "customers"), row, strict=True)) for row in rows]
        return say.resized(found, ("Loyal", "At risk"))

    assert resized() == ""
    pairs = ("Loyal", "At risk", 1200), ("At risk", "At risk", 3)
    assert resized(*pairs, ("Loyal", None, 7), (None, "Loyal", 7)) == ""
    sums = ("Loyal", None, 1200), ("At risk", None, 3), (None, "At risk", 1203)
    assert resized(*pairs, *sums) == (
        "By the new model alone Loyal has 1,200 fewer and At risk has 1,200 more."
    )


def test_the_bridge_says_whom_the_new_model_places_elsewhere():
    def bridge(*rows):
        found = [dict(zip(("from_segment", "to_segment", "customers"), row, strict=True)) for row in rows]
        return say.bridge(found, ("Loyal", "At risk", "Lost"))

    assert bridge() == ""
    assert bridge(("Loyal", "Loyal", 7)) == "The new model puts every customer where the one before would."
    assert bridge(("Loyal", "Loyal", 7), ("Lost", "At risk", 3)) == (
        "The new model puts 3 of 10 customers into another segment than the one before would: 3 into a "
        "better one. All from Lost to At risk."
    )
    assert bridge(("Loyal", "Lost", 1), ("Lost", "At risk", 3), ("Loyal", "Loyal", 6)) == (
        "The new model puts 4 of 10 customers into another segment than the one before would: 3 into a "
        "better one and 1 into a worse one. The most, 3, from Lost to At risk."
    )
    # What the model before gave is no segment any more, so it is neither better nor worse.
    assert bridge(("Regular", "Loyal", 2)) == (
        "The new model puts 2 of 2 customers into another segment than the one before would. All from "
        "Regular to Loyal."
    )


@pytest.mark.parametrize(
    ("fragile", "counts", "told"),
    [
        (1, {"up_earned": 5}, "All 5 moves were the customers’ own"),
        (2, {"up_earned": 8}, "All 8 moves were the customers’ own, 2 of them near a boundary"),
        (8, {"up_earned": 8}, "All 8 moves were the customers’ own, all of them near a boundary"),
        (1, {"up_earned": 1}, "The one move was the customer’s own, near a boundary"),
        (
            3,
            {"up_earned": 5, "up_rules": 3},
            "5 of 8 moves were the customers’ own; 3 came from our method; 6 of the 8 were near a boundary",
        ),
        (None, {"up_earned": 8}, "All 8 moves were the customers’ own"),
    ],
)
def test_the_finding_says_how_many_moves_were_near_a_boundary_where_it_is_a_quarter_or_more(
    fragile, counts, told
):
    assert say.finding(marks(fragile, **counts)) == told
