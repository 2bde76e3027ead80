from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from small_model import study
from small_runs import put_orders

from segcore import model as models
from segcore import tables, transitions
from segcore.engine import DuckDB
from segcore.holdout import draw_number, held_out
from segcore.model import Model, ModelVariable
from segcore.rules import parse_rules
from segcore.transitions.calls import _ahead

SEGMENTS = ("Loyal", "Needs attention", "Lost")
FIRST, SECOND = "2025-01-01", "2025-02-15"
STUDY = {
    "segments": {"Loyal": {}, "Needs attention": {"follow_up": True}, "Lost": {}},
    "variables": {"recency": {"classes": 3}},
}
NAMES = ("customer_id", "segment", "reason", "says", "eligible", "falls", "listed", "position")


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def used(the_study) -> Model:
    variables = (ModelVariable.of(the_study, "recency", (60, 120)),)
    table = parse_rules(
        "segment,recency\nLoyal,3\nNeeds attention,2\nLost,1\n",
        file="acme.rules.csv",
        variables={"recency": 3},
        segments=SEGMENTS,
    )
    return Model("acme", dt.date(2025, 1, 1), variables, table)


def listed(
    engine, folder, days, *, earlier=(), reps=None, values=None, later=None, follow_up=None, shape=None
):
    """Make the lists of a run of customers whose last orders lie some days back."""
    day = dt.date.fromisoformat(folder.name)
    the_study = study(**(shape or STUDY), follow_up=follow_up or {})
    rows = ", ".join(f"('{customer}', {back})" for customer, back in days.items())
    engine.execute(f"create or replace table features as from (values {rows}) as t(customer_id, recency)")
    engine.execute("alter table features add column rep varchar")
    for customer, rep in (reps or {}).items():
        engine.execute(f"update features set rep = '{rep}' where customer_id = '{customer}'")
    model = used(the_study)
    models.apply(engine, model)
    orders = [
        (customer, str(day - dt.timedelta(back)), (values or {}).get(customer, 1))
        for customer, back in days.items()
    ]
    put_orders(engine, day, *orders)
    transitions.moves(engine, SEGMENTS, earlier)
    transitions.clock(engine, model, day)
    kept = {"source": "VARCHAR", "file": "VARCHAR", "records": "BIGINT", "after_run_date": "BIGINT"}
    sources = ("transactions", "followups", "customers")
    tables.put(engine, "reconciliation", kept, [(one, "a.csv", 900, 3 * (one == later)) for one in sources])
    transitions.calls(engine, the_study, model, run_dir=folder, earlier=earlier)
    tables.save(engine, folder, "customers", *transitions.KEPT)
    return folder


def found(engine, *names):
    return engine.rows(f"select {', '.join(names)} from calls order by customer_id")


def test_a_list_has_who_falls_and_who_is_to_be_followed_up(engine, tmp_path):
    """45 days to the next run: 15 days are far from 60, and 75 from 120."""
    days = {"a": 15, "b": 14, "c": 61, "d": 75, "e": 76, "f": 121, "g": 60}
    listed(engine, tmp_path / FIRST, days)
    says = "last order {} days ago; Needs attention is to be followed up"
    follow_up = (True, False, True)
    assert found(engine, *NAMES) == [
        ("c", "Needs attention", "follow_up", says.format(61), *follow_up, 1),
        ("d", "Needs attention", "follow_up", says.format(75), *follow_up, 2),
        ("e", "Needs attention", "falls", "last order 76 days ago, limit 120", True, True, True, 3),
        ("g", "Loyal", "falls", "last order 60 days ago, limit 60", False, True, True, 4),
    ]


def test_what_the_study_says_is_to_be_done_stands_in_the_reason(engine, tmp_path):
    segments = {**STUDY["segments"], "Needs attention": {"follow_up": True, "action": "Visit"}}
    listed(engine, tmp_path / FIRST, {"a": 61, "b": 62}, shape={**STUDY, "segments": segments})
    assert found(engine, "customer_id", "says") == [
        ("a", "last order 61 days ago; Needs attention: Visit"),
        ("b", "last order 62 days ago; Needs attention: Visit"),
    ]


