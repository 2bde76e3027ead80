"""What ``segcore rules check`` says, with and without a run at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from small_model import model, rules

from segcore import preview, tables
from segcore.engine import DuckDB
from segcore.model import Model, apply, save

STUDY = """
title: ACME
currency: EUR
sources:
  transactions:
    files: [sales.csv]
    columns: {customer_id: Customer, order_id: Order, order_date: Date, market: Market, amount: Amount}
variables:
  recency: {classes: 3}
  frequency: {classes: 2, window: 12 months}
breaks: {policy: keep, from: 2025-10-31}
segments:
  Loyal: {}
  At risk: {}
  Lost: {}
"""
TABLE = "segment,recency,frequency\nLoyal,3,2\nAt risk,>=2,*\nLost,*,*\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a study and its rules, seen from its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "acme.yaml").write_text(STUDY)
    (tmp_path / "params" / "acme.rules.csv").write_text(TABLE)
    return tmp_path


def put_run(root: Path, run_date: str, edges: tuple[int, ...], customers: Sequence[tuple[int, int]]) -> None:
    """A published run of customers with these days and orders, cut at these days and at 4 orders."""
    used = windowed(model(recency=edges))
    folder = root / "runs" / "acme" / run_date
    (folder / "data").mkdir(parents=True)
    save(folder, used, used)
    (folder / "manifest.json").write_text("{}")
    rows = ", ".join(f"('{at}', {days}, {orders})" for at, (days, orders) in enumerate(customers))
    with DuckDB() as engine:
        engine.execute(f"create table features as from (values {rows}) t(customer_id, recency, frequency)")
        apply(engine, used)
        tables.save(engine, folder, "customers")


def windowed(used: Model) -> Model:
    recency, frequency = used.variables
    return replace(used, variables=(recency, replace(frequency, window="12 months")), rules=rules())


def checked(root: Path) -> list[str]:
    lines = preview.check_lines(Path("params/acme.yaml"), root=root)
    return [line.replace("params/acme.rules.csv: ", "") for line in lines]


def test_without_a_run_it_speaks_of_classes_and_names_the_window(root: Path) -> None:
    assert checked(root) == [
        "line 2: Loyal if recency is class 3 and frequency in 12 months is class 2",
        "line 3: At risk if recency is class 2 or 3",
        "line 4: Lost for everyone else",
        "3 rules cover every combination of classes",
    ]


def test_with_a_run_it_speaks_of_days_and_numbers(root: Path) -> None:
    put_run(root, "2025-11-30", (30, 90), [(1, 9), (60, 1), (200, 1)])
    assert checked(root) == [
        "line 2: Loyal if last order up to 30 days ago and 5 or more orders in 12 months",
        "line 3: At risk if last order up to 90 days ago",
        "line 4: Lost for everyone else",
        "3 rules cover every combination of classes, told in the breaks of 2025-12-31",
    ]


def test_the_breaks_that_the_study_keeps_come_before_those_of_the_latest_run(root: Path) -> None:
    put_run(root, "2025-10-31", (20, 80), [(1, 9), (60, 1)])
    put_run(root, "2025-11-30", (30, 90), [(1, 9), (60, 1)])
    assert checked(root)[1] == "line 3: At risk if last order up to 80 days ago"


def test_a_run_of_other_classes_than_the_study_has_now_says_nothing(root: Path) -> None:
    put_run(root, "2025-11-30", (30, 90), [(60, 1)])
    study = root / "params" / "acme.yaml"
    study.write_text(STUDY.replace("window: 12 months", "window: 6 months"))
    assert checked(root)[0] == "line 2: Loyal if recency is class 3 and frequency in 6 months is class 2"


def test_a_rule_that_takes_nobody_is_told_with_what_to_try(root: Path) -> None:
    put_run(root, "2025-11-30", (30, 90), [(60, 1), (70, 1), (200, 1)])
    assert checked(root)[0] == (
        "warning: line 2 (Loyal) takes nobody in the run of 2025-11-30: "
        "no customer has these classes; ask for less or take it out"
    )


def test_a_rule_whose_customers_are_taken_above_it_is_told_to_move_up(root: Path) -> None:
    put_run(root, "2025-11-30", (30, 90), [(1, 9)])
    table = "segment,recency,frequency\nLoyal,3,*\nAt risk,*,2\nLost,*,*\n"
    (root / "params" / "acme.rules.csv").write_text(table)
    assert checked(root)[0] == (
        "warning: line 3 (At risk) takes nobody in the run of 2025-11-30: "
        "rows above it take the 1 customer that it matches; move it up or take it out"
    )


def test_a_row_that_nobody_could_reach_is_told_once(root: Path) -> None:
    put_run(root, "2025-11-30", (30, 90), [(1, 9), (60, 1), (200, 1)])
    table = "segment,recency,frequency\nLoyal,3,*\nAt risk,3,2\nLost,*,*\nAt risk,1,1\n"
    (root / "params" / "acme.rules.csv").write_text(table)
    warnings = [line for line in checked(root) if line.startswith("warning")]
    assert [warning.count("never reached") for warning in warnings] == [1, 1]
