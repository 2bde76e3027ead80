"""Each check finds what is planted, and is silent where nothing is."""

from __future__ import annotations

import pytest
from small_kpi import TODAY, Company, days_after
from small_model import study
from small_runs import SEGMENTS

from segcore import kpi, tables
from segcore.model import Model, ModelVariable
from segcore.rules import parse_rules
from segcore.sentences import checks

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
REPS = ("Adler", "Brandt", "Costa", "Zorn")
BOOK = 30


@pytest.fixture
def company(tmp_path):
    with Company(tmp_path) as made:
        yield made


def who(rep: str, number: int) -> str:
    return f"{rep[0]}{number:02}"


EVERYBODY = [(rep, number, who(rep, number)) for rep in REPS for number in range(BOOK)]
BOOKS = {customer: rep for rep, _, customer in EVERYBODY}
MEMBERS = dict.fromkeys(BOOKS, ATTENTION)


def clean_orders(day=lambda number: 3 + number) -> list[tuple[str, str, int]]:
    """One order of every second customer."""
    return [(c, days_after(day(number)), 100) for _, number, c in EVERYBODY if number % 2]


def clean_log() -> list[tuple[str, str, str]]:
    """A follow-up of every third customer before the order, by the own representative."""
    return [(c, rep, days_after(2)) for rep, number, c in EVERYBODY if number % 3 == 0]


def frequencies(planted: str = "") -> dict[str, int]:
    """At the edge of 4, a third of them just above it; in a planted book all."""
    return {c: 5 if rep == planted or number % 6 == 1 else 4 for rep, number, c in EVERYBODY}


def found(company, orders, log, *, planted: str = "", reps_now=None) -> list[tuple]:
    company.runs(
        MEMBERS,
        dict.fromkeys(BOOKS, LOYAL),
        orders=orders,
        log=log,
        reps=BOOKS,
        reps_now=reps_now or BOOKS,
        frequency=("BIGINT", frequencies(planted)),
    )
    kpi.gather(company.engine, sorted(p for p in company.folder.iterdir())[:-1])
    kpi.suspicions(company.engine, company.own)
    return company.engine.rows(
        'select "check", rep, customer_id, hits, of, others_hits, others_of from suspicions order by all'
    )


def told(company) -> list[str]:
    return checks.suspicions(tables.rows(company.engine, "suspicions"))


def test_clean_books_raise_no_suspicion(company):
    assert found(company, clean_orders(), clean_log()) == []
    assert told(company) == []


def test_bunching_just_above_an_edge_is_found(company):
    assert found(company, clean_orders(), clean_log(), planted="Zorn") == [
        ("just above an edge", "Zorn", None, 15, 15, 15, 45)
    ]
    assert told(company) == [
        "**Zorn: just above an edge.** Of the customers at an edge of Orders, so many lie just above it: "
        "15 of 15 customers (100%), with all others 15 of 45 (33%). Look whether orders were cut to pass it."
    ]


@pytest.mark.parametrize("later", [0, 1])
def test_orders_split_on_one_day_or_on_adjacent_days_are_found(company, later):
    split = [
        (c, days_after(3 + number + later), 40)
        for rep, number, c in EVERYBODY
        if rep == "Adler" and number % 2
    ]
    assert found(company, [*clean_orders(), *split], clean_log()) == [
        ("orders on adjacent days", "Adler", None, 15, 15, 0, 45)
    ]
    assert told(company) == [
        "**Adler: orders on adjacent days.** So many who ordered have two orders within a day: 15 of 15 "
        "customers (100%), with all others 0 of 45 (0%). Look whether one order was written as two."
    ]


def test_orders_three_days_apart_are_not_split(company):
    more = [(c, days_after(6 + number), 40) for rep, number, c in EVERYBODY if rep == "Adler" and number % 2]
    assert found(company, [*clean_orders(), *more], clean_log()) == []


