"""`segcore demo`: files that arrive one by one, a run for each, and nothing to do the second time."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
from shared_projects import keep_to_tables
from small_command import without_drawing
from small_project import parent

from segcore.cli import making
from segcore.demo import RUN_DATES, Post

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
FIRST, SECOND = RUN_DATES[:2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in whose demo there are few customers and two dates."""
    for name in ("notebooks", "params"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.ipynb"))
    keep_to_tables(tmp_path / "notebooks")
    without_drawing(monkeypatch)
    monkeypatch.setattr("segcore.cli.making.Parent", lambda: nullcontext(parent()))
    monkeypatch.setattr("segcore.demo.Post", partial(Post, customers=300))
    monkeypatch.setattr("segcore.demo.RUN_DATES", RUN_DATES[:2])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_demo_is_made_as_its_files_arrive_and_then_left_as_it_is(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    making.demo(quiet=True)
    told = capsys.readouterr().out.splitlines()
    records = {
        date: json.loads((project / "runs" / "demo" / str(date) / "run.json").read_text())
        for date in (FIRST, SECOND)
    }

    assert [line for line in told if line.startswith("demo ")] == [
        f"demo {FIRST}: published",
        f"demo {SECOND}: published",
    ]
    assert told[-1] == "reports/index.html"
    assert {entry["name"] for entry in records[FIRST]["inputs"]} == {
        f"sales_{FIRST}.csv",
        "accounts.csv",
        f"visits_{FIRST}.csv",
        "reps.csv",
    }
    assert len(records[SECOND]["inputs"]) == 6
    assert not any("backfill" in record for record in records.values())

    making.demo(quiet=True)
    again = capsys.readouterr().out.splitlines()
    assert [line.replace("published", "is published already; nothing to do") for line in told] == again
