"""Bars of a variable: every customer is in one, and they look the same before and after the fit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_model import DAY, anything, fill, model, study

from segcore.engine import DuckDB
from segcore.model import Model, ModelVariable, apply
from segcore.profile import MOST, spread, starts, uncut


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
    quarters = starts(30, 4000, whole=False, log=False, per=365.25)[:3]
    assert [end / 365.25 for end in quarters] == [0, 0.25, 0.5]


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def variable(name: str, edges: tuple[int | Decimal, ...], **more: object) -> ModelVariable:
    wanted = study({name: {"classes": len(edges) + 1, **more}})
    return ModelVariable.of(wanted, name, edges)


def of_one(engine: DuckDB, one: ModelVariable) -> list[tuple[object, ...]]:
    """Lower, upper and customers of its bars, of any segment."""
    apply(engine, Model("acme", DAY, (one,), anything({one.name: one.classes})))
    spread(engine, (one,))
    return engine.rows("select lower, upper, customers from spread order by bar")


def test_a_small_number_of_orders_gets_a_bar_each(engine):
    fill(engine, "('A', 1), ('B', 1), ('C', 4)", "customer_id, frequency")
    assert of_one(engine, variable("frequency", (2,))) == [(0.5, 1.5, 2), (3.5, 4.5, 1)]


def test_years_are_shown_in_years(engine):
    fill(engine, "('A', 731), ('B', 732), ('C', 1461)", "customer_id, years")
    assert of_one(engine, variable("years", (731,))) == [
        (pytest.approx(2), pytest.approx(2.05), 2),
        (pytest.approx(3.95), pytest.approx(4), 1),
    ]


def test_a_value_on_the_end_of_a_bar_belongs_to_it_also_a_decimal(engine):
    fill(engine, "('A', 0.00), ('B', 1.00), ('C', 1.01), ('D', 46.00)", "customer_id, monetary")
    assert of_one(engine, variable("monetary", (Decimal("1.00"),)))[:2] == [(0, 1, 2), (1, 2, 1)]


def test_a_few_far_out_are_beyond_the_last_bar(engine):
    engine.execute(
        "create table features as select i as customer_id, "
        "case when i < 3 then 90000 + i else i % 100 end as recency from range(1000) t(i)"
    )
    *inside, beyond = of_one(engine, variable("recency", (30,)))
    assert beyond == (inside[-1][1], None, 3)
    assert inside[-1][1] < 200
    assert sum(customers for *_, customers in inside) == 997


def test_a_log_scale_has_bars_that_grow_and_leaves_nobody_out(engine):
    engine.execute(
        "create table features as select i as customer_id, i * i as frequency from range(1, 200) t(i)"
    )
    bars = of_one(engine, variable("frequency", (40,), scale="log"))
    assert bars[0][:2] == (0.5, 1.5) and bars[-1][1] >= 199**2
    assert bars[-1][1] - bars[-1][0] > 1000
    assert sum(customers for *_, customers in bars) == 199


def test_an_edge_outside_the_data_does_not_squeeze_them(engine):
    fill(engine, "('A', 1), ('B', 20), ('C', 40)", "customer_id, recency")
    one = variable("recency", (30,))
    assert of_one(engine, one) == of_one(engine, replace(one, edges=(5000,)))


def test_customers_without_a_spread_still_get_a_bar(engine):
    fill(engine, "('A', 7), ('B', 7)", "customer_id, recency")
    assert of_one(engine, variable("recency", (7,))) == [(6.5, 7.5, 2)]


def test_before_the_fit_the_same_bars_stand_without_segments(engine):
    wanted = study({"recency": {"classes": 3}, "years": {"classes": 2}, "monetary": {"classes": 2}})
    fill(
        engine,
        "('A', 5, 400, 1.50), ('B', 8, 900, 2.50), ('C', 31, 100, 9.99), ('D', 90, 90, -3.00)",
        "customer_id, recency, years, monetary",
    )
    variables = (
        ModelVariable.of(wanted, "recency", (5, 31)),
        ModelVariable.of(wanted, "years", (400,)),
        ModelVariable.of(wanted, "monetary", (Decimal("2.50"),)),
    )
    before = uncut(engine, wanted)
    assert [vars(one) for one in before] == [
        {
            "name": v.name, "label": v.label, "unit": v.unit, "better": v.better, "shown_per": v.shown_per,
            "window": v.window, "scale": v.scale, "kind": v.kind, "edges": (),
        }
        for v in variables
    ]  # fmt: skip
    seen = spread(engine, before, "features")
    assert list(seen.columns) == ["variable", "position", "bar", "lower", "upper", "customers"]
    apply(engine, Model("acme", DAY, variables, anything({"recency": 3, "years": 2, "monetary": 2})))
    used = spread(engine, variables)
    assert set(used["segment"]) == {"Lost"}
    assert used.drop(columns="segment").equals(seen)


def test_each_segment_has_its_own_row_in_a_bar(engine):
    fill(engine, "('A', 5, 9), ('B', 5, 1), ('C', 5, 1)")
    apply(engine, model())
    spread(engine, model().variables)
    assert engine.columns("spread") == {
        "variable": "VARCHAR", "position": "SMALLINT", "bar": "INTEGER", "lower": "DOUBLE",
        "upper": "DOUBLE", "segment": "VARCHAR", "customers": "BIGINT",
    }  # fmt: skip
    assert engine.rows("select segment, customers from spread where variable = 'recency' order by 1") == [
        ("At risk", 2), ("Loyal", 1)
    ]  # fmt: skip
