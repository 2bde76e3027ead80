from __future__ import annotations

import doctest

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import segcore.holdout
from segcore.holdout import draw_number, draw_sql, held_out, how_many

IDS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1, max_size=12)


def in_sql(study: str, run_date: str, ids: list[str]) -> list[float]:
    query = f"select {draw_sql('$study', '$run_date', 'customer')} from unnest($ids) as _(customer)"
    with duckdb.connect() as connection:
        drawn = connection.execute(query, {"study": study, "run_date": run_date, "ids": ids}).fetchall()
    return [number for (number,) in drawn]


@settings(deadline=None)
@given(IDS, st.lists(IDS, min_size=1, max_size=5))
def test_sql_and_python_draw_the_same_number(study, ids):
    assert in_sql(study, "2026-03-31", ids) == [draw_number(study, "2026-03-31", one) for one in ids]


def test_the_number_is_the_first_thirteen_digits_of_the_hash_and_stays_so():
    """``printf "demo|2026-03-31|C0001" | sha256sum`` begins with 86394b3dfca64."""
    assert draw_number("demo", "2026-03-31", "C0001") == int("86394b3dfca64", 16) / 2**52


def test_another_study_run_or_customer_draws_another_number():
    draws = [("demo", "2026-03-31", "C1"), ("acme", "2026-03-31", "C1"), ("demo", "2026-05-15", "C1")]
    assert len({draw_number(*draw) for draw in [*draws, ("demo", "2026-03-31", "C2")]}) == 4


def test_the_numbers_are_spread_evenly():
    """Ten thousand in ten equal parts: chi-squared of 9 degrees of freedom, under its 99.9 % point."""
    counts = [0] * 10
    for customer in range(10_000):
        counts[int(10 * draw_number("demo", "2026-03-31", f"C{customer:05}"))] += 1
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 27.9


@pytest.mark.parametrize(
    ("customers", "share", "expected"),
    [
        (0, 0.1, 0),
        (4, 0.1, 0),
        (5, 0.1, 1),
        (14, 0.1, 1),
        (15, 0.1, 2),
        (720, 0.1, 72),
        (3, 0.5, 2),
        (9, 0.0, 0),
    ],
)
def test_a_stratum_gives_its_share_rounded(customers, share, expected):
    assert how_many(customers, share) == expected


def test_each_segment_gives_its_share_and_those_of_the_smallest_numbers():
    rows = [(f"C{one:03}", "At risk", draw_number("s", "d", f"C{one:03}")) for one in range(30)]
    rows += [(f"D{one:03}", "Needs attention", draw_number("s", "d", f"D{one:03}")) for one in range(12)]
    drawn = held_out(rows, 0.1)
    assert sorted(customer[0] for customer in drawn) == ["C", "C", "C", "D"]
    largest = max(number for customer, _, number in rows if customer in drawn and customer[0] == "C")
    assert sum(number <= largest for customer, _, number in rows if customer[0] == "C") == 3


@settings(deadline=None)
@given(st.permutations([(f"C{one}", "AB"[one % 2], draw_number("s", "d", f"C{one}")) for one in range(12)]))
def test_the_order_of_the_rows_does_not_matter(rows):
    assert held_out(rows, 0.25) == held_out(sorted(rows), 0.25)


def test_equal_numbers_are_told_apart_by_the_customer():
    assert held_out([("b", "X", 0.5), ("a", "X", 0.5)], 0.5) == {"a"}


def test_the_examples_in_the_docstrings_are_right():
    result = doctest.testmod(segcore.holdout)
    assert (result.failed, result.attempted) == (0, 4)
