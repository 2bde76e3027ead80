from __future__ import annotations

import datetime as dt
import sys
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small_model import study
from small_runs import put_orders

from segcore import features, model, tables, transitions
from segcore.engine import ENGINES
from segcore.errors import ModelError, SegcoreError
from segcore.model import Model, ModelVariable
from segcore.rules import parse_rules

FIRST, SECOND = dt.date(2025, 1, 1), dt.date(2025, 2, 15)
SEGMENTS = ("Loyal", "At risk", "Lost")
ACME = study({"recency": {"classes": 3}, "frequency": {"classes": 2}})
CAUSES = ("correction", "ageing", "activity", "boundary", "rules", "model")
BRIDGE = "from bridge where from_segment is not null and to_segment is not null"
"""The pairs of segments, without the sums of either side."""


@pytest.fixture(scope="module")
def engine():
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def made(
    recency=(30, 90), frequency=(1,), rules="Loyal,3,2\nAt risk,>=2,*\nLost,*,*", segments=SEGMENTS, of=ACME
):
    variables = (ModelVariable.of(of, "recency", recency), ModelVariable.of(of, "frequency", frequency))
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
    transitions.moves(engine, used.segments, earlier, names=transitions.renamed(asked))
    marks = transitions.causes(engine, asked, used, earlier)
    tables.save(engine, folder, "customers", "moves")
    model.save(folder, used, used)
    return marks


def two_runs(engine, folder, old, new, orders, corrected=None, asked=ACME):
    first = folder / FIRST.isoformat()
    run(engine, first, old, orders, asked=asked)
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


def values_at(orders, customer, day, until, window=None):
    dates = [dt.date.fromisoformat(date) for who, date, _ in orders if who == customer]
    dates = [date for date in dates if date <= until]
    counted = [date for date in dates if window is None or date > day - dt.timedelta(days=window)]
    return {"recency": (day - max(dates)).days, "frequency": len(counted)} if dates else None


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


def expected(was, customer, corrected, models, window):
    """The parts of a customer's move and its mark, by the definition."""
    old, new = models
    order = list(new.segments)
    start = values_at(corrected, customer, FIRST, FIRST, window)
    then = rank_of(was, old, old, order)
    end = values_at(corrected, customer, SECOND, SECOND, window)
    rank = rank_of(end, new, new, order)
    way = (rank > then) - (rank < then)
    if start is None:
        parts = dict.fromkeys(CAUSES, 0) | {"correction": 6 * (rank - then)}
        return parts, "corrected" if way else None
    idle = values_at(corrected, customer, SECOND, FIRST, window)
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


def random_models(of):
    return st.builds(
        made, recency=edges, frequency=st.sampled_from([(1,), (2,), (3,)]), rules=rule_rows, of=st.just(of)
    )


order_days = st.lists(st.integers(0, 150), min_size=1, max_size=4)
customers = st.lists(st.tuples(order_days, st.integers(0, 3)), min_size=10, max_size=30)


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


WINDOWED = study({"recency": {"classes": 3}, "frequency": {"classes": 2, "window": "70 days"}})


@pytest.mark.parametrize(("asked", "window"), [(ACME, None), (WINDOWED, 70)], ids=["no window", "window"])
@settings(max_examples=20, deadline=None)
@given(data=st.data(), same=st.booleans(), drawn=customers)
def test_the_causes_are_those_of_a_second_implementation_for_everybody(
    engine, tmp_path_factory, asked, window, data, same, drawn
):
    folder, old = tmp_path_factory.mktemp("runs"), data.draw(random_models(asked))
    new = old if same else data.draw(random_models(asked))
    orders, corrected = deliveries(drawn)
    # Somebody is always in both populations, or a run would be refused.
    anchor = [("anchor", days_before(FIRST, 10), "anchor")]
    two_runs(engine, folder, old, new, anchor + orders, anchor + corrected, asked)
    found = {
        row[0]: (dict(zip(CAUSES, row[1:7], strict=True)), row[7])
        for row in engine.rows(
            f"select customer_id, {', '.join(CAUSES)}, mark from moves "
            "where state in ('up', 'down', 'stayed')"
        )
    }
    assert "anchor" in found
    for customer, told_of in found.items():
        was = values_at(anchor + orders, customer, FIRST, FIRST, window)
        assert told_of == expected(was, customer, anchor + corrected, (old, new), window), customer
    others = engine.rows(
        f"select {', '.join(CAUSES)}, mark from moves where state not in ('up', 'down', 'stayed')"
    )
    assert set(others) <= {(None,) * 7}


