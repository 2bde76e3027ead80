"""Notebooks find their project from wherever they are started."""

from __future__ import annotations

from pathlib import Path

import pytest

from segcore.archive import enter_project

STUDY = "params/acme.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "params").mkdir()
    (tmp_path / STUDY).write_text("title: ACME\n")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def test_a_notebook_that_starts_where_it_lies_goes_up_to_the_project(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project(STUDY)
    assert Path.cwd() == project


def test_a_notebook_that_starts_in_the_project_stays_there(project, monkeypatch):
    monkeypatch.chdir(project)
    enter_project(STUDY)
    assert Path.cwd() == project


def test_a_study_with_a_whole_path_moves_nothing(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project(str(project / STUDY))
    assert Path.cwd() == project / "notebooks"


def test_a_study_that_is_nowhere_moves_nothing(project, monkeypatch):
    monkeypatch.chdir(project / "notebooks")
    enter_project("params/amce.yaml")
    assert Path.cwd() == project / "notebooks"
