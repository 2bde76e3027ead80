from __future__ import annotations

from pathlib import Path

import pytest
from small_kpi import small_study

from segcore import transitions
from segcore.engine import DuckDB
from segcore.params import FollowUp, Segment, Study


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


def study(*was: tuple[str, list[str]]) -> Study:
    """A study with these segments, and the names that they had."""
    given = {name: Segment(was=tuple(old)) for name, old in was}
    return small_study(segments=given, path=Path("params/acme.yaml"), follow_up=FollowUp())


OLD = ("Champions", "Regular", "Lost")


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        ([("Champions", []), ("Loyal", ["Regular"]), ("Lost", [])], []),
        ([("Champions", []), ("Loyal", ["Regular", "Lost"])], []),
        (
            [("Champions", []), ("Loyal", []), ("Lost", [])],
            [("'Regular'", 'was: ["Regular"]', '"Loyal": {was: ["Regular"]}')],
        ),
        (
            [("Champions", []), ("Loyal", []), ("Casual", []), ("Lost", [])],
            [("'Regular'", 'was: ["Regular"]', '"Lost": {was: ["Regular"]}')],
        ),
        (
            [("Champions", []), ("Regular", [])],
            [("'Lost'", 'was: ["Lost"]', '"Regular": {was: ["Lost"]}')],
        ),
        (
            [("A", []), ("B", ["Lost"])],
            [
                ("'Champions'", 'was: ["Champions"]', '"A": {was: ["Champions"]}'),
                ("'Regular'", 'was: ["Regular"]', '"A": {was: ["Regular"]}'),
            ],
        ),
    ],
    ids=["renamed", "merged", "not said", "split", "retired", "all others"],
)
def test_a_segment_that_the_study_does_not_account_for_is_told_with_the_line_to_write(segments, told):
    assert [*transitions.unnamed(study(*segments), OLD, "2025-03-01")] == [
        f"params/acme.yaml: segments: must have {lost}, as the run of 2025-03-01 has, or say which segment "
        f"takes its place (it is neither there nor under was); write {was} at that segment, like {line}"
        for lost, was, line in told
    ]