# One by one


def boundary_case(engine, folder, **new):
    """Three customers, of whom nobody orders between the runs."""
    orders = [
        ("bottom", days_before(FIRST, 80), "1"),
        ("bottom", days_before(FIRST, 81), "2"),
        ("middle", days_before(FIRST, 40), "3"),
        ("middle", days_before(FIRST, 41), "4"),
        ("top", days_before(FIRST, 1), "5"),
        ("top", days_before(FIRST, 2), "6"),
    ]
    return two_runs(engine, folder, made(recency=(50, 100)), made(**new), orders)


def test_what_another_boundary_does_is_not_the_customers_own(engine, tmp_path):
    # 80, 40 and 1 days are 125, 85 and 46 at the second run.
    boundary_case(engine, tmp_path, recency=(90, 150))
    assert told(engine) == {
        "bottom": ({"ageing": -6, "boundary": 6}, "masked"),
        "middle": ({"ageing": -3, "boundary": 3}, "masked"),
        "top": ({}, None),
    }
    boundary_case(engine, tmp_path / "up", recency=(130, 150))
    assert told(engine) == {
        "bottom": ({"ageing": -3, "boundary": 9}, "boundary"),
        "middle": ({"ageing": -3, "boundary": 3}, "masked"),
        "top": ({}, None),
    }


def test_what_other_rules_do_is_not_the_customers_own(engine, tmp_path):
    boundary_case(engine, tmp_path, recency=(50, 100), rules="At risk,3,2\nLoyal,>=2,*\nLost,*,*")
    assert told(engine) == {
        "bottom": ({"ageing": -9, "rules": 3}, "aged"),
        "middle": ({}, "masked"),
        "top": ({"rules": -6}, "rules"),
    }


def test_customers_without_an_order_before_the_last_run_are_corrected(engine, tmp_path):
    orders = [
        ("moved", days_before(FIRST, 20), "1"),
        ("moved", days_before(FIRST, 21), "2"),
        ("x", "2024-12-01", "3"),
    ]
    corrected = [("moved", days_before(SECOND, 2), "1"), ("x", "2024-12-01", "3")]
    two_runs(engine, tmp_path, made(), made(), orders, corrected)
    assert told(engine)["moved"] == ({"correction": -6}, "corrected")


def test_a_late_delivery_of_old_orders_is_a_correction(engine, tmp_path):
    orders = [("a", days_before(FIRST, 60), "1"), ("b", days_before(FIRST, 1), "2")]
    late = [*orders, ("a", days_before(FIRST, 2), "late"), ("a", days_before(FIRST, 3), "late too")]
    two_runs(engine, tmp_path, made(recency=(50, 90)), made(recency=(50, 90)), orders, late)
    assert told(engine) == {"a": ({"correction": 6}, "corrected"), "b": ({}, None)}


def test_who_is_outside_the_population_meanwhile_ages_too(engine, tmp_path):
    """With nothing bought the customer would have left it, and is looked at all the same."""
    asked = study(
        {"recency": {"classes": 3}, "frequency": {"classes": 2}}, population={"active_within": "60 days"}
    )
    orders = [("a", days_before(FIRST, 50), "1"), ("a", days_before(SECOND, 1), "2")]
    two_runs(engine, tmp_path, made(recency=(20, 60)), made(recency=(20, 60)), orders, asked=asked)
    assert told(engine) == {"a": ({"ageing": -6, "activity": 12}, "earned")}


@pytest.mark.parametrize(
    "new",
    [
        {"segments": ("Champions", *SEGMENTS), "rules": "Champions,3,2\nLoyal,3,*\nAt risk,>=2,*\nLost,*,*"},
        {"frequency": (1, 2), "rules": "Loyal,3,3\nAt risk,>=2,*\nLost,*,*"},
    ],
    ids=["segments", "classes"],
)
def test_what_cannot_be_told_apart_is_the_model(engine, tmp_path, new):
    boundary_case(engine, tmp_path, recency=(50, 100), **new)
    found = {name for parts, _ in told(engine).values() for name in parts}
    assert found <= {"ageing", "model"}
    assert "model" in found


