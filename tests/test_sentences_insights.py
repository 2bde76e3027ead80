from __future__ import annotations

import pandas as pd
import pytest

from segcore.sentences import insights as say

LEVEL = {
    "direction": "up", "kind": "attribute", "attribute": "region", "level": "Süd", "name": "Süd",
    "variable": False, "movers": 120, "of_movers": 467, "customers": 1483, "of_customers": 1814,
    "expected": 86.3, "lift": 1.39, "low": 1.2, "high": 1.614, "p_value": 0.0001, "q_value": 0.004,
    "told": True,
}  # fmt: skip


def level(**other) -> dict:
    return {**LEVEL, **other}


def quiet(**other) -> dict:
    return level(**{"told": False, "p_value": 0.4, "q_value": 0.9, **other})


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            level(),
            "Region Süd: 120 of 1,483 customers moved up where 86 were to be expected of their segments, "
            "1.39 times as many (95% interval 1.20 to 1.61), whatever the reason.",
        ),
        (
            level(direction="down", movers=0, customers=41, expected=8.26, lift=0.0, low=0.0, high=0.447),
            "Region Süd: none of 41 customers moved down where 8.3 were to be expected of their segments, "
            "0.00 times as many (95% interval 0.00 to 0.45), whatever the reason.",
        ),
        (
            level(kind="size", attribute="order value", level="1", name="up to €\xa0880.46"),
            "Order value up to €\xa0880.46: 120 of 1,483 customers moved up where 86 were to be expected of "
            "their segments, 1.39 times as many (95% interval 1.20 to 1.61), whatever the reason.",
        ),
    ],
)
def test_what_stands_out(row, text):
    assert say.told([row, quiet()]) == [text]


def test_what_segments_are_made_of_is_said_to_be_so():
    (told,) = say.told([level(kind="age", attribute="years with us", name="over 2.1", variable=True)])
    assert told.endswith("(95% interval 1.20 to 1.61), whatever the reason; segments are made of it, too.")


def test_each_of_three_has_its_sentence_in_their_order():
    rows = [level(name=name) for name in ("Süd", "Ost", "West")]
    told = say.told([*rows, quiet(name="Nord")])
    assert [sentence[:12] for sentence in told] == ["Region Süd: ", "Region Ost: ", "Region West:"]


def test_a_frame_tells_the_same_as_rows():
    rows = [level(level=None, name="not recorded"), quiet(p_value=None, q_value=None)]
    assert say.told(pd.DataFrame(rows)) == say.told(rows)


def test_where_nothing_stands_out_it_says_what_was_tested():
    rows = [
        quiet(kind="age", attribute="years with us"),
        quiet(kind="representative", attribute="representative"),
        quiet(),
        quiet(name="Ost", p_value=None),
        quiet(attribute="city", name="Bonn", p_value=None),
    ]
    assert say.told(rows) == [
        "Nothing stands out among those who moved: of 3 levels of region, representative and years with us, "
        "none moved more or less often than its segments let one expect, by more than chance."
    ]


def test_effects_too_small_to_tell_are_not_called_chance():
    rows = [quiet(q_value=0.001), quiet(name="Ost")]
    assert say.told(rows) == [
        "Nothing stands out among those who moved: of 2 levels of region, none moved at least a tenth more "
        "or less often than its segments let one expect."
    ]
    assert say.standing(rows) == rows[:1]


def test_where_no_level_has_enough_customers_it_says_so():
    assert say.told([quiet(p_value=None)]) == [
        "Too few customers share anything to say what movers have in common (fewer than 20)."
    ]


@pytest.mark.parametrize("rows", [[], [quiet(of_movers=0)]])
def test_where_nobody_moved_there_is_nothing_in_common(rows):
    assert say.told(rows) == ["Nobody moved of whom one could ask what they have in common."]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\n b\tc", "Region a b c"),
        ("x" * 500, f"Region {'x' * 59}…"),
        ("ab " * 40, f"Region {('ab ' * 20)[:59]}…"),
    ],
)
def test_a_name_stays_in_its_line(name, shown):
    assert say.name(level(name=name)) == shown


def test_what_the_figures_rest_on_is_said():
    assert say.NOT_SHOWN == (
        "Expected is how many would have moved if those of a level had moved as everybody in the same "
        "segments. Levels of fewer than 20 customers are not tested; up to 2% of what is told in the long "
        "run is chance. Whom only our method moved is left out."
    )