def test_whoever_falls_on_the_day_of_the_next_run_is_on_the_list(engine, tmp_path):
    """The next run is on 15 February and counts from that day: 16 days and 45 are more than 60."""
    listed(engine, tmp_path / FIRST, {"falls": 16, "stays": 15})
    assert found(engine, "customer_id", "drop_date", "falls_to") == [
        ("falls", dt.date(2025, 2, 15), "Needs attention")
    ]


def test_a_list_goes_by_value_and_is_cut_for_each_representative(engine, tmp_path):
    days = dict.fromkeys("abcdef", 70)
    reps = {"a": "Adler", "b": "Adler", "c": "Adler", "d": "Brand", "e": " ", "f": ""}
    values = {"a": 10, "b": 30, "c": 20}
    listed(engine, tmp_path / FIRST, days, reps=reps, values=values, follow_up={"capacity": 1})
    assert found(engine, "customer_id", "rep", "listed", "position") == [
        ("a", "Adler", False, None),
        ("b", "Adler", True, 1),
        ("c", "Adler", False, None),
        ("d", "Brand", True, 1),
        # Nobody can call for nobody, so nothing is cut where no representative is recorded.
        ("e", None, True, 1),
        ("f", None, True, 2),
    ]
    assert engine.rows(
        "select * exclude (would_fall, to_follow, follow_value, follow_cut) from call_reps order by position"
    ) == [
        (0, None, None, False, 4, 0, Decimal("0.0000"), 0, 2, 0),
        (1, "Adler", "Adler", True, 1, 0, Decimal("0.0000"), 0, 2, 0),
        (2, "Brand", "Brand", True, 1, 0, Decimal("0.0000"), 0, 0, 0),
        (3, None, None, False, 2, 0, Decimal("0.0000"), 0, 0, 0),
    ]
    counted = "select would_fall, to_follow, follow_value, follow_cut from call_reps order by position"
    # Two are to be followed up and do not fit on the list.
    assert engine.rows(counted) == [
        (0, 6, Decimal("63.0000"), 2),
        (0, 3, Decimal("60.0000"), 2),
        (0, 1, Decimal("1.0000"), 0),
        (0, 2, Decimal("2.0000"), 0),
    ]


class TestLastList:
    """Loyal up to 60 days, Needs attention up to 120; between the runs lie 45."""

    def test_what_became_of_those_who_were_to_fall_is_counted(self, engine, tmp_path):
        """a fell, b ordered, c is gone, d rose; e was not named and fell; f was not named and stayed."""
        before = {"a": 40, "b": 50, "c": 100, "d": 110, "e": 10, "f": 1}
        first = listed(engine, tmp_path / FIRST, before)
        named = {row[0] for row in engine.rows("select customer_id from calls where falls")}
        assert named == {"a", "b", "c", "d"}
        assert list(transitions.last_list(engine, [])["named"]) == []
        listed(engine, tmp_path / SECOND, {"a": 85, "b": 5, "d": 3, "e": 61, "f": 46}, earlier=[first])
        transitions.last_list(engine, [first])
        assert engine.rows("from last_list") == [(dt.date(2025, 1, 1), 4, 1, 2, 1, 0, 1, 0)]

    def test_a_run_without_such_a_list_says_nothing(self, engine, tmp_path):
        first = listed(engine, tmp_path / FIRST, {"a": 40})
        old = {"customer_id": "VARCHAR", "held_out": "BOOLEAN"}
        tables.put(engine, "calls", old, [("a", False)])
        tables.save(engine, first, "calls")
        listed(engine, tmp_path / SECOND, {"a": 85}, earlier=[first])
        assert transitions.last_list(engine, [first]).empty
        (first / "data" / "calls.parquet").unlink()
        assert transitions.last_list(engine, [first]).empty


DAYS = {f"C{one:02}": 70 for one in range(40)}


