from __future__ import annotations

import pytest
from small_kpi import LOG, PREVIOUS, Company, days_after
from small_runs import SEGMENTS

from segcore import kpi, tables
from segcore.engine import ENGINES
from segcore.sentences import checks

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS


@pytest.fixture
def company(tmp_path):
    with Company(tmp_path) as made:
        yield made


def late(company, earlier=()) -> list[tuple]:
    kpi.late(company.engine, earlier)
    return company.engine.rows(
        "select customer_id, record, kind, order_date::VARCHAR from late order by record"
    )


def told(company) -> list[str]:
    return checks.late(tables.rows(company.engine, "late"))


def two_runs(company, log, orders=(), members=("a", "b")):
    company.runs(
        dict.fromkeys(members, ATTENTION),
        dict.fromkeys(members, ATTENTION),
        orders=orders,
        log=[(who, rep, days_after(day)) for who, rep, day in log],
    )


def test_follow_ups_of_unknown_customers_are_named_with_what_to_do(company):
    two_runs(company, [("z", "R1", 3), ("y", "R1", 4), ("a", "R1", 5)])
    assert late(company) == [("z", 1, "unknown customer", None), ("y", 2, "unknown customer", None)]
    assert told(company) == [
        "2 follow-ups are of customers whom neither orders nor accounts know; mend the numbers "
        "(y on 2025-02-19; z on 2025-02-18)."
    ]


def test_a_customer_with_an_account_and_no_order_yet_is_known(company):
    two_runs(company, [("z", "R1", 3)])
    tables.put(company.engine, "customers_source", {"customer_id": "VARCHAR"}, [("z",)])
    assert late(company) == [("z", 1, "before the first order", None)]
    assert told(company) == [
        "1 follow-up lies before the customer's first order and counts nowhere (z on 2025-02-18)."
    ]


def test_a_follow_up_before_the_first_order_is_named(company):
    two_runs(company, [("z", "R1", 3), ("z", "R1", 30)], orders=[("z", days_after(20), 9)])
    assert late(company) == [("z", 1, "before the first order", None)]
    assert told(company) == [
        "1 follow-up lies before the customer's first order and counts nowhere (z on 2025-02-18)."
    ]


def test_two_follow_ups_before_a_first_order_are_told_together(company):
    orders = [("y", days_after(21), 9), ("z", days_after(20), 9)]
    two_runs(company, [("z", "R1", 3), ("y", "R1", 4), ("y", "R1", 22)], orders=orders)
    assert late(company) == [
        ("z", 1, "before the first order", None),
        ("y", 2, "before the first order", None),
    ]
    assert told(company) == [
        "2 follow-ups lie before the customer's first order and count nowhere "
        "(y on 2025-02-19; z on 2025-02-18)."
    ]


def test_follow_ups_of_unknown_representatives_are_named_and_count(company):
    two_runs(company, [("a", "R9", 3), ("b", "R1", 4)])
    tables.put(company.engine, "reps", {"rep": "VARCHAR", "name": "VARCHAR"}, [("R1", "Adler")])
    assert late(company) == [("a", 1, "unknown representative", None)]
    assert told(company) == [
        "1 follow-up is of a representative who is not in the list of representatives; it counts for the "
        "customer (a on 2025-02-18)."
    ]
    assert company.engine.rows("select followed_on from eligible order by customer_id") == [(3,), (4,)]


def test_a_follow_up_that_stands_there_twice_counts_once(company):
    two_runs(company, [("a", "R1", 3), ("a", "R1", 3), ("a", "R2", 3)])
    assert late(company) == [("a", 2, "twice", None)]
    assert told(company) == [
        "1 follow-up stands there a second time, of the same customer, day and representative; it counts "
        "once (a on 2025-02-18)."
    ]
    assert company.engine.rows("select followups from eligible where customer_id = 'a'") == [(1,)]


def test_a_first_follow_up_after_the_order_claims_nothing(company):
    orders = [("a", days_after(5), 9), ("b", days_after(5), 9)]
    two_runs(company, [("a", "R1", 6), ("a", "R1", 8), ("b", "R1", 5)], orders)
    assert late(company) == [("a", 1, "after the order", days_after(5))]
    assert told(company) == [
        "1 follow-up came after the customer's order and claims nothing: the days up to the order count as "
        "unfollowed (a on 2025-02-21)."
    ]


