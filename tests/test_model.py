from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_model import DAY, anything, fill, model, rules, study, variable

from segcore.engine import DuckDB
from segcore.errors import BreaksError, ModelError
from segcore.model import Model, ModelVariable, apply, check_belongs, check_values, fit, keep_breaks

CUSTOMERS = """
    ('A', 5, 9), ('B', 8, 7), ('C', 30, 4), ('D', 31, 8), ('E', 90, 2), ('F', 91, 1), ('G', 400, 12)
"""

LONG = "123456789012345678901234567890"


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


@pytest.fixture(scope="module")
def shared_engine():
    with DuckDB() as engine:
        yield engine


class TestFitting:
    def test_a_model_holds_the_breaks_of_the_customers_and_all_that_was_decided(self, engine):
        fill(engine, "('A', 1, 1), ('B', 2, 1), ('C', 50, 2), ('D', 51, 9), ('E', 400, 10), ('F', 400, 9)")
        fitted = fit(engine, study(), rules(), DAY)
        assert fitted.by_name["recency"].edges == (2, 51)
        assert fitted.by_name["frequency"].edges == (2,)
        assert (fitted.study, fitted.fitted_as_of, fitted.rules) == ("acme", DAY, rules())
        assert fitted.segments == ("Loyal", "At risk", "Lost")

    def test_variables_carry_the_words_of_the_study(self):
        wanted = {
            "monetary": {"classes": 2, "window": "24 months"},
            "recency": {"classes": 2, "window": "24 months", "label": "Letzter Auftrag"},
            "chairs": {"classes": 2, "sql": "count(*) filter (where market = 'Chairs')", "scale": "log"},
        }
        money, recency, chairs = (ModelVariable.of(study(wanted), name, (1,)) for name in wanted)
        assert (money.unit, money.window) == ("EUR", "24 months")
        assert (recency.label, recency.better, recency.window) == ("Letzter Auftrag", "low", None)
        assert (chairs.label, chairs.scale, chairs.classes) == ("Chairs", "log", 2)

    def test_every_variable_that_cannot_be_cut_is_named_at_once(self, engine):
        fill(engine, "('A', 1, 1), ('B', 2, 1), ('C', 2, 1)")
        with pytest.raises(BreaksError) as error:
            fit(engine, study(), rules(), DAY)
        assert error.value.problems == (
            "recency must have at least 3 distinct values for 3 classes (got 2): "
            "lower variables.recency.classes in the study to at most 2",
            "frequency must have at least 2 distinct values for 2 classes (got 1): "
            "lower variables.frequency.classes in the study to at most 1",
        )

    def test_decimals_give_decimal_edges_and_floats_float_edges(self, engine):
        rows = "('A', 1.10, 1e-1), ('B', 2.25, 2e-1), ('C', 9.90, 7e-1)"
        fill(engine, rows, "customer_id, monetary, share")
        wanted = {"monetary": {"classes": 2}, "share": {"classes": 2, "sql": "avg(amount)"}}
        fitted = fit(engine, study(wanted), anything({"monetary": 2, "share": 2}), DAY)
        assert fitted.by_name["monetary"].edges == (Decimal("2.25"),)
        assert fitted.by_name["share"].edges == (0.2,)
        assert [v.kind for v in fitted.variables] == ["decimal", "float"]


class TestValues:
    def test_missing_numbers_are_counted_and_text_is_refused_all_at_once(self, engine):
        rows = "('A', 1, null, 'nan'::double, 'x'), ('B', 2, 1, 0.5, 'y'), ('C', 3, null, 'inf', 'z')"
        fill(engine, rows, "customer_id, recency, frequency, share, letter")
        with pytest.raises(BreaksError) as error:
            check_values(engine, ["recency", "frequency", "share", "letter"])
        assert error.value.problems == (
            "letter must be a number (its sql gives VARCHAR); change variables.letter.sql in the study",
            "frequency must have a value for every customer (got none for 2 of 3); "
            "write coalesce(…, 0) or the like into variables.frequency.sql in the study",
            "share must have a value for every customer (got none for 2 of 3); "
            "write coalesce(…, 0) or the like into variables.share.sql in the study",
        )

    def test_a_variable_without_a_column_is_an_error(self, engine):
        fill(engine, CUSTOMERS)
        with pytest.raises(ModelError) as error:
            check_values(engine, ["recency", "years"])
        assert str(error.value) == "features must have a column years (it has none)"

    @pytest.mark.parametrize("kind", ["tinyint", "uinteger", "bigint", "hugeint", "decimal(9, 2)", "double"])
    def test_every_type_of_number_will_do(self, engine, kind):
        engine.execute(f"create table features as select 'A' as customer_id, 4::{kind} as share")
        check_values(engine, ["share"])
        one = Model("acme", DAY, (variable((3, 4, 5)),), anything({"share": 4}))
        apply(engine, one)
        assert engine.rows("select share_class from customers") == [(2,)]


