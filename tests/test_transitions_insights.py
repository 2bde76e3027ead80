from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from small_model import study
from small_movers import drawn, put_moves
from statsmodels.stats.multitest import multipletests

from segcore import tables, transitions
from segcore.engine import ENGINES
from segcore.transitions import attributes

ACME = study()


@pytest.fixture(scope="module")
def engine():
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def found(engine, folder, people, **more):
    put_moves(engine, folder, people, **more)
    return transitions.insights(engine, ACME)


def told(insights):
    return [(row.direction, row.attribute, row["name"]) for _, row in insights[insights["told"]].iterrows()]


def levels(insights, attribute, direction="up"):
    """Name of the level → its movers and customers."""
    rows = insights[(insights["attribute"] == attribute) & (insights["direction"] == direction)]
    return {row["name"]: (row["movers"], row["customers"]) for _, row in rows.iterrows()}


# What is planted is found, and nothing else


@pytest.mark.parametrize("seed", range(10))
def test_a_region_that_moves_more_often_is_found_and_told_alone(engine, tmp_path, seed):
    insights = found(engine, tmp_path, drawn(seed, Süd=(1.6, 1)))
    assert told(insights) == [("up", "region", "Süd")]
    (row,) = insights[insights["told"]].to_dict("records")
    assert row["low"] > 1.1
    assert 1.2 < row["lift"] < 1.7  # of all, and a quarter of them moves 1.6 times as often


@pytest.mark.parametrize("seed", range(5))
def test_a_region_that_moves_down_less_often_is_found(engine, tmp_path, seed):
    insights = found(engine, tmp_path, drawn(seed, Nord=(1, 0.5)))
    assert ("down", "region", "Nord") in told(insights)
    assert insights["lift"][0] < 0.75


def test_shuffled_customers_tell_something_at_most_five_times_in_a_hundred(engine, tmp_path):
    """A planted effect is there, and all that is known of customers is dealt anew to them."""
    people = drawn(1, customers=1_000, Süd=(1.6, 1))
    chance = np.random.default_rng(5)
    orders = [
        (who, dt.date(2024, 6, 1), f"M{who[-1]}", int(chance.integers(1, 900)))
        for who in people["customer_id"]
    ]
    put_moves(engine, tmp_path, people, orders=orders)
    engine.execute("create or replace table as_it_was as from moves")
    spoke = 0
    for seed in range(100):
        dealt = "row_number() over (order by hash(customer_id || '{}'))"
        engine.execute(
            f"""create or replace table moves as select another.customer_id, move.* exclude (customer_id, n)
            from (select *, {dealt.format("")} as n from as_it_was) move
            join (select customer_id, {dealt.format(seed)} as n from as_it_was) another using (n)"""
        )
        spoke += bool(transitions.insights(engine, ACME)["told"].any())
    assert spoke <= 5


def test_q_values_are_over_all_levels_and_both_directions(engine, tmp_path):
    insights = found(engine, tmp_path, drawn(3, Süd=(1.6, 1)))
    tested = insights[insights["p_value"].notna()]
    assert tested["q_value"].to_numpy() == pytest.approx(multipletests(tested["p_value"], method="fdr_bh")[1])
    assert set(tested["direction"]) == {"up", "down"}
    assert list(insights["position"]) == list(range(1, len(insights) + 1))


def test_what_the_segments_make_is_not_found(engine, tmp_path):
    """Simpson: one region is full of customers of the segment that most move up from."""
    people = drawn(2, customers=6_000)
    people["region"] = ["Süd" if rank < 2 and n % 5 else "Nord" for n, rank in enumerate(people["from_rank"])]
    insights = found(engine, tmp_path, people)
    (south,) = insights.query("direction == 'up' and name == 'Süd'").to_dict("records")
    assert south["movers"] / south["of_movers"] > 1.15 * south["customers"] / south["of_customers"]
    assert 0.93 < south["lift"] < 1.07
    assert told(insights) == []


def test_levels_of_two_attributes_that_hold_the_same_customers_are_told_once(engine, tmp_path):
    people = drawn(4, Süd=(1.7, 1))
    people["office"] = [f"Office {region}" for region in people["region"]]
    people["rep"] = people["region"]
    insights = found(engine, tmp_path, people)
    assert len(told(insights)) == 1
    south = insights.query("direction == 'up' and lift > 1.2")
    assert len(south) == 3
    assert south["q_value"].max() < 0.001


def test_of_two_halves_one_is_told_for_the_other_is_the_rest(engine, tmp_path):
    people = drawn(5, customers=4_000, Süd=(1.8, 1))
    people["region"] = ["Süd" if region == "Süd" else "elsewhere" for region in people["region"]]
    insights = found(engine, tmp_path, people)
    assert (insights.query("direction == 'up' and attribute == 'region'")["q_value"] < 0.001).all()
    assert told(insights) == [("up", "region", "Süd")]