def logged_until_then(company, tmp_path, *log):
    """What the log of the previous run held."""
    rows = [(who, rep, days_after(day), "called", "old.csv", n) for n, (who, rep, day) in enumerate(log)]
    with ENGINES["duckdb"]() as engine:
        tables.put(engine, "followups", LOG, rows)
        tables.save(engine, tmp_path / str(PREVIOUS), "followups")
    return [tmp_path / str(PREVIOUS)]


def test_what_the_previous_run_had_was_listed_then(company, tmp_path):
    two_runs(company, [("z", "R1", 0), ("a", "R1", -3), ("b", None, -3)])
    kept = logged_until_then(company, tmp_path, ("z", "R1", 0), ("a", "R1", -3), ("b", None, -3))
    assert late(company, kept) == []
    assert told(company) == []


def test_where_the_previous_run_had_no_log_nothing_was_logged_late(company, tmp_path):
    two_runs(company, [("a", "R1", 0), ("b", "R1", -3)])
    assert late(company, [tmp_path / str(PREVIOUS)]) == []


def test_what_the_previous_run_did_not_have_was_logged_late(company, tmp_path):
    log = [("a", "R1", -3), ("a", "R2", -3), ("b", "R1", -8), ("b", "R1", -8), ("b", "R1", 3)]
    two_runs(company, log)
    kept = logged_until_then(company, tmp_path, ("a", "R1", -3), ("b", "R1", -9))
    assert late(company, kept) == [("a", 2, "logged late", None), ("b", 3, "logged late", None)]
    assert told(company) == [
        "2 follow-ups were logged late: the earlier run did not have them and counted the customers as not "
        "followed up, unless there was another one; earlier runs stay as they are, and nobody changes group "
        "for them (a on 2025-02-12; b on 2025-02-07)."
    ]
    assert company.engine.rows("select customer_id, followed_on from eligible order by 1") == [
        ("a", None),
        ("b", 3),
    ]


def test_a_late_follow_up_of_the_day_of_the_previous_run_is_in_no_figures(company, tmp_path):
    two_runs(company, [("a", "R1", 0)])
    assert late(company, logged_until_then(company, tmp_path)) == [("a", 1, "logged late", None)]
    assert told(company) == [
        "1 follow-up was logged late: the earlier run did not have it and counted the customer as not "
        "followed up, unless there was another one; earlier runs stay as they are, and nobody changes group "
        "for it (a on 2025-02-15)."
    ]
    assert company.engine.rows("select customer_id, followups from eligible order by 1") == [
        ("a", 0),
        ("b", 0),
    ]


def test_a_late_follow_up_of_an_unknown_customer_is_to_be_mended_first(company, tmp_path):
    two_runs(company, [("z", "R1", -1)])
    assert late(company, logged_until_then(company, tmp_path)) == [("z", 1, "unknown customer", None)]


def test_a_new_number_makes_no_follow_up_late(company, tmp_path):
    two_runs(company, [("a", "R1", -3), ("b", "R1", -3)])
    columns = {"customer_id": "VARCHAR", "becomes": "VARCHAR"}
    tables.put(company.engine, "renumbered", columns, [("old", "a")])
    kept = logged_until_then(company, tmp_path, ("old", "R1", -3), ("b", "R1", -3))
    assert late(company, kept) == []


def test_a_first_run_lists_nothing(company):
    company.runs({"a": ATTENTION}, log=[("z", "R1", days_after(3))])
    assert late(company) == []


def test_long_lists_are_cut(company):
    two_runs(company, [(f"z{n}", "R1", n) for n in range(1, 6)])
    late(company)
    assert told(company)[0].endswith("(z1 on 2025-02-16; z2 on 2025-02-17; z3 on 2025-02-18; 2 more).")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, ""),
        (1, "1 follow-up is dated after the run date and is not counted yet."),
        (12, "12 follow-ups are dated after the run date and are not counted yet."),
    ],
)
def test_follow_ups_in_the_future_are_counted(number, text):
    rows = [
        {"source": "followups", "after_run_date": number},
        {"source": "transactions", "after_run_date": 7},
    ]
    assert checks.future(rows) == text
