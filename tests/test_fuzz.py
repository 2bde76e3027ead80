"""Damaged files are refused with a sentence, or nothing of them is lost; `make fuzz` tries 100,000."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcore.engine import DuckDB, Engine

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.fuzz_reading import tried

FILES = {"semicolons": 250, "quoted": 250, "tabs": 150, "list": 120, "fixed": 120, "gzip": 110}
"""Files that are opened one by one and judged together: with those below, a thousand."""

ALONE = {"semicolons": 10, "quoted": 10, "tabs": 5, "list": 5, "fixed": 5, "gzip": 5, "workbook": 3}
"""Files that are read one by one as in a run."""


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        made.execute("set threads = 1")
        yield made


@pytest.mark.parametrize("form", FILES)
def test_damaged_files_lose_nothing(engine: Engine, form: str) -> None:
    found = tried(engine, form, 7, FILES[form], alone=False)
    assert found.failures == ()
    assert 0 < found.refused < 0.6 * found.files


@pytest.mark.parametrize("form", ALONE)
def test_damaged_files_lose_nothing_on_the_way_of_a_run(engine: Engine, form: str) -> None:
    assert tried(engine, form, 8, ALONE[form], alone=True).failures == ()
