from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from small_model import DAY, anything, model, rules, study

from segcore import crosscheck
from segcore.engine import DuckDB
from segcore.model import Model, ModelVariable, fit
from segcore.sentences import crosscheck as of_crosscheck


def features(customers: int, sql: str) -> DuckDB:
    """An engine with ``features``: recency by an expression over i, and three frequencies."""
    engine = DuckDB()
    engine.execute(
        f"create table features as select i::VARCHAR as customer_id, ({sql})::BIGINT as recency, "
        f"(1 + i % 3)::BIGINT as frequency from range({customers}) t(i)"
    )
    return engine


def candidate(engine: DuckDB) -> Model:
    return fit(engine, study(), rules(), DAY)


def with_edges(found: Model, *edges: int) -> Model:
    """The model with other edges of recency."""
    recency = replace(found.by_name["recency"], edges=edges)
    return replace(found, variables=(recency, *found.variables[1:]))


@pytest.fixture(params=["jenkspy", "textbook"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both methods, on the same customers."""
    if request.param == "textbook":
        monkeypatch.setattr(crosscheck, "MOST_CUSTOMERS", 0)
    return str(request.param)


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with features(200, "hash(i) % 300") as made:
        yield made


def test_both_methods_find_the_candidates_edges(engine: DuckDB, method: str) -> None:
    found = crosscheck.against_jenkspy(engine, candidate(engine))
    assert found["variable"].tolist() == ["recency", "frequency"]
    assert found["unit"].tolist() == ["days ago", "orders"]
    assert found["method"].tolist() == [method, method]
    assert found["worse_by"].tolist() == [0.0, 0.0]
    assert found["candidate"].tolist()[0] == found["other"].tolist()[0]
    who = {"jenkspy": "Jenkspy", "textbook": "The textbook method"}[method]
    assert of_crosscheck.compared(found[found["same_edges"]]).startswith(f"{who} finds the same edges for ")


def test_an_edge_that_was_changed_in_the_candidate_is_found(engine: DuckDB, method: str) -> None:
    fitted = candidate(engine)
    low, high = fitted.by_name["recency"].edges
    found = crosscheck.against_jenkspy(engine, with_edges(fitted, int(low) + 9, int(high)))
    assert found["candidate"].tolist()[0] == f"{low + 9}, {high}"
    assert found["other"].tolist()[0] == f"{low}, {high}"
    assert found["worse_by"].gt(0).tolist() == [True, False]
    assert "finds **better edges than the candidate's** for recency:" in of_crosscheck.compared(found)


def test_one_customer_of_a_million_days_does_not_hide_a_changed_edge(method: str) -> None:
    """As a share of the total, the difference would be less than any tolerance."""
    with features(200, "if(i = 0, 100_000_000, hash(i) % 300)") as engine:
        fitted = candidate(engine)
        low, high = fitted.by_name["recency"].edges
        found = crosscheck.against_jenkspy(engine, with_edges(fitted, int(low) - 40, int(high)))
    assert found["worse_by"].tolist()[0] > 0


def test_an_edge_beyond_the_data_leaves_a_class_empty_and_is_found(engine: DuckDB) -> None:
    found = crosscheck.against_jenkspy(engine, with_edges(candidate(engine), 400, 500))
    assert found["worse_by"].tolist()[0] > 1


def test_many_customers_are_compared_by_the_textbook_with_all_of_them() -> None:
    with features(10_001, "(i % 500) * (i % 7)") as engine:
        found = crosscheck.against_jenkspy(engine, candidate(engine))
    assert found["method"].tolist() == ["textbook", "textbook"]
    assert found["worse_by"].tolist() == [0.0, 0.0]


def test_very_many_values_are_not_compared_and_it_says_so() -> None:
    with features(3_001, "i") as engine:
        found = crosscheck.against_jenkspy(engine, model(frequency=(1,)))
    assert found["method"].tolist() == ["more than 3,000 distinct values", "jenkspy"]
    assert found["worse_by"].isna().tolist() == [True, False]
    assert of_crosscheck.compared(found.head(1)) == (
        "No second method was tried for recency (more than 3,000 distinct values)."
    )


def test_years_are_shown_in_years() -> None:
    years = ModelVariable.of(study({"years": {"classes": 3}}), "years", (365, 1461))
    with DuckDB() as engine:
        engine.execute("create table features as from (values (1), (365), (1461), (3000)) t(years)")
        found = crosscheck.against_jenkspy(
            engine, replace(model(), variables=(years,), rules=anything({"years": 3}))
        )
    assert found[["unit", "candidate", "other"]].values.tolist() == [["years", "1.0, 4.0", "1.0, 4.0"]]


def table(**facts: tuple[str, float | None, bool | None]) -> pd.DataFrame:
    rows = [(name, *fact) for name, fact in facts.items()]
    return pd.DataFrame(rows, columns=["variable", "method", "worse_by", "same_edges"])


SAME, TIED, BETTER = ("jenkspy", 0.0, True), ("jenkspy", 0.0, False), ("jenkspy", -0.2, False)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"recency": SAME}, "Jenkspy finds the same edges for recency."),
        ({"recency": SAME, "years": SAME}, "Jenkspy finds the same edges for both variables."),
        ({"a": SAME, "b": SAME, "c": SAME}, "Jenkspy finds the same edges for all three variables."),
        (
            {"a": SAME, "b": TIED, "c": SAME},
            "Jenkspy finds the same edges for a and c. "
            "Jenkspy finds other edges for b, which are equally good.",
        ),
        ({"a": BETTER}, "Jenkspy finds worse edges for a, so the candidate's stand."),
        (
            {"a": ("textbook", 0.01, False), "b": ("more than 3,000 distinct values", None, None)},
            "The textbook method finds **better edges than the candidate's** for a: "
            "report this as a defect of segcore before you accept them. "
            "No second method was tried for b (more than 3,000 distinct values).",
        ),
    ],
)
def test_the_sentence_says_one_thing_for_each_fact(facts, text) -> None:
    assert of_crosscheck.compared(table(**facts)) == text
