from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from report_runs import DATES, shared_runs
from shared_projects import copied

from segcore import why
from segcore.engine import DuckDB
from segcore.errors import UsageError
from segcore.params.file import load_study
from segcore.sentences import why as say


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return shared_runs(tmp_path_factory)


@pytest.fixture
def card_of(runs):
    study = load_study(runs[0].parent.parent.parent / "params" / "acme.yaml")

    def made(customer: str, run: int = 2) -> why.Card:
        return why.why(study, customer, runs[run])

    return made


def rows_of(runs, run, sql):
    with DuckDB() as engine:
        for name in ("customers", "clock", "history", "moves", "calls"):
            engine.read_parquet(runs[run] / "data" / f"{name}.parquet", name)
        return engine.rows(sql)


def test_a_card_says_what_the_run_knows(runs, card_of):
    """Of a customer who falls and can be lifted, the card against the tables."""
    customer, drop, lift, path = rows_of(
        runs,
        2,
        "select customer_id, drop_date, lift_to, path from clock join history using (customer_id) "
        "where drop_date is not null and lift is not null order by customer_id limit 1",
    )[0]
    one = card_of(customer).as_json()
    assert one["customer_id"] == customer
    assert one["drop"]["drop_date"] == drop.isoformat()
    assert one["lift"]["lift_to"] == lift
    assert one["history"]["path"] == path
    assert [v["name"] for v in one["variables"]] == ["recency", "frequency", "years", "products"]
    assert json.loads(json.dumps(one)) == one


def test_the_card_of_everybody_can_be_told(runs, card_of):
    for run in (0, 2):
        for (customer,) in rows_of(runs, run, "select customer_id from customers order by all limit 12"):
            lines = card_of(customer, run).lines
            assert lines[0].endswith(
                f"({customer}), acme on {say.long_date(card_of(customer, run).run_date)}"
            )
            assert [line.split("  ")[1].strip() for line in lines[1:4]] == [
                "segment", "because", "representative",
            ]  # fmt: skip


def test_somebody_who_is_gone_has_a_card_that_says_so(runs, card_of):
    customer, before = rows_of(
        runs, 2, "select customer_id, from_segment from moves where state = 'gone' order by all limit 1"
    )[0]
    assert card_of(customer).lines[1] == (
        "  segment    in none: no order within the time that the run looks at; last in "
        f"{before}, on 5 April 2025"
    )


def test_a_run_without_a_clock_has_a_card_all_the_same(runs, card_of, tmp_path):
    """Runs of an earlier version kept none: it is made anew from the model, and is the same."""
    older = copied(runs[2].parent.parent.parent, tmp_path)
    study, run = load_study(older / "params" / "acme.yaml"), older / "runs" / "acme" / DATES[2]
    (run / "data" / "clock.parquet").unlink()
    for customer in ("K001", "K012"):
        assert why.why(study, customer, run).as_json() == card_of(customer).as_json()


VALUE = "€\N{NO-BREAK SPACE}18,300"
CARD = {
    "study": "acme",
    "run_date": "2025-12-31",
    "customer_id": "0001",
    "name": "Ahrens",
    "rep": "07",
    "representative": "Anke Möller",
    "segment": "Needs attention",
    "action": "Call within two weeks",
    "rule": {"line": 6, "says": "last order up to 163 days ago and 2 or more orders", "note": ""},
    "order_value": "18300.5",
    "value_window": "12 months",
    "last_order": "2025-12-30",
    "variables": [
        {
            "label": "Last order", "says": "1 day ago", "class": 5, "classes": 5,
            "interval": "last order up to 30 days ago", "near": [],
        },
        {
            "label": "Orders", "says": "3 orders in 12 months", "class": 2, "classes": 5,
            "interval": "2 to 4 orders in 12 months", "near": [say.near("4", "2", "5")],
        },
    ],
    "fragile": True,
    "drop": {
        "drop_date": "2026-01-01", "falls_to": "At risk", "limit": "163 days ago", "label": "Last order",
    },
    "best": False,
    "lift": {"lift_to": "Champions", "orders": 2, "markets": 1, "needs": ["3 or more furniture orders"]},
    "move": {"state": "down", "from_segment": "Loyal", "to_segment": "Needs attention", "mark": "aged"},
    "history": {
        "path": "Loyal > Needs attention", "since": "2025-12-31", "times_entered": 2, "days_in_segment": 0,
        "at_least": False, "best_segment": "Loyal",
    },
    "call": {"position": 3, "reason": "falls", "listed": True, "held_out": False, "first": False},
}  # fmt: skip