class TestApplying:
    def test_customers_get_classes_segment_rank_and_rule_beside_what_they_had(self, engine):
        fill(engine, CUSTOMERS)
        apply(engine, model())
        assert engine.columns("customers") == {
            "customer_id": "VARCHAR",
            "recency": "INTEGER",
            "frequency": "INTEGER",
            "recency_class": "SMALLINT",
            "frequency_class": "SMALLINT",
            "segment": "VARCHAR",
            "rank": "SMALLINT",
            "rule": "SMALLINT",
            "fragile": "BOOLEAN",
        }
        assert engine.rows("select * exclude (fragile) from customers") == [
            ("A", 5, 9, 3, 2, "Loyal", 2, 2),
            ("B", 8, 7, 3, 2, "Loyal", 2, 2),
            ("C", 30, 4, 3, 1, "At risk", 1, 3),
            ("D", 31, 8, 2, 2, "At risk", 1, 3),
            ("E", 90, 2, 2, 1, "At risk", 1, 3),
            ("F", 91, 1, 1, 1, "Lost", 0, 4),
            ("G", 400, 12, 1, 2, "Lost", 0, 4),
        ]

    @pytest.mark.parametrize(
        ("kind", "edge", "values"),
        [
            ("bigint", 9007199254740993, "9007199254740993, 9007199254740994"),
            ("decimal(38, 4)", Decimal("255.8"), "255.8, 255.8001"),
            ("decimal(38, 8)", Decimal("0.1"), "0.1, 0.10000001"),
            ("decimal(38, 8)", Decimal(f"{LONG}.12345678"), f"{LONG}.12345678, {LONG}.12345679"),
            ("double", 0.1, "0.1, 0.10000000000000002"),
            ("double", 0.30000000000000004, "0.30000000000000004, 0.3000000000000001"),
            ("double", 1e22, "1e22, 1.0000000000000002e22"),
        ],
    )
    def test_a_value_on_the_edge_belongs_to_the_class_below_it(self, engine, kind, edge, values):
        engine.execute(f"create table features as select unnest([{values}]::{kind}[]) as share")
        for better, expected in (("high", [(1,), (2,)]), ("low", [(2,), (1,)])):
            held = Model("acme", DAY, (variable((edge,), better),), anything({"share": 2}))
            reread = Model.from_json(held.to_json())
            apply(engine, reread)
            assert engine.rows("select share_class from customers order by share") == expected

    def test_a_column_that_segments_need_must_not_be_there_already(self, engine):
        fill(engine, "('A', 1, 2, 'x', 3)", "customer_id, recency, frequency, segment, recency_class")
        with pytest.raises(ModelError) as error:
            apply(engine, model())
        assert error.value.problems == (
            "recency_class must not be a column of features, for segments are written there; "
            "map it under another name in the study",
            "segment must not be a column of features, for segments are written there; "
            "map it under another name in the study",
        )

    def test_a_customer_without_a_value_stops_it(self, engine):
        fill(engine, "('A', 1, null::int), ('B', 2, 1)")
        with pytest.raises(BreaksError) as error:
            apply(engine, model())
        assert str(error.value) == (
            "frequency must have a value for every customer (got none for 1 of 2); "
            "write coalesce(…, 0) or the like into variables.frequency.sql in the study"
        )

    def test_names_may_hold_quotes(self, engine):
        fill(engine, "('A', 1, 2, 3)", 'customer_id, recency, frequency, "its ""size"""')
        apply(engine, model())
        assert list(engine.columns("customers"))[3] == 'its "size"'


EDGES = {
    "bigint": st.integers(-(2**62), 2**62),
    "decimal(18, 4)": st.decimals(-(10**9), 10**9, places=4),
    "double": st.floats(allow_nan=False, allow_infinity=False),
}


