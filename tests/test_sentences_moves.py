from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from segcore.sentences import moves as say
from segcore.sentences.rows import rows
from segcore.transitions import MOVES


def movers(**found: tuple[int, ...]) -> list[dict[str, object]]:
    """Rows of the table: by move its customers, how many ordered, how many are missing."""
    told = {move: (*found.get(move, ()), 0, 0, 0)[:3] for move in MOVES}
    return [
        {
            "move": move,
            "customers": customers,
            "ordered": ordered,
            "idle": customers - ordered,
            "missing": lost,
        }
        for move, (customers, ordered, lost) in told.items()
    ]


def test_every_kind_of_move_has_a_name():
    assert set(say.MOVES) == set(MOVES)


def test_a_frame_and_its_rows_say_the_same():
    found = movers(up=(3, 2), stayed=(4,))
    assert say.equation(pd.DataFrame(found)) == say.equation(found)
    days = pd.DataFrame({"day": pd.to_datetime(["2025-01-01", None])})
    assert [row["day"] for row in rows(days)] == [dt.datetime(2025, 1, 1), None]


def test_the_accounts_are_one_line_that_adds_up():
    found = movers(up=(140,), down=(130,), stayed=(2723,), unranked=(2,), new=(12,), returned=(1,), gone=(5,))
    assert say.equation(found) == "3,000 at the last run + 12 new + 1 returned − 5 gone = 3,008 now."
    assert say.equation([]) == "This is the first run; moves appear from the next run on."


@pytest.mark.parametrize(
    ("up", "down", "text", "short"),
    [
        (
            (284, 284),
            (407, 7),
            "284 moved up, all of them ordered; 407 moved down, 400 of them without an order",
            "284 / 7 of them ordered",
        ),
        (
            (284, 283),
            (407, 0),
            "284 moved up, 283 of them ordered; 407 moved down, all of them without an order",
            "283 / 0 of them ordered",
        ),
        (
            (2, 2),
            (2, 0),
            "2 moved up, both of them ordered; 2 moved down, both of them without an order",
            "2 / 0 of them ordered",
        ),
        (
            (5, 0),
            (3, 3),
            "5 moved up, none of them ordered; 3 moved down, all of them in spite of an order",
            "0 / 3 of them ordered",
        ),
        ((1, 1), (1, 0), "1 customer moved up and ordered; 1 customer moved down without an order",
         "1 / 0 of them ordered"),
        ((1, 0), (1, 1), "1 customer moved up without an order; 1 customer moved down in spite of an order",
         "0 / 1 of them ordered"),
        ((3, 3), (0, 0), "3 moved up, all of them ordered; nobody moved down", "3 / 0 of them ordered"),
        ((0, 0), (2, 0), "Nobody moved up; 2 moved down, both of them without an order",
         "0 / 0 of them ordered"),
        ((2, 2), (0, 0), "2 moved up, both of them ordered; nobody moved down", "2 / 0 of them ordered"),
        ((0, 0), (0, 0), "No customer changed segment", "nobody moved"),
    ],
)  # fmt: skip
def test_who_moved_ordered_or_did_not(up, down, text, short):
    found = movers(up=up, down=down, stayed=(9, 9), new=(4, 4))
    assert say.moved(found) == text
    lower = text[0].lower() + text[1:]
    assert say.moved(found, since="14 February") == f"Since 14 February {lower}"
    assert say.ordered_shortly(found) == short


@pytest.mark.parametrize(
    ("stayed", "text"),
    [
        ((1704, 929), "1,704 stayed in their segment, 929 of them ordered."),
        ((5, 5), "5 stayed in their segment, all of them ordered."),
        ((2, 2), "2 stayed in their segment, both of them ordered."),
        ((5, 0), "5 stayed in their segment, none of them ordered."),
        ((1, 1), "1 customer stayed and ordered again."),
        ((1, 0), "1 customer stayed and ordered nothing."),
        ((0, 0), ""),
    ],
)
def test_who_stayed_ordered_or_did_not(stayed, text):
    assert say.what_others_did(movers(up=(9, 9), stayed=stayed)) == text


