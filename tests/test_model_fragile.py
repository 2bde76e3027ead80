from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_model import DAY, anything, fill, model, rules, study, variable

from segcore.engine import DuckDB
from segcore.errors import ModelError
from segcore.model import Model, apply, fit, keep_breaks, with_intervals
from segcore.rules import parse_rules


@pytest.fixture(scope="module")
def engine():
    with DuckDB() as engine:
        yield engine


def sure(low, high, frequency_low=(4,), frequency_high=(4,), **more) -> Model:
    """The small model, edges 30 and 90 of recency and 4 of frequency, with intervals around these."""
    recency, frequency = model().variables
    wide = replace(recency, low=low, high=high), replace(frequency, low=frequency_low, high=frequency_high)
    return model(variables=wide, **more)


def fragile(engine: DuckDB, held: Model) -> dict[str, bool | None]:
    apply(engine, held)
    return dict(engine.rows("select customer_id, fragile from customers order by customer_id"))


def test_a_value_above_the_low_and_up_to_the_high_end_of_an_interval_may_be_on_either_side(engine):
    fill(engine, "('A', 25, 9), ('B', 26, 9), ('C', 30, 9), ('D', 40, 9), ('E', 41, 9)")
    assert fragile(engine, sure((25, 90), (40, 90))) == {
        "A": False, "B": True, "C": True, "D": True, "E": False
    }  # fmt: skip


def test_only_a_class_that_changes_the_segment_makes_a_customer_fragile(engine):
    """Up to 30 days is Loyal with more than 4 orders, At risk with fewer, and so is up to 90 days."""
    fill(engine, "('many', 30, 9), ('few', 30, 4), ('late', 90, 9)")
    assert fragile(engine, sure((25, 80), (40, 95))) == {"few": False, "late": True, "many": True}


def test_two_variables_may_change_the_segment_only_together(engine):
    fill(engine, "('A', 35, 4)")
    only_recency, only_frequency = sure((25, 90), (40, 90)), sure((30, 90), (30, 90), (3,), (5,))
    both = sure((25, 90), (40, 90), (3,), (5,))
    assert [fragile(engine, held) for held in (only_recency, only_frequency, both)] == [
        {"A": False}, {"A": False}, {"A": True}
    ]  # fmt: skip


def test_intervals_that_overlap_allow_three_classes(engine):
    fill(engine, "('A', 60, 1)")
    table = rules("Loyal,3,*,\nAt risk,2,*,\nLost,*,*,\n")
    assert fragile(engine, sure((25, 55), (65, 95), rules=table)) == {"A": True}
    table = rules("At risk,3,*,\nLost,2,*,\nAt risk,*,*,\n")
    assert fragile(engine, sure((25, 55), (65, 95), rules=table)) == {"A": True}


def test_edges_without_doubt_leave_nobody_fragile_and_unknown_ones_do_not_say(engine):
    fill(engine, "('A', 30, 4), ('B', 90, 5)")
    assert fragile(engine, sure((30, 90), (30, 90))) == {"A": False, "B": False}
    assert fragile(engine, model()) == {"A": None, "B": None}


def test_a_column_of_that_name_is_refused(engine):
    fill(engine, "('A', 1, 2, true)", "customer_id, recency, frequency, fragile")
    with pytest.raises(ModelError) as error:
        apply(engine, model())
    assert error.value.problems == (
        "fragile must not be a column of features, for segments are written there; "
        "map it under another name in the study",
    )


def by_hand(held: Model, values: tuple[int, ...]) -> bool:
    """Every combination of edges within the intervals, one after the other."""
    found = set()
    spans = [[range(low, high + 1) for low, high in zip(v.low, v.high, strict=True)] for v in held.variables]
    ways = [[edges for edges in product(*span) if list(edges) == sorted(edges)] for span in spans]
    for chosen in product(*ways):
        classes = {}
        for v, edges, value in zip(held.variables, chosen, values, strict=True):
            above = sum(value > edge for edge in edges)
            classes[v.name] = above + 1 if v.better == "high" else v.classes - above
        found.add(held.rules.segment_of(classes)[0])
    return len(found) > 1


