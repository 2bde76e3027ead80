from __future__ import annotations

from dataclasses import replace

import pytest
from small_model import DAY, fill, model, rules, study, variable

from segcore.engine import DuckDB
from segcore.errors import ModelError
from segcore.model import (
    alternatives,
    apply,
    between,
    choose,
    class_sizes,
    differences,
    edges,
    fit,
    kept,
    other_edges,
    preview,
    read,
    save,
    thin,
    with_intervals,
)

CUSTOMERS = """
    ('A', 5, 9), ('B', 8, 7), ('C', 30, 4), ('D', 31, 8), ('E', 90, 2), ('F', 91, 1), ('G', 400, 12)
"""


@pytest.fixture
def engine():
    with DuckDB() as engine:
        fill(engine, CUSTOMERS)
        apply(engine, model())
        yield engine


def rows(frame):
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_classes_are_counted_from_the_worst_to_the_best_empty_ones_too(engine):
    counted = class_sizes(engine, model(recency=(30, 90), frequency=(400,)))
    assert counted == {"recency": (2, 2, 3), "frequency": (7, 0)}


def test_differences_name_whom_the_candidate_would_move(engine):
    frame = differences(engine, model(), model(recency=(7, 90), frequency=(9,)))
    assert list(frame.columns) == ["from_segment", "to_segment", "customers"]
    assert rows(frame) == [("Loyal", "At risk", 2)]
    assert rows(differences(engine, model(), model(recency=(100, 400)))) == [
        ("At risk", "Loyal", 1),
        ("Lost", "At risk", 2),
    ]


def test_a_candidate_that_moves_nobody_gives_an_empty_frame_of_the_same_types(engine):
    frame = differences(engine, model(), model())
    assert rows(frame) == []
    full = differences(engine, model(), model(recency=(7, 90)))
    assert frame.dtypes.to_dict() == full.dtypes.to_dict()


def test_a_preview_shows_who_moves_from_where_to_where_best_first(engine):
    new = rules("Loyal,>=2,2,\nLost,1,1,\nAt risk,*,*,\n")
    assert rows(preview(engine, model(), new)) == [("At risk", "Loyal", 1), ("Lost", "At risk", 1)]


def test_a_preview_agrees_with_applying_the_new_table(engine):
    new = rules("Loyal,>=2,2,\nLost,1,1,\nAt risk,*,*,\n")
    apply(engine, model(rules=new), into="then")
    moved = engine.rows(
        'select n.segment, t.segment, count(*) from customers n join "then" t using (customer_id) '
        "where n.segment <> t.segment group by all order by min(n.rank) desc, min(t.rank) desc"
    )
    assert rows(preview(engine, model(), new)) == moved


def test_edges_stand_beside_those_of_the_candidate_with_the_classes_on_either_side():
    recency, frequency = model().variables
    recency, frequency = (
        replace(recency, low=(30, 80), high=(31, 120)),
        replace(frequency, low=(4,), high=(4,)),
    )
    frame = edges(model(variables=(recency, frequency)), model(recency=(28, 95)))
    assert rows(frame) == [
        ("recency", "days ago", 3, 2, "30", "30–31", "28", False),
        ("recency", "days ago", 2, 1, "90", "80–120", "95", False),
        ("frequency", "orders", 1, 2, "4", "4", "4", True),
    ]


def test_intervals_that_are_not_known_are_a_dash_and_negative_ones_have_a_word():
    assert list(edges(model(), model())["between"]) == ["–", "–", "–"]
    assert between(replace(variable((-3,)), low=(-5,), high=(2,)), 1) == "−5 to 2"


def test_the_candidates_edges_are_told_only_where_they_are_others():
    used, candidate = model(), model(recency=(28, 95))
    assert [other_edges(candidate, variable) for variable in used.variables] == [(28, 95), ()]


def test_alternatives_show_the_usual_numbers_of_classes_that_the_values_allow(engine):
    wanted = {
        "recency": {"classes": 5},
        "frequency": {"classes": 3, "scale": "log"},
        "chairs": {"classes": 4, "sql": "count(*)"},
        "products": {"classes": 2},
    }
    values = (
        "('A', 5, 9, 1, 1), ('B', 8, 7, 1, 2), ('C', 30, 4, 2, 1), ('D', 31, 8, 3, 1), ('E', 90, 2, 4, 2)"
    )
    fill(engine, values, "customer_id, recency, frequency, chairs, products")
    frame = alternatives(engine, study(wanted))
    assert rows(frame[["variable", "scale", "classes", "in_study"]]) == [
        ("recency", "linear", 4, False),
        ("recency", "linear", 5, True),
        ("frequency", "log", 3, True),
        ("frequency", "log", 4, False),
        ("frequency", "log", 5, False),
        ("chairs", "linear", 3, False),
        ("chairs", "linear", 4, True),
        ("products", "linear", 2, True),
    ]
    recency = frame.iloc[0]
    assert (recency["edges"], recency["sizes"]) == ("5 · 8 · 31", "1 · 2 · 1 · 1")
    assert frame.iloc[1]["gvf"] == 1.0
    assert frame["gvf"].between(0, 1).all()


