"""A run after those of an older version, which lack tables that were thought of later."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from pathlib import Path

import pytest
from report_runs import DATES, make_runs, write_project
from small_customers import data_of, write_page

from segcore import language, model, tables, transitions
from segcore.engine import DuckDB
from segcore.outputs.workbook import write_run
from segcore.params import Study
from segcore.params.file import load_study
from segcore.report import SECTIONS, load
from segcore.report.parts import Part
from segcore.sentences import calls

FIRST_VERSION = ("transactions", "customers", "moves", "quarantine", "reconciliation", "exclusions", "facts")
"""The tables that every version of segcore has written."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    study = write_project(tmp_path_factory.mktemp("older"), customers=80)
    older = make_runs(study, DATES[:2])
    for path in (path for run in older for path in (run / "data").iterdir()):
        if path.stem not in FIRST_VERSION:
            path.unlink()
    return make_runs(study, DATES[2:], older)


@pytest.fixture(scope="module")
def study(runs: list[Path]) -> Study:
    return load_study(runs[-1].parent.parent.parent / "params" / "acme.yaml")


def test_the_report_is_made_and_says_what_earlier_runs_do_not_tell(runs, study):
    report = load(study, dt.date.fromisoformat(runs[-1].name), runs[-1])
    found = {anchor: " ".join(map(told, section.parts(report))) for anchor, section in SECTIONS.items()}
    assert (
        "How the last list did: the run of 5 April kept none (an older version made it), so nothing can be "
        "said of it."
    ) in found["calls"]
    assert min(map(len, found.values())) > 50


def test_what_earlier_runs_do_not_tell_is_said_in_german():
    with language.spoken("de"):
        assert calls.no_last_list(dt.date(2025, 4, 5), dt.date(2025, 5, 20)) == (
            "**Was aus der letzten Liste wurde:** Der Lauf vom 5. April hat keine aufbewahrt (eine ältere "
            "Version hat ihn erstellt)."
        )


def told(part: Part) -> str:
    html = part.html or str(part.data["text/plain"])
    return " ".join(unescape(re.sub("<[^>]+>", "", html)).split())


def test_the_page_of_all_customers_is_made(runs, tmp_path):
    page = write_page(runs, tmp_path)
    keys = [column["key"] for column in data_of(page)["columns"]]
    assert {"customer_id", "segment", "state", "from", "cause", "drop_date"} <= {*keys}


def test_the_workbook_is_made(runs, study, tmp_path):
    with DuckDB() as engine:
        names = [path.stem for path in (runs[-1] / "data").glob("*.parquet")]
        tables.load(engine, runs[-1], *(name for name in names if name != "moves"))
        transitions.moves(engine, model.read(runs[-1] / "model.json").segments, runs[:-1])
        write_run(engine, study, tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").stat().st_size > 10_000