class TestHoldingOut:
    def test_the_draw_is_that_of_segcore_holdout_after_the_cut(self, engine, tmp_path):
        reps = {customer: "AB"[place % 2] for place, customer in enumerate(DAYS)}
        values = {customer: 100 - place for place, customer in enumerate(DAYS)}
        follow_up = {"capacity": 15, "holdout": 0.2}
        listed(engine, tmp_path / FIRST, DAYS, reps=reps, values=values, follow_up=follow_up)
        pool = [
            (customer, "Needs attention", draw_number("acme", FIRST, customer))
            for customer in list(DAYS)[:30]
        ]
        drawn = {row[0] for row in engine.rows("select customer_id from calls where held_out")}
        assert drawn == held_out(pool, 0.2)
        assert engine.rows("from draw") == [("Needs attention", 40, 30, 6, 0.2, True, False)]
        # The list that is left has no gap.
        places = engine.rows("select rep, position from calls where position is not null order by all")
        assert [place for rep, place in places if rep == "A"] == list(
            range(1, 1 + sum(rep == "A" for rep, _ in places))
        )
        assert engine.rows("select count(*) from calls where held_out and position is not null") == [(0,)]

    def test_whoever_was_held_out_stands_first_on_the_next_list_and_is_not_drawn_again(
        self, engine, tmp_path
    ):
        follow_up = {"holdout": 0.2, "capacity": 20}
        one = listed(engine, tmp_path / FIRST, DAYS, follow_up={"holdout": 0.2})
        before = {row[0] for row in engine.rows("select customer_id from calls where held_out")}
        assert len(before) == 8
        rose, gone = sorted(before)[:2]
        # One ordered by itself, one is Lost now, which is in no list otherwise.
        days = {**DAYS, rose: 3, gone: 130}
        listed(
            engine,
            tmp_path / SECOND,
            days,
            earlier=[one],
            reps=dict.fromkeys(days, "Adler"),
            values=dict.fromkeys(set(days) - before, 99),
            follow_up=follow_up,
        )
        first = engine.rows(
            "select customer_id, reason, listed, position from calls where first order by all"
        )
        assert [row[0] for row in first] == sorted(before - {rose})
        assert sorted(row[3] for row in first) == list(range(1, 8))
        assert {row[1] for row in first} == {"held out"}
        assert engine.rows("select count(*) from calls where first and held_out") == [(0,)]
        # The one that rose needs no call. Of 20 on the list 7 stand first: 13 may be drawn from.
        assert engine.rows("from draw") == [("Needs attention", 38, 19, 3, 0.2, True, True)]

    def test_whoever_rose_but_is_still_to_be_followed_up_stands_first_too(self, engine, tmp_path):
        followed = {
            "segments": {"Loyal": {}, "Needs attention": {"follow_up": True}, "Lost": {"follow_up": True}},
            "variables": {"recency": {"classes": 3}},
        }
        one = listed(engine, tmp_path / FIRST, {"a": 130}, follow_up={"holdout": 0.6}, shape=followed)
        assert found(engine, "held_out") == [(True,)]
        listed(engine, tmp_path / SECOND, {"a": 70}, earlier=[one], shape=followed)
        assert found(engine, "segment", "state", "first", "says") == [
            ("Needs attention", "up", True, "left alone since the last run")
        ]

    @pytest.mark.parametrize("record", [{"backfill": True}, {"backfill": False}])
    def test_nobody_is_held_out_in_a_backfill(self, engine, tmp_path, record):
        folder = tmp_path / FIRST
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(record))
        listed(engine, folder, DAYS, follow_up={"holdout": 0.2})
        expected = 0 if record["backfill"] else 8
        assert engine.rows("from draw") == [
            ("Needs attention", 40, 40, expected, 0.2, not record["backfill"], False)
        ]

    @pytest.mark.parametrize("later", ["transactions", "followups"])
    def test_nor_where_the_extracts_know_what_came_later(self, engine, tmp_path, later):
        listed(engine, tmp_path / FIRST, DAYS, follow_up={"holdout": 0.2}, later=later)
        assert engine.rows("from draw") == [("Needs attention", 40, 40, 0, 0.2, False, False)]

    def test_later_records_of_customers_tell_nothing_of_what_they_did(self, engine, tmp_path):
        listed(engine, tmp_path / FIRST, DAYS, follow_up={"holdout": 0.2}, later="customers")
        assert engine.rows("from draw") == [("Needs attention", 40, 40, 8, 0.2, True, False)]

    def test_switched_on_in_the_middle_nobody_stands_first(self, engine, tmp_path):
        """The run before was made by a version that made no lists."""
        one = listed(engine, tmp_path / FIRST, DAYS)
        (one / "data" / "calls.parquet").unlink()
        listed(engine, tmp_path / SECOND, DAYS, earlier=[one], follow_up={"holdout": 0.2})
        assert engine.rows("select count(*) from calls where first") == [(0,)]
        assert engine.rows("from draw") == [("Needs attention", 40, 40, 8, 0.2, True, False)]

    def test_who_has_another_number_now_still_stands_first(self, engine, tmp_path):
        one = listed(engine, tmp_path / FIRST, {"old": 70}, follow_up={"holdout": 0.6})
        engine.execute("create table renumbered as select 'old' as customer_id, 'now' as becomes")
        listed(engine, tmp_path / SECOND, {"now": 115}, earlier=[one], follow_up={"holdout": 0.6})
        assert found(engine, "customer_id", "segment_from", "first", "held_out", "says") == [
            (
                "now",
                "Needs attention",
                True,
                False,
                "left alone since the last run; last order 115 days ago, limit 120",
            )
        ]


