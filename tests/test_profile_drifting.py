from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from small_model import DAY, anything, fill, model, rules, study, variable

from segcore import profile
from segcore.engine import DuckDB
from segcore.model import Model, apply, fit, with_intervals
from segcore.profile import drift, edges


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def spread(engine: DuckDB, sql: str, customers: int = 900) -> None:
    """Make ``features`` of customers whose recency is given in terms of i."""
    engine.execute(
        "create or replace table features as select 'K' || i as customer_id, "
        f"({sql})::INTEGER as recency, (i % 9)::INTEGER as frequency from range({customers}) t(i)"
    )


def fitted(engine: DuckDB, sql: str) -> Model:
    spread(engine, sql)
    return with_intervals(engine, fit(engine, study(), rules(), DAY))


def today(engine: DuckDB, used: Model, sql: str) -> pd.DataFrame:
    spread(engine, sql)
    candidate = fit(engine, study(), rules(), DAY)
    apply(engine, used)
    profile.classes(engine, used)
    return drift(engine, used, candidate).set_index("variable")


def test_every_edge_stands_with_its_interval_and_the_candidates_in_the_unit_that_is_shown(engine):
    years = replace(variable((365, 730)), name="years", shown_per=365.0, low=(365, 365), high=(365, 1095))
    used = Model("acme", DAY, (years,), anything({"years": 3}))
    own = replace(years, edges=(730, 1460), low=(), high=())
    candidate = replace(used, variables=(own,))
    assert [tuple(row) for row in edges(engine, used, candidate).itertuples(index=False)] == [
        (0, 1, "years", 1.0, 1.0, 1.0, 2.0), (0, 2, "years", 2.0, 1.0, 3.0, 4.0)
    ]  # fmt: skip
    assert engine.columns("edges") == {
        "position": "SMALLINT", "edge": "SMALLINT", "variable": "VARCHAR", "value": "DOUBLE",
        "low": "DOUBLE", "high": "DOUBLE", "candidate": "DOUBLE",
    }  # fmt: skip
    assert edges(engine, candidate, used)[["low", "high"]].isna().all(axis=None)


def test_edges_fit_the_customers_whom_they_were_fitted_on(engine):
    used = fitted(engine, "i * i % 300")
    row = today(engine, used, "i * i % 300").loc["recency"]
    assert (row["psi"], row["outside"], row["judged"], row["says"]) == (0, 0, True, "fits")
    assert row["gvf"] == row["gvf_now"] == row["gvf_own"]


def test_a_refit_is_asked_for_where_all_three_signs_agree(engine):
    used = fitted(engine, "i * i % 300")
    row = today(engine, used, "least(i * i % 300, i % 60)").loc["recency"]
    assert row["psi"] > 0.10 > row["psi_limit"]
    assert row["gvf_own"] - row["gvf_now"] > profile.LOSS
    assert (row["outside"], row["says"]) == (2, "refit")


def test_one_sign_alone_asks_for_nothing(engine):
    """More of the same classes: customers have shifted, but the edges would be cut there again."""
    used = fitted(engine, "case when i % 3 = 0 then 10 when i % 3 = 1 then 100 else 300 end + i % 5")
    row = today(engine, used, "case when i % 9 < 6 then 10 when i % 3 = 1 then 100 else 300 end + i % 5").loc[
        "recency"
    ]
    assert row["psi"] > 0.10
    assert row["outside"] == 0
    assert row["says"] == "signs"


def test_years_are_shown_and_not_judged(engine):
    wanted = study({"years": {"classes": 2}})
    values = [f"('K{i}', {i % 40 * 30})" for i in range(400)]
    fill(engine, ", ".join(values), "customer_id, years")
    used = with_intervals(engine, fit(engine, wanted, anything({"years": 2}), DAY))
    engine.execute("update features set years = years + 2000")
    apply(engine, used)
    profile.classes(engine, used)
    row = drift(engine, used, fit(engine, wanted, anything({"years": 2}), DAY)).iloc[0]
    assert row["psi"] > 1
    assert row["outside"] == 1
    assert (row["judged"], row["says"]) == (False, "calendar")


def test_what_a_model_does_not_know_stays_open(engine):
    row = today(engine, model(), "i % 120").loc["recency"]
    assert row[["psi", "psi_limit", "gvf", "outside"]].isna().all()
    assert 0 < row["gvf_now"] <= row["gvf_own"] < 1
    assert row["says"] in ("fits", "signs")


def test_values_that_a_log_scale_cannot_hold_have_no_fit(engine):
    """The study has left the scale since, for an amount below zero came."""
    held = fitted(engine, "i * i % 300")
    logged = replace(held, variables=(replace(held.variables[0], scale="log"), held.variables[1]))
    row = today(engine, logged, "i * i % 300 - 5").loc["recency"]
    assert row[["gvf_now", "gvf_own"]].isna().all()