def test_movers_have_an_order_value():
    worth = {"up": 1351626.25, "down": 0, "gone": 46201.97}
    found = [row | {"value": worth.get(row["move"], 7)} for row in movers(up=(9,), down=(1,), gone=(2,))]
    assert say.worth(found, "EUR", "12 months") == (
        "Order value of the last 12 months: €\u00a01.35\u00a0m of those who moved up, €\u00a00.00 of those "
        "who moved down and €\u00a046,200 of those who are gone."
    )
    found = [row | {"value": 1} for row in movers(stayed=(4,), new=(1,), returned=(1,))]
    assert say.worth(found, "EUR", None) == (
        "Order value of all orders: €\u00a01.00 of new ones and €\u00a01.00 of returned ones."
    )
    assert say.worth([row | {"value": 1} for row in movers(stayed=(4,))], "EUR", None) == ""


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ((63, 5, 12), "63 customers are new, 5 have returned and 12 are gone."),
        ((1, 1, 1), "1 customer is new, 1 has returned and 1 is gone."),
        ((0, 2, 0), "2 customers have returned."),
        ((0, 0, 1), "1 customer is gone."),
        ((0, 0, 0), ""),
    ],
)
def test_who_came_and_went(found, text):
    new, returned, gone = found
    assert say.came_and_went(movers(up=(7,), new=(new,), returned=(returned,), gone=(gone,))) == text


@pytest.mark.parametrize(
    ("gone", "within", "text"),
    [
        ((54, 0, 0), "36 months", "54 customers are gone: they ordered nothing for 36 months."),
        (
            (54, 0, 4),
            "36 months",
            "54 customers are gone: 50 ordered nothing for 36 months, 4 are no longer in the data.",
        ),
        (
            (54, 0, 1),
            "36 months",
            "54 customers are gone: 53 ordered nothing for 36 months, 1 is no longer in the data.",
        ),
        ((54, 0, 54), "36 months", "54 customers are gone: they are no longer in the data."),
        ((1, 0, 0), "36 months", "1 customer is gone: it ordered nothing for 36 months."),
        ((1, 0, 1), "36 months", "1 customer is gone: it is no longer in the data."),
        ((2, 0, 0), None, "2 customers are gone: they are no longer in the data."),
        ((0, 0, 0), "36 months", ""),
    ],
)
def test_who_is_gone_is_gone_for_a_reason(gone, within, text):
    assert say.gone(movers(up=(3,), gone=gone), within) == text


def account(segment="Loyal", rank=3, **parts: int) -> list[dict[str, object]]:
    found = {part.replace("_", " "): number for part, number in parts.items()}
    names = ("start", *say.IN, *say.OUT, "end")
    return [
        {"segment": segment, "rank": rank, "part": part, "customers": found.get(part, 0)} for part in names
    ]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            account(
                **{"start": 861, "up_into": 166, "down_into": 14, "new": 11, "returned": 6},
                **{"up_out_of": 50, "down_out_of": 124, "end": 884},
            ),
            "Loyal has grown by 23 to 884 customers. In: 166 up, 14 down, 11 new and 6 returned. "
            "Out: 50 up and 124 down.",
        ),
        (account(start=2, gone=1, end=1), "Loyal has shrunk by 1 to 1 customer. In: nobody. Out: 1 gone."),
        (account(start=5, end=5), "Loyal still has 5 customers. In: nobody. Out: nobody."),
        (
            account(start=5, other_into=2, down_out_of=2, end=5),
            "Loyal still has 5 customers. In: 2 from a segment that no longer exists. Out: 2 down.",
        ),
        (
            account("Sleeping", None, start=3, other_out_of=2, gone=1),
            "Sleeping no longer exists. Out: 2 to other segments and 1 gone.",
        ),
    ],
)  # fmt: skip
def test_a_segment_says_what_came_in_and_went_out(parts, text):
    assert say.account(parts) == text


def test_accounts_are_told_segment_by_segment():
    found = [*account("A", 1, start=5, end=5), *account("B", 0, start=1, end=2, new=1)]
    assert say.accounts(found).splitlines() == [
        "A still has 5 customers. In: nobody. Out: nobody.",
        "B has grown by 1 to 2 customers. In: 1 new. Out: nobody.",
    ]
    assert say.accounts([]) == say.FIRST_RUN


