"""Rates, sizes to expect and the test of a run, from runs as a study makes them."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest
from small_runs import make_run

from segcore import tables, transitions
from segcore.engine import ENGINES
from segcore.transitions.forecast import ahead
from segcore.transitions.generator import chances
from segcore.transitions.panel import Panel

SEGMENTS = ("Best", "Good", "Poor")
STUDY = SimpleNamespace(run_every="45 days")
FIRST = dt.date(2025, 1, 1)


@pytest.fixture
def engine():
    with ENGINES["duckdb"]() as engine:
        yield engine


def members(best=0, good=0, poor=0, start=0):
    """That many customers in each segment, numbered on."""
    segments = ["Best"] * best + ["Good"] * good + ["Poor"] * poor
    return {f"c{start + n:03}": segment for n, segment in enumerate(segments)}


def make(engine, folder, *runs, gaps=(45, 45, 45), segments=SEGMENTS, models=None):
    """The runs of a study, all of their tables; what the last one says."""
    made, day = [], FIRST
    for number, who in enumerate(runs):
        day += dt.timedelta(days=gaps[number - 1] if number else 0)
        here = folder / day.isoformat()
        here.mkdir()
        if models:
            (here / "model.json").write_text(models[number])
        make_run(engine, here, who, earlier=tuple(made), segments=segments)
        panel = transitions.panel(engine)
        said = {
            "rates": transitions.rates(engine, STUDY, panel),
            "unusual": transitions.unusual(engine, panel),
            "forecast": transitions.forecast(engine, STUDY, panel, earlier=made),
        }
        tables.save(engine, here, *said, "expected_sizes")
        made.append(here)
    return panel, said


MIXED = members(best=40, good=40, poor=40)
MOVED = {**MIXED, **dict.fromkeys((f"c{n:03}" for n in range(10)), "Good"), "new": "Best"}
GONE = {name: segment for name, segment in MOVED.items() if name not in ("c119", "c118")}


# What is compared


def test_all_moves_of_all_runs_are_counted(engine, tmp_path):
    panel, _ = make(engine, tmp_path, MIXED, MOVED, GONE)
    assert panel.segments == ("Poor", "Good", "Best")
    assert list(panel.days) == [45, 45]
    assert panel.counts[0].tolist() == [[40, 0, 0, 0], [0, 40, 0, 0], [0, 10, 30, 0], [0, 0, 0, 0]]
    assert panel.counts[1].tolist() == [[38, 0, 0, 2], [0, 50, 0, 0], [0, 0, 31, 0], [0, 0, 0, 0]]
    assert panel.arrivals.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert panel.sizes.tolist() == [[40, 40, 40], [40, 50, 31], [38, 50, 31]]


def test_every_size_is_what_moves_and_arrivals_make_of_the_one_before(engine, tmp_path):
    panel, _ = make(engine, tmp_path, MIXED, MOVED, GONE, {**MOVED, **members(good=5, start=200)})
    assert np.array_equal(panel.counts.sum(axis=1)[:, :-1] + panel.arrivals, panel.sizes[1:])
    assert np.array_equal(panel.counts.sum(axis=2)[:, :-1], panel.sizes[:-1])


def test_runs_before_another_model_do_not_count(engine, tmp_path):
    panel, said = make(engine, tmp_path, MIXED, MOVED, GONE, models=["{}", '{"other": 1}', '{"other": 1}'])
    assert panel.dates == (dt.date(2025, 2, 15), dt.date(2025, 4, 1))
    assert len(panel.counts) == 1
    assert list(said["rates"]["runs"].unique()) == [1]
    assert said["unusual"].empty


def test_the_first_run_with_another_model_has_nothing_to_compare(engine, tmp_path):
    panel, said = make(engine, tmp_path, MIXED, MOVED, models=["{}", '{"other": 1}'])
    assert not panel.moved
    assert [frame.empty for frame in said.values() if frame is not said["forecast"]] == [True, True]
    assert said["forecast"].empty  # the first run could not make one


def test_a_forecast_for_segments_of_another_model_is_not_judged(engine, tmp_path):
    same = ["{}", "{}", "{}"]
    (tmp_path / "same").mkdir()
    _, kept = make(engine, tmp_path / "same", MIXED, MOVED, GONE, models=same)
    assert kept["forecast"]["actual"].notna().sum() == 3
    _, said = make(engine, tmp_path, MIXED, MOVED, GONE, models=[*same[:2], '{"other": 1}'])
    assert said["forecast"].empty


def test_a_first_run_says_nothing(engine, tmp_path):
    panel, said = make(engine, tmp_path, MIXED)
    assert not panel.moved
    assert [len(frame) for frame in said.values()] == [0, 0, 0]
    assert list(said["forecast"].columns) == [
        "run_date", "rank", "segment", "expected", "low", "high", "arrivals", "actual", "in_the_end",
    ]  # fmt: skip


def test_two_runs_give_rates_and_a_forecast_but_no_test(engine, tmp_path):
    _, said = make(engine, tmp_path, MIXED, MOVED)
    assert said["unusual"].empty
    rows = said["rates"].to_dict("records")
    assert len(rows) == 3 * 4
    leaves = next(row for row in rows if (row["from_segment"], row["to_segment"]) == ("Best", "Good"))
    # One quarter left: the rate is -log(3/4) per 45 days, and stays last 45 / 0.288 days on average.
    assert (leaves["customers"], leaves["share"]) == (10, 0.25)
    assert leaves["rate"] == pytest.approx(0.287682, abs=2e-5)
    assert leaves["sojourn_days"] == 156.4
    assert leaves["days"] == 45
    assert said["rates"].query("from_segment == 'Good'")["sojourn_days"].isna().all()
    expected = said["forecast"].set_index("segment")["expected"]
    assert expected.to_dict() == {"Poor": 40.0, "Good": 57.75, "Best": 24.25}


def test_rates_of_a_row_sum_to_zero_and_shares_to_one(engine, tmp_path):
    _, said = make(engine, tmp_path, MIXED, MOVED, GONE, gaps=(38, 52))
    by_row = said["rates"].groupby("from_segment")[["rate", "share"]].sum()
    assert by_row["rate"].abs().max() < 1e-5
    assert by_row["share"].to_numpy() == pytest.approx(1, abs=1e-5)


def test_retired_segments_arrive_from_outside_and_empty_ones_stay_empty(engine, tmp_path):
    old = members(best=5, good=30, poor=30)
    make_run(
        engine, tmp_path / "2025-01-01", {k: "Stars" if s == "Best" else s for k, s in old.items()},
        segments=("Stars", "Good", "Poor"),
    )  # fmt: skip
    segments = ("Best", "Good", "Poor", "Empty")
    make_run(engine, tmp_path / "2025-02-15", old, earlier=[tmp_path / "2025-01-01"], segments=segments)
    panel = transitions.panel(engine)
    assert panel.arrivals.tolist() == [[0, 0, 0, 5]]
    rates = transitions.rates(engine, STUDY, panel)
    assert rates.query("from_segment == 'Empty'")["share"].tolist() == [1, 0, 0, 0, 0]
    forecast = transitions.forecast(engine, STUDY, panel, earlier=[tmp_path / "2025-01-01"])
    assert forecast.set_index("segment")["expected"].to_dict() == {
        "Empty": 0.0, "Poor": 30.0, "Good": 30.0, "Best": 10.0,
    }  # fmt: skip


# The test


def test_a_run_that_moved_otherwise_is_found_and_where(engine, tmp_path):
    fell = {**MIXED, **dict.fromkeys((f"c{n:03}" for n in range(40, 60)), "Poor")}
    _, said = make(engine, tmp_path, MIXED, MIXED, MIXED, fell)
    every, now = said["unusual"].to_dict("records")  # nobody moved before, so there is no usual spread
    assert (every["test"], now["test"]) == ("all runs", "this run")
    assert now["p_value"] < 1e-9
    assert (now["from_segment"], now["to_segment"]) == ("Good", "Poor")
    assert (now["customers"], now["expected"], now["degrees"], now["runs"]) == (20, pytest.approx(6.67), 1, 3)
    assert every["degrees"] == 2


def test_a_run_stands_beside_the_usual_spread_from_three_runs_with_moves_on(engine, tmp_path):
    _, said = make(engine, tmp_path, MIXED, MOVED, GONE, {**GONE, "c050": "Poor"})
    beside = said["unusual"].query("test == 'usual spread'").to_dict("records")[0]
    assert (beside["degrees"], beside["degrees_below"], beside["runs"]) == (3, 2, 3)
    assert beside["p_value"] > 0.1


def test_runs_a_day_apart_are_no_surprise(engine, tmp_path):
    panel, said = make(engine, tmp_path, MIXED, MOVED, MOVED, gaps=(45, 1))
    assert not panel.even
    assert said["unusual"].query("test == 'this run'")["p_value"].item() > 0.5
    assert said["forecast"]["actual"].isna().all()  # the last one was for a day in 44 days


# The forecast


def test_the_last_forecast_stands_beside_what_came(engine, tmp_path):
    _, said = make(engine, tmp_path, MIXED, MOVED, GONE, gaps=(45, 50))
    past = said["forecast"][said["forecast"]["actual"].notna()]
    assert set(past["run_date"]) == {dt.datetime(2025, 4, 1)} or set(past["run_date"]) == {
        dt.date(2025, 4, 1)
    }
    assert past.set_index("segment")["actual"].to_dict() == {"Poor": 38, "Good": 50, "Best": 31}
    assert past.set_index("segment")["expected"].to_dict() == {"Poor": 40.0, "Good": 57.75, "Best": 24.25}
    assert past["in_the_end"].isna().all()


def test_a_forecast_of_another_time_is_not_compared(engine, tmp_path):
    _, said = make(engine, tmp_path, MIXED, MOVED, GONE, gaps=(45, 57))
    assert said["forecast"]["actual"].isna().all()


def test_sizes_to_expect_hold_where_rates_do(engine, tmp_path):
    make(engine, tmp_path, MIXED, MOVED)
    found = tables.rows(engine, "expected_sizes").set_index("segment")
    assert found["customers"].to_dict() == {"Best": 31, "Good": 50, "Poor": 40}
    assert found["expected"].to_dict() == pytest.approx({"Best": 31, "Good": 50, "Poor": 40}, abs=0.01)


@pytest.mark.parametrize("gaps", [(45, 45, 45, 45), (38, 52, 45, 30)])
def test_a_band_holds_the_next_size_95_times_in_100(gaps):
    """300 seeded studies of 600 customers with new ones: three standard errors around 95 %, or above."""
    q = (
        np.array([[-0.3, 0.2, 0.02, 0.08], [0.15, -0.35, 0.18, 0.02], [0.02, 0.2, -0.22, 0], [0, 0, 0, 0]])
        / 45
    )
    chance, held = np.random.default_rng(9), []
    for _ in range(300):
        sizes, counts, arrivals = [np.array([200, 200, 200])], [], []
        for gap in (*gaps, 45):
            moved = np.zeros((4, 4))
            moved[:3] = [
                chance.multinomial(n, p) for n, p in zip(sizes[-1], chances(q, gap)[:3], strict=True)
            ]
            came = chance.poisson(np.array([2, 5, 10]) * gap / 45)
            counts.append(moved)
            arrivals.append(came)
            sizes.append((moved.sum(axis=0)[:3] + came).astype(int))
        dates = tuple(FIRST + dt.timedelta(days=int(sum(gaps[:n]))) for n in range(len(gaps) + 1))
        panel = Panel(SEGMENTS, dates, np.array(counts[:-1]), np.array(arrivals[:-1]), np.array(sizes[:-1]))
        expected, spread, *_ = ahead(panel, 45)
        held.append(np.abs(sizes[-1] - expected) <= 1.96 * spread + 0.5)
    assert 0.925 <= np.mean(held) <= 0.985
