"""Bars of a variable, and how its values are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_runs import DATES, make_runs, write_project

from segcore import model, tables
from segcore.engine import ENGINES, Engine
from segcore.model import ModelVariable
from segcore.report.bars import MOST, bars, starts
from segcore.report.cells import column, middle, value_text

RECENCY = ModelVariable(
    name="recency", label="Last order", unit="days ago", better="low", classes=2, scale="linear",
    shown_per=1.0, sql="", window=None, edges=(30,),
)  # fmt: skip
ORDERS = replace(RECENCY, name="frequency", label="Orders", unit="orders", better="high", window="12 months")
YEARS = replace(RECENCY, name="years", label="With us", unit="years", shown_per=365.25, edges=(400,))
VALUE = replace(RECENCY, name="monetary", label="Order value", unit="EUR", edges=(Decimal("99.50"),))


@given(st.integers(0, 10_000), st.integers(0, 1_000_000), st.booleans())
def test_bars_of_whole_numbers_hold_all_of_them_and_start_between_two(low, more, log):
    ends = starts(low, low + more, whole=True, log=log)
    assert ends[0] < low and low + more <= ends[-1]
    assert 2 <= len(ends) <= MOST + 1
    assert all(a < b for a, b in pairwise(ends))
    assert log or all(end % 1 == 0.5 for end in ends)


@given(st.floats(0, 1e6), st.floats(0, 1e9), st.booleans())
def test_bars_of_other_numbers_hold_all_of_them(low, more, log):
    ends = starts(low, low + more, whole=False, log=log)
    assert ends[0] <= low and low + more <= ends[-1]
    assert 2 <= len(ends) <= MOST + 1


def test_bars_start_at_round_numbers_of_what_is_shown():
    assert starts(0, 364, whole=True, log=False)[:3] == [-0.5, 9.5, 19.5]
    assert [end / 365.25 for end in starts(30, 4000, whole=False, log=False, per=365.25)[:3]] == [
        0,
        0.25,
        0.5,
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_runs(write_project(tmp_path_factory.mktemp("bars")), DATES[:1])[0]


@pytest.fixture
def engine(run: Path) -> Iterator[Engine]:
    with ENGINES["duckdb"]() as engine:
        tables.load(engine, run, "customers")
        yield engine


def test_every_customer_is_in_a_bar_or_counted_beyond(engine, run):
    used, candidate = model.read(run / "model.json"), model.read(run / "candidate.json")
    made = bars(engine, used, candidate)
    assert [one.label for one in made] == ["Last order", "Orders", "With us", "Markets"]
    assert {int(one.frame["customers"].sum()) + one.beyond for one in made} == {225}
    assert [one.log for one in made] == [False, True, False, False]
    assert [bool(one.candidate) for one in made] == [
        used.by_name[v.name].edges != v.edges for v in candidate.variables
    ]
    recency = made[0]
    assert recency.edges == [(edge + 0.5, str(edge)) for edge in used.by_name["recency"].edges]
    first = engine.rows(f"select count(*) from customers where recency <= {recency.starts[1]}")[0][0]
    assert recency.frame.loc[recency.frame["bar"] == 0, "customers"].sum() == first


def test_a_few_far_out_are_beyond_the_last_bar(engine, run):
    used = model.read(run / "model.json")
    engine.execute(
        "create table far as select if(customer_id = 'K007', 90000, recency)::BIGINT as recency, "
        "frequency, years, products, segment from customers"
    )
    recency = bars(engine, used, used, table="far")[0]
    beyond = engine.rows(f"select count(*) from far where recency > {recency.starts[-1]}")[0][0]
    assert recency.starts[-1] < 1000
    assert recency.beyond == beyond >= 1


@pytest.mark.parametrize(
    ("variable", "half", "text"),
    [
        (RECENCY, (6, 21), "6–21"),
        (RECENCY, (6, 6), "6"),
        (RECENCY, (1234, 5678), "1,234–5,678"),
        (YEARS, (365, 2000), "1.0–5.5"),
        (YEARS, (3652, 5000), "10.0–14"),
        (VALUE, (Decimal("12.5"), Decimal("463187.20")), "12.50–463,187"),
        (RECENCY, None, "–"),
        (RECENCY, (None, None), "–"),
    ],
)
def test_the_middle_half_is_written_short(variable, half, text):
    assert middle(variable, half) == text


def test_a_loss_keeps_its_minus():
    assert value_text(Decimal("-250.00"), VALUE) == "−250"


def test_a_column_does_not_say_orders_twice():
    assert (column(ORDERS).label, column(ORDERS).unit) == ("Orders", "12 months")
    assert column(replace(ORDERS, window=None)).unit == "in all"
    assert column(replace(ORDERS, label="Furniture")).unit == "orders, 12 months"
    assert (column(RECENCY).unit, column(RECENCY).days) == ("days ago", True)