def test_of_a_region_and_its_representatives_the_region_is_told(engine, tmp_path):
    people = drawn(6, customers=6_000, Süd=(1.8, 1))
    people["rep"] = [f"{region} {n % 3}" for n, region in enumerate(people["region"])]
    assert told(found(engine, tmp_path, people)) == [("up", "region", "Süd")]


def test_two_things_that_both_count_are_both_told(engine, tmp_path):
    people = drawn(8, customers=6_000, Süd=(1.8, 1), Nord=(1, 1.8))
    assert sorted(told(found(engine, tmp_path, people))) == [
        ("down", "region", "Nord"),
        ("up", "region", "Süd"),
    ]


def test_what_segments_are_made_of_is_told_last(engine, tmp_path):
    people = drawn(21, customers=6_000, Süd=(1.4, 1))
    chance = np.random.default_rng(1)
    people["since"] = [
        dt.date(2024, 1, 1) - dt.timedelta(days=int(n)) for n in chance.integers(0, 900, 6_000)
    ]
    young = [day > dt.date(2023, 1, 1) for day in people["since"]]
    rise = zip(people["from_rank"], people["to_rank"], young, strict=True)
    people["to_rank"] = [
        min(4, was + 1) if is_young and not n % 3 else now for n, (was, now, is_young) in enumerate(rise)
    ]
    put_moves(engine, tmp_path, people, types={"since": "DATE"})
    insights = transitions.insights(engine, study({"recency": {"classes": 3}, "years": {"classes": 2}}))
    assert [way for way, attribute, _ in told(insights) if attribute == "region"] == ["up"]
    assert told(insights)[0] == ("up", "region", "Süd")
    assert told(insights)[-1][1] == "years with us"
    assert insights["lift"][0] < insights["lift"][1]
    assert set(insights.loc[insights["variable"], "kind"]) == {"age"}


def test_at_most_three_are_told(engine, tmp_path):
    people = drawn(9, customers=6_000, Süd=(2, 0.3), Nord=(0.3, 2), West=(2, 2))
    insights = found(engine, tmp_path, people)
    assert (insights["q_value"] < 0.001).sum() > 4
    assert len(told(insights)) == 3
    assert list(insights["told"][:4]) == [True, True, True, False]


def test_an_effect_that_is_sure_and_tiny_is_not_told(engine, tmp_path):
    insights = found(engine, tmp_path, drawn(10, customers=100_000, Süd=(1.1, 1)))
    assert insights["q_value"].min() < 0.001
    assert told(insights) == []


# Who counts


def test_who_could_move_up_and_down_is_counted_by_hand(engine, tmp_path):
    people = {
        "customer_id": ["a", "b", "c", "d", "e", "f", "g"],
        "from_rank": [4, 4, 1, 1, 0, None, 2],
        "to_rank": [4, 3, 2, 1, 0, 2, None],
        "region": ["N", "N", "N", "S", "S", "S", "S"],
    }
    insights = found(engine, tmp_path, people)
    assert levels(insights, "region", "up") == {"N": (1, 1), "S": (0, 2)}
    assert levels(insights, "region", "down") == {"N": (1, 3), "S": (0, 1)}
    assert set(
        insights.query("direction == 'up'")[["of_movers", "of_customers"]].itertuples(index=False)
    ) == {(1, 3)}


def test_the_levels_of_every_attribute_part_all_customers(engine, tmp_path):
    people = drawn(20, customers=2_000)
    people["stars"] = [None if n % 7 == 0 else n % 50 for n in range(2_000)]
    orders = [
        (who, "2024-05-01", f"M{int(who) % 5}", int(who)) for who in people["customer_id"] if int(who) % 3
    ]
    insights = found(engine, tmp_path, people, types={"stars": "INTEGER"}, orders=orders)
    by = insights.groupby(["direction", "attribute"])
    assert len(by) == 2 * 6
    assert (by["customers"].sum() == by["of_customers"].first()).all()
    assert (by["movers"].sum() == by["of_movers"].first()).all()
    assert by["expected"].sum().to_numpy() == pytest.approx(by["of_movers"].first().to_numpy())


def test_whom_only_the_model_moved_is_left_out(engine, tmp_path):
    people = drawn(11, customers=1_000)
    before = found(engine, tmp_path / "own", people)
    mark = "case when customer_id < '00500' then 'boundary' else 'earned' end"
    after = found(engine, tmp_path / "ours", people, mark=mark)
    moved = int(engine.rows("select count(*) from moves where mark = 'boundary' and state = 'up'")[0][0])
    assert moved > 50
    assert after["of_movers"][0] < before["of_movers"][0]
    up = [frame.query("direction == 'up'")["of_movers"].iloc[0] for frame in (before, after)]
    assert up[0] - up[1] == moved


