"""For whom customers would count whose representative changed inside the period."""

from __future__ import annotations

import datetime as dt

import pytest
from small_kpi import PREVIOUS, Company, days_after
from small_runs import SEGMENTS

from segcore import kpi, language, tables
from segcore.sentences import books

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
WAS, NOW = dict.fromkeys("abcd", "Ann"), {"a": "Bob", "b": "Bob", "c": "Bob", "d": "Ann"}


@pytest.fixture
def company(tmp_path):
    with Company(tmp_path) as made:
        yield made


def changed(company) -> None:
    """a and b go from Ann to Bob and order on day 9, a after a call on day 4; c goes and orders nothing."""
    company.runs(
        dict.fromkeys("abcd", ATTENTION),
        {"a": LOYAL, "b": LOYAL, "c": RISK, "d": LOYAL},
        orders=[
            ("a", days_after(2), 5),
            ("a", days_after(9), 5),
            ("b", days_after(9), 5),
            ("d", days_after(9), 5),
        ],
        log=[("a", "Ann", days_after(4))],
        reps=WAS,
        reps_now=NOW,
    )


def found(company, *names) -> list[tuple]:
    kpi.credited(company.engine)
    return company.engine.rows(f"select {', '.join(names)} from credited order by customer_id")


def test_without_more_to_know_all_count_for_the_earlier_one(company):
    changed(company)
    day = PREVIOUS + dt.timedelta(9)
    columns = ("customer_id", "rep", "rep_now", "order_date", "credit_rep", "credit_by", "reached")
    assert found(company, *columns) == [
        ("a", "Ann", "Bob", day, None, None, True),
        ("b", "Ann", "Bob", day, None, None, True),
        ("c", "Ann", "Bob", None, None, None, False),
    ]
    assert books.credited(tables.rows(company.engine, "credited")) == ""


def test_the_order_after_the_follow_up_says_by_its_own_representative_who_is_credited(company):
    changed(company)
    company.engine.execute(
        f"create or replace table transactions as select *, case when order_date < DATE '{days_after(9)}' "
        "then 'Ann' when customer_id = 'a' then ' Bob ' else 'Ann' end as rep from transactions"
    )
    company.engine.execute("create table reps as select 'Bob' as rep, 'Bob Berg' as name")
    assert found(company, "customer_id", "credit_rep", "credit_name", "credit_by") == [
        ("a", "Bob", "Bob Berg", "order"),
        ("b", "Ann", "Ann", "order"),
        ("c", None, None, None),
    ]


@pytest.mark.parametrize(("since", "credited"), [(9, "Bob"), (10, "Ann")])
def test_else_the_day_from_which_today_s_record_holds_says_it(company, since, credited):
    changed(company)
    company.engine.execute(
        "create table customers_source as select unnest(['a', 'c', 'd']) as customer_id, "
        f"DATE '{days_after(since)}' as valid_from"
    )
    assert found(company, "customer_id", "credit_rep", "credit_by") == [
        ("a", credited, "validity"),
        ("b", None, None),
        ("c", None, None),
    ]


def test_a_study_without_representatives_has_no_such_rows(company):
    company.runs({"a": ATTENTION}, {"a": LOYAL}, orders=[("a", days_after(3), 5)])
    assert found(company, "*") == []


def row(reached: bool, rep: str, credit: str | None) -> dict[str, object]:
    return {"reached": reached, "rep": rep, "rep_name": rep, "credit_rep": credit, "credit_name": credit}


def test_the_table_of_representatives_says_how_many_would_count_for_another():
    one = [row(True, "Ann", "Bob"), row(True, "Ann", "Ann"), row(True, "Ann", None), row(False, "Ann", "Bob")]
    assert books.credited(one) == (
        "1 customer who reached in this run counts for the representative of the last run, though by the "
        "order another one had taken over. Counted so, in the end: Ann 1 fewer and Bob 1 more."
    )
    two = [row(True, "Ann", "Bob"), row(True, "Bob", "Ann"), row(True, "Ann", "Cleo")]
    assert books.credited(two).startswith("3 customers who reached in this run count for the representative")
    assert books.credited(two).endswith("Counted so, in the end: Ann 1 fewer and Cleo 1 more.")
    assert books.credited(two[:2]).endswith("Counted so, in the end: as many for each.")
    with language.spoken("de"):
        assert books.credited(one) == (
            "1 Kunde mit erreichtem Ziel zählt in diesem Lauf beim Betreuer des letzten Laufs, obwohl "
            "bei der Bestellung schon ein anderer zuständig war. Nach der Bestellung gezählt, unter dem "
            "Strich: Ann 1 weniger und Bob 1 mehr."
        )
