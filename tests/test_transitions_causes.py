from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


# Against a second implementation


def class_of(value, edges, *, low: bool):
    above = sum(value > edge for edge in edges)
    return len(edges) + 1 - above if low else above + 1


def rank_of(values, breaks: Model, rules: Model, order):
    """By hand: the first rule whose classes all match, as a rank in an order of segments."""
    classes = {
        variable.name: class_of(values[variable.name], variable.edges, low=variable.better == "low")
        for variable in breaks.variables
    }
    for rule in rules.rules.rules:
        if all(classes[cell.variable] in cell.allowed for cell in rule.cells):
            return len(order) - 1 - order.index(rule.segment)
    raise AssertionError("no rule matches")


def values_at(orders, customer, day, until):
    dates = [dt.date.fromisoformat(date) for who, date, _ in orders if who == customer]
    dates = [date for date in dates if date <= until]
    return {"recency": (day - max(dates)).days, "frequency": len(dates)} if dates else None


def shapley(start, steps, old, new):
    """Every order of values, breaks and rules, walked one after the other."""
    order = list(new.segments)
    found = dict.fromkeys(CAUSES, 0)
    for walk in permutations(("values", "boundary", "rules")):
        breaks, rules, values = old, old, start
        here = rank_of(values, breaks, rules, order)
        for step in walk:
            for cause, then in steps if step == "values" else ((step, values),):
                values = then
                breaks = new if step == "boundary" else breaks
                rules = new if step == "rules" else rules
                there = rank_of(values, breaks, rules, order)
                found[cause] += there - here
                here = there
    return found


def expected(was, customer, orders, corrected, models):
    """The parts of a customer's move and its mark, by the definition."""
    old, new = models
    order = list(new.segments)
    start = values_at(corrected, customer, FIRST, FIRST)
    then = rank_of(was, old, old, order)
    end = values_at(corrected, customer, SECOND, SECOND)
    rank = rank_of(end, new, new, order)
    way = (rank > then) - (rank < then)
    if start is None:
        parts = dict.fromkeys(CAUSES, 0) | {"correction": 6 * (rank - then)}
        return parts, "corrected" if way else None
    idle = values_at(corrected, customer, SECOND, FIRST)
    parts = shapley(start, (("ageing", idle), ("activity", end)), old, new)
    parts["correction"] = 6 * (rank_of(start, old, old, order) - then)
    alone = rank_of(end, old, old, order) - then
    if not way:
        return parts, "masked" if alone else None
    if alone * way > 0:
        kinds = {"correction": "corrected", "activity": "earned", "ageing": "aged"}
        shares = {cause: way * parts[cause] for cause in kinds}
        if max(shares.values()) <= 0:
            before = rank_of(start, old, old, order)
            still = rank_of(idle, old, old, order)
            shares = {
                "correction": way * (before - then),
                "activity": way * (alone + then - still),
                "ageing": way * (still - before),
            }
    else:
        kinds = {"correction": "corrected", "boundary": "boundary", "rules": "rules"}
        changed = {
            "boundary": [v.edges for v in old.variables] != [v.edges for v in new.variables],
            "rules": [(r.segment, r.cells) for r in old.rules.rules]
            != [(r.segment, r.cells) for r in new.rules.rules],
            "correction": parts["correction"] * way > 0,
        }
        shares = {cause: way * parts[cause] for cause in kinds if changed[cause]}
    # max gives the first of equal ones.
    return parts, kinds[max(shares, key=lambda cause: shares[cause])]


cells = {
    "recency": st.sampled_from(["*", "1", "2", "3", ">=2", "<=2", "1|3"]),
    "frequency": st.sampled_from(["*", "1", "2"]),
}
rule_rows = st.lists(
    st.tuples(st.sampled_from(SEGMENTS), cells["recency"], cells["frequency"]).map(",".join), max_size=4
).flatmap(lambda rows: st.sampled_from(SEGMENTS).map(lambda last: "\n".join([*rows, f"{last},*,*"])))
edges = st.sets(st.integers(0, 120), min_size=2, max_size=2).map(lambda found: tuple(sorted(found)))
random_models = st.builds(made, recency=edges, frequency=st.sampled_from([(1,), (2,), (3,)]), rules=rule_rows)
order_days = st.lists(st.integers(0, 150), min_size=1, max_size=4)
customers = st.lists(st.tuples(order_days, st.integers(0, 3)), min_size=1, max_size=8)


def deliveries(drawn):
    """The orders as the first delivery has them, and as the second one corrects some of them."""
    first, second = [], []
    for number, (days, correction) in enumerate(drawn):
        lines = [(f"c{number}", days_before(SECOND, day), f"{number}-{n}") for n, day in enumerate(days)]
        first += lines
        moved = [
            (who, days_before(SECOND, (days[n] + 40) % 150), name) for n, (who, _, name) in enumerate(lines)
        ]
        # As they were, without the oldest, with another date for each, or with one more old order.
        corrected = [
            lines,
            sorted(lines, key=lambda line: line[1])[1:],
            moved,
            [*lines, (f"c{number}", days_before(FIRST, 3), f"{number}-late")],
        ]
        second += corrected[correction]
    return first, second


@settings(max_examples=150, deadline=None)
@given(old=random_models, new=random_models, same=st.booleans(), drawn=customers)
def test_the_causes_are_those_of_a_second_implementation_for_everybody(
    engine, tmp_path_factory, old, new, same, drawn
):
    folder, new = tmp_path_factory.mktemp("runs"), old if same else new
    orders, corrected = deliveries(drawn)
    # Somebody is always in both populations, or a run would be refused.
    anchor = [("anchor", days_before(FIRST, 10), "anchor")]
    two_runs(engine, folder, old, new, anchor + orders, anchor + corrected)
    found = {
        row[0]: (dict(zip(CAUSES, row[1:7], strict=True)), row[7])
        for row in engine.rows(
            f"select customer_id, {', '.join(CAUSES)}, mark from moves "
            "where state in ('up', 'down', 'stayed')"
        )
    }
    assert "anchor" in found
    for customer, told_of in found.items():
        was = values_at(anchor + orders, customer, FIRST, FIRST)
        assert told_of == expected(was, customer, anchor + orders, anchor + corrected, (old, new)), customer
    others = engine.rows(
        f"select {', '.join(CAUSES)}, mark from moves where state not in ('up', 'down', 'stayed')"
    )
    assert set(others) <= {(None,) * 7}
