"""The slides of a run: what stands on them, and what no text in them may do."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation
from report_runs import make_runs, write_project

from segcore import slides
from segcore.params.file import load_study
from segcore.report import Report, load

FIRST, SECOND, THIRD = range(3)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    study_path = write_project(tmp_path_factory.mktemp("project"), customers=120)
    runs = make_runs(study_path)
    return [load(load_study(study_path), dt.date.fromisoformat(run.name), run) for run in runs]


def written(report: Report, path: Path) -> Path:
    slides.write_report(report, path)
    return path


def titles(path: Path) -> list[str]:
    return [slide.shapes.title.text for slide in Presentation(path).slides]


def test_the_title_of_a_slide_is_what_it_has_found(reports, tmp_path):
    found = titles(written(reports[THIRD], tmp_path / "a.pptx"))
    assert found[0].startswith("Since 5 April 24 moved up, ")
    assert found[1].startswith("Of 32 customers in Needs attention on 5 April, 16 are now Champions or Loyal")
    assert found[2].startswith("The two best segments, Champions and Loyal, have ")


def test_the_same_run_gives_the_same_bytes_dated_by_the_run(reports, tmp_path):
    first = written(reports[THIRD], tmp_path / "a.pptx")
    again = written(reports[THIRD], tmp_path / "b.pptx")
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as file:
        assert {info.date_time for info in file.infolist()} == {(2025, 5, 20, 0, 0, 0)}
    about = Presentation(first).core_properties
    assert {about.created.date(), about.modified.date()} == {dt.date(2025, 5, 20)}