def stay(segment, share, total=100) -> dict[str, object]:
    return {"from_segment": segment, "to_segment": segment, "state": "stayed", "customers": 0,
            "row_total": total, "share": share}  # fmt: skip


NOBODY = "No segment had 20 customers or more at the last run, so shares would say little."


@pytest.mark.parametrize(
    ("shares", "text"),
    [
        (
            [("A", 0.88), ("B", 0.5), ("C", 0.324)],
            "Of A 88% stayed, the most, and of C 32%, the fewest.",
        ),
        (
            [("A", 0.88), ("B", 0.88), ("C", 0.3)],
            "Of A and B 88% stayed each, the most, and of C 30%, the fewest.",
        ),
        (
            [("A", 0.9), ("B", 0.3), ("C", 0.3)],
            "Of A 90% stayed, the most, and of B and C 30% each, the fewest.",
        ),
        ([("A", 0.88), ("B", 0.88)], "Of A and B 88% stayed each."),
        ([("A", 0.996), ("B", 0.99, 19)], "Of A over 99% stayed."),
        ([("A", 1.0, 19)], NOBODY),
        ([], NOBODY),
    ],
)
def test_a_matrix_says_of_which_segments_most_and_fewest_stayed(shares, text):
    assert say.kept([stay(*share) for share in shares]) == text


def cell(customers, low=0.0, high=1.0) -> dict[str, object]:
    return {"from_segment": "A", "to_segment": "B", "customers": customers, "few": 0 < customers < 20,
            "share": 0.3, "low": low, "high": high}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (
            [cell(30, 0.25, 0.35), cell(20, 0.1, 0.5), cell(3), cell(0)],
            "2 of 3 cells with somebody in them hold 20 customers or more. Least sure of these is the rate "
            "from A to B: 30%, 95% interval 10–50%.",
        ),
        (
            [cell(30, 0.25, 0.35)],
            "1 of 1 cell with somebody in it holds 20 customers or more. Least sure of these is the rate "
            "from A to B: 30%, 95% interval 25–35%.",
        ),
        ([cell(19), cell(0)], "No cell holds 20 customers, so no rate says much."),
        ([], "No cell holds 20 customers, so no rate says much."),
    ],
)
def test_a_matrix_says_how_sure_its_rates_are(cells, text):
    assert say.sure(cells) == text


def test_how_the_picture_is_read_leaves_out_what_is_not_there():
    none = {"up": 0, "down": 0, "stayed": 0, "unranked": 0}
    bands, *rest = say.how_to_read(none)
    assert bands.startswith("**How to read.** Each coloured band") and rest == []
    assert say.how_to_read(none | {"down": 1, "stayed": 1, "unranked": 1})[1:] == [
        "Bands rising to the right moved up, falling ones moved down.",
        "Grey bands are the 1 customer who stayed in their segment. They all have the same thickness so that "
        "the movers can be seen.",
        "1 customer came from a segment that no longer exists.",
    ]


def test_who_came_from_a_segment_that_no_longer_exists_is_told_of():
    assert say.moved(movers(unranked=(486, 3))) == (
        "No other customer changed segment; 486 customers came from a segment that no longer exists"
    )
    assert say.moved(movers(up=(1, 1), unranked=(1, 1))) == (
        "1 customer moved up and ordered; nobody moved down; "
        "1 customer came from a segment that no longer exists"
    )


@pytest.mark.parametrize(
    ("new", "returned", "gone", "text"),
    [
        (57, 6, 12, "Not drawn: 57 new customers, 6 returned customers and 12 customers who are gone."),
        (1, 0, 0, "Not drawn: 1 new customer."),
        (0, 0, 1, "Not drawn: 1 customer who is gone."),
        (0, 0, 0, ""),
    ],
)
def test_who_is_not_drawn_is_named(new, returned, gone, text):
    found = movers(up=(3, 3), new=(new, 0), returned=(returned, 0), gone=(gone, 0))
    assert say.not_drawn(found) == text
