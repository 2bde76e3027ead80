from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_model import DAY, SEGMENTS, fill, model

from segcore import model as models
from segcore import transitions
from segcore.engine import DuckDB
from segcore.model import Model, ModelVariable
from segcore.rules import parse_rules
from segcore.variables import VARIABLES, Variable


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def clock_of(engine, used, columns="customer_id, recency, frequency"):
    models.apply(engine, used)
    transitions.clock(engine, used, DAY)
    return {row[0]: row[1:] for row in engine.rows("select * from clock order by customer_id")}


def test_a_segment_falls_on_the_first_day_behind_an_edge_that_lowers_the_rank(engine):
    """Recency edges 30 and 90, frequency edge 4; Loyal is 3-2, At risk 2 or 3, Lost the rest."""
    fill(engine, "('a', 0, 5), ('b', 30, 5), ('c', 30, 1), ('d', 31, 9), ('e', 91, 9)")
    found = clock_of(engine, model())
    assert {customer: row[:5] for customer, row in found.items()} == {
        "a": (DAY + dt.timedelta(31), "At risk", 1, "recency", 30.0),
        "b": (DAY + dt.timedelta(1), "At risk", 1, "recency", 30.0),
        "c": (DAY + dt.timedelta(61), "Lost", 0, "recency", 90.0),
        "d": (DAY + dt.timedelta(60), "Lost", 0, "recency", 90.0),
        "e": (None, None, None, None, None),
    }


def test_the_cheapest_change_counts_orders_from_today(engine):
    """Loyal needs a last order up to 30 days ago and 5 orders: an order today is one of them."""
    fill(engine, "('a', 0, 5), ('b', 40, 5), ('c', 40, 4), ('d', 40, 3), ('e', 91, 1)")
    found = clock_of(engine, model())
    assert {customer: row[5:] for customer, row in found.items()} == {
        "a": (None, None, None, None, None),
        "b": ("Loyal", 2, 1, 0, "order"),
        "c": ("Loyal", 2, 1, 0, "order"),
        "d": ("Loyal", 2, 2, 0, "orders"),
        "e": ("At risk", 1, 1, 0, "order"),
    }


OWN = Variable("wide", "Wide orders", "orders", "high", "count(distinct order_id) filter (where amount > 9)")
SPEND = Variable("spend", "Spend", "EUR", "high", "sum(amount)")


def made(**edges: tuple[int, ...]) -> tuple[ModelVariable, ...]:
    own = {"wide": OWN, "spend": SPEND}
    return tuple(
        ModelVariable(name, v.label, v.unit, v.better, len(cut) + 1, "linear", v.shown_per, v.sql, None, cut)
        for name, cut in edges.items()
        for v in [{**VARIABLES, **own}[name]]
    )


def made_model(variables: tuple[ModelVariable, ...], table: str) -> Model:
    classes = {v.name: v.classes for v in variables}
    header = ",".join(["segment", *classes])
    read = parse_rules(f"{header}\n{table}", file="made.csv", variables=classes, segments=SEGMENTS)
    return Model("acme", DAY, variables, read)


def test_orders_are_fewest_first_then_new_markets_then_own_variables(engine):
    used = made_model(
        made(recency=(30,), frequency=(2, 5), products=(1,), wide=(1,), spend=(100,)),
        "Loyal,2,3,*,*,*\nLoyal,2,*,2,2,*\nLoyal,2,*,*,*,2\nAt risk,2,*,*,2,1\nLost,*,*,*,*,*\n",
    )
    columns = "customer_id, recency, frequency, products, wide, spend"
    fill(
        engine,
        "('a', 90, 2, 1, 0, 50), ('b', 90, 5, 1, 0, 50), ('c', 9, 2, 1, 2, 50), ('d', 9, 2, 1, 0, 50)",
        columns,
    )
    found = clock_of(engine, used)
    assert {customer: row[5:] for customer, row in found.items()} == {
        # One order of more than 50 lifts; three orders, or two wide ones, would be more orders.
        "a": ("Loyal", 2, 1, 0, "order, spend 2"),
        "b": ("Loyal", 2, 1, 0, "order"),
        # No new market is fewer than one, although with one nothing else would be needed.
        "c": ("Loyal", 2, 1, 0, "order, spend 2"),
        "d": ("Loyal", 2, 1, 0, "order, spend 2"),
    }