def with_variable(old: dict, new: dict) -> tuple:
    """Two studies with a variable of their own each, and a model of each."""
    asked = [study({"recency": {"classes": 3}, **own}) for own in (old, new)]
    found = []
    for one, name in zip(asked, (next(iter(old)), next(iter(new))), strict=True):
        variables = (ModelVariable.of(one, "recency", (50, 100)), ModelVariable.of(one, name, (1,)))
        text = f"segment,recency,{name}\nLoyal,3,2\nAt risk,>=2,*\nLost,*,*\n"
        classes = {"recency": 3, name: 2}
        table = parse_rules(text, file="acme.rules.csv", variables=classes, segments=SEGMENTS)
        found.append(Model("acme", FIRST, variables, table))
    return asked, found


def test_another_variable_is_the_model_and_the_one_before_is_made_anew(engine, tmp_path):
    """Frequency counts within 12 months in the first run, within 30 days in the second."""
    orders = [
        ("a", days_before(SECOND, 50), "1"),
        ("a", days_before(SECOND, 46), "2"),
        ("b", "2024-12-31", "3"),
    ]
    (before, now), (old, new) = with_variable(
        {"frequency": {"classes": 2, "window": "12 months"}},
        {"frequency": {"classes": 2, "window": "30 days"}},
    )
    first = tmp_path / FIRST.isoformat()
    run(engine, first, old, orders, asked=before)
    marks = run(engine, tmp_path / SECOND.isoformat(), new, orders, [first], now)
    # Loyal by the old window throughout, At risk by the new one as soon as time has passed.
    assert told(engine) == {"a": ({"ageing": -3, "model": -3}, "model"), "b": ({}, None)}
    assert int(marks.loc[marks["mark"] == "model", "customers"].sum()) == 1
    assert engine.rows("from bridge order by all nulls last") == [
        ("At risk", "At risk", 1),
        ("At risk", None, 1),
        ("Loyal", "At risk", 1),
        ("Loyal", None, 1),
        (None, "At risk", 2),
    ]


def test_a_model_that_this_delivery_cannot_feed_takes_every_move(engine, tmp_path):
    """The first study had a variable of a column that later deliveries lack."""
    orders = [
        ("a", days_before(FIRST, 10), "1"),
        ("b", days_before(FIRST, 70), "2"),
        ("b", "2025-02-10", "3"),
    ]
    own = {"classes": 2, "sql": "count(distinct order_id || gone)"}
    (_, now), (old, new) = with_variable({"own": own}, {"frequency": {"classes": 2}})
    first = tmp_path / FIRST.isoformat()
    run(engine, first, made(recency=(50, 100)), orders)
    model.save(first, old, old)
    run(engine, tmp_path / SECOND.isoformat(), new, orders, [first], now)
    assert told(engine) == {"a": ({}, None), "b": ({"model": 6}, "model")}
    assert engine.rows("from bridge") == []


def another_window(engine, tmp_path):
    """Two runs whose models count orders in other windows, of one customer who moves."""
    (before, now), (old, new) = with_variable(
        {"frequency": {"classes": 2, "window": "12 months"}},
        {"frequency": {"classes": 2, "window": "30 days"}},
    )
    orders = [("a", days_before(SECOND, 50), "1"), ("a", days_before(SECOND, 46), "2")]
    first = tmp_path / FIRST.isoformat()
    run(engine, first, old, orders, asked=before)
    run(engine, tmp_path / SECOND.isoformat(), new, orders, [first], now)


def test_a_mistake_of_our_own_is_not_taken_for_a_model_that_cannot_be_fed(engine, tmp_path, monkeypatch):
    module = sys.modules[transitions.causes.__module__]
    monkeypatch.setattr(module, "_bridge", lambda engine, rulers: engine.execute("select wrong from moves"))
    with pytest.raises(engine.errors, match="wrong"):
        another_window(engine, tmp_path)


def test_a_variable_that_fails_for_an_order_of_this_delivery_takes_every_move(engine, tmp_path):
    orders = [("a", days_before(FIRST, 70), "x2"), ("a", "2025-02-10", "x3")]
    own = {"classes": 2, "sql": "sum(cast(order_id as integer))"}
    (_, now), (old, new) = with_variable({"own": own}, {"frequency": {"classes": 2}})
    first = tmp_path / FIRST.isoformat()
    run(engine, first, made(recency=(50, 100)), orders)
    model.save(first, old, old)
    run(engine, tmp_path / SECOND.isoformat(), new, orders, [first], now)
    assert told(engine) == {"a": ({"model": 6}, "model")}


