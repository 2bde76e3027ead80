"""The section on whom to call, and the file beside it: neither names anybody who is left alone."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import pytest
from report_runs import make_runs, write_project

from segcore import report, tables
from segcore.engine import DuckDB
from segcore.outputs import call_list_csv
from segcore.outputs import lines as spreadsheets
from segcore.params.file import load_study
from segcore.report import SECTIONS
from segcore.report.sections import top

HOLDOUT = {"follow_up: {target: [Loyal, Champions]}": "follow_up: {holdout: 0.3, capacity: 25}"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs; the extracts end before the last one, so that only its list is published ahead."""
    words = {**HOLDOUT, "Customer 7,": "=<b>7</b>,", "Rep B": "<i>Rep B</i>"}
    return make_runs(write_project(tmp_path_factory.mktemp("calls"), words))


@pytest.fixture(scope="module")
def study(runs):
    return load_study(runs[0].parent.parent.parent / "params" / "acme.yaml")


def shown(study, run: Path) -> str:
    this = report.load(study, report.data.dt.date.fromisoformat(run.name), run)
    return "".join(part.html for part in SECTIONS["calls"].parts(this))


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def rows(run: Path, sql: str):
    with DuckDB() as engine:
        tables.load(engine, run, "calls", "call_reps", "call_first", "draw", "rules")
        return engine.rows(sql)


def test_nobody_who_is_left_alone_stands_on_the_page_or_in_the_file(runs, study, tmp_path):
    held = {row[0] for row in rows(runs[-1], "select customer_id from calls where held_out")}
    assert held
    page = words(shown(study, runs[-1]))
    listed = {row[0] for row in rows(runs[-1], "select customer_id from call_first")}
    assert listed
    assert {one for one in listed | held if f"no. {one} " in page} == listed
    with DuckDB() as engine:
        tables.load(engine, runs[-1], "calls", "rules")
        call_list_csv.write_calls(engine, tmp_path / "call_list.csv")
    with (tmp_path / "call_list.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["customer_id"] for line in lines}.isdisjoint(held)
    places = rows(runs[-1], "select customer_id from calls where position is not null")
    assert sorted(line["customer_id"] for line in lines) == sorted(row[0] for row in places)


def test_the_file_says_all_that_a_caller_needs_and_holds_no_formula(runs, tmp_path):
    with DuckDB() as engine:
        tables.load(engine, runs[-1], "calls", "rules", "facts")
        engine.execute("create or replace table called as from calls where customer_id = 'K007'")
        engine.execute("drop view calls")
        engine.execute("create table calls as select * replace (1 as position) from called")
        engine.execute("update calls set segment_from = NULL, state = 'new', mark = 'earned'")
        call_list_csv.write_calls(engine, tmp_path / "call_list.csv")
    head, line = (tmp_path / "call_list.csv").read_bytes().decode("utf-8").splitlines()
    assert head == (
        "\ufeffrepresentative,place_in_list,customer_id,name,from_segment,to_segment,state,mark,"
        "order_value_4_months,last_order,drop_date,falls_to,reason,fragile,rule"
    )
    assert line.split(",")[:8] == [
        "Rep A",
        "1",
        "K007",
        "'=<b>7</b>",
        "",
        line.split(",")[5],
        "new",
        "earned",
    ]


def test_names_are_shown_and_not_obeyed(runs, study):
    page = shown(study, runs[-1])
    assert "<i>Rep B" not in page
    assert "&lt;i&gt;Rep B&lt;/i&gt;: " in page


def test_the_finding_counts_all_who_fall_also_those_left_alone(runs, study):
    falling, _ = rows(runs[-1], "select falling, value from call_reps where position = 0")[0]
    every = rows(runs[-1], "select count(*) from calls where falls")[0][0]
    assert falling == every
    assert words(shown(study, runs[-1])).strip().startswith(f"At least {every} customers worth €")


def test_lists_that_leave_hardly_anybody_to_follow_up_stand_on_top(runs, study):
    this = report.load(study, report.data.dt.date.fromisoformat(runs[-1].name), runs[-1])
    assert "Call lists are too short." not in dict(top.warnings(this))
    this.tables["draw"] = [{**row, "listed": 4} for row in this.tables["draw"]]
    told = dict(top.warnings(this))["Call lists are too short."]
    assert told.startswith("Cut to follow_up.capacity: 25, the lists hold 4 of ")


def test_the_lead_counts_all_who_are_to_be_followed_up(runs, study):
    this = report.load(study, report.data.dt.date.fromisoformat(runs[-1].name), runs[-1])
    total = this.one("call_reps", position=0)
    (many,) = rows(runs[-1], "select count(*) from calls where eligible and not falls and not held_out")[0]
    assert total["to_follow"] == many
    this.tables["call_reps"] = [{**total, "to_follow": 110, "follow_cut": 107}]
    assert "; 110 more worth " in top.to_call(this)
    assert top.to_call(this).endswith(" are to be followed up, 107 of whom do not fit on the lists.")


def test_a_run_with_hindsight_says_why_nobody_is_left_alone(runs, study):
    from segcore.sentences import calls as of_calls

    assert of_calls.NOT_AHEAD in words(shown(study, runs[0]))
    assert of_calls.NOT_AHEAD not in words(shown(study, runs[-1]))


def test_the_ten_stand_in_the_order_of_their_dates(runs, study):
    ten = rows(
        runs[-1], "select name, drop_date, value from call_first where top order by drop_date, value desc"
    )
    page = words(shown(study, runs[-1]))
    assert len(ten) == 10
    places = [page.index(f"{name} no.") for name, _, _ in ten]
    assert places == sorted(places)


def test_a_file_without_a_window_says_that_all_orders_count():
    with DuckDB() as engine:
        assert spreadsheets.value_head(engine) == "order_value_all_orders"
        tables.put(engine, "facts", {"value_window": "VARCHAR"}, [(None,)])
        assert spreadsheets.value_head(engine) == "order_value_all_orders"
