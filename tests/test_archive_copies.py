"""``reports/``: copies of what is published; what was edited is kept aside, what is foreign stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH, filled, make, rewrite

from segcore import archive

REPORTS = archive.AFTER["reports"]


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    made = archive.Places(tmp_path, "acme")
    make(made, MARCH)
    archive.finish(made)
    return made


def page(places: archive.Places) -> Path:
    return places.reports / "2025-03-01" / "report.html"


def test_an_edited_copy_is_kept_aside_and_told(places):
    for number, name in ((1, "report.html"), (2, "report-2.html")):
        page(places).write_text(f"mine {number}")
        kept = places.reports / ".edited" / "2025-03-01" / name
        assert archive.heal(places) == [
            f"{page(places).parent}: written again from the published runs",
            f"{page(places)}: was edited; it is kept as {kept}, and the published one is there again",
        ]
        assert kept.read_text() == f"mine {number}"
        assert page(places).read_text() == "<p>customers</p>"
    assert archive.heal(places) == []


def test_a_copy_of_a_run_that_was_superseded_is_replaced_and_not_called_edited(places):
    make(places, MARCH, "other customers", replace=True)
    assert REPORTS.do(places) == []
    assert page(places).read_text() == "<p>other customers</p>"
    assert not places.edited.exists()


def test_what_segcore_did_not_write_stays_where_it_is(places):
    notes = page(places).parent / "notes.txt"
    notes.write_text("mine")
    make(places, MARCH, "other customers", replace=True)
    archive.finish(places)
    assert notes.read_text() == "mine"


def test_a_folder_of_copies_that_the_run_has_no_more_goes_with_them(places):
    facts, parts = filled(places, MARCH), page(places).parent / "customers"
    (places.staging(MARCH) / "report" / "customers").mkdir()
    (places.staging(MARCH) / "report" / "customers" / "1-loyal-1.html").write_text("<p>K1</p>")
    archive.publish(places, archive.seal(places.staging(MARCH), facts), replace=True)
    archive.finish(places)
    assert (parts / "1-loyal-1.html").read_text() == "<p>K1</p>"
    make(places, MARCH, "other customers", replace=True)
    archive.finish(places)
    assert not parts.exists()
    assert page(places).read_text() == "<p>other customers</p>"


def test_a_good_copy_is_not_replaced_by_a_damaged_file_of_the_run(places):
    rewrite(places.published(MARCH) / "report" / "report.html", "<p>damaged!!</p>")
    assert archive.heal(places) == []
    assert page(places).read_text() == "<p>customers</p>"


def test_copies_of_another_time_with_the_same_content_are_left_alone(places):
    os.utime(page(places), ns=(0, 0))
    assert REPORTS.missing(places) == []


def test_a_link_or_a_folder_in_the_place_of_a_copy_is_kept_aside(places, tmp_path):
    page(places).unlink()
    page(places).symlink_to(tmp_path / "elsewhere")
    assert len(REPORTS.do(places)) == 1
    page(places).unlink()
    page(places).mkdir()
    assert len(REPORTS.do(places)) == 1
    shutil.move(page(places).parent, tmp_path / "moved")
    page(places).parent.symlink_to(tmp_path / "moved")
    assert REPORTS.do(places) == [
        f"{page(places).parent}: was edited; it is kept as {places.edited}/2025-03-01-2, "
        "and the published one is there again"
    ]
    assert page(places).read_text() == "<p>customers</p>"
    assert not page(places).is_symlink()


def test_a_folder_that_is_no_run_blocks_nothing_but_itself(places):
    (places.runs / "2025-02-01").mkdir()
    (places.runs / "2025-02-02").write_text("a file")
    (places.runs / "notes").mkdir()
    (places.root / "runs" / "elsewhere").mkdir()
    make(places, APRIL)
    rewrite(places.published(MARCH) / "manifest.json", "{")
    listed = archive.list_runs(places.root / "runs")
    assert [(entry.run_date, entry.damaged) for entry in listed] == [
        ("2025-02-01", f"{places.runs}/2025-02-01: there must be a published run here (no manifest.json)"),
        ("2025-02-02", f"{places.runs}/2025-02-02: there must be a published run here (no manifest.json)"),
        (
            "2025-03-01",
            f"{places.runs}/2025-03-01/manifest.json: must be as it was sealed (it was altered); "
            "put it back from a copy, or make that run again with --force",
        ),
        ("2025-04-15", ""),
    ]
    assert (places.reports / "2025-04-15" / "report.html").exists()
    assert archive.previous_run(places.runs, MARCH) is None
    assert sorted(path.name for path in (places.root / "runs").iterdir()) == [
        ".index.lock",
        "acme",
        "elsewhere",
    ]
    assert list((places.root / "runs" / "elsewhere").iterdir()) == []


def test_an_edited_index_is_kept_aside_and_told(places):
    index = places.root / "reports" / "index.html"
    written = index.read_text()
    for name in ("index.html", "index-2.html"):
        index.write_text(written.replace("acme", "ACME"))
        kept = places.root / "reports" / ".edited" / name
        assert archive.heal(places) == [
            f"{index}: written again from the published runs",
            f"{index}: was edited; it is kept as {kept}, and the published one is there again",
        ]
        assert "ACME" in kept.read_text()
        assert index.read_text() == written


def test_an_index_that_other_runs_made_is_not_called_edited_and_a_right_one_is_not_written(places):
    index = places.root / "reports" / "index.html"
    make(places, APRIL)
    assert archive.finish(places) == []
    assert "2025-04-15" in index.read_text()
    before = index.stat().st_mtime_ns, index.stat().st_ino
    assert archive.finish(places) == []
    assert (index.stat().st_mtime_ns, index.stat().st_ino) == before
    assert not (index.parent / ".edited").exists()
