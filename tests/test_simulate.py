"""The simulations in small: `make simulate` makes all studies and holds them against the bars themselves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import simulate
from benchmarks.studies import DAYS, Plan, study

# Bars are wider here by what so few studies leave open, two to three standard errors.


@pytest.mark.slow
def test_nothing_planted_is_not_found():
    figures = simulate.nothing_planted(45)
    assert figures["covered"] >= 88
    assert abs(figures["points"]) <= 0.5
    assert figures["ratio"] == pytest.approx(1, abs=0.03)
    assert figures["differ"] <= 12
    assert figures["standing"] <= 12
    assert figures["beyond95"] <= 10
    assert figures["beyond998"] <= 1
    assert figures["naive"] < -10  # what whole customers would have shown


@pytest.mark.slow
@pytest.mark.parametrize("rate", simulate.BASES)
def test_eight_points_are_found_by_a_tenth_held_out(rate):
    figures = simulate.eight_points(15, rate)
    assert figures["found"] >= 80
    assert figures["points"] == pytest.approx(8, abs=1.5)
    assert figures["held_out"] == pytest.approx(rate, abs=3)


@pytest.mark.slow
def test_a_logged_choice_is_adjusted_for_and_an_unlogged_one_is_not():
    logged = simulate.confounder(25, "recency")
    assert abs(logged["adjusted"]) <= 0.7
    assert logged["covered"] >= 80
    assert logged["raw"] > 2
    unlogged = simulate.confounder(5, "knowledge")
    assert min(unlogged["adjusted"], unlogged["raw"], unlogged["persontime"]) > 7


@pytest.mark.slow
def test_a_doubled_order_rate_shows_where_it_was_planted():
    figures = simulate.doubled(12)
    assert figures["there"] == pytest.approx(2, abs=0.1)
    assert figures["elsewhere"] == pytest.approx(1, abs=0.05)
    assert figures["differ"] >= 90


def test_a_study_is_what_its_plan_says():
    plan = Plan(books=(10, 30), runs=3, held=0.2, doubled=(1,))
    rows = study(plan, np.random.default_rng(1))
    assert rows.groupby("run_date").size().tolist() == [40, 40, 40]
    assert rows.groupby("rep").size().tolist() == [30, 90]
    assert not rows.duplicated(["customer_id", "run_date"]).any()
    assert rows["followed_on"].dropna().between(1, plan.last).all()
    assert rows["order_on"].dropna().between(1, DAYS).all()
    assert rows.loc[rows["reached"], "order_on"].notna().all()
    assert rows.loc[rows["held_out"], "followed_on"].isna().all()
    assert rows["doubled"].tolist() == (rows["rep"] == "R01").tolist()
    again = study(plan, np.random.default_rng(1))
    assert again.equals(rows)


def test_nobody_is_held_out_twice_in_a_row():
    rows = study(Plan(books=(40,), runs=6, held=0.3), np.random.default_rng(2))
    table = rows.pivot(index="customer_id", columns="run_date", values="held_out").fillna(False).astype(bool)
    assert table.to_numpy().sum() > 40
    assert not (table.to_numpy()[:, 1:] & table.to_numpy()[:, :-1]).any()


def test_a_bar_is_written_as_it_is_held():
    told = simulate._row("it", {"points": 0.4}, simulate.Bar("points", "", "{:+.1f} points", -0.3, 0.3))
    assert told == ("it", "+0.4 points", "-0.3 to 0.3", False)
    assert (
        simulate._row("it", {"found": 80.0}, simulate.Bar("found", "", "{:.0f} %", 80)).bar == "at least 80"
    )
    assert simulate._row("it", {"found": 80.0}, simulate.Bar("found", "", "{:.0f} %", 80)).ok
    assert simulate._row("it", {"found": 1.0}, simulate.Bar("found", "", "{:.0f} %"))[2:] == ("told", True)
