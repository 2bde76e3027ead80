from __future__ import annotations

import datetime as dt

import pytest

from segcore.sentences import runs as say
from segcore.wording import month

FIRST = dt.date(2026, 2, 14)


def dates(number, apart=45):
    return [FIRST + dt.timedelta(days=apart * n) for n in range(number)]


def sizes(series, retired=()) -> list[dict[str, object]]:
    """Rows of the table from segment, best first → its customers in every run."""
    ranks = dict(zip(series, reversed(range(len(series))), strict=True))
    return [
        {"run_date": day, "segment": segment, "rank": None if segment in retired else ranks[segment],
         "customers": customers}
        for segment, numbers in series.items()
        for day, customers in zip(dates(len(numbers)), numbers, strict=True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("series", "text"),
    [
        (
            {"Promising": [1, 2, 3, 4, 5], "Needs attention": [5, 9, 8, 7, 6], "Lost": [1, 2, 1, 2, 1]},
            "Promising has grown in every run; Needs attention has shrunk three times in a row",
        ),
        (
            {"A": [1, 2, 3, 4, 5], "B": [2, 3, 4, 5, 6], "C": [9, 8, 7, 6, 6]},
            "A and B have grown in every run",
        ),
        (
            {"A": [1, 2, 3, 4], "B": [9, 8, 7, 6], "C": [5, 6, 7, 8], "D": [3, 2, 1, 0]},
            "A and C have grown in every run; B and D have shrunk in every run",
        ),
        ({"A": [5, 4, 6], "B": [5, 7, 4]}, "A has grown most since February 2026, by 1 customer and B has "
         "shrunk by 1 customer"),
        ({"A": [5, 5], "B": [9, 2]}, "B has shrunk most since February 2026, by 7 customers"),
        (
            {"A": [5, 8], "B": [1, 4], "C": [9, 7]},
            "A and B have grown most since February 2026, by 3 customers each",
        ),
        ({"A": [5, 5], "B": [2, 2]}, "Every segment is as large as in February 2026"),
    ],
)  # fmt: skip
def test_segments_over_runs(series, text):
    assert say.over_runs(sizes(series)) == text


def test_a_retired_segment_is_not_news():
    found = sizes({"A": [5, 6], "Old": [90, 0]}, retired=("Old",))
    assert say.over_runs(found) == "A has grown most since February 2026, by 1 customer"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ((), "A has grown in every run"),
        ([1], "A has grown in every run since the model changed"),
        ([0, 3], "A has grown most since {month}, by 2 customers"),
        ([4], "The model is another one, so sizes do not compare with those before"),
    ],
)
def test_sizes_by_another_model_are_not_compared(changed, text):
    found = sizes({"A": (1, 2, 3, 4, 6)})
    dates = sorted({row["run_date"] for row in found})
    told = say.over_runs(found, [dates[place] for place in changed])
    assert told == text.format(month=month(dates[3]))


def test_how_the_picture_of_all_runs_is_read():
    assert say.how_to_read(sizes({"A": [1, 2, 3], "B": [1, 1, 1], "C": [0, 0, 0]})) == [
        "All three charts have the same scale and start at zero. Runs are 45 days apart."
    ]
    assert say.how_to_read(sizes({"A": [1, 2], "Old": [1, 0]}, retired=("Old",)), dates(1)) == [
        "Both charts have the same scale and start at zero. Runs are 45 days apart.",
        "**Another model:** where a dotted line stands, segments were made with another model from there on, "
        "so part of the step is not the customers’ doing.",
        "Grey: a segment that no longer exists.",
    ]
    found = [row | {"run_date": day} for row, day in zip(sizes({"A": [1, 2, 3]}), (
        FIRST, FIRST + dt.timedelta(days=1), FIRST + dt.timedelta(days=31)), strict=True)]  # fmt: skip
    assert say.how_to_read(found, dates(2))[0] == "The chart starts at zero. Runs are 1 to 30 days apart."
    assert "where dotted lines stand, segments" in say.how_to_read(found, dates(2))[1]
    assert say.how_to_read(sizes({"A": [1]})) == []


def flow(day, customers, **moves) -> dict[str, object]:
    return {"run_date": day, "customers": customers, **dict.fromkeys(("up", "down", "both")), **moves}


def test_runs_are_compared_with_the_runs_before():
    first, second, third, fourth = dates(4)
    rows = [flow(first, 100), flow(second, 101, up=5, down=5, both=100)]
    assert say.flows(rows[:1]) == "This is the first run: 100 customers."
    assert say.flows(rows) == "101 customers, 1 more than in the first run, 14 February 2026."
    rows.append(flow(third, 100, up=10, down=10, both=100))
    assert say.flows(rows) == (
        "100 customers, as many as in the first run, 14 February 2026. 20% of those in both runs moved up or "
        "down; before it was 10%."
    )
    rows.append(flow(fourth, 1, up=0, down=1, both=1))
    assert say.flows(rows) == (
        "1 customer, 99 fewer than in the first run, 14 February 2026. 100% of those in both runs moved "
        "up or down; before it was between 10% and 20%."
    )