def test_upgrades_undone_by_credit_notes_are_found(company):
    rows = [(c, days_after(4 + n), "-100") for rep, n, c in EVERYBODY if rep == "Costa" and n % 2]
    columns = {"customer_id": "VARCHAR", "order_date": "DATE", "amount": "DECIMAL(38, 4)"}
    tables.put(company.engine, "credits", columns, rows)
    assert found(company, clean_orders(), clean_log()) == [
        ("credited afterwards", "Costa", None, 15, 15, 0, 45)
    ]
    assert told(company) == [
        "**Costa: credited afterwards.** Of those who moved up, so many were credited half of it or more: "
        "15 of 15 customers (100%), with all others 0 of 45 (0%). Their orders still count; look whether "
        "they were meant."
    ]


def test_small_credits_and_those_of_before_undo_nothing(company):
    rows = [(c, days_after(4 + n), "-20") for rep, n, c in EVERYBODY if rep == "Costa" and n % 2]
    rows += [(c, days_after(-1), "-100") for rep, n, c in EVERYBODY if rep == "Costa" and n % 2]
    columns = {"customer_id": "VARCHAR", "order_date": "DATE", "amount": "DECIMAL(38, 4)"}
    tables.put(company.engine, "credits", columns, rows)
    assert found(company, clean_orders(), clean_log()) == []


def test_follow_ups_dated_after_the_order_that_they_claim_are_found(company):
    claims = [(c, rep, days_after(4 + n)) for rep, n, c in EVERYBODY if rep == "Brandt" and n % 2]
    log = [row for row in clean_log() if row[1] != "Brandt"]
    assert found(company, clean_orders(), [*log, *claims]) == [
        ("followed up after the order", "Brandt", None, 15, 15, 0, 30)
    ]
    assert told(company) == [
        "**Brandt: followed up after the order.** So many first follow-ups came within a week after an "
        "order: 15 of 15 customers (100%), with all others 0 of 30 (0%). They claim nothing; look whether "
        "they are logged to claim it."
    ]


def test_follow_ups_in_the_books_of_others_are_found(company):
    foreign = [(c, "Zorn", days_after(2)) for rep, n, c in EVERYBODY if rep == "Adler" and n < 12]
    assert found(company, clean_orders(), [*clean_log(), *foreign]) == [
        ("followed up by another", "Zorn", None, 12, 22, 0, 30)
    ]
    assert told(company) == [
        "**Zorn: followed up in other books.** So many whom this representative followed up belong to "
        "another: 12 of 22 customers (55%), with all others 0 of 30 (0%). They count for the other one; look "
        "whose accounts these are."
    ]


def test_a_representative_changed_since_the_last_run_is_named_and_the_earlier_one_counts(company):
    now = BOOKS | {"A00": "Zorn", "A01": "  ", "A02": None}
    rows = found(company, clean_orders(), clean_log(), reps_now=now)
    assert rows == [("another representative now", "Adler", "A00", None, None, None, None)]
    assert told(company) == [
        "1 customer has another representative than at the last run and counts for the earlier one "
        "(A00: Adler, now Zorn)."
    ]
    assert company.engine.rows("select rep from eligible where customer_id = 'A00'") == [("Adler",)]


def test_an_account_in_two_books_is_named(company):
    company.runs(MEMBERS, MEMBERS, orders=clean_orders(), log=clean_log(), reps=BOOKS)
    company.engine.execute(
        "create or replace table transactions as select *, case when customer_id = 'C01' and "
        "order_date < '2025-01-01' then 'Old' when customer_id = 'B01' then 'Costa' else 'Adler' end as rep "
        "from transactions"
    )
    company.engine.execute(
        f"insert into transactions select customer_id, '{days_after(9)}', amount, 'X1', 'Brandt' "
        "from transactions where customer_id = 'B01' limit 1"
    )
    company.engine.execute(
        "create or replace temp table followable as select DATE '2025-04-01' as run_date, * from eligible"
    )
    company.engine.execute("alter table customers add column frequency BIGINT default 9")
    kpi.suspicions(company.engine, company.own)
    rows = company.engine.rows('select "check", rep, customer_id, detail from suspicions')
    assert rows == [("in two books", "Brandt", "B01", "Brandt / Costa")]
    assert told(company) == [
        "1 customer has orders of two representatives since the last run and counts for the one of that run "
        "(B01: Brandt and Costa)."
    ]