def test_where_all_were_moved_by_the_model_nothing_is_tested(engine, tmp_path):
    insights = found(engine, tmp_path, drawn(11, customers=300), mark="'model'")
    assert set(insights["of_movers"]) == {0}
    assert insights["p_value"].isna().all()
    assert told(insights) == []


def test_levels_of_fewer_than_twenty_are_there_and_not_tested(engine, tmp_path):
    people = drawn(12, customers=400)
    people["region"] = ["tiny" if n < 12 else "rest" for n in range(400)]
    people["to_rank"] = [min(4, rank + 1) if n < 12 else rank for n, rank in enumerate(people["from_rank"])]
    insights = found(engine, tmp_path, people)
    (tiny,) = insights.query("direction == 'up' and name == 'tiny'").to_dict("records")
    assert tiny["movers"] == tiny["customers"] > 5
    assert [
        name for name in ("expected", "lift", "low", "high", "p_value", "q_value") if tiny[name] == tiny[name]
    ] == []


def test_a_first_run_has_no_rows(engine, tmp_path):
    put_moves(engine, tmp_path, drawn(1, customers=50))
    transitions.moves(engine, ("Champions", "Loyal", "Needs attention", "At risk", "Lost"), [])
    assert transitions.insights(engine, ACME).empty
    assert "told" in transitions.insights(engine, ACME).columns


# Attributes


def test_what_is_empty_everywhere_the_same_for_all_or_for_hardly_two_is_no_attribute(engine, tmp_path):
    people = drawn(13, customers=1_000)
    people |= {"empty": [None] * 1_000, "blank": [" "] * 1_000, "same": ["x"] * 1_000}
    people["city"] = [f"city {n % 300}" for n in range(1_000)]
    insights = found(engine, tmp_path, people)
    assert set(insights["attribute"]) == {"region", "representative"}


def test_not_recorded_is_a_level_of_its_own_and_not_that_of_the_same_text(engine, tmp_path):
    people = drawn(14, customers=300)
    people["region"] = [(None, "", "not recorded", "Nord")[n % 4] for n in range(300)]
    insights = found(engine, tmp_path, people)
    rows = insights.query("attribute == 'region' and direction == 'up'")
    assert sorted(rows["name"]) == ["Nord", "not recorded", "not recorded"]
    assert rows["level"].isna().sum() == 1
    assert rows["customers"].sum() == rows["of_customers"].iloc[0]


def test_numbers_and_dates_are_cut_in_quarters_and_few_values_are_levels(engine, tmp_path):
    people = drawn(15, customers=400)
    people["staff"] = [n % 100 for n in range(400)]
    people["signed"] = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(400)]
    people["stars"] = [n % 3 + 0.5 for n in range(400)]
    people["mostly_zero"] = [0 if n % 10 else n for n in range(400)]
    types = {"staff": "INTEGER", "signed": "DATE", "stars": "DOUBLE", "mostly_zero": "DECIMAL(18, 4)"}
    insights = found(engine, tmp_path, people, types=types)
    assert list(dict(sorted(levels(insights, "staff").items()))) == [
        "over 24 and up to 49", "over 49 and up to 74", "over 74", "up to 24",
    ]  # fmt: skip
    assert sorted(levels(insights, "signed")) == [
        "over 18 July 2020 and up to 26 October 2020", "over 26 October 2020",
        "over 9 April 2020 and up to 18 July 2020", "up to 9 April 2020",
    ]  # fmt: skip
    assert sorted(levels(insights, "stars")) == ["0.5", "1.5", "2.5"]
    assert sorted(levels(insights, "mostly zero")) == ["over 0", "up to 0"]


def test_what_was_ordered_since_the_last_run_says_nothing_of_a_customer(engine, tmp_path):
    people = {"customer_id": ["a", "b", "c"], "from_rank": [1, 1, 1], "to_rank": [2, 1, 1]}
    orders = [
        ("a", "2024-03-01", "Wood", 50), ("a", "2024-04-01", "Steel", 30), ("a", "2025-02-01", "Steel", 900),
        ("b", "2024-03-01", "Steel", 70), ("c", "2022-03-01", "Wood", 70),
    ]  # fmt: skip
    insights = found(engine, tmp_path, people, orders=orders)
    assert levels(insights, "main market") == {
        "Wood": (1, 1),
        "Steel": (0, 1),
        "none within 12 months": (0, 1),
    }
    assert levels(insights, "order value") == {
        "€\xa00.00": (0, 1),
        "€\xa070.00": (0, 1),
        "€\xa080.00": (1, 1),
    }
    assert levels(insights, "years with us") == {"0.8": (1, 2), "2.8": (0, 1)}


