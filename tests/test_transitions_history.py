from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_kpi import small_model
from small_runs import SEGMENTS, make_run, make_runs, put_orders, start_run

from segcore.engine import ENGINES
from segcore.transitions import between, flows, history, moves

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
FIRST, SECOND, THIRD, FOURTH = (dt.date(2025, 1, 1) + dt.timedelta(days=45 * n) for n in range(4))
DATES = ("since", "first_run", "last_run")
COLUMNS = [
    "customer_id", "segment", "rank", "previous_segment", "since", "runs_in_segment", "times_entered",
    "days_in_segment", "at_least", "best_segment", "best_rank", "first_run", "last_run", "path",
]  # fmt: skip


@pytest.fixture(params=ENGINES)
def engine(request):
    engine = ENGINES[request.param]()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def one_engine():
    """For tests that look at very many small runs."""
    engine = ENGINES["duckdb"]()
    yield engine
    engine.close()


def told(engine) -> dict[str, dict[str, object]]:
    """What ``history`` says of each customer, without what is not known."""
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in engine.rows("from history order by customer_id")]
    return {row.pop("customer_id"): {k: v for k, v in row.items() if v is not None} for row in rows}


def expected(runs: dict[dt.date, dict[str, str]], segments=SEGMENTS) -> dict[str, dict[str, object]]:
    """The same by walking through each customer's runs in plain Python."""
    dates, today = list(runs), max(runs)
    rank = {segment: place for place, segment in enumerate(reversed(segments))}
    stories = {}
    for customer in {name for members in runs.values() for name in members}:
        held = [runs[date].get(customer) for date in dates]
        now = held[-1]
        seen = [date for date, segment in zip(dates, held, strict=True) if segment]
        story = {"first_run": seen[0], "last_run": seen[-1]}
        story["best_rank"] = max(rank[segment] for segment in held if segment)
        story["best_segment"] = list(reversed(segments))[story["best_rank"]]
        steps = [segment or "away" for segment in held[dates.index(seen[0]) :]]
        story["path"] = " > ".join(segment for segment, _ in itertools.groupby(steps))
        others = [segment for segment in held if segment and segment != now]
        if others:
            story["previous_segment"] = others[-1]
        if now:
            stay = next((n for n, segment in enumerate(reversed(held)) if segment != now), len(held))
            since = dates[len(dates) - stay]
            story |= {"segment": now, "rank": rank[now], "since": since, "runs_in_segment": stay}
            story["days_in_segment"] = (today - since).days
            story["at_least"] = since == dates[0]
            story["times_entered"] = sum(
                now == segment != before for before, segment in zip([None, *held], held, strict=False)
            )
        stories[customer] = story
    return stories


# Customers