def test_alternatives_of_years_and_products_are_two_and_three_classes(engine):
    rows_of = "('A', 1, 1), ('B', 30, 2), ('C', 1461, 3), ('D', 3653, 4)"
    fill(engine, rows_of, "customer_id, years, products")
    frame = alternatives(engine, study({"years": {"classes": 2}, "products": {"classes": 3}}))
    assert rows(frame[["variable", "classes", "edges"]]) == [
        ("years", 2, "4.0"),
        ("years", 3, "0.1 · 4.0"),
        ("products", 2, "2"),
        ("products", 3, "1 · 2"),
    ]


def test_thin_classes_come_with_the_sizes_that_the_other_scale_would_give(engine):
    engine.execute(
        "create or replace table features as select 'C' || i as customer_id, i % 90 as recency, case "
        "when i < 3 then 900 + i when i < 300 then 1 else 2 + i % 20 end as frequency from range(600) t(i)"
    )
    frame = thin(engine, model(recency=(30, 60), frequency=(21,)))
    assert list(frame.columns) == ["variable", "class", "customers", "sizes", "other_scale", "other_sizes"]
    assert rows(frame) == [("frequency", 2, 3, "597 · 3", "log", "342 · 258")]


def test_the_other_scale_has_no_sizes_where_values_have_no_logarithm(engine):
    fill(engine, "('A', -5, 1), ('B', 3, 1), ('C', 9, 9)")
    frame = thin(engine, model())
    assert rows(frame[["variable", "class", "other_scale", "other_sizes"]])[0] == ("recency", 1, "log", "")


def test_no_class_is_thin_where_all_are_large(engine):
    engine.execute(
        "create or replace table features as "
        "select i as customer_id, i % 120 as recency, i % 9 as frequency from range(900) t(i)"
    )
    assert rows(thin(engine, model())) == []


class TestFiles:
    def test_a_run_without_a_kept_model_uses_its_candidate(self, tmp_path, engine):
        assert kept(tmp_path) is None
        candidate = fit(engine, study(), rules(), DAY)
        used = choose(engine, tmp_path, study(), candidate)
        assert used == with_intervals(engine, candidate)
        assert used.known and not candidate.known

    def test_a_run_with_a_kept_model_uses_those_edges_and_the_rules_as_they_are_now(self, tmp_path, engine):
        (tmp_path / "kept_model.json").write_text(model(recency=(10, 20)).to_json(), encoding="utf-8")
        new = rules("Loyal,>=2,*,\nLost,*,*,\n")
        used = choose(engine, tmp_path, study(), model(rules=new))
        assert [v.edges for v in used.variables] == [(10, 20), (4,)]
        assert used.rules == new

    def test_both_models_are_saved_and_read_again(self, tmp_path):
        save(tmp_path, model(), model(recency=(10, 20)))
        assert read(tmp_path / "model.json") == model()
        assert read(tmp_path / "candidate.json") == model(recency=(10, 20))
        assert (tmp_path / "model.json").read_bytes() == model().to_json().encode()

    def test_no_such_model(self, tmp_path):
        with pytest.raises(ModelError) as error:
            read(tmp_path / "model.json")
        assert str(error.value) == f"{tmp_path}/model.json: there must be a model in this file (no such file)"

    def test_a_model_that_is_no_text(self, tmp_path):
        (tmp_path / "model.json").write_bytes(b"\xff\xfe")
        with pytest.raises(ModelError) as error:
            read(tmp_path / "model.json")
        assert str(error.value).startswith(f"{tmp_path}/model.json: must be a readable UTF-8 text file (got ")


def test_the_same_customers_give_the_same_bytes_in_any_order(engine):
    first = fit(engine, study(), rules(), DAY)
    engine.execute("create or replace table features as from features order by customer_id desc")
    second = fit(engine, study(), rules(), DAY)
    assert first.to_json() == second.to_json()
