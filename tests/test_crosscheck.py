from __future__ import annotations

from types import SimpleNamespace

import pytest
from small_model import model

from segcore import crosscheck
from segcore.engine import DuckDB


def features(customers: int, sql: str) -> DuckDB:
    """An engine with ``features``: recency by an expression over i, and three frequencies."""
    engine = DuckDB()
    engine.execute(
        f"create table features as select i::VARCHAR as customer_id, ({sql})::BIGINT as recency, "
        f"(1 + i % 3)::BIGINT as frequency from range({customers}) t(i)"
    )
    return engine


def test_every_customer_is_compared_where_jenkspy_can_take_them() -> None:
    with features(200, "hash(i) % 300") as engine:
        found = crosscheck.against_jenkspy(engine, model())
    assert found["variable"].tolist() == ["recency", "frequency"]
    assert found["compared"].tolist() == ["every customer", "every customer"]
    assert found["as_good"].tolist() == [True, True]
    assert found["ours"].tolist()[0].count(",") == 1


def test_many_customers_are_compared_by_their_distinct_values() -> None:
    with features(10_001, "i % 500") as engine:
        found = crosscheck.against_jenkspy(engine, model())
    assert found["compared"].tolist() == ["every value once", "every value once"]
    assert found["as_good"].tolist() == [True, True]


def test_very_many_values_are_not_compared_and_it_says_so() -> None:
    with features(3_001, "i") as engine:
        found = crosscheck.against_jenkspy(engine, model())
    assert found["compared"].tolist() == ["no: more than 3,000 distinct values", "every customer"]
    assert found["as_good"].isna().tolist() == [True, False]


def test_a_worse_cut_of_ours_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    def worse(values, counts, classes, **_):
        return SimpleNamespace(edges=tuple(values[: classes - 1]))

    monkeypatch.setattr(crosscheck, "natural_breaks", worse)
    with features(200, "hash(i) % 300") as engine:
        found = crosscheck.against_jenkspy(engine, model())
    assert found["as_good"].tolist()[0] is False