def test_a_representative_with_one_customer_has_a_list_of_one(engine, tmp_path):
    listed(engine, tmp_path / FIRST, {"a": 70}, reps={"a": "Adler"}, follow_up={"holdout": 0.1})
    assert found(engine, "rep", "position", "held_out") == [("Adler", 1, False)]


def test_marks_and_fragile_customers_are_taken_over(engine, tmp_path):
    one = listed(engine, tmp_path / FIRST, {"a": 70})
    day = tmp_path / SECOND
    listed(engine, day, {"a": 100}, earlier=[one])
    engine.execute("alter table moves add column mark varchar default 'aged'")
    engine.execute("update customers set fragile = true")
    engine.execute("create table reps as select 'Adler' as rep, 'Anke Adler' as name")
    engine.execute("update customers set rep = 'Adler '")
    the_study = study(**STUDY)
    transitions.calls(engine, the_study, used(the_study), run_dir=day, earlier=[one])
    assert found(engine, "rep", "rep_name", "state", "mark", "fragile") == [
        ("Adler", "Anke Adler", "stayed", "aged", True)
    ]


def test_a_study_without_a_segment_to_follow_up_lists_who_falls(engine, tmp_path):
    day = tmp_path / FIRST
    listed(engine, day, {"a": 59, "b": 70})
    the_study = study(**{**STUDY, "segments": {name: {} for name in SEGMENTS}})
    transitions.calls(engine, the_study, used(the_study), run_dir=day, earlier=[])
    assert found(engine, "customer_id", "reason") == [("a", "falls")]
    assert engine.rows("from draw") == []


def test_a_mistyped_year_among_thousands_of_records_holds_nobody_back(tmp_path, engine):
    """Two visits of 2027 in a log of five thousand do not make the list a late one; six do."""
    kept = {"source": "VARCHAR", "file": "VARCHAR", "records": "BIGINT", "after_run_date": "BIGINT"}
    lines = ("transactions", "sales.csv", 20_000, 20)
    for later, ahead in ((2, True), (6, False)):
        tables.put(engine, "reconciliation", kept, [lines, ("followups", "visits.csv", 5_000, later)])
        assert _ahead(engine, tmp_path) is ahead


def test_a_day_of_later_orders_is_no_slip_in_a_long_history_either(tmp_path, engine):
    kept = {"source": "VARCHAR", "file": "VARCHAR", "records": "BIGINT", "after_run_date": "BIGINT"}
    for later, ahead in ((20, True), (21, False)):
        tables.put(engine, "reconciliation", kept, [("transactions", "sales.csv", 1_000_000, later)])
        assert _ahead(engine, tmp_path) is ahead
