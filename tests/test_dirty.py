"""Every class of dirty input, read the way a run reads it: right, told, or refused."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from dirty import CASES
from dirty.builder import Case
from dirty.outcome import RIGHT, outcome_of, verdict

from segcore.engine import DuckDB, Engine
from segcore.sources.formats import Delivery, child, parquet

APPLICABLE = {
    *map(str, range(1, 73)),
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"),
} - {
    "41",  # a name that a spreadsheet cut is no number, and nobody can see it
    "65",  # what customers and users lack is for who writes mail
    "67",  # a file that changes while it is copied: tests of the store
}
"""Classes of the catalogue, and defects that segcore once had, by their numbers."""


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        made.execute("set threads = 1")  # small files gain nothing by more
        yield made


def directly(work: str, delivery: Delivery, **_: int) -> Iterator[pa.RecordBatch]:
    module, _, name = work.partition(":")
    yield from getattr(importlib.import_module(module), name)(delivery)


@pytest.fixture
def readers(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks that can be read are read in this process, which takes a tenth of the time."""
    if case.expected.refused is None:
        for module in (child, parquet):
            monkeypatch.setattr(module, "in_child", directly)


def parameter(case: Case) -> Any:
    """Fast tests read each delivery in one encoding."""
    fast = case.encoding in ("utf-8", "bytes")
    return pytest.param(case, id=case.id, marks=() if fast else pytest.mark.slow)


@pytest.mark.usefixtures("readers")
@pytest.mark.parametrize("case", [parameter(case) for case in CASES])
def test_a_dirty_delivery_is_read_right_told_or_refused(engine: Engine, tmp_path: Path, case: Case) -> None:
    state, why = verdict(case.expected, outcome_of(engine, case, tmp_path))
    assert (state, why) == (RIGHT, "")


def test_there_are_600_cases_and_three_of_each_class() -> None:
    assert len(CASES) >= 600
    assert len({case.id for case in CASES}) == len(CASES)
    counted = Counter(case.number for case in CASES)
    assert set(counted) == APPLICABLE
    assert {number for number, count in counted.items() if count < 3} == set()
