"""How a study stands, without changing anything."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest
from small_archive import APRIL, JUNE, MARCH, make, rewrite, staged
from small_project import RULES, STUDY

from segcore import archive, keeping
from segcore.params.file import load_study
from segcore.status import Status, status


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "acme.yaml").write_text(
        STUDY.replace("currency: EUR", "currency: EUR\nrun_every: 45 days")
    )
    (tmp_path / "params" / "acme.rules.csv").write_text(RULES)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sales_1.csv").write_text("one")
    return archive.Places(tmp_path, "acme")


def stands(places: archive.Places, today: dt.date = APRIL) -> Status:
    return status(load_study(places.root / "params" / "acme.yaml"), root=places.root, today=today)


def test_before_the_first_run(places):
    assert stands(places).lines == [
        "published   no run is published yet",
        "due         the first run is due: segcore run acme --date 2025-04-15",
        "delivered   sales_1.csv: no published run has read it",
    ]
    assert not places.runs.exists()


def test_a_delivery_of_after_the_last_run_says_which_run_reads_it(places):
    path = places.root / "params" / "acme.yaml"
    named = "files: [sales_*.csv]\n    delivered: 'sales_(\\d{4}-\\d{2}-\\d{2})'"
    path.write_text(re.sub(r"files: \[sales\S*\.csv\]", lambda found: named, path.read_text()))
    data = places.root / "data"
    (data / "sales_1.csv").rename(data / "sales_2025-02-28.csv")
    entry = {"name": "sales_2025-02-28.csv", "sha256": hashlib.sha256(b"one").hexdigest()}
    make(places, MARCH, inputs=[entry])
    archive.finish(places)
    (data / "sales_2025-03-20.csv").write_text("two")
    (data / "sales_2025-02-20.csv").write_text("three")
    assert [line for line in stands(places).lines if line.startswith("delivered")] == [
        "delivered   sales_2025-02-20.csv: no published run has read it",
        "delivered   sales_2025-03-20.csv: is of 2025-03-20, after the last run's date; a run of 2025-03-20 "
        "or later reads it",
    ]


def test_a_study_in_order(places):
    entry = {"name": "sales_1.csv", "sha256": hashlib.sha256(b"one").hexdigest()}
    make(places, MARCH, inputs=[entry])
    archive.finish(places)
    assert stands(places, dt.date(2025, 4, 14)).lines == [
        "published   1, the last one 2025-03-01",
        "due         no run is due before 2025-04-15",
    ]
    told = stands(places, dt.date(2025, 7, 1))
    assert told.lines[1] == (
        "due         a run of 2025-05-30 is due, but no new extract has come since the run of 2025-03-01"
    )
    assert told.due is None
    (places.root / "data" / "sales_2.csv").write_text("two")
    assert stands(places, dt.date(2025, 7, 1)).lines[1] == (
        "due         1 new extract; the run of 2025-05-30 is due: segcore run acme --date 2025-05-30"
    )
    (places.root / "data" / "sales_2.csv").unlink()
    assert told.as_json() == {
        "study": "acme",
        "published": ["2025-03-01"],
        "stale": {},
        "withdrawn": {},
        "due": None,
        "why": "a run of 2025-05-30 is due, but no new extract has come since the run of 2025-03-01",
        "next": "2025-04-15",
        "delivered": [],
        "faults": [],
        "edited": [],
        "unfinished": [],
        "mails": [],
        "expired": [],
        "retention": "",
        "later": {},
    }


def test_all_that_needs_somebody_and_nothing_is_changed(places):
    for date in (MARCH, APRIL, JUNE):
        make(places, date)
    archive.finish(places)
    keeping.withdraw("acme/2025-04-15", keeping.Decision(JUNE, "wrong"), root=places.root)
    customers = places.published(JUNE) / "data" / "customers.parquet"
    rewrite(customers, "Customers")
    page = places.reports / "2025-03-01" / "report.html"
    page.write_text("mine")
    staged(places, dt.date(2025, 7, 1))
    (places.runs / ".failed" / "2025-02-01").mkdir(parents=True)
    (places.root / "data" / "sales_2.csv").mkdir()
    before = {path: path.stat().st_mtime_ns for path in places.root.rglob("*")}
    with archive.locked(places):
        told = stands(places, JUNE)
    (places.runs / ".lock-holder.json").unlink(missing_ok=True)
    after = {path: path.stat().st_mtime_ns for path in places.root.rglob("*")}
    assert set(after) == set(before)
    assert {path for path in before if before[path] != after.get(path)} <= {
        places.runs,
        places.runs / ".lock",
    }
    assert told.lines == [
        "published   2, the last one 2025-06-01",
        "stale       2025-06-01: compared with 2025-04-15, but the run of 2025-03-01 stands before it now",
        "withdrawn   2025-04-15 on 2025-06-01: wrong",
        "due         no run is due before 2025-07-16",
        "delivered   sales_2.csv: must be a file (it is a folder); deliver the file itself, or take it out "
        "of the data folder",
        f"edited      {customers}: must be as it was sealed (it was altered); put it back from a copy, or "
        "make that run again with --force",
        f"edited      {page}: is not as it was published",
        f"unfinished  {places.runs}/.staging-2025-07-01: a run is under way, or was killed",
        f"unfinished  {places.runs}/.failed/2025-02-01: what is left of a run that failed; see the notebooks "
        "in it",
    ]


def test_a_run_that_is_gone_is_told(places):
    make(places, MARCH).rename(places.root / "elsewhere")
    assert f"edited      {places.published(MARCH)}: is gone" in stands(places).lines


def test_without_extracts_nobody_knows_whether_a_run_is_due(places):
    make(places, MARCH)
    (places.root / "data" / "sales_1.csv").unlink()
    told = stands(places)
    assert told.lines[1] == "due         not known before what stands below is mended"
    assert len(told.faults) == 1