def test_attributes_are_those_of_the_last_run(engine, tmp_path):
    people = {
        "customer_id": ["a", "b"],
        "from_rank": [1, 1],
        "to_rank": [2, 1],
        "region": ["N", "S"],
        "rep": ["1", "2"],
    }
    put_moves(engine, tmp_path, people)
    engine.execute("update customers set region = 'S', rep = '2'")
    insights = transitions.insights(engine, ACME)
    assert levels(insights, "region") == {"N": (1, 1), "S": (0, 1)}
    assert levels(insights, "representative") == {"1": (1, 1), "2": (0, 1)}


def test_what_the_last_run_did_not_know_is_taken_as_it_is_today(engine, tmp_path):
    people = {"customer_id": ["a", "b"], "from_rank": [1, 1], "to_rank": [2, 1], "region": ["N", "S"]}
    put_moves(engine, tmp_path, people)
    engine.execute(
        "create or replace view known_of_run_0 as select customer_id, segment, rank from customers_of_run_0"
    )
    assert levels(transitions.insights(engine, ACME), "region") == {"N": (1, 1), "S": (0, 1)}


def test_representatives_of_one_name_are_told_apart(engine, tmp_path):
    people = {
        "customer_id": ["a", "b", "c"],
        "from_rank": [1, 1, 1],
        "to_rank": [2, 1, 1],
        "rep": ["1", "2", "3"],
    }
    put_moves(engine, tmp_path, people)
    tables.put(
        engine,
        "reps",
        {"rep": "VARCHAR", "name": "VARCHAR"},
        [("1", "Eva Kern"), ("2", "Eva Kern"), ("3", " ")],
    )
    insights = transitions.insights(engine, ACME)
    engine.execute("drop table reps")
    assert levels(insights, "representative") == {"Eva Kern (1)": (1, 1), "Eva Kern (2)": (0, 1), "3": (0, 1)}


HOSTILE = [
    "<script>alert(1)</script>",
    "'; drop table moves; --",
    '"',
    "=1+1",
    "{{ 7*7 }}",
    "\\",
    "$today",
    "Ünï\u202ecode",
]


def test_hostile_texts_are_levels_like_any_other(engine, tmp_path):
    people = drawn(16, customers=800)
    people["region"] = [HOSTILE[n % len(HOSTILE)] for n in range(800)]
    people["to_rank"] = [
        min(4, r + 1) if n % len(HOSTILE) == 1 else r for n, r in enumerate(people["from_rank"])
    ]
    insights = found(engine, tmp_path, people)
    assert set(levels(insights, "region")) == set(HOSTILE)
    assert told(insights)[0] == ("up", "region", "'; drop table moves; --")
    assert engine.rows("select count(*) from moves") == [(800,)]


def test_an_attribute_may_have_the_name_of_a_column_that_is_looked_at(engine, tmp_path):
    people = drawn(17, customers=300)
    names = [
        "value_before",
        "first_order",
        "main_market",
        "last_run",
        "mark",
        "state",
        "up",
        "a0",
        'quo"te',
        "from",
    ]
    people |= {name: [f"{(n * 7 + place) % 3}" for n in range(300)] for place, name in enumerate(names)}
    insights = found(engine, tmp_path, people)
    assert {name.replace("_", " ") for name in names} < set(insights["attribute"])


def test_nothing_is_left_in_the_engine(engine, tmp_path):
    found(engine, tmp_path, drawn(18, customers=100))
    assert not engine.has(attributes.LOOKED)


def test_the_same_customers_give_the_same_bytes(engine, tmp_path):
    people = drawn(19, customers=2_000, Süd=(1.6, 1))
    there = []
    for name in ("one", "two"):
        put_moves(engine, tmp_path / name, people)
        transitions.insights(engine, ACME)
        tables.save(engine, tmp_path / name, "insights")
        there.append((tmp_path / name / "data" / "insights.parquet").read_bytes())
    assert there[0] == there[1]


def test_who_has_been_a_customer_since_before_the_orders_is_so_old(engine, tmp_path):
    people = {"customer_id": ["a", "b", "c"], "from_rank": [1, 1, 1], "to_rank": [2, 1, 1]}
    people["since"] = [dt.date(2015, 1, 1), dt.date(2024, 9, 1), None]
    orders = [(who, "2024-03-01", "Wood", 50) for who in "abc"]
    expected = {"10": (1, 1), "0.8": (0, 2)}
    insights = found(engine, tmp_path, people, types={"since": "DATE"}, orders=orders)
    assert levels(insights, "years with us") == expected
    engine.execute(
        "create or replace view known_of_run_0 as select customer_id, segment, rank from customers_of_run_0"
    )
    assert levels(transitions.insights(engine, ACME), "years with us") == expected
    assert "since" not in set(insights["attribute"])
