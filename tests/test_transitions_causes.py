from __future__ import annotations

import datetime as dt

import pytest
from small_model import study
from small_runs import put_orders

from segcore import features, model, tables, transitions
from segcore.engine import ENGINES
from segcore.model import Model, ModelVariable
from segcore.rules import parse_rules

FIRST, SECOND = dt.date(2025, 1, 1), dt.date(2025, 2, 15)
SEGMENTS = ("Loyal", "At risk", "Lost")
ACME = study({"recency": {"classes": 3}, "frequency": {"classes": 2}})
CAUSES = ("correction", "ageing", "activity", "boundary", "rules", "model")


@pytest.fixture(scope="module")
def engine():
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def made(recency=(30, 90), frequency=(1,), rules="Loyal,3,2\nAt risk,>=2,*\nLost,*,*", segments=SEGMENTS):
    variables = (
        ModelVariable.of(ACME, "recency", recency),
        ModelVariable.of(ACME, "frequency", frequency),
    )
    classes = {variable.name: variable.classes for variable in variables}
    text = f"segment,recency,frequency\n{rules}\n"
    table = parse_rules(text, file="acme.rules.csv", variables=classes, segments=segments)
    return Model("acme", FIRST, variables, table)


def put_lines(engine, day, orders):
    """The order lines of a delivery: (customer_id, date, order_id) up to a date."""
    put_orders(engine, day)
    columns = {
        "customer_id": "VARCHAR",
        "order_date": "DATE",
        "order_id": "VARCHAR",
        "amount": "DECIMAL(18, 4)",
    }
    rows = [(customer, date, order, 10) for customer, date, order in orders if date <= day.isoformat()]
    tables.put(engine, "transactions", columns, rows)


def run(engine, folder, used, orders, earlier=(), asked=ACME):
    """A run as the notebooks make it."""
    day = dt.date.fromisoformat(folder.name)
    put_lines(engine, day, orders)
    features.build(engine, asked, day)
    model.apply(engine, used)
    transitions.moves(engine, used.segments, earlier)
    marks = transitions.causes(engine, asked, used, earlier)
    tables.save(engine, folder, "customers", "moves")
    model.save(folder, used, used)
    return marks


def two_runs(engine, folder, old, new, orders, corrected=None, asked=ACME):
    first = folder / FIRST.isoformat()
    run(engine, first, old, orders)
    return run(engine, folder / SECOND.isoformat(), new, corrected or orders, [first], asked)


def told(engine) -> dict[str, tuple]:
    """Customer → the parts that are not 0, and the mark."""
    return {
        row[0]: ({name: part for name, part in zip(CAUSES, row[1:7], strict=True) if part}, row[7])
        for row in engine.rows(f"select customer_id, {', '.join(CAUSES)}, mark from moves order by 1")
    }


def days_before(day: dt.date, days: int) -> str:
    return (day - dt.timedelta(days=days)).isoformat()


def test_orders_and_time_are_told_apart(engine, tmp_path):
    orders = [
        ("earned", days_before(FIRST, 100), "1"),
        ("earned", days_before(SECOND, 3), "2"),
        ("aged", days_before(FIRST, 20), "3"),
        ("aged", days_before(FIRST, 21), "4"),
    ]
    two_runs(engine, tmp_path, made(), made(), orders)
    assert told(engine) == {"aged": ({"ageing": -6}, "aged"), "earned": ({"activity": 12}, "earned")}