def test_movers_from_a_segment_that_is_no_more_have_no_causes(engine, tmp_path):
    segments, rules = ("Regular", "At risk", "Lost"), "Regular,3,2\nAt risk,>=2,*\nLost,*,*"
    orders = [
        ("a", days_before(FIRST, 10), "1"),
        ("a", days_before(FIRST, 11), "2"),
        ("b", days_before(FIRST, 10), "3"),
    ]
    two_runs(engine, tmp_path, made(segments=segments, rules=rules), made(), orders)
    found = engine.rows(f"select state, {', '.join(CAUSES)}, mark from moves where customer_id = 'a'")
    assert found == [("unranked", *[None] * 7)]


def test_a_renamed_segment_goes_on_and_its_rules_can_be_told_apart(engine, tmp_path):
    segments, rules = ("Regular", "At risk", "Lost"), "Regular,3,2\nAt risk,>=2,*\nLost,*,*"
    asked = study(
        {"recency": {"classes": 3}, "frequency": {"classes": 2}},
        segments={"Loyal": {"was": ["Regular"]}, "At risk": {}, "Lost": {}},
    )
    orders = [("a", days_before(FIRST, 1), "1"), ("a", days_before(FIRST, 2), "2")]
    two_runs(
        engine,
        tmp_path,
        made(recency=(30, 90), segments=segments, rules=rules),
        made(recency=(60, 90)),
        orders,
        asked=asked,
    )
    assert engine.rows("select from_segment, to_segment, state from moves") == [("Loyal", "Loyal", "stayed")]
    assert told(engine) == {"a": ({"ageing": -3, "boundary": 3}, "masked")}
    assert engine.rows(f"{BRIDGE} order by all") == [("At risk", "Loyal", 1)]


def test_two_segments_that_were_merged_are_one_in_earlier_runs_too(engine, tmp_path):
    """Who went from one of them to the other stayed, by the names of today."""
    segments = ("Loyal", "Regular", "Lost")
    old = made(segments=segments, rules="Loyal,3,2\nRegular,>=2,*\nLost,*,*")
    new = made(segments=("Loyal", "Lost"), rules="Loyal,>=2,*\nLost,*,*")
    asked = study(
        {"recency": {"classes": 3}, "frequency": {"classes": 2}},
        segments={"Loyal": {"was": ["Regular"]}, "Lost": {}},
    )
    orders = [("a", "2024-12-30", "1"), ("a", "2024-12-31", "2"), ("b", "2024-11-30", "3")]
    first, second, third = (tmp_path / day for day in ("2025-01-01", "2025-02-15", "2025-04-01"))
    run(engine, first, old, orders)
    run(engine, second, old, orders, [first])
    assert engine.rows("select customer_id, from_segment, to_segment, state from moves order by 1") == [
        ("a", "Loyal", "Regular", "down"),
        ("b", "Regular", "Regular", "stayed"),
    ]
    run(engine, third, new, orders, [first, second], asked)
    states = engine.rows("select from_segment, to_segment, from_rank, to_rank, state from moves_of_run_1")
    assert states == [("Loyal", "Loyal", 2, 2, "stayed"), ("Loyal", "Loyal", 1, 1, "stayed")]
    transitions.history(engine)
    assert engine.rows("select customer_id, segment, previous_segment, since from history order by 1") == [
        ("a", "Lost", "Loyal", dt.date(2025, 4, 1)),
        ("b", "Lost", "Loyal", dt.date(2025, 4, 1)),
    ]


# What is counted


def test_marks_are_counted_together_and_by_the_segment_that_was_left(engine, tmp_path):
    boundary_case(engine, tmp_path, recency=(130, 150))
    rows = "select position, direction, mark, customers, ordered, value from {} where customers > 0"
    assert engine.rows(rows.format("marks") + " order by 1") == [
        (4, "up", "boundary", 1, 0, 20),
        (13, "masked", "masked", 1, 0, 20),
    ]
    assert engine.rows("select count(*) from marks") == [(13,)]
    assert engine.rows(
        "select segment, rank, direction, mark, customers from causes where customers > 0 order by rank"
    ) == [
        ("At risk", 1, "up", "boundary", 1),
        ("Loyal", 2, "masked", "masked", 1),
    ]
    assert engine.rows("select count(*) from causes") == [(39,)]
    assert engine.rows(f"{BRIDGE} order by all") == [
        ("At risk", "Loyal", 1),
        ("Lost", "Loyal", 1),
        ("Loyal", "Loyal", 1),
    ]