def test_the_whole_card_in_words():
    assert list(say.card(CARD, "EUR")) == [
        "Ahrens (0001), acme on 31 December 2025",
        "  segment         Needs attention – Call within two weeks",
        "  because         last order up to 163 days ago and 2 or more orders (line 6 of the rule table)",
        "  representative  Anke Möller",
        f"  order value     {VALUE} in the last 12 months, the last order on 30 December 2025",
        "  Last order      1 day ago: class 5 of 5, last order up to 30 days ago",
        "  Orders          3 orders in 12 months: class 2 of 5, 2 to 4 orders in 12 months",
        "  near an edge    fragile: with other customers to fit on, the segment could be another; orders: "
        "the limit of 4 could lie anywhere from 2 to 5",
        "  falls           to At risk on 1 January 2026, in 1 day, if nothing is ordered: last order would "
        "be more than 163 days ago; orders that leave a window before may let it fall earlier",
        "  lifts           2 orders in 1 new market, which must bring 3 or more furniture orders, would lift "
        "to Champions today; what leaves a window before the next run is not foreseen",
        "  last move       down, from Loyal; aged",
        "  path            Loyal > Needs attention",
        "  here            since the run of 31 December 2025, 0 days, for the 2nd time; best ever: Loyal",
        "  call list       no. 3",
    ]


def test_who_does_not_fall_by_days_alone_may_still_not_be_counted_any_more():
    out = {"drop_date": "2026-06-24", "falls_to": None}
    day = dt.date(2025, 12, 31)
    assert say.falls(out, day, []) == (
        "not by days alone, but without an order it is not counted any more on 24 June 2026, in 175 days"
    )
    assert say.falls(None, day, []) == "never by waiting alone"


def test_nothing_lifts_a_customer_of_the_best_segment():
    assert say.lifts(None, ["x"], best=True) == "nothing: it is in the best segment"


def test_what_is_not_there_is_said_or_left_out():
    bare = {
        **CARD,
        "name": None, "representative": None, "action": "", "value_window": None, "last_order": None,
        "fragile": None, "drop": None, "lift": None, "call": None,
        "move": dict.fromkeys(CARD["move"]), "history": {"path": None, "since": None},
    }  # fmt: skip
    lines = list(say.card(bare, "EUR"))
    assert lines[0] == "0001, acme on 31 December 2025"
    assert lines[1] == "  segment         Needs attention"
    assert lines[3:5] == [
        "  representative  not recorded",
        f"  order value     {VALUE} in all orders",
    ]
    assert lines[7:] == [
        "  near an edge    not known: the model does not say how far its edges could lie elsewhere",
        "  falls           not by days alone; orders that leave a window before may let it fall earlier",
        "  lifts           no orders would: nothing better can be reached by ordering",
    ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"held_out": True}, "left alone on purpose until the next run: drawn by lot, so please do not call"),
        ({"listed": False}, "not on it: the list is cut to what the representative can do"),
        ({"first": True, "position": 1}, "no. 1, first because left alone since the last run"),
    ],
)
def test_the_place_on_the_call_list_is_told(found, told):
    assert say.call({**CARD["call"], **found}) == told


class TestFinding:
    @pytest.fixture
    def engine(self):
        with DuckDB() as engine:
            engine.execute(
                "create table everybody as from (values ('0000501619', 'Ahrens Zahntechnik'), "
                "('0000501611', 'Brandt'), ('K-7', 'Zahnrad'), ('007', 'Eins'), ('07', 'Zwei')) "
                "t(customer_id, name)"
            )
            engine.execute("create table renumbered as select '99' as customer_id, 'K-7' as becomes")
            yield engine

    @pytest.mark.parametrize(
        ("named", "found"),
        [
            ("0000501619", "0000501619"),
            ("501619", "0000501619"),
            (" 00501619 ", "0000501619"),
            ("k-7", "K-7"),
            ("007", "007"),
            ("0099", "K-7"),
        ],
    )
    def test_a_number_is_found_with_and_without_its_zeros_and_by_the_old_one(self, engine, named, found):
        assert why.find(engine, named, where="demo/2025-12-31") == found

    def test_one_that_may_be_two_is_asked_for_as_it_stands(self, engine):
        with pytest.raises(UsageError) as caught:
            why.find(engine, "7", where="demo/2025-12-31")
        assert str(caught.value) == (
            "CUSTOMER must name one customer of demo/2025-12-31 (got '7', which may be '007' or '07'); write "
            "the number as it stands there"
        )

    @pytest.mark.parametrize(
        ("named", "near"),
        [
            ("501618", "; did you mean 0000501611 (Brandt) or 0000501619 (Ahrens Zahntechnik)?"),
            ("zahn", "; did you mean K-7 (Zahnrad) or 0000501619 (Ahrens Zahntechnik)?"),
            ("%", "; its customers.parquet has them all"),
        ],
    )
    def test_one_that_nobody_knows_is_told_with_those_that_come_near(self, engine, named, near):
        with pytest.raises(UsageError) as caught:
            why.find(engine, named, where="demo/2025-12-31")
        assert str(caught.value) == (
            f"CUSTOMER must be the number of a customer whom demo/2025-12-31 knows (got {named!r}){near}"
        )


def test_the_dates_are_those_of_the_runs(runs):
    assert [run.name for run in runs] == list(DATES)
