"""`segcore init` on extracts that it was not made for: a study that runs at once, with pandas' totals."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_init import deliver, made, used
from small_sources import read_here
from unseen import COMPANIES, Company, trade


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)
    read_here(monkeypatch)


@pytest.mark.parametrize("number", range(len(COMPANIES)), ids=lambda number: COMPANIES[number].__name__)
def test_a_study_runs_at_once_and_its_totals_are_those_of_pandas(number: int, tmp_path: Path) -> None:
    company: Company = COMPANIES[number](trade(number))
    files = [deliver(tmp_path, name, content) for name, content in company.files.items()]
    study, result = made(tmp_path, *files)
    assert result.lines[-1].startswith("segcore run "), result.lines
    with used(tmp_path, study) as engine:
        facts = engine.rows(
            "select count(*), count(distinct customer_id), count(distinct order_id), sum(amount) "
            "from transactions"
        )
    assert facts == [company.facts]