def test_fragile_movers_are_counted_where_the_run_knows_them(engine, tmp_path):
    boundary_case(engine, tmp_path, recency=(130, 150))
    engine.execute("update customers set fragile = customer_id = 'bottom'")
    transitions.causes(engine, ACME, made(recency=(130, 150)), [tmp_path / FIRST.isoformat()])
    assert engine.rows("select mark, fragile from marks where customers > 0 order by position") == [
        ("boundary", 1),
        ("masked", 0),
    ]
    # Nor is somebody praised for a move from a place that was chance.
    engine.execute("update previous set fragile = customer_id = 'middle'")
    transitions.causes(engine, ACME, made(recency=(130, 150)), [tmp_path / FIRST.isoformat()])
    assert engine.rows("select mark, fragile from marks where customers > 0 order by position") == [
        ("boundary", 1),
        ("masked", 1),
    ]
    engine.execute("alter table customers drop column fragile")
    transitions.causes(engine, ACME, made(recency=(130, 150)), [tmp_path / FIRST.isoformat()])
    assert engine.rows("select distinct fragile from marks") == [(None,)]


def test_the_cell_can_be_run_twice(engine, tmp_path):
    boundary_case(engine, tmp_path, recency=(130, 150))
    once, columns = told(engine), engine.columns("moves")
    transitions.causes(engine, ACME, made(recency=(130, 150)), [tmp_path / FIRST.isoformat()])
    assert (told(engine), engine.columns("moves")) == (once, columns)
    assert columns == {
        "customer_id": "VARCHAR", "from_segment": "VARCHAR", "to_segment": "VARCHAR", "from_rank": "SMALLINT",
        "to_rank": "SMALLINT", "state": "VARCHAR", **dict.fromkeys(CAUSES, "SMALLINT"), "mark": "VARCHAR",
    }  # fmt: skip
    assert not [
        name
        for step in ("before", "idle", "now")
        for name in (f"_values_{step}", f"_old_values_{step}")
        if engine.has(name)
    ]


def test_a_first_run_has_the_same_columns_and_no_rows(engine, tmp_path):
    run(engine, tmp_path / FIRST.isoformat(), made(), [("a", "2024-12-01", "1")])
    for table in ("moves", "marks", "causes", "bridge"):
        assert engine.rows(f"from {table}") == [], table
    assert engine.columns("moves")["mark"] == "VARCHAR"
    assert engine.columns("moves")["boundary"] == "SMALLINT"


# What is wrong


def test_an_earlier_run_without_its_model_is_refused(engine, tmp_path):
    first = tmp_path / FIRST.isoformat()
    run(engine, first, made(), [("a", "2024-12-01", "1")])
    (first / "model.json").unlink()
    with pytest.raises(ModelError) as caught:
        run(engine, tmp_path / SECOND.isoformat(), made(), [("a", "2024-12-01", "1")], [first])
    assert str(caught.value) == (f"{first / 'model.json'}: there must be a model in this file (no such file)")


def test_segments_of_another_model_than_the_runs_are_refused(engine, tmp_path):
    boundary_case(engine, tmp_path, recency=(130, 150))
    first = tmp_path / FIRST.isoformat()
    with pytest.raises(SegcoreError) as caught:
        transitions.causes(engine, ACME, made(recency=(1, 2)), [first])
    assert str(caught.value) == (
        "causes of customer bottom must add up to the move, 6 sixths of a rank (got -6); the segments are "
        "not those of this run's model: make this run again"
    )


def test_old_names_that_cannot_be_read_as_one_segment_are_refused():
    def refused(**segments):
        with pytest.raises(ValidationError) as caught:
            study(segments={name: {"was": was} for name, was in segments.items()})
        return caught.value.errors()[0]["msg"].removeprefix("Value error, ")

    assert refused(Loyal=["Lost"], Lost=[]) == (
        "segments.Loyal.was: must name segments that are no more (got 'Lost', which the study has); take it "
        "out: a segment is itself in earlier runs, too"
    )
    assert refused(Loyal=["Regular"], Casual=["Regular"]) == (
        "segments.Casual.was: must not name 'Regular', as segments.Loyal.was does; name it in the one in "
        "which most of its customers go on: who is in the other has moved"
    )