def test_names_are_those_of_the_list_of_representatives(company):
    tables.put(
        company.engine, "reps", {"rep": "VARCHAR", "name": "VARCHAR"}, [("Zorn", "Zora Zorn"), ("x", None)]
    )
    found(company, clean_orders(), clean_log(), planted="Zorn")
    assert told(company)[0].startswith("**Zora Zorn: just above an edge.**")


def test_a_handful_is_no_suspicion(company):
    """Four customers are too few to talk of, however unlikely they are."""
    split = [(c, days_after(3 + n), 40) for rep, n, c in EVERYBODY if rep == "Adler" and n in (1, 3, 5, 7)]
    assert found(company, [*clean_orders(), *split], clean_log()) == []


@pytest.mark.parametrize(("hits", "told_of"), [(5, False), (6, True)])
def test_a_sign_is_told_where_chance_makes_as_much_in_under_one_run_of_a_thousand(company, hits, told_of):
    """Of 60 who ordered 15 are Adler's; with four books five of them have p = 0.0022, and six 0.0004."""
    chosen = {n for n in range(BOOK) if n % 2 and n < 2 * hits}
    split = [(c, days_after(3 + n), 40) for rep, n, c in EVERYBODY if rep == "Adler" and n in chosen]
    expected = [("orders on adjacent days", "Adler", None, hits, 15, 0, 45)] if told_of else []
    assert found(company, [*clean_orders(), *split], clean_log()) == expected


@pytest.mark.parametrize(("days", "told_of"), [(7, True), (8, False)])
def test_a_follow_up_claims_an_order_of_the_week_before_it(company, days, told_of):
    claims = [(c, rep, days_after(3 + n + days)) for rep, n, c in EVERYBODY if rep == "Brandt" and n % 2]
    log = [row for row in clean_log() if row[1] != "Brandt"]
    expected = [("followed up after the order", "Brandt", None, 15, 15, 0, 30)] if told_of else []
    assert found(company, clean_orders(), [*log, *claims]) == expected


@pytest.mark.parametrize(("credit", "told_of"), [("-50", True), ("-49.99", False)])
def test_a_credit_of_half_the_order_undoes_it_and_one_of_less_does_not(company, credit, told_of):
    rows = [(c, days_after(4 + n), credit) for rep, n, c in EVERYBODY if rep == "Costa" and n % 2]
    columns = {"customer_id": "VARCHAR", "order_date": "DATE", "amount": "DECIMAL(38, 4)"}
    tables.put(company.engine, "credits", columns, rows)
    expected = [("credited afterwards", "Costa", None, 15, 15, 0, 45)] if told_of else []
    assert found(company, clean_orders(), clean_log()) == expected


def by_money() -> Model:
    """A model with an edge at 1000 of what a customer ordered."""
    table = parse_rules(
        "segment,monetary\nLoyal,2\nLost,1\n",
        file="acme.rules.csv",
        variables={"monetary": 2},
        segments=SEGMENTS,
    )
    asked = study(variables={"monetary": {"classes": 2}})
    return Model("acme", TODAY, (ModelVariable.of(asked, "monetary", (1000.0,)),), table)


@pytest.mark.parametrize(
    ("above", "below", "told_of"),
    [(1050, 951, True), (1051, 951, False), (1050, 950, False)],
)
def test_a_value_that_is_no_count_is_at_an_edge_within_a_twentieth_of_it(company, above, below, told_of):
    """All of Zorn's lie above it, of the others a third; where nobody is below there is no difference."""
    found(company, clean_orders(), clean_log())
    company.engine.execute("alter table customers add column monetary DECIMAL(38, 4)")
    for rep, n, c in EVERYBODY:
        value = above if rep == "Zorn" or n % 6 == 1 else below
        company.engine.execute(f"update customers set monetary = {value} where customer_id = '{c}'")
    kpi.suspicions(company.engine, by_money())
    rows = company.engine.rows(
        'select "check", rep, hits, of, others_hits, others_of from suspicions order by all'
    )
    assert rows == ([("just above an edge", "Zorn", 15, 15, 15, 45)] if told_of else [])