@pytest.mark.parametrize("kind", EDGES)
@given(data=st.data())
@settings(deadline=None, max_examples=40)
def test_classes_in_sql_are_those_of_the_intervals_after_a_round_trip_through_json(shared_engine, kind, data):
    edges = tuple(sorted(data.draw(st.sets(EDGES[kind], min_size=1, max_size=5))))
    others = data.draw(st.lists(EDGES[kind], max_size=5))
    better = data.draw(st.sampled_from(["high", "low"]))
    held = Model("acme", DAY, (variable(edges, better),), anything({"share": len(edges) + 1}))
    reread = Model.from_json(held.to_json())
    assert reread == held
    assert reread.to_json() == held.to_json()
    values = [*edges, *others]
    rows = shared_engine.rows(
        f"select {reread.class_sql('share')} from (select unnest($values::{kind}[]) as share)",
        {"values": values},
    )
    ascending = [bisect_left(edges, value) + 1 for value in values]
    expected = ascending if better == "high" else [len(edges) + 2 - number for number in ascending]
    assert [row[0] for row in rows] == expected


class TestJson:
    def test_the_text_says_all_that_was_learned_or_decided_and_nothing_else(self):
        bounds = {
            "edges": (Decimal("255.8000"), Decimal("482.0000")),
            "low": (Decimal("201.5000"), Decimal("482.0000")),
            "high": (Decimal("255.8000"), Decimal("500.0000")),
        }
        share = replace(variable(bounds["edges"]), **bounds, sizes=(8, 2, 1), gvf=0.9)
        small = Model("acme", DAY, (share,), anything({"share": 3}))
        assert Model.from_json(small.to_json()) == small
        assert small.to_json() == (
            "{\n"
            '  "schema": 2,\n'
            '  "study": "acme",\n'
            '  "fitted_as_of": "2025-12-31",\n'
            '  "variables": [\n'
            "    {\n"
            '      "name": "share",\n'
            '      "label": "Share",\n'
            '      "unit": "",\n'
            '      "better": "high",\n'
            '      "classes": 3,\n'
            '      "scale": "linear",\n'
            '      "shown_per": 1.0,\n'
            '      "sql": "avg(amount)",\n'
            '      "window": null,\n'
            '      "kind": "decimal",\n'
            '      "edges": [\n'
            "        255.8,\n"
            "        482\n"
            "      ],\n"
            '      "sizes": [\n'
            "        8,\n"
            "        2,\n"
            "        1\n"
            "      ],\n"
            '      "gvf": 0.9,\n'
            '      "low": [\n'
            "        201.5,\n"
            "        482\n"
            "      ],\n"
            '      "high": [\n'
            "        255.8,\n"
            "        500\n"
            "      ]\n"
            "    }\n"
            "  ],\n"
            '  "segments": [\n'
            '    "Loyal",\n'
            '    "At risk",\n'
            '    "Lost"\n'
            "  ],\n"
            '  "rules": [\n'
            "    {\n"
            '      "line": 2,\n'
            '      "segment": "Lost",\n'
            '      "when": {\n'
            '        "share": "*"\n'
            "      },\n"
            '      "note": ""\n'
            "    }\n"
            "  ]\n"
            "}\n"
        )

    def test_hostile_words_survive(self):
        words = replace(model().variables[0], label='"</script>\\u0000255.8"', unit="größe\n")
        held = replace(model(), variables=(words, model().variables[1]))
        assert Model.from_json(held.to_json()) == held

    @pytest.mark.parametrize(
        ("schema", "got"), [("1", "1"), ("3", "3"), ('"2"', "'2'"), ("null", "None"), ("1.5", "1.5")]
    )
    def test_an_unknown_schema_is_refused(self, schema, got):
        text = model().to_json().replace('"schema": 2', f'"schema": {schema}')
        with pytest.raises(ModelError) as error:
            Model.from_json(text, file="runs/acme/2025-12-31/model.json")
        got = got.replace("1.5", "Decimal('1.5')")
        assert str(error.value) == (
            f"runs/acme/2025-12-31/model.json: must be a model with schema 2 (got {got}); "
            "another version of segcore wrote it: use that one, or fit anew"
        )

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"study"', '"studi"', "the key 'study' is missing"),
            ('"2025-12-31"', '"soon"', "Invalid isoformat string: 'soon'"),
            (
                "        30,\n",
                "",
                "recency must have 2 ascending edges for 3 classes (got 90)",
            ),
            (
                "        30,\n",
                "        95,\n",
                "recency must have 2 ascending edges for 3 classes (got 95, 90)",
            ),
            ('"recency": "3"', '"recency": "4"', "must be a class from 1 to 3, 3 being best (got '4')"),
        ],
    )
    def test_a_damaged_model_is_refused(self, old, new, problem):
        with pytest.raises(ModelError) as error:
            Model.from_json(model().to_json().replace(old, new))
        assert str(error.value) == f"model.json: must be a whole model ({problem})"

    @pytest.mark.parametrize("text", ["", "[", "{"])
    def test_what_is_no_json_is_refused(self, text):
        with pytest.raises(ModelError) as error:
            Model.from_json(text)
        assert str(error.value).startswith("model.json: must be a model in JSON (")

    def test_a_rule_table_for_other_classes_makes_no_model(self):
        with pytest.raises(ModelError) as error:
            model(rules=anything({"recency": 5}))
        assert str(error.value) == "the rule table must be one for recency 3, frequency 2 (got recency 5)"