@st.composite
def interval(draw, edges):
    """Two ends for each edge, ascending as the edges do."""
    low = sorted(draw(st.integers(max(0, edge - 3), edge)) for edge in edges)
    high = sorted(draw(st.integers(edge, edge + 3)) for edge in edges)
    return tuple(map(min, low, edges)), tuple(map(max, high, edges))


@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_the_boxes_find_whom_trying_every_edge_finds(engine, data):
    (low, high), (few, many) = data.draw(interval((4, 8))), data.draw(interval((3,)))
    cells = st.sampled_from(["*", "1", "2", "3", ">=2", "<=2"])
    picked = data.draw(st.lists(st.tuples(cells, st.sampled_from(["*", "1", "2"])), min_size=1, max_size=4))
    lines = [f"{name},{r},{f}," for name, (r, f) in zip(("Loyal", "At risk") * 2, picked, strict=False)]
    table = parse_rules(
        "\n".join(["segment,recency,frequency,note", *dict.fromkeys(lines), "Lost,*,*,", ""]),
        file="acme.rules.csv",
        variables={"recency": 3, "frequency": 2},
        segments=("Loyal", "At risk", "Lost"),
    )
    recency, frequency = model((4, 8), (3,)).variables
    wide = replace(recency, low=low, high=high), replace(frequency, low=few, high=many)
    held = model(variables=wide, rules=table)
    points = list(product(range(0, 13), range(0, 8)))
    fill(engine, ", ".join(f"('{place:03}', {r}, {f})" for place, (r, f) in enumerate(points)))
    assert list(fragile(engine, held).values()) == [by_hand(held, point) for point in points]


class TestWithIntervals:
    def test_a_fit_knows_its_sizes_and_how_well_it_fits_and_then_how_sure_it_is(self, engine):
        engine.execute(
            "create or replace table features as "
            "select i as customer_id, (i * i) % 120 as recency, i % 9 as frequency from range(900) t(i)"
        )
        fitted = fit(engine, study(), rules(), DAY)
        recency = fitted.by_name["recency"]
        assert sum(recency.sizes) == 900 and recency.gvf is not None and 0.8 < recency.gvf < 1
        apply(engine, fitted)
        counted = dict(engine.rows("select recency_class, count(*) from customers group by all"))
        assert recency.sizes == (counted[1], counted[2], counted[3])
        assert not fitted.known
        whole = with_intervals(engine, fitted)
        assert whole.known
        assert with_intervals(engine, whole) is whole
        assert with_intervals(engine, fitted, "customers") == whole
        assert Model.from_json(whole.to_json()) == whole

    def test_breaks_that_are_kept_keep_what_is_known_of_them(self):
        held = sure((25, 80), (40, 95))
        held = replace(held, variables=tuple(replace(v, gvf=0.5) for v in held.variables))
        kept = keep_breaks(held, study(), rules())
        assert kept == held

    @pytest.mark.parametrize(
        ("known", "problem"),
        [
            (
                {"low": (2,), "high": (2,)},
                "share must have an interval around each edge, ascending as these do",
            ),
            ({"low": (0,)}, "share must have an interval around each edge, ascending as these do"),
            ({"sizes": (3,)}, "share must have 2 sizes (got 1)"),
        ],
    )
    def test_an_interval_holds_its_edge_and_every_class_has_a_size(self, known, problem):
        with pytest.raises(ModelError) as error:
            replace(variable((1,)), **known)
        assert str(error.value) == problem

    def test_decimals_are_told_as_decimals(self, engine):
        engine.execute(
            "create or replace table features as select i::DECIMAL(9, 2) / 8 as share from range(99) t(i)"
        )
        wanted = study({"share": {"classes": 2, "sql": "avg(amount)"}})
        whole = with_intervals(engine, fit(engine, wanted, anything({"share": 2}), DAY))
        assert whole.known
        assert Model.from_json(whole.to_json()).to_json() == whole.to_json()
