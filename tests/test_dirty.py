"""Every class of dirty input, read the way a run reads it: right, told, or refused.

What is read here is a part of the catalogue that a seed draws; ``make dirty`` reads all of it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from dirty import CASES
from dirty.builder import Case
from dirty.outcome import RIGHT, outcome_of, verdict
from small_sources import read_here

from segcore.engine import DuckDB, Engine

APPLICABLE = {
    *map(str, range(1, 73)),
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"),
} - {
    "41",  # a name that a spreadsheet cut is no number, and nobody can see it
    "65",  # what customers and users lack is for who writes mail
    "67",  # a file that changes while it is copied: tests of the store
}
"""Classes of the catalogue, and defects that segcore once had, by their numbers."""

SEED = 20250301


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        made.execute("set threads = 1")  # small files gain nothing by more
        yield made


@pytest.fixture
def readers(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be read is read in this process, which takes a tenth of the time."""
    if case.expected.refused is None:
        read_here(monkeypatch)


def drawn() -> list[Case]:
    """Two cases of every kind, in encodings that a seed draws, and more where a class has less than three."""
    chance = random.Random(SEED)
    mixed = sorted(chance.sample(CASES, len(CASES)), key=lambda case: (case.number, case.what))
    kept: dict[str, list[Case]] = {}
    for (number, _), kind in groupby(mixed, key=lambda case: (case.number, case.what)):
        cases = list(kind)
        others = [case for case in cases if case.variant != cases[0].variant]
        kept.setdefault(number, []).extend([cases[0], *others[:1]])
    for number, cases in kept.items():
        more = [case for case in mixed if case.number == number and case not in cases]
        cases += more[: max(0, 3 - len(cases))]
    return [case for cases in kept.values() for case in cases]


DRAWN = drawn()


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize("case", DRAWN, ids=lambda case: case.id)
def test_a_dirty_delivery_is_read_right_told_or_refused(engine: Engine, tmp_path: Path, case: Case) -> None:
    state, why = verdict(case.expected, outcome_of(engine, case, tmp_path))
    assert (state, why) == (RIGHT, "")


def test_there_are_600_cases_and_three_of_each_class() -> None:
    assert len(CASES) >= 600
    assert len({case.id for case in CASES}) == len(CASES)
    for cases in (CASES, DRAWN):
        counted = Counter(case.number for case in cases)
        assert set(counted) == APPLICABLE
        assert {number for number, count in counted.items() if count < 3} == set()


def test_the_part_that_is_drawn_has_every_kind_in_every_encoding() -> None:
    assert {(case.number, case.what) for case in DRAWN} == {(case.number, case.what) for case in CASES}
    assert {case.encoding for case in DRAWN} == {case.encoding for case in CASES}
