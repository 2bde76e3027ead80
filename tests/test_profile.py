"""The small tables of a run: each figure that a reader sees, against rows written here."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from small_model import DAY, fill, model, rules, study

from segcore import profile, tables
from segcore.engine import DuckDB
from segcore.model import ModelVariable, apply
from segcore.rules import parse_rules

# Loyal: A and G would be, but for the rules below; see `model`: recency <= 30 and frequency > 4.
CUSTOMERS = "('A', 5, 9), ('B', 8, 7), ('C', 30, 4), ('D', 31, 8), ('E', 90, 2), ('F', 91, 1)"
ORDERS = """
    ('A', DATE '2024-01-05', 1000.0000), ('A', DATE '2025-12-26', 10.1000), ('B', DATE '2025-12-23', 20.2000),
    ('C', DATE '2025-12-01', -0.3000), ('D', DATE '2025-11-30', 1.0000), ('E', DATE '2025-10-02', 2.0000),
    ('F', DATE '2024-12-31', 4.0000), ('X', DATE '2024-01-01', 70000.0000)
"""


@pytest.fixture
def engine():
    with DuckDB() as engine:
        fill(engine, CUSTOMERS)
        apply(engine, model())
        order(engine, ORDERS)
        yield engine


def order(engine: DuckDB, lines: str) -> None:
    engine.execute(
        "create or replace table transactions as select customer_id, order_date, "
        f"amount::DECIMAL(18, 4) as amount from (values {lines}) t(customer_id, order_date, amount)"
    )


def rows(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]


class TestFacts:
    def test_one_row_says_what_holds_for_the_whole_run(self, engine):
        profile.facts(engine, study(), DAY)
        assert engine.columns("facts") == {
            "run_date": "DATE", "customers": "BIGINT", "first_order": "DATE", "newest_order": "DATE",
            "value_window": "VARCHAR", "years_cut_off": "DOUBLE", "population": "VARCHAR",
            "exclude": "VARCHAR",
        }  # fmt: skip
        assert engine.rows("from facts") == [
            (DAY, 6, dt.date(2024, 1, 1), dt.date(2025, 12, 26), "12 months", None, None, "")
        ]

    @pytest.mark.parametrize(
        ("first", "active", "window"),
        [
            ("2025-01-07", None, "12 months"),  # nobody orders on New Year's Day
            ("2025-01-08", None, None),
            ("2025-12-01", "4 months", None),
            ("2025-08-31", "4 months", "4 months"),
            ("2025-08-31", "24 months", None),
            ("2024-12-31", "24 months", "12 months"),
        ],
    )
    def test_value_counts_over_a_window_only_where_the_data_are_that_long(
        self, engine, first, active, window
    ):
        order(engine, f"('A', DATE '{first}', 1)")
        profile.facts(engine, study(population={"active_within": active}), DAY)
        assert engine.rows("select value_window from facts") == [(window,)]

    def test_years_are_cut_off_for_those_whose_first_order_is_in_the_first_30_days(self, engine):
        engine.execute(
            "create or replace table customers as from (values ('A', 730), ('B', 701), ('C', 700)) "
            "as t(customer_id, years)"
        )
        profile.facts(engine, study({"years": {"classes": 2}}), DAY)  # the first order is 730 days ago
        assert engine.rows("select years_cut_off from facts") == [(pytest.approx(2 / 3),)]

    def test_years_are_not_cut_off_where_the_study_knows_since_when_it_has_its_customers(self, engine):
        sources = study().sources.model_dump(by_alias=True, exclude_none=True)
        sources["customers"] = {"files": ["a.csv"], "columns": {"customer_id": "k", "since": "s"}}
        fill(engine, "('A', 730)", "customer_id, years")
        engine.execute("create or replace table customers as from features")
        profile.facts(engine, study({"years": {"classes": 2}}, sources=sources), DAY)
        assert engine.rows("select years_cut_off from facts") == [(None,)]


class TestSegments:
    def test_value_is_what_the_segments_customers_ordered_within_the_window(self, engine):
        profile.facts(engine, study(), DAY)
        frame = profile.segments(engine, model())
        assert engine.columns("segments") == {
            "segment": "VARCHAR", "rank": "SMALLINT", "customers": "BIGINT", "share": "DOUBLE",
            "value": "DECIMAL(38,4)", "value_share": "DOUBLE", "share_to_here": "DOUBLE",
            "value_share_to_here": "DOUBLE", "fragile": "BIGINT",
        }  # fmt: skip
        assert list(frame["segment"]) == ["Loyal", "At risk", "Lost"]
        assert engine.rows("select segment, rank, customers, value from segments") == [
            ("Loyal", 2, 2, Decimal("30.3000")),
            ("At risk", 1, 3, Decimal("2.7000")),
            ("Lost", 0, 1, Decimal("0.0000")),  # ordered a day too early
        ]
        assert list(frame["share"]) == pytest.approx([1 / 3, 1 / 2, 1 / 6])
        assert list(frame["value_share"]) == pytest.approx([30.3 / 33, 2.7 / 33, 0])
        assert list(frame["share_to_here"]) == pytest.approx([1 / 3, 5 / 6, 1])
        assert list(frame["value_share_to_here"]) == pytest.approx([30.3 / 33, 1, 1])

    def test_all_orders_count_where_the_data_are_shorter_than_the_window(self, engine):
        order(engine, "('A', DATE '2025-06-01', 5), ('F', DATE '2025-12-01', 15)")
        profile.facts(engine, study(), DAY)
        frame = profile.segments(engine, model())
        assert list(frame["value_share"]) == [0.25, 0, 0.75]

    def test_nobody_has_a_share_of_a_value_that_is_not_positive(self, engine):
        order(engine, "('A', DATE '2025-01-01', 5), ('F', DATE '2025-12-01', -5)")
        profile.facts(engine, study(), DAY)
        assert rows(profile.segments(engine, model())[["value", "value_share"]]) == [
            (5.0, None), (0.0, None), (-5.0, None)
        ]  # fmt: skip

    def test_a_segment_without_customers_stands_with_nothing(self, engine):
        apply(engine, model(rules=rules("Loyal,*,2,\nLost,*,*,\n")))
        profile.facts(engine, study(), DAY)
        assert rows(profile.segments(engine, model()))[1][:6] == ("At risk", 1, 0, 0.0, 0.0, 0.0)
        assert rows(profile.profile(engine, model()))[2:4] == [
            ("At risk", 1, "recency", 0, 0, None, None, None),
            ("At risk", 1, "frequency", 1, 0, None, None, None),
        ]

    def test_columns_of_customers_may_have_the_names_of_columns_of_orders(self, engine):
        engine.execute("alter table customers add column amount INTEGER default 7")
        engine.execute("alter table transactions add column segment VARCHAR default 'food'")
        profile.facts(engine, study(), DAY)
        assert list(profile.segments(engine, model())["value"]) == pytest.approx([30.3, 2.7, 0])


def test_quarters_are_values_of_customers_and_at_most_a_quarter_lies_beyond_them(engine):
    fill(engine, "('A', 1, 9), ('B', 1, 9), ('C', 1, 9), ('D', 2, 9), ('E', 20, 9), ('F', 400, 1)")
    apply(engine, model())
    frame = profile.profile(engine, model())
    assert engine.columns("profile") == {
        "segment": "VARCHAR", "rank": "SMALLINT", "variable": "VARCHAR", "position": "SMALLINT",
        "customers": "BIGINT", "quarter": "DOUBLE", "median": "DOUBLE", "three_quarters": "DOUBLE",
    }  # fmt: skip
    assert rows(frame)[:2] == [
        ("Loyal", 2, "recency", 0, 5, 1.0, 1.0, 2.0),
        ("Loyal", 2, "frequency", 1, 5, 9.0, 9.0, 9.0),
    ]
    assert rows(frame)[-1] == ("Lost", 0, "frequency", 1, 1, 1.0, 1.0, 1.0)


def test_classes_say_which_values_they_hold_as_they_are_shown(engine):
    wanted = study({"recency": {"classes": 3}, "years": {"classes": 2}})
    table = parse_rules(
        "segment,recency,years\nLoyal,3,*\nLost,*,*\n", file="r.csv",
        variables={"recency": 3, "years": 2}, segments=("Loyal", "At risk", "Lost"),
    )  # fmt: skip
    variables = (
        ModelVariable.of(wanted, "recency", (30, 90)),
        ModelVariable.of(wanted, "years", (1461,)),
    )
    own = model(variables=variables, rules=table)
    fill(
        engine, "('A', 5, 1461), ('B', 8, 1462), ('C', 31, 100), ('D', 31, 9)", "customer_id, recency, years"
    )
    apply(engine, own)
    assert rows(profile.classes(engine, own)) == [
        ("recency", 0, 1, 90.0, None, 0, 0.0),
        ("recency", 0, 2, 30.0, 90.0, 2, 0.5),
        ("recency", 0, 3, None, 30.0, 2, 0.5),
        ("years", 1, 1, None, 4.0, 3, 0.75),
        ("years", 1, 2, 4.0, None, 1, 0.25),
    ]


def test_every_rule_is_counted_with_its_sentence_also_one_that_takes_nobody(engine):
    table = rules('Loyal,3,2,\nAt risk,>=2,*,"call them, it\'s worth it"\nLost,2,1,\nLost,*,*,\n')
    apply(engine, model(rules=table))
    frame = profile.rules(engine, model(rules=table))
    assert rows(frame[["line", "segment", "customers", "fits", "note"]]) == [
        (2, "Loyal", 2, 2, ""),
        (3, "At risk", 3, 5, "call them, it's worth it"),
        (4, "Lost", 0, 1, ""),
        (5, "Lost", 1, 6, ""),
    ]
    assert list(frame["rule"]) == [rule.condition(model().by_name) for rule in table.rules]


def test_differences_are_kept_and_an_empty_table_has_the_same_types(engine):
    frame = profile.differences(engine, model(), model(recency=(7, 90)))
    assert rows(frame) == [("Loyal", "At risk", 1)]
    types = engine.columns("differences")
    assert rows(profile.differences(engine, model(), model())) == []
    assert engine.columns("differences") == types
    names = {"from_segment": "VARCHAR", "to_segment": "VARCHAR"}
    assert types == {**names, "customers": "BIGINT", "moving": "BIGINT"}


class TestWhoDecides:
    def test_a_variable_that_no_rule_asks_for_decides_nobodys_segment(self, engine):
        table = rules("Loyal,3,*,\nLost,*,*,\n")
        apply(engine, model(rules=table))
        assert rows(profile.decides(engine, model(rules=table))) == [("recency", 0, 6), ("frequency", 1, 0)]

    def test_customers_count_whom_any_other_class_of_the_variable_would_move(self, engine):
        # Only among the most recent do orders count: A, B and C.
        table = rules("Loyal,3,2,\nAt risk,3,1,\nLost,*,*,\n")
        apply(engine, model(rules=table))
        assert rows(profile.decides(engine, model(rules=table))) == [("recency", 0, 6), ("frequency", 1, 3)]

    def test_it_is_what_trying_every_other_class_of_every_customer_gives(self, engine):
        engine.execute(
            "create or replace table features as select i as customer_id, hash(i) % 130 as recency, "
            "(hash(i + 7) % 9)::INTEGER as frequency from range(400) t(i)"
        )
        table = rules("Loyal,3,2,\nLost,1,2,\nAt risk,>=2,1,\nLoyal,2,*,\nLost,*,*,\n")
        apply(engine, model(rules=table))
        found = engine.rows("select recency_class, frequency_class from customers")
        expected = [
            sum(
                any(
                    table.segment_of({**own, name: other})[0] != table.segment_of(own)[0]
                    for other in range(1, most + 1)
                )
                for own in ({"recency": r, "frequency": f} for r, f in found)
            )
            for name, most in (("recency", 3), ("frequency", 2))
        ]
        assert list(profile.decides(engine, model(rules=table))["customers"]) == expected
        assert 0 < expected[1] < 400


def test_every_table_is_saved_in_the_order_of_its_key(engine, tmp_path):
    profile.facts(engine, study(), DAY)
    for make in (profile.segments, profile.profile, profile.classes, profile.rules, profile.decides):
        make(engine, model())
    profile.spread(engine, model().variables)
    profile.differences(engine, model(), model(recency=(7, 90)))
    profile.edges(engine, model(), model())
    profile.drift(engine, model(), model())
    tables.save(engine, tmp_path, *profile.TABLES)
    for name in profile.TABLES:
        saved = pd.read_parquet(tmp_path / "data" / f"{name}.parquet")
        assert len(saved) == len(tables.rows(engine, name)) > 0
        key = saved[list(tables.TABLES[name])]
        assert not key.duplicated().any(), name
    profiled = pd.read_parquet(tmp_path / "data" / "profile.parquet")
    assert list(profiled["segment"].unique()) == ["Loyal", "At risk", "Lost"]


class TestAsPeopleReadThem:
    @pytest.mark.parametrize(
        ("name", "edges", "half", "text"),
        [
            ("recency", (30,), (6.0, 21.0), "6–21"),
            ("recency", (30,), (6.0, 6.0), "6"),
            ("recency", (30,), (1234.0, 5678.0), "1,234–5,678"),
            ("recency", (30,), (float("nan"), float("nan")), "–"),
            ("years", (400,), (365.0, 2000.0), "1.0–5.5"),
            ("years", (400,), (3652.0, 5000.0), "10.0–14"),
            ("years", (400,), (-30.0, 0.0), "−0.1 to 0.0"),
            ("monetary", (Decimal("99.50"),), (12.5, 463187.2), "12.50–463,187"),
            ("monetary", (Decimal("99.50"),), (-250.0, 0.0), "−250 to 0.00"),
        ],
    )
    def test_the_middle_half_is_written_short(self, name, edges, half, text):
        variable = ModelVariable.of(study({name: {"classes": 2}}), name, edges)
        assert profile.middle(*half, variable) == text

    def test_segments_with_shares_and_money(self, engine):
        order(engine, "('A', DATE '2025-06-01', 5), ('F', DATE '2025-12-01', 1995)")
        profile.facts(engine, study(), DAY)
        assert rows(profile.shown_segments(profile.segments(engine, model()), "EUR")) == [
            ("Loyal", 2, "33%", "€\u00a05.00", "under 1%", "–"),
            ("At risk", 3, "50%", "€\u00a00.00", "0%", "–"),
            ("Lost", 1, "17%", "€\u00a01,995", "over 99%", "–"),
        ]

    def test_classes_with_their_values(self, engine):
        assert rows(profile.shown_classes(profile.classes(engine, model()), model())) == [
            ("recency", 1, "above 90", "days ago", 1, "17%"),
            ("recency", 2, "above 30 up to 90", "days ago", 2, "33%"),
            ("recency", 3, "up to 30", "days ago", 3, "50%"),
            ("frequency", 1, "up to 4", "orders", 3, "50%"),
            ("frequency", 2, "above 4", "orders", 3, "50%"),
        ]

    def test_a_row_for_each_segment_also_one_without_customers(self, engine):
        apply(engine, model(rules=rules("Loyal,*,2,\nLost,*,*,\n")))
        frame = profile.shown_profile(profile.profile(engine, model()), model())
        assert list(frame.columns) == ["segment", "recency, days ago", "frequency, orders"]
        assert rows(frame) == [
            ("Loyal", "5–31 (8)", "7–9 (8)"),
            ("At risk", "–", "–"),
            ("Lost", "30–91 (90)", "1–4 (2)"),
        ]
