from __future__ import annotations

import pytest

from segcore import transitions
from segcore.engine import DuckDB


def names(rows: str) -> dict[str, str | None]:
    with DuckDB() as engine:
        engine.execute(f"create table reps as from (values {rows}) t(rep, name)")
        return dict(engine.rows(transitions.reps_sql(engine)))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("('1', 'Ann'), ('2', 'Eve')", {"1": "Ann", "2": "Eve"}),
        ("('1', 'Ann'), ('2', ' Ann ')", {"1": "Ann (1)", "2": "Ann (2)"}),
        ("('1', 'Ann'), ('2', 'ANN')", {"1": "Ann (1)", "2": "ANN (2)"}),
        ("('1', ' '), ('2', NULL)", {"1": None, "2": None}),
        ("('1', NULL), ('2', '1')", {"1": None, "2": "1 (2)"}),
        ("('A', 'A'), ('B', 'Eve')", {"A": "A", "B": "Eve"}),
        ("('A', 'A'), ('B', 'a')", {"A": "A", "B": "a (B)"}),
    ],
)
def test_representatives_whose_names_could_be_confused_have_their_number_behind_it(rows, told):
    assert names(rows) == told


def test_without_names_of_representatives_there_are_none():
    with DuckDB() as engine:
        assert engine.rows(transitions.reps_sql(engine)) == []
        engine.execute("create table reps as select '1' as rep")
        assert engine.rows(transitions.reps_sql(engine)) == []
