"""What became of the records, in words that hold for none, one and many."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from segcore.sentences import records

COLUMNS = ("source", "records", "loaded", "duplicates", "after_run_date", "excluded", "quarantined")
MARCH = dt.date(2025, 3, 31)


def outcomes(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS))


MANY = outcomes(
    ("customers", 50, 49, 0, 0, 0, 1),
    ("followups", 12, 12, 0, 0, 0, 0),
    ("reps", 3, 3, 0, 0, 0, 0),
    ("transactions", 1000, 980, 5, 1, 12, 2),
)
CLEAN = outcomes(("transactions", 1, 1, 0, 0, 0, 0))


def test_the_equation_is_that_of_transactions():
    parts = [(part.sign, part.number, part.words) for part in records.equation(MANY)]
    assert parts == [
        ("", 1000, "records read"),
        ("=", 980, "used"),
        ("+", 5, "duplicates"),
        ("+", 1, "after the run date"),
        ("+", 12, "excluded by rule"),
        ("+", 2, "quarantined"),
    ]
    assert [part.words for part in records.equation(CLEAN)] == [
        "record read",
        "used",
        "duplicates",
        "excluded by rule",
        "quarantined",
    ]


def test_what_became_of_the_records_names_only_what_there_is():
    assert records.outcome(MANY) == (
        "Of 1,000 records of transactions, 980 are used (98%); 5 are duplicates, "
        "1 is dated after the run date, 12 are excluded by a rule and 2 are in quarantine."
    )
    assert records.outcome(CLEAN) == "The only record of transactions is used."
    one = outcomes(("transactions", 2, 1, 1, 0, 0, 0))
    assert records.outcome(one) == "Of 2 records of transactions, 1 is used (50%); 1 is a duplicate."


def test_nearly_all_are_not_all():
    nearly = outcomes(("transactions", 1000, 999, 0, 0, 1, 0))
    assert records.outcome(nearly) == (
        "Of 1,000 records of transactions, 999 are used (over 99%); 1 is excluded by a rule."
    )


RULES = pd.DataFrame(
    [
        ("customers", "no name", 1, 7, Decimal(0)),
        ("transactions", "no customer", 1, 1, Decimal(3)),
        ("transactions", "cancelled", 2, 11, Decimal(-13)),
        ("transactions", "price", 3, 0, Decimal(0)),
    ],
    columns=["source", "rule", "position", "records", "amount"],
)


def test_excluded_records_are_told_by_rule_in_its_order_with_what_they_amount_to():
    told = records.excluded(RULES, "EUR")
    assert told == "Excluded, not netted: no customer 1 (€\u00a03.00) and cancelled 11 (−€\u00a013.00)."


@pytest.mark.parametrize("source", ["customers", "nothing"])
def test_without_excluded_orders_it_says_so(source):
    told = records.excluded(RULES[RULES["source"] == source], "EUR")
    assert told == "No record of transactions was excluded by a rule."


def test_quarantine_counts_every_source():
    assert records.refused(MANY) == (
        "In quarantine: 1 record of customers and 2 records of transactions. "
        "The run's quarantine.parquet lists each with the reason."
    )
    assert records.refused(CLEAN) == "No record is in quarantine: every one could be read."


def test_what_is_used_beside_the_transactions():
    assert records.others(MANY) == [
        "Also used: 49 of 50 records of customers, all 12 records of follow-ups and all 3 records of "
        "representatives.",
    ]
    assert records.others(CLEAN) == []
    assert records.others(outcomes(("followups", 0, 0, 0, 0, 0, 0))) == [
        "Also used: no record of follow-ups."
    ]


def test_the_notes_of_the_report_are_the_same_sentences():
    assert records.notes(MANY, RULES, "EUR") == [
        records.excluded(RULES, "EUR"),
        records.refused(MANY),
        *records.others(MANY),
    ]


def test_deliveries_are_counted_by_source():
    frame = pd.DataFrame({"source": ["transactions", "transactions", "followups"]})
    assert records.delivered(frame) == "3 files: 2 of transactions and 1 of follow-ups."
    assert records.delivered(frame[:1]) == "1 file: 1 of transactions."


def test_conflicts_are_told_by_column():
    frame = pd.DataFrame(
        [("transactions", "amount", 100), ("reps", "name", 1)], columns=["source", "column", "times"]
    )
    assert records.disagreed(frame) == (
        "A later extract says something else about 100 values of amount in transactions and "
        "1 value of name in representatives. The later one is used."
    )
    assert records.disagreed(frame[:0]) == "No two extracts say different things about the same record."


def by_month(*rows: tuple[str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["month", "orders"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def test_months_say_where_orders_are_many_few_and_none():
    frame = by_month(("2024-11-01", 3), ("2024-12-01", 1200), ("2025-02-01", 90), ("2025-03-01", 8))
    assert records.months(frame, MARCH) == (
        "Orders reach from November 2024 to March 2025; most are of December 2024 (1,200). "
        "Between the first and the last month, fewest are of February 2025 (90). "
        "No order is of January 2025: is a delivery missing?"
    )


def test_months_without_orders_are_counted_if_they_are_many():
    frame = by_month(("2023-12-01", 5), ("2025-01-01", 1))
    assert records.months(frame, MARCH) == (
        "Orders reach from December 2023 to January 2025; most are of December 2023 (5). "
        "No order is of March 2025, the month of the run date. "
        "12 months have no order; the last of them is December 2024."
    )


def test_a_single_month_is_one_sentence():
    frame = pd.DataFrame({"month": [dt.date(2025, 3, 1)], "orders": [1]})
    assert records.months(frame, MARCH) == "The only order is of March 2025."