class TestSql:
    def test_the_exported_query_gives_what_applying_gives(self, engine):
        fill(engine, CUSTOMERS)
        apply(engine, model())
        assert engine.rows(model().sql()) == engine.rows("select * exclude (fragile) from customers")

    def test_it_can_be_had_for_other_databases(self):
        spark = model().sql("spark", table="my customers")
        assert "FROM `my customers`" in spark
        assert "WHEN `recency` <= 30" in spark
        assert spark.endswith("\n")

    def test_an_unknown_dialect_lists_the_known_ones(self):
        with pytest.raises(ModelError) as error:
            model().sql("sprak")
        message = str(error.value)
        assert message.startswith("dialect must be one of athena, bigquery, ")
        assert message.endswith(" (got 'sprak'); did you mean spark?")


class TestBelonging:
    way_out = "change it back, or fit anew by setting breaks.from to the date of this run"

    def differences(self, held, other):
        with pytest.raises(ModelError) as error:
            check_belongs(held, other)
        return [problem.removesuffix(f"; {self.way_out}") for problem in error.value.problems]

    def test_a_model_belongs_to_the_study_that_made_it(self):
        check_belongs(model(), study())

    def test_another_number_of_classes(self):
        with pytest.raises(ModelError) as error:
            check_belongs(model(), study({"recency": {"classes": 5}, "frequency": {"classes": 2}}))
        assert str(error.value) == (
            "params/acme.yaml: variables.recency.classes must be 3 as in the model of 2025-12-31 (got 5); "
            f"{self.way_out}"
        )

    def test_other_variables(self):
        assert self.differences(model(), study({"recency": {"classes": 3}, "years": {"classes": 2}})) == [
            "params/acme.yaml: variables.frequency must be there as in the model of 2025-12-31, "
            "recency 3, frequency 2 (got recency 3, years 2)",
            "params/acme.yaml: variables.years must not be there as the model of 2025-12-31 is "
            "recency 3, frequency 2 (got recency 3, years 2)",
        ]

    def test_another_meaning_of_the_same_variable(self):
        wanted = {
            "recency": {"classes": 3, "better": "high"},
            "frequency": {"classes": 2, "window": "24 months"},
        }
        assert self.differences(model(), study(wanted)) == [
            "params/acme.yaml: variables.recency.better must be low as in the model of 2025-12-31 (got high)",
            "params/acme.yaml: variables.frequency.window must be left out as in the model of 2025-12-31 "
            "(got 24 months)",
        ]

    def test_another_sql_of_a_study_s_own_variable_but_not_other_spaces(self):
        held = Model("acme", DAY, (variable((1,)),), anything({"share": 2}))
        check_belongs(held, study({"share": {"classes": 2, "sql": "avg(amount)\n"}}))
        assert self.differences(held, study({"share": {"classes": 2, "sql": "max(amount)"}})) == [
            "params/acme.yaml: variables.share.sql must be avg(amount) as in the model of 2025-12-31 "
            "(got max(amount))"
        ]

    def test_the_model_of_another_study(self):
        assert self.differences(model(study="demo"), study()) == [
            "params/acme.yaml: the model of 2025-12-31 must be one of the study acme (got one of demo)"
        ]

    def test_kept_breaks_take_the_words_and_rules_of_the_study_as_it_is_now(self):
        wanted = {
            "recency": {"classes": 3, "label": "Letzter Auftrag", "scale": "log"},
            "frequency": {"classes": 2},
        }
        new_rules = rules("Loyal,>=2,*,\nLost,*,*,\n")
        kept = keep_breaks(model(fitted_as_of=date(2024, 6, 30)), study(wanted), new_rules)
        assert [v.edges for v in kept.variables] == [(30, 90), (4,)]
        assert kept.by_name["recency"].label == "Letzter Auftrag"
        assert kept.by_name["recency"].scale == "linear"
        assert kept.fitted_as_of == date(2024, 6, 30)
        assert kept.rules == new_rules

    def test_a_model_that_does_not_belong_is_not_kept(self):
        with pytest.raises(ModelError):
            keep_breaks(model(study="demo"), study(), rules())