def test_orders_of_one_kind_are_among_all_orders(engine):
    """Two more wide orders are two more orders, whatever frequency asks for."""
    used = made_model(
        made(recency=(30,), frequency=(9,), wide=(1,)), "Loyal,2,*,2\nAt risk,1,*,*\nLost,*,*,*\n"
    )
    fill(engine, "('a', 9, 1, 0), ('b', 9, 1, 1)", "customer_id, recency, frequency, wide")
    found = clock_of(engine, used)
    assert found["a"][5:] == ("Loyal", 2, 2, 0, "orders, wide 2")
    assert found["b"][5:] == ("Loyal", 2, 1, 0, "order, wide 2")


def test_years_may_improve_before_recency_gets_worse(engine):
    """In 10 days the customer has been there for 2 years, which keeps it Loyal beyond day 20."""
    used = made_model(made(recency=(30, 60), years=(730,)), "Loyal,3,*\nLoyal,>=2,2\nAt risk,*,*\n")
    fill(engine, "('young', 10, 721), ('new', 10, 100)", "customer_id, recency, years")
    found = clock_of(engine, used)
    assert found["young"][:5] == (DAY + dt.timedelta(51), "At risk", 1, "recency", 60.0)
    assert found["new"][:5] == (DAY + dt.timedelta(21), "At risk", 1, "recency", 30.0)


def test_without_a_variable_that_counts_days_nobody_falls(engine):
    used = made_model(made(frequency=(2,)), "Loyal,2\nLost,1\n")
    fill(engine, "('a', 5), ('b', 1)", "customer_id, frequency")
    found = clock_of(engine, used)
    assert found == {"a": (None,) * 10, "b": (None,) * 5 + ("Loyal", 2, 2, 0, "orders")}


# Models of hypothesis: two edges of recency, one or two of frequency and years, any table of three segments.
EDGES = st.lists(st.integers(0, 40), min_size=1, max_size=3, unique=True).map(lambda e: tuple(sorted(e)))
CUSTOMERS = st.lists(
    st.tuples(st.integers(0, 45), st.integers(0, 45), st.integers(0, 45)), min_size=1, max_size=6
)


@st.composite
def made_up(draw):
    variables = made(recency=draw(EDGES), frequency=draw(EDGES), years=draw(EDGES))
    cells = [st.sampled_from(["*", *map(str, range(1, v.classes + 1)), f"<={v.classes}"]) for v in variables]
    rows = draw(st.lists(st.tuples(st.sampled_from(SEGMENTS), *cells), max_size=6))
    table = "".join(",".join(row) + "\n" for row in [*rows, ("Lost", "*", "*", "*")])
    return made_model(variables, table), draw(CUSTOMERS)


def segment_of(used: Model, values: dict[str, int]) -> int:
    """The rank of values, class by class, in Python."""
    classes = {}
    for v in used.variables:
        above = sum(values[v.name] > edge for edge in v.edges)
        classes[v.name] = above + 1 if v.better == "high" else v.classes - above
    return used.rules.rank(used.rules.segment_of(classes)[0])


def clocked(used: Model, customers):
    """The values of each customer, and what the clock says of them."""
    with DuckDB() as engine:
        rows = ", ".join(f"('{n}', {r}, {f}, {y})" for n, (r, f, y) in enumerate(customers))
        fill(engine, rows, "customer_id, recency, frequency, years")
        found = clock_of(engine, used)
    for number, values in enumerate(customers):
        yield dict(zip([v.name for v in used.variables], values, strict=True)), found[str(number)]


@settings(deadline=None)
@given(made_up())
def test_the_clock_says_what_waiting_day_by_day_says(case):
    used = case[0]
    for now, told in clocked(*case):
        today = segment_of(used, now)
        waited = (
            (days, segment_of(used, {**now, "recency": now["recency"] + days, "years": now["years"] + days}))
            for days in range(1, 60)
        )
        first = next(((days, rank) for days, rank in waited if rank < today), None)
        drop_date, _, rank = told[:3]
        assert (first and (DAY + dt.timedelta(first[0]), first[1])) == (drop_date and (drop_date, rank))


@settings(deadline=None)
@given(made_up())
def test_the_cheapest_change_is_the_first_number_of_orders_that_lifts(case):
    used = case[0]
    for now, told in clocked(*case):
        tried = (
            (n, segment_of(used, {**now, "recency": 0, "frequency": now["frequency"] + n}))
            for n in range(1, 60)
        )
        first = next(((n, rank) for n, rank in tried if rank > segment_of(used, now)), None)
        _, rank, orders = told[5:8]
        assert (first or (None, None)) == (orders, rank)