def test_a_customer_who_came_back_has_a_story(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": CHAMPIONS}, {"a": LOYAL}, {"other": LOST}, {"a": LOYAL})
    assert told(engine)["a"] == {
        "segment": LOYAL,
        "rank": 3,
        "previous_segment": CHAMPIONS,
        "since": FOURTH,
        "runs_in_segment": 1,
        "times_entered": 2,
        "days_in_segment": 0,
        "at_least": False,
        "best_segment": CHAMPIONS,
        "best_rank": 4,
        "first_run": FIRST,
        "last_run": FOURTH,
        "path": "Champions > Loyal > away > Loyal",
    }


def test_a_customer_who_stays_counts_runs_and_days(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": RISK}, {"a": LOST}, {"a": LOST}, {"a": LOST})
    story = told(engine)["a"]
    assert (story["since"], story["runs_in_segment"], story["days_in_segment"]) == (SECOND, 3, 90)
    assert (story["times_entered"], story["previous_segment"], story["best_segment"]) == (1, RISK, RISK)


def test_a_customer_who_is_gone_keeps_what_is_known(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": RISK}, {"a": LOST}, {"b": LOST}, {"b": LOST})
    assert told(engine)["a"] == {
        "previous_segment": LOST,
        "best_segment": RISK,
        "best_rank": 1,
        "first_run": FIRST,
        "last_run": SECOND,
        "path": "At risk > Lost > away",
    }


def test_a_retired_segment_is_remembered_but_was_never_the_best(engine, tmp_path):
    old = make_run(
        engine, tmp_path / "2025-01-01", {"a": "Stars", "b": "Stars"}, segments=("Stars", *SEGMENTS[1:])
    )
    make_run(engine, tmp_path / "2025-02-15", {"a": LOST, "c": LOYAL}, earlier=[old])
    stories = told(engine)
    assert (stories["a"]["previous_segment"], stories["a"]["best_segment"]) == ("Stars", LOST)
    assert stories["b"] == {
        "previous_segment": "Stars",
        "first_run": FIRST,
        "last_run": FIRST,
        "path": "Stars > away",
    }


def test_in_a_first_run_everybody_has_just_come(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": RISK})
    assert told(engine)["a"] == {
        "segment": RISK,
        "rank": 1,
        "since": FIRST,
        "runs_in_segment": 1,
        "times_entered": 1,
        "days_in_segment": 0,
        "at_least": True,
        "best_segment": RISK,
        "best_rank": 1,
        "first_run": FIRST,
        "last_run": FIRST,
        "path": "At risk",
    }


def test_dates_and_counts_are_typed(engine, tmp_path):
    (run,) = make_runs(engine, tmp_path, {"a": RISK})
    engine.read_parquet(run / "data" / "history.parquet", "written")
    assert list(engine.columns("written")) == COLUMNS
    assert {engine.columns("written")[name] for name in DATES} == {"DATE"}


a_run = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(SEGMENTS), min_size=1)


@settings(max_examples=20, deadline=None)
@given(st.lists(a_run, min_size=4, max_size=4))
def test_any_history_is_the_one_that_plain_python_tells(one_engine, tmp_path_factory, runs):
    make_runs(one_engine, tmp_path_factory.mktemp("runs"), *runs, make=start_run)
    history(one_engine)
    dates = (FIRST, SECOND, THIRD, FOURTH)
    assert told(one_engine) == expected(dict(zip(dates, runs, strict=True)))


# Segments


def test_sizes_of_all_runs_hold_every_segment_also_empty_and_retired_ones(engine, tmp_path):
    old = make_run(engine, tmp_path / "2025-01-01", {"a": "Stars", "b": LOST}, segments=("Stars", LOST))
    make_run(
        engine,
        tmp_path / "2025-02-15",
        {"a": LOYAL, "b": LOST, "c": LOST},
        segments=(LOYAL, LOST),
        earlier=[old],
    )
    assert engine.rows("select * exclude (value) from sizes order by run_date, rank desc nulls last") == [
        (FIRST, LOYAL, 1, 0),
        (FIRST, LOST, 0, 1),
        (FIRST, "Stars", None, 1),
        (SECOND, LOYAL, 1, 1),
        (SECOND, LOST, 0, 2),
        (SECOND, "Stars", None, 0),
    ]


def test_the_value_of_a_segment_is_exact_where_a_run_knows_it(engine, tmp_path):
    old = make_run(engine, tmp_path / "2025-01-01", {"a": LOYAL}, segments=(LOYAL, LOST))
    worth = {"a": Decimal("0.1000"), "b": Decimal("0.2000")}
    make_run(
        engine,
        tmp_path / "2025-02-15",
        {"a": LOYAL, "b": LOYAL},
        earlier=[old],
        segments=(LOYAL, LOST),
        monetary=("DECIMAL(38, 4)", worth),
    )
    assert engine.rows("select run_date, segment, value from sizes order by run_date, rank desc") == [
        (FIRST, LOYAL, None),
        (FIRST, LOST, None),
        (SECOND, LOYAL, Decimal("0.3000")),
        (SECOND, LOST, Decimal("0.0000")),
    ]


def test_flows_are_those_that_each_run_published(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": LOYAL, "b": LOST}, {"a": LOST}, {"a": LOYAL, "b": LOST, "c": LOST})
    assert engine.rows("select * exclude (model_changed, value) from flows order by run_date") == [
        (FIRST, 2, *[None] * 8),
        (SECOND, 1, 1, 0, 1, 0, 0, 0, 0, 1),
        (THIRD, 3, 1, 1, 0, 0, 0, 1, 1, 0),
    ]
    assert list(engine.columns("flows")) == [
        "run_date", "customers", "value", "both", "up", "down", "stayed", "unranked", "new", "returned",
        "gone", "model_changed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first_order", "window", "expected"),
    [
        ("2024-01-02", "12 months", (12, 1, 11)),
        ("2024-01-08", "12 months", (12, 1, 11)),  # a week after the beginning of the window is near enough
        ("2024-01-09", "12 months", (None, 1, 11)),
        ("2024-01-02", "30 days", (0, 1, 0)),
        ("2024-01-02", None, (None, None, 23)),  # all orders, which only now are all
    ],
)
def test_value_is_told_as_far_as_the_orders_reach_back(engine, tmp_path, first_order, window, expected):
    runs = make_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL}, make=start_run)
    orders = [("a", first_order, 12), ("a", "2025-02-15", 1), ("b", "2025-02-16", 10)]
    put_orders(engine, THIRD, *orders, window=window)
    moves(engine, SEGMENTS, runs)
    flows(engine, run_dir=tmp_path, earlier=runs)
    assert engine.rows("select value from flows order by run_date") == [(value,) for value in expected]


def test_flows_say_in_which_runs_the_model_changed(engine, tmp_path):
    runs = make_runs(engine, tmp_path, {"a": LOYAL}, {"a": LOYAL}, {"a": LOYAL}, {"a": LOYAL})
    for run, model in zip(runs, ("{}", "{}", '{"schema": 1}', None), strict=True):
        if model:
            (run / "model.json").write_text(model)
    flows(engine, run_dir=runs[3], earlier=runs[:3])
    assert engine.rows("select model_changed from flows order by run_date") == [
        (None,),
        (False,),
        (True,),
        (None,),
    ]


OTHER_NAME = (CHAMPIONS, "Regular", ATTENTION, RISK, LOST)
REGULAR = small_model(
    rows="Champions,3,2,\nRegular,3,*,\nNeeds attention,2,2,\nAt risk,2,*,\nLost,*,*,\n", segments=OTHER_NAME
)


def model_changed(engine, tmp_path, models, names=None) -> list[bool | None]:
    runs = make_runs(engine, tmp_path, *[{"a": CHAMPIONS}] * len(models))
    for run, model in zip(runs, models, strict=True):
        (run / "model.json").write_text(model.to_json(), encoding="utf-8")
    flows(engine, run_dir=runs[-1], earlier=runs[:-1], names=names)
    return [row[0] for row in engine.rows("select model_changed from flows order by run_date")]


def test_another_name_of_a_segment_is_no_other_model(engine, tmp_path):
    models = [REGULAR, REGULAR, small_model(), small_model()]
    assert model_changed(engine, tmp_path, models, {"Regular": LOYAL}) == [None, False, False, False]


def test_before_and_after_another_name_other_breaks_are_another_model(engine, tmp_path):
    first = replace(REGULAR, variables=small_model((20, 90)).variables)
    models = [first, REGULAR, small_model(), small_model((30, 80))]
    assert model_changed(engine, tmp_path, models, {"Regular": LOYAL}) == [None, True, False, True]


def test_a_segment_that_no_longer_exists_is_another_model(engine, tmp_path):
    assert model_changed(engine, tmp_path, [REGULAR, small_model()]) == [None, True]


def test_what_is_only_known_of_the_fit_is_no_other_model(engine, tmp_path):
    model = small_model()
    recency, frequency = model.variables
    known = replace(recency, sizes=(5, 6, 7), gvf=0.9, low=(25, 80), high=(33, 95))
    later = replace(model, fitted_as_of=dt.date(2025, 6, 1), variables=(known, frequency))
    assert later.to_json() != model.to_json()
    assert model_changed(engine, tmp_path, [model, later]) == [None, False]


def test_other_rules_are_another_model(engine, tmp_path):
    other = small_model(rows="Champions,3,2,\nLoyal,3,*,\nNeeds attention,2,*,\nAt risk,1,2,\nLost,*,*,\n")
    assert model_changed(engine, tmp_path, [small_model(), other]) == [None, True]


def test_another_population_or_exclusion_changes_segments_as_a_model_does(engine, tmp_path):
    runs = make_runs(engine, tmp_path, *[{"a": LOYAL}] * 5)
    said = (None, ("12 months", ""), ("12 months", ""), ("6 months", ""), ("6 months", "credits: amount < 0"))
    for run, facts in zip(runs, said, strict=True):
        (run / "model.json").write_text("{}")
        if facts:  # a run of before says nothing of it
            values = "select $who::VARCHAR as population, $what::VARCHAR as exclude"
            engine.execute(f"create or replace table said as {values}", {"who": facts[0], "what": facts[1]})
            engine.write_parquet("from said", run / "data" / "facts.parquet")
    flows(engine, run_dir=runs[4], earlier=runs[:4])
    changed = [row[0] for row in engine.rows("select model_changed from flows order by run_date")]
    assert changed == [None, False, False, True, True]


# From any earlier run to this one


def test_where_the_customers_of_every_earlier_run_are_now(engine, tmp_path):
    make_runs(
        engine,
        tmp_path,
        {"a": CHAMPIONS, "b": LOST, "d": LOST},
        {"a": LOYAL, "e": RISK},
        {"a": LOYAL, "b": LOST, "c": RISK},
    )
    between(engine)
    assert engine.rows("from between_runs order by all nulls first") == [
        (FIRST, None, RISK, 1),
        (FIRST, CHAMPIONS, LOYAL, 1),
        (FIRST, LOST, None, 1),
        (FIRST, LOST, LOST, 1),
        (SECOND, None, RISK, 1),
        (SECOND, None, LOST, 1),
        (SECOND, RISK, None, 1),
        (SECOND, LOYAL, LOYAL, 1),
    ]


def test_a_first_run_has_nothing_to_come_from(engine, tmp_path):
    make_runs(engine, tmp_path, {"a": RISK})
    assert between(engine).empty
