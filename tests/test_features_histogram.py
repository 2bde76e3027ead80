"""Histograms: what the breaks are made from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest

from segcore.engine import DuckDB, Engine
from segcore.features import histogram


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


class TestHistograms:
    """How many customers have each value."""

    def test_whole_numbers_and_floats_are_arrays(self, engine: Engine) -> None:
        query = "select * from (values (3, 0.5::DOUBLE), (1, NULL), (3, 0.25)) t(n, f)"
        engine.execute(f"create or replace table features as {query}")
        values, counts = histogram(engine, "n")
        assert isinstance(values, np.ndarray)
        assert (values.tolist(), counts.tolist()) == ([1, 3], [1, 2])
        values, counts = histogram(engine, "f")
        assert (list(values), counts.tolist()) == ([0.25, 0.5], [1, 1])

    def test_money_stays_decimal(self, engine: Engine) -> None:
        engine.execute("create or replace table features as select 0.1::DECIMAL(38, 4) as m from range(2)")
        values, counts = histogram(engine, "m")
        assert (values, counts.tolist()) == ([Decimal("0.1000")], [2])

    @pytest.mark.parametrize("most", [3, 2**53 + 1, 2**90])
    def test_sums_of_whole_numbers_keep_every_digit(self, engine: Engine, most: int) -> None:
        query = f"select sum(i) as s from (values (1::HUGEINT), ({most}::HUGEINT)) r(i) group by i"
        engine.execute(f"create or replace table features as {query}")
        assert engine.columns("features") == {"s": "HUGEINT"}
        values, counts = histogram(engine, "s")
        assert (values, counts.tolist()) == ([1, most], [1, 1])

    def test_another_table_can_be_asked(self, engine: Engine) -> None:
        engine.execute('create or replace table "other one" as select 7::BIGINT as "a b"')
        values, counts = histogram(engine, "a b", "other one")
        assert (list(values), counts.tolist()) == ([7], [1])
