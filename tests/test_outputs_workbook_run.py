"""The workbook of a run: what the tables of the run hold, and nobody who is left alone."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook
from report_runs import make_runs as make_company
from report_runs import write_project
from small_runs import SEGMENTS, make_run

from segcore import model, tables, transitions
from segcore.engine import DuckDB
from segcore.outputs.workbook import write_run
from segcore.params.file import load_study

CHAMPIONS, LOYAL, _, AT_RISK, LOST = SEGMENTS
STUDY = """\
title: ACME customers
currency: CHF
sources:
  transactions:
    files: [sales.csv]
    columns: {customer_id: customer, order_id: order, order_date: date, market: market, amount: amount}
variables:
  recency: {classes: 3}
  frequency: {classes: 3, window: 12 months}
  years: {classes: 2}
  monetary: {classes: 2, label: Order value}
breaks: {policy: refit}
segments:
  Champions: {action: "=1+1"}
  Loyal: {}
  Needs attention: {follow_up: true}
  At risk: {}
  Lost: {action: Last offer}
"""


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "params" / "acme.yaml"
    path.parent.mkdir()
    path.write_text(STUDY)
    return load_study(path)


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def records(rows: list[list[Any]]) -> list[Mapping[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def two_runs(engine, folder: Path) -> None:
    """Two runs with everything that a run may know of its customers, and names that nobody should have."""
    names = {"01": "=Anna", "02": "Bert", "03": "Carl", "04": "<r>Dora</r>", "05": None}
    known = {
        "name": ("VARCHAR", names),
        "rep": ("VARCHAR", {"01": "r1", "02": "r2 ", "03": "r1", "04": "r3"}),
        "region": ("VARCHAR", {"01": "@north", "02": "south"}),
        "path": ("DATE", {}),
        "recency": ("BIGINT", {"01": 3, "02": 40}),
        "frequency": ("BIGINT", {"01": 12, "02": 1}),
        "years": ("BIGINT", {"01": 731, "02": 100}),
        "monetary": ("DECIMAL(38, 4)", {"01": Decimal("99.5000")}),
        "recency_class": ("SMALLINT", {"01": 3, "02": 2}),
        "frequency_class": ("SMALLINT", {"01": 2, "02": 1}),
        "rule": ("SMALLINT", {"01": 2, "02": 3}),
    }
    old = {"01": LOYAL, "02": LOYAL, "03": LOST, "04": LOST}
    known["fragile"] = ("BOOLEAN", {"03": True})
    before = make_run(engine, folder / "2025-01-01", old, **known)
    new = {"01": CHAMPIONS, "02": LOST, "04": LOST, "05": LOYAL}
    known["fragile"] = ("BOOLEAN", {"01": False, "02": True})
    orders = [("01", "2025-02-01", 70), ("02", "2024-06-01", 5)]
    make_run(engine, folder / "2025-02-15", new, earlier=[before], orders=orders, **known)
    columns = dict.fromkeys(("customer_id", "name", "rep", "region", "path", "file"), "VARCHAR")
    tables.put(engine, "customers_source", columns, [])
    tables.put(engine, "reps", {"rep": "VARCHAR", "name": "VARCHAR"}, [("r1", "+Rita"), ("r2", "Rolf")])
    tables.put(engine, "rules", {"line": "SMALLINT", "rule": "VARCHAR"}, [(2, "last order up to 9 days ago")])
    engine.execute("alter table moves add column mark varchar")
    engine.execute("update moves set mark = 'earned' where state = 'up'")
    engine.execute("update moves set mark = 'masked' where state = 'stayed'")
    clock = {"customer_id": "VARCHAR", "drop_date": "DATE", "falls_to": "VARCHAR"}
    clock |= {"lift_to": "VARCHAR", "lift_orders": "INTEGER", "lift_products": "INTEGER"}
    tables.put(
        engine,
        "clock",
        clock,
        [("01", dt.date(2025, 4, 1), "Loyal", None, None, None), ("02", None, None, "Loyal", 2, 0)],
    )
    engine.execute(
        """create table calls as select * from (values
            ('02', 'Bert', 'r2', 'Rolf', 'Lost', 'Loyal', 'down', 'aged', 5.0::DECIMAL(38, 4),
                date '2024-06-01', NULL::DATE, NULL::VARCHAR, 3, true, 'Lost is to be followed up', 1),
            ('04', '<r>Dora</r>', NULL, NULL, 'Lost', 'Lost', 'stayed', NULL, 0, NULL, NULL, NULL, NULL, NULL,
                '=why', 1),
            ('05', 'Held', 'r2', 'Rolf', 'Loyal', NULL, 'new', NULL, 0, NULL, NULL, NULL, NULL, NULL,
                'held out', NULL)
        ) t(customer_id, name, rep, rep_name, segment, segment_from, state, mark, value,
            last_order, drop_date, falls_to, rule, fragile, says, position)"""
    )


def test_the_first_sheet_says_what_this_is_and_how_to_read_it(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    assert [row[0] for row in sheets(tmp_path / "a.xlsx")["About"]] == [
        "ACME customers",
        "Run of 15 February 2025, compared with the run of 1 January 2025.",
        "4 customers. Order value is what a customer ordered in the last 12 months, in CHF.",
        "The arrows in the headings filter and sort. A note on every heading says what the column means; the "
        "last sheet has all of them.",
        "Dates are dates and amounts are numbers, so that they can be sorted and added up. A text is only a "
        "text: nothing here is computed when the workbook is opened, and nothing leads out of it.",
        "An empty cell: it is not known, or there is none.",
        "",
        "Sheet",
        "Segments",
        "Call list",
        "Movers",
        "Customers",
    ]
    assert [row[1] for row in sheets(tmp_path / "a.xlsx")["About"]][-4:] == [5, 2, 4, 4]


def test_customers_stand_with_all_that_the_run_knows_of_them_the_best_first(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    found = records(sheets(tmp_path / "a.xlsx")["Customers"])
    assert [one["Customer no."] for one in found] == ["01", "05", "02", "04"]
    assert found[0] == {
        "Customer no.": "01",
        "Name": "=Anna",
        "Representative": "+Rita",
        "Segment": "Champions",
        "Move": "up",
        "From segment": "Loyal",
        "Why": "By their orders",
        "In it since": dt.date(2025, 2, 15),
        "Days in it": 0,
        "At least": "no",
        "Best ever": "Champions",
        "Order value": 70,
        "Last order": dt.date(2025, 2, 1),
        "Falls on": dt.date(2025, 4, 1),
        "Falls to": "Loyal",
        "Rule": "last order up to 9 days ago",
        "Last order, days ago": 3,
        "Orders in 12 months": 12,
        "With us, years": 2.0,
        "Order value (monetary)": 99.5,
        "Classes": "3-2",
        "Fragile": "no",
        "Orders lift to": "",
        "Orders needed": "",
        "In new markets": "",
        "Region": "@north",
        "Path (path)": "",
        "Path": "Loyal > Champions",
    }
    assert (found[2]["Orders lift to"], found[2]["Orders needed"], found[2]["In new markets"]) == (
        "Loyal",
        2,
        0,
    )
    assert (found[2]["Fragile"], found[2]["Rule"], found[2]["Representative"]) == ("yes", "", "Rolf")
    assert (found[3]["Why"], found[3]["Name"], found[3]["Representative"], found[3]["At least"]) == (
        "Hidden by the new model", "<r>Dora</r>", "r3", "yes",
    )  # fmt: skip


def test_movers_are_those_who_did_not_stay_also_who_is_gone(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    found = records(sheets(tmp_path / "a.xlsx")["Movers"])
    told = (
        "Customer no.",
        "Name",
        "Representative",
        "Move",
        "From segment",
        "To segment",
        "Why",
        "Order value",
    )
    assert [tuple(one[name] for name in told) for one in found] == [
        ("01", "=Anna", "+Rita", "up", "Loyal", "Champions", "By their orders", 70),
        ("02", "Bert", "Rolf", "down", "Loyal", "Lost", "", 5),
        ("05", "", "", "new", "", "Loyal", "First order", 0),
        ("03", "Carl", "+Rita", "gone", "Lost", "", "No longer in the population", 0),
    ]
    assert [one["Fragile"] for one in found] == ["no", "yes", "", "yes"]


def test_the_call_list_holds_who_is_to_be_called_and_nobody_else(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    assert sheets(tmp_path / "a.xlsx")["Call list"] == [
        [
            "Representative", "Place", "Customer no.", "Name", "Segment", "From segment", "Move", "Why",
            "Order value", "Last order", "Falls on", "Falls to", "Reason", "Fragile", "Rule",
        ],
        [
            "Rolf", 1, "02", "Bert", "Lost", "Loyal", "down", "Time passed", 5, dt.date(2024, 6, 1), "", "",
            "Lost is to be followed up", "yes", "",
        ],
        ["", 1, "04", "<r>Dora</r>", "Lost", "Lost", "stayed", "", 0, "", "", "", "=why", "", ""],
    ]  # fmt: skip


def test_a_study_that_knows_no_names_and_no_representatives_has_no_columns_of_them(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    engine.execute("update customers set name = null, rep = null")
    write_run(engine, study, tmp_path / "a.xlsx")
    heads = {name: rows[0] for name, rows in sheets(tmp_path / "a.xlsx").items()}
    assert heads["Call list"][:3] == ["Place", "Customer no.", "Segment"]
    assert heads["Movers"][:2] == ["Customer no.", "Move"]
    assert heads["Customers"][:2] == ["Customer no.", "Segment"]


def test_number_and_name_stay_where_they_are_and_so_does_the_segment(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    frozen = {}
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        for number, name in enumerate(sheets(tmp_path / "a.xlsx"), start=1):
            found = re.search(rb'xSplit="(\d)"', file.read(f"xl/worksheets/sheet{number}.xml"))
            frozen[name] = int(found[1]) if found else 0
    assert frozen == {"About": 0, "Segments": 1, "Call list": 0, "Movers": 2, "Customers": 2, "Columns": 0}


def test_segments_stand_with_their_account_and_what_is_to_be_done(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "a.xlsx")
    head, *rows = sheets(tmp_path / "a.xlsx")["Segments"]
    assert head == [
        "Segment", "What to do", "Customers", "At the last run", "+ up into", "+ down into", "+ other into",
        "+ new", "+ returned", "− up out of", "− down out of", "− other out of", "− gone", "= now",
    ]  # fmt: skip
    assert rows == [
        ["Champions", "=1+1", 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        ["Loyal", "", 1, 2, 0, 0, 0, 1, 0, 1, 1, 0, 0, 1],
        ["Needs attention", "", *[0] * 12],
        ["At risk", "", *[0] * 12],
        ["Lost", "Last offer", 2, 2, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2],
    ]


def test_above_the_limit_only_movers_and_calls_stand_there_and_the_first_sheet_says_so(
    engine, study, tmp_path
):
    two_runs(engine, tmp_path)
    write_run(engine, study, tmp_path / "all.xlsx", limit=4)
    assert [*sheets(tmp_path / "all.xlsx")] == [
        "About", "Segments", "Call list", "Movers", "Customers", "Columns",
    ]  # fmt: skip
    write_run(engine, study, tmp_path / "few.xlsx", limit=3)
    found = sheets(tmp_path / "few.xlsx")
    assert [*found] == ["About", "Segments", "Call list", "Movers", "Columns"]
    assert found["About"][6][0] == (
        "The sheet Customers is left out, for more than 3 customers are too many for a workbook: only who "
        "moved and who is to be called stand here. All of both runs are in moves.csv beside it."
    )
    assert len(found["Movers"]) == 5


def test_the_first_run_of_a_study_has_no_movers_and_a_run_without_lists_no_calls(engine, study, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": LOYAL, "b": AT_RISK})
    write_run(engine, study, tmp_path / "a.xlsx")
    found = sheets(tmp_path / "a.xlsx")
    assert [*found] == ["About", "Segments", "Movers", "Customers", "Columns"]
    assert found["About"][1][0] == "Run of 1 January 2025, the first one: nobody has moved yet."
    assert found["Segments"][:3] == [
        ["Segment", "What to do", "Customers"], ["Champions", "=1+1", 0], ["Loyal", "", 1],
    ]  # fmt: skip
    assert found["Movers"] == [
        ["Customer no.", "Move", "From segment", "To segment", "Why", "Order value", "Last order"]
    ]
    assert [row[:2] for row in found["Customers"]] == [
        ["Customer no.", "Segment"],
        ["a", "Loyal"],
        ["b", "At risk"],
    ]


@pytest.mark.parametrize(
    "evil",
    [
        "=cmd|'/C calc'!A0",
        "https://example.com/?a=1&b=2",
        "</t></is></c><c><f>1+1</f></c>",
        '<r></is></c><c r="Z9"><f>1+1</f></c><c r="Y9" t="inlineStr"><is></r>',
        "_x003D_1+1",
        "&=1+1 %1 &[File]",
    ],
)
def test_a_text_is_a_text_wherever_a_run_holds_one(engine, study, tmp_path, evil):
    path = study.path
    text = STUDY.replace("ACME customers", json.dumps(evil)).replace('"=1+1"', json.dumps(evil))
    text = text.replace("Order value", json.dumps(evil)).replace("Champions:", f"{json.dumps(evil)}:")
    path.write_text(text)
    columns = {name: ("VARCHAR", {evil: evil}) for name in ("name", "rep", "region", evil)}
    columns |= {"rule": ("SMALLINT", {evil: 2}), "monetary": ("DECIMAL(38, 4)", {evil: Decimal(1)})}
    names = (evil, *SEGMENTS[1:])
    old = make_run(engine, tmp_path / "2025-01-01", {evil: LOYAL}, segments=names, **columns)
    make_run(engine, tmp_path / "2025-02-15", {evil: evil}, segments=names, earlier=[old], **columns)
    source = dict.fromkeys(("customer_id", "name", "rep", "region", evil), "VARCHAR")
    tables.put(engine, "customers_source", source, [])
    tables.put(engine, "reps", {"rep": "VARCHAR", "name": "VARCHAR"}, [(evil, evil)])
    tables.put(engine, "rules", {"line": "SMALLINT", "rule": "VARCHAR"}, [(2, evil)])
    write_run(engine, load_study(path), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        for name in file.namelist():
            tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(file.read(name)).iter()}
            assert not tags & {"f", "hyperlink", "hyperlinks", "oddHeader"}, name
        shown = file.read("xl/worksheets/sheet4.xml").decode()
    known = re.sub("_(?=x003D_)", "_x005F_", evil)
    known = known.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Number, name, representative, segment, best segment, rule, two attributes.
    assert shown.count(f"<t>{known}</t>") == 8


def test_nothing_of_it_stays_in_the_engine_and_all_of_it_is_written_the_same_twice(engine, study, tmp_path):
    two_runs(engine, tmp_path)
    there = engine.rows("select table_name from duckdb_tables() order by all")
    for name in ("a.xlsx", "b.xlsx"):
        write_run(engine, study, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert engine.rows("select table_name from duckdb_tables() order by all") == there


def test_nobody_who_is_left_alone_stands_on_the_call_list_of_a_run(tmp_path):
    words = {"follow_up: {target: [Loyal, Champions]}": "follow_up: {holdout: 0.3, capacity: 25}"}
    runs = make_company(write_project(tmp_path, words))
    study = load_study(tmp_path / "params" / "acme.yaml")
    with DuckDB() as engine:
        names = [path.stem for path in (runs[-1] / "data").glob("*.parquet")]
        tables.load(engine, runs[-1], *(name for name in names if name != "moves"))
        transitions.moves(engine, model.read(runs[-1] / "model.json").segments, runs[:-1])
        write_run(engine, study, tmp_path / "a.xlsx")
        held = {row[0] for row in engine.rows("select customer_id from calls where held_out")}
        listed = [row[0] for row in engine.rows("select customer_id from calls where position is not null")]
        everybody = [row[0] for row in engine.rows("select customer_id from customers")]
        share = engine.rows(
            "select segment, share, value, value_share, fragile from segments order by rank desc"
        )
    found = sheets(tmp_path / "a.xlsx")
    called = [one["Customer no."] for one in records(found["Call list"])]
    assert held
    assert held.isdisjoint(called)
    assert sorted(called) == sorted(listed)
    assert sorted(one["Customer no."] for one in records(found["Customers"])) == sorted(everybody)
    assert not {"Place", "Reason"} & {*found["Customers"][0], *found["Movers"][0]}
    shown = ("Segment", "Share", "Order value", "Share of value", "Fragile")
    assert [tuple(one[name] for name in shown) for one in records(found["Segments"])] == [
        (segment, part, float(value), of_value, float(near)) for segment, part, value, of_value, near in share
    ]
