"""Runs made once more from what they recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import APRIL, JUNE, MARCH, Project

from segcore import archive, review
from segcore.errors import ArchiveError

pytestmark = pytest.mark.slow

# What a run makes depends on its inputs, on all runs before it, and on the surroundings.
CELLS = {
    "segment": """\
# %%
import json

inputs = json.loads((here / "run.json").read_text())["inputs"]
for name in ("data/customers.parquet", "data/moves.parquet", "model.json", "candidate.json"):
    (here / name).write_text(f"{name} of {inputs[0]['sha256']}")
""",
    "transitions": """\
# %%
import os

for path in archive.earlier_runs(here, previous_run_dir):
    print((path / "data" / "customers.parquet").read_text())
print(os.environ["SURROUNDINGS"])
""",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SURROUNDINGS", "those of the run")
    project = Project(tmp_path / "project", CELLS)
    for date in (MARCH, APRIL, JUNE):
        project.run(date)
    return project


def repeat(project: Project) -> review.Repetition:
    return review.repeat(project.runs / str(JUNE), root=project.root)


def test_a_run_is_the_same_whatever_became_of_study_notebooks_and_data(project):
    project.write_notebook("segment", "# %%\nraise ValueError\n")
    project.study.write_text("title: another\n")
    shutil.rmtree(project.root / "data")
    repeated = repeat(project)
    assert repeated.same
    files = len(archive.open_run(project.runs / str(JUNE)).outputs)
    assert repeated.line == f"acme/2025-05-30: all {files} files are the same, byte for byte"
    assert list((project.root / "runs" / ".scratch" / "repeat").iterdir()) == []


def test_every_file_that_differs_is_told_and_the_new_ones_stay(project, monkeypatch):
    monkeypatch.setenv("SURROUNDINGS", "others")
    repeated = repeat(project)
    assert repeated.differs == ("notebooks/transitions.ipynb: differs",)
    place = project.root / "runs" / ".scratch" / "repeat" / "acme-2025-05-30" / "2025-05-30"
    assert repeated.line == f"acme/2025-05-30: is not the same; what was made now lies in {place}"
    assert "others" in (place / "notebooks" / "transitions.ipynb").read_text()


def test_an_earlier_run_that_was_made_again_is_named_as_the_reason(project):
    project.deliver(13)
    project.run(MARCH, force=True)
    assert repeat(project).differs == (
        "the run of 2025-04-15 before it is stale: the run of 2025-03-01 was made again since",
        "notebooks/transitions.ipynb: differs",
    )


def test_a_stale_run_is_refused(project):
    project.deliver(13)
    project.run(APRIL, force=True)
    with pytest.raises(ArchiveError) as caught:
        repeat(project)
    assert caught.value.problems == (
        f"{project.runs / '2025-05-30'}: the run of 2025-04-15 before it must be the one that it was "
        "compared with (it was made again since); this run is stale, and segcore backfill makes it again",
    )
