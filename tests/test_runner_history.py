"""Histories: made afterwards, which their runs say, or as deliveries come, which nobody need say."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from small_project import APRIL, JUNE, MARCH, Project

from segcore import archive, keeping, runner
from segcore.errors import ArchiveError, InputError
from segcore.keeping import Decision
from segcore.review import repeat

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def record(project: Project, date: dt.date) -> dict[str, object]:
    return json.loads((project.runs / str(date) / "run.json").read_text())


def marked(project: Project) -> dict[str, bool]:
    return {date: archive.is_backfill(project.runs / date) for date in project.published()}


class Post:
    """Brings a copy of the sales to a project on each date, under the date's name."""

    def __init__(self, project: Project) -> None:
        self.data, self.seen = project.root / "data", list[str]()
        self.sales = (self.data / "sales.csv").read_text()
        (self.data / "sales.csv").unlink()

    def __call__(self, date: dt.date) -> None:
        self.seen.append(str(date))
        for day in (MARCH, APRIL, JUNE):
            path = self.data / f"sales_{day}.csv"
            path.unlink(missing_ok=True)
            if day <= date:
                header, *lines = self.sales.splitlines(keepends=True)
                path.write_text(header + "".join(x for x in lines if x.split(",")[2] <= str(day)))


def delivered(project: Project, post: Post, **options: object) -> runner.History:
    settings = runner.RunOptions(**options)
    deliveries = runner.Deliveries(project.study, post)
    return runner.as_delivered(deliveries, MARCH, JUNE, root=project.root, options=settings)


def test_a_run_of_a_backfill_says_so_and_another_says_nothing(project):
    project.run(MARCH)
    project.backfill(MARCH, APRIL)
    assert record(project, APRIL)["backfill"] is True
    assert "backfill" not in record(project, MARCH)
    assert marked(project) == {"2025-03-01": False, "2025-04-15": True}


def test_what_says_nothing_or_cannot_be_read_is_no_backfill(tmp_path):
    assert not archive.is_backfill(tmp_path)
    for text in ("no json", "[]", '{"backfill": "yes"}'):
        (tmp_path / "run.json").write_text(text)
        assert not archive.is_backfill(tmp_path)


def test_a_run_that_is_made_again_is_made_afterwards(project):
    """Its list may name others than the one that sales were given: nobody counts as held out by it."""
    project.run(MARCH)
    project.run(APRIL)
    project.backfill(MARCH, JUNE)
    was = {"2025-03-01": False, "2025-04-15": False, "2025-05-30": True}
    assert marked(project) == was

    project.deliver(13)
    project.run(MARCH, force=True)
    again = runner.renew(project.study, root=project.root)
    assert [(str(r.run_date), r.status) for r in again.results] == [
        ("2025-04-15", "published"),
        ("2025-05-30", "published"),
    ]
    assert marked(project) == {"2025-03-01": True, "2025-04-15": True, "2025-05-30": True}


def test_a_run_that_stands_as_it_is_stays_what_it_was(project):
    project.run(MARCH)
    project.backfill(MARCH, APRIL, force=True)
    assert marked(project) == {"2025-03-01": False, "2025-04-15": True}
    study = project.study.read_text()
    project.study.write_text(study.replace("title: ", "title: New "))
    project.backfill(MARCH, APRIL, force=True)
    assert marked(project) == {"2025-03-01": True, "2025-04-15": True}


def test_a_backfill_repeats_byte_for_byte(project):
    project.backfill(MARCH, MARCH)
    assert repeat(project.runs / "2025-03-01", root=project.root).same


def test_each_run_of_a_history_reads_what_had_arrived_by_its_date(project):
    post = Post(project)
    history = delivered(project, post)

    assert [r.status for r in history.results] == ["published"] * 3
    assert [entry["name"] for entry in record(project, APRIL)["inputs"]] == [
        "sales_2025-03-01.csv",
        "sales_2025-04-15.csv",
    ]
    assert post.seen == ["2025-03-01", "2025-03-01", "2025-04-15", "2025-05-30"]
    assert marked(project) == {"2025-03-01": False, "2025-04-15": False, "2025-05-30": False}


def test_a_history_whose_runs_are_there_stays_as_it_is_and_is_quiet(project):
    post = Post(project)
    delivered(project, post)
    before = {date: (project.runs / date / "manifest.json").read_bytes() for date in project.published()}
    history = delivered(project, post)

    assert [(r.status, r.advice) for r in history.results] == [("unchanged", ())] * 3
    assert {date: (project.runs / date / "manifest.json").read_bytes() for date in before} == before


def test_a_history_goes_on_where_it_was_stopped_and_leaves_withdrawn_runs(project):
    post = Post(project)
    runner.as_delivered(runner.Deliveries(project.study, post), MARCH, APRIL, root=project.root)
    decision = Decision(dt.date(2025, 4, 16), "wrong")
    keeping.withdraw("acme/2025-04-15", decision, root=project.root)
    history = delivered(project, post)

    assert [(str(r.run_date), r.status) for r in history.results] == [
        ("2025-03-01", "unchanged"),
        ("2025-05-30", "published"),
    ]


def test_a_history_of_another_study_is_refused_before_any_work(project):
    post = Post(project)
    delivered(project, post)
    study = project.study.read_text()
    project.study.write_text(study.replace("title: ", "title: New "))
    with pytest.raises(ArchiveError) as caught:
        delivered(project, post)
    assert len([told for told in caught.value.problems if "params differ: title was" in told]) == 3


def test_a_delivery_that_never_came_is_told_as_ever(project):
    post = Post(project)
    with pytest.raises(InputError) as caught:
        runner.as_delivered(
            runner.Deliveries(project.study, lambda date: None), MARCH, JUNE, root=project.root
        )
    assert caught.value.problems == (
        f"{project.study}: sources.transactions.files: 'sales*.csv' must match a file in "
        f"{post.data} (no such file); put the extracts there, or say where they are in data_dir or "
        "SEGCORE_DATA_DIR",
    )
