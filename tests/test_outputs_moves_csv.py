from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from small_runs import SEGMENTS, make_run

from segcore.engine import ENGINES
from segcore.outputs.moves_csv import write_moves
from segcore.variables import FREQUENCY, MONETARY, YEARS, Variable

LOYAL, LOST = SEGMENTS[1], SEGMENTS[4]


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


def test_every_customer_of_either_run_has_a_line(engine, tmp_path):
    names = ("VARCHAR", {"0001": "Müller", "0002": "Søn, Ltd", "0003": None})
    old = make_run(
        engine,
        tmp_path / "2025-01-01",
        {"0001": LOYAL, "0002": LOST},
        name=names,
        rep=("VARCHAR", {"0001": "Adler", "0002": "Adler"}),
        fragile=("BOOLEAN", {"0001": True, "0002": True}),
    )
    make_run(
        engine,
        tmp_path / "2025-02-15",
        {"0003": LOST, "0002": LOYAL},
        earlier=[old],
        name=names,
        rep=("VARCHAR", {"0002": "Zorn"}),
        fragile=("BOOLEAN", {"0002": False, "0003": False}),
        orders=[("0002", "2025-02-01", 7)],
        frequency=("BIGINT", {"0002": 7, "0003": 1}),
        years=("BIGINT", {"0002": 731, "0003": 0}),
        monetary=("DECIMAL(38, 4)", {"0002": Decimal("-0.5000"), "0003": Decimal("12.3456")}),
    )
    path = tmp_path / "moves.csv"
    write_moves(engine, path, {v.name: v for v in (FREQUENCY, YEARS, MONETARY)})
    assert path.read_bytes() == (
        b"\xef\xbb\xbf"
        + (
            "customer_id,name,rep,representative,from_segment,to_segment,state,mark,reason,order_value_12_months,last_order,"
            "drop_date,fragile,rule,frequency,years,monetary\n"
            "0001,Müller,Adler,Adler,Loyal,,gone,,No longer in the population,0.00,,,true,,,,\n"
            '0002,"Søn, Ltd",Zorn,Zorn,Lost,Loyal,up,,,7.00,2025-02-01,,true,,7,2.0,-0.5000\n'
            "0003,,,,,Lost,new,,First order,0.00,,,false,,1,0.0,12.3456\n"
        ).encode()
    )


def test_a_first_run_has_headings_only(engine, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": LOYAL}, frequency=("BIGINT", {"a": 1}))
    write_moves(engine, tmp_path / "moves.csv", {"frequency": FREQUENCY})
    assert (tmp_path / "moves.csv").read_text(encoding="utf-8-sig") == (
        "customer_id,name,rep,representative,from_segment,to_segment,state,mark,reason,order_value_12_months,last_order,"
        "drop_date,fragile,rule,frequency\n"
    )


def test_where_orders_leave_a_window_the_heading_says_that_somebody_may_fall_earlier(engine, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": LOYAL}, frequency=("BIGINT", {"a": 1}))
    write_moves(engine, tmp_path / "moves.csv", {"frequency": FREQUENCY}, windowed=True)
    heads = (tmp_path / "moves.csv").read_text(encoding="utf-8-sig").strip().split(",")
    assert heads[-4:] == ["drop_date_or_earlier", "fragile", "rule", "frequency"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_is_taken_for_a_formula(engine, tmp_path, start):
    evil = f'{start}HYPERLINK("http://example.com","{SEGMENTS[0]}")'
    mood = Variable(name="mood", label="Mood", unit="", better="high", sql="max(mood)")
    columns = {name: ("VARCHAR", {evil: evil}) for name in ("name", "rep", "mood")}
    old = make_run(engine, tmp_path / "2025-01-01", {evil: evil}, segments=(evil,), **columns)
    make_run(engine, tmp_path / "2025-02-15", {evil: evil}, segments=(evil,), earlier=[old], **columns)
    write_moves(engine, tmp_path / "moves.csv", {"mood": mood})
    with (tmp_path / "moves.csv").open(encoding="utf-8-sig", newline="") as file:
        _, line = csv.reader(file)
    assert line == [f"'{evil}"] * 6 + ["stayed", "", "", "0.00", "", "", "", "", f"'{evil}"]


def test_a_dash_inside_a_text_is_left_alone(engine, tmp_path):
    old = make_run(
        engine, tmp_path / "2025-01-01", {"A-1": LOYAL}, name=("VARCHAR", {"A-1": "Karl-Otto = 1"})
    )
    make_run(engine, tmp_path / "2025-02-15", {"A-2": LOYAL}, earlier=[old])
    write_moves(engine, tmp_path / "moves.csv", {})
    assert (tmp_path / "moves.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "A-1,Karl-Otto = 1,,,Loyal,,gone,,No longer in the population,0.00,,,,",
        "A-2,,,,,Loyal,new,,First order,0.00,,,,",
    ]


def test_what_the_run_knows_of_representatives_marks_drop_dates_and_rules_is_told(engine, tmp_path):
    rep = ("VARCHAR", {"a": "07 ", "b": "08"})
    rule = ("SMALLINT", {"a": 2, "b": 3})
    old = make_run(engine, tmp_path / "2025-01-01", {"a": LOYAL, "b": LOYAL}, rep=rep, rule=rule)
    make_run(engine, tmp_path / "2025-02-15", {"a": LOYAL, "b": LOST}, earlier=[old], rep=rep, rule=rule)
    engine.execute("create table reps as select '07' as rep, '=Anke' as name union all select '08', ' '")
    engine.execute("create table rules as select 2 as line, 'last order up to 92 days ago' as rule")
    engine.execute("create table clock as select 'a' as customer_id, date '2025-03-01' as drop_date")
    engine.execute("alter table moves add column mark varchar default 'aged'")
    write_moves(engine, tmp_path / "moves.csv", {})
    assert (tmp_path / "moves.csv").read_text(encoding="utf-8-sig").splitlines()[1:] == [
        "a,,07,'=Anke,Loyal,Loyal,stayed,aged,,0.00,,2025-03-01,,last order up to 92 days ago",
        "b,,08,08,Loyal,Lost,down,aged,Time passed,0.00,,,,",
    ]
