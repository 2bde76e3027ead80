"""Which model a run uses, over notebooks whose segment stage is a real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import APRIL, JUNE, MARCH, REAL_SEGMENT, SHORT, Project

from segcore import archive, runner
from segcore.errors import ArchiveError, InputError, ModelError, ParamsError, StageError, StoppedError

pytestmark = pytest.mark.slow
DATES = (MARCH, APRIL, JUNE)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return made_in(tmp_path / "project")


def made_in(folder: Path, breaks: str = "{policy: keep, from: 2025-04-15}") -> Project:
    return Project(folder, {"segment": REAL_SEGMENT}, breaks)


def results(project: Project) -> dict[str, bytes]:
    """What may not depend on the order in which runs are made."""
    names = ("model.json", "data/customers.parquet")
    return {
        f"{date} {name}": (project.runs / str(date) / name).read_bytes() for date in DATES for name in names
    }


def model_of(project: Project, date) -> dict[str, object]:
    return archive.open_run(project.runs / str(date)).manifest["model"]


def test_models_and_segments_do_not_depend_on_the_order_of_runs(tmp_path):
    ascending, descending, stopped = (made_in(tmp_path / name) for name in ("up", "down", "stopped"))
    ascending.backfill(MARCH, JUNE)
    for date in reversed(DATES):
        descending.run(date)

    def stop(event):
        if len(stopped.published()) == 1 and event.what == "transitions":
            raise KeyboardInterrupt

    with pytest.raises(StoppedError) as caught:
        stopped.backfill(MARCH, JUNE, listener=stop)
    assert caught.value.problems == ("acme 2025-03-01 to 2025-05-30: published 2025-03-01; stopped",)
    assert stopped.published() == ["2025-03-01"]
    stopped.backfill(MARCH, JUNE)

    assert results(ascending) == results(descending) == results(stopped)
    assert model_of(ascending, MARCH)["origin"] == "fitted-as-of"
    assert model_of(ascending, APRIL)["origin"] == "this run"
    assert model_of(ascending, JUNE)["origin"] == "run"
    assert [r.status for r in ascending.backfill(MARCH, JUNE)] == ["unchanged"] * 3
    assert model_of(descending, JUNE)["sha256"] == model_of(ascending, JUNE)["sha256"]
    kept = list((ascending.runs / "inputs" / "models").glob("*.json"))
    assert len(kept) == 2  # what was fitted before there was a run of April, and its candidate's intervals
    assert kept[0].read_bytes() == kept[1].read_bytes()


def test_a_run_that_keeps_breaks_records_whose_and_uses_them(project):
    project.run(MARCH)
    folder = project.runs / "2025-03-01"
    assert json.loads((folder / "kept_model.json").read_text())["fitted_as_of"] == "2025-04-15"
    assert json.loads((folder / "model.json").read_text())["fitted_as_of"] == "2025-04-15"
    assert json.loads((folder / "candidate.json").read_text())["fitted_as_of"] == "2025-03-01"
    record = json.loads((folder / "run.json").read_text())["model"]
    assert record == model_of(project, MARCH)
    assert (record["policy"], record["from"], record["origin"]) == ("keep", "2025-04-15", "fitted-as-of")


def test_a_candidate_is_accepted_by_writing_its_date(project):
    project.run(JUNE)
    project.keep_breaks("{policy: keep, from: 2025-05-30}")
    project.run(MARCH)
    kept = json.loads((project.runs / "2025-03-01" / "kept_model.json").read_text())
    candidate = json.loads((project.runs / "2025-05-30" / "candidate.json").read_text())
    assert [(v.pop("low"), v.pop("high")) for v in candidate["variables"]] == [(None, None)] * 2
    assert all(v.pop("low") and v.pop("high") for v in kept["variables"])
    assert kept == candidate
    assert model_of(project, MARCH)["origin"] == "run"


def test_with_a_list_of_dates_each_run_uses_the_breaks_of_the_latest_up_to_its_own(tmp_path):
    listed = "{policy: keep, from: [2025-03-01, 2025-05-30]}"
    ascending, descending = (made_in(tmp_path / name, listed) for name in ("up", "down"))
    ascending.backfill(MARCH, JUNE)
    for date in reversed(DATES):
        descending.run(date)

    assert [model_of(ascending, date)["from"] for date in DATES] == ["2025-03-01", "2025-03-01", "2025-05-30"]
    assert [model_of(ascending, date)["origin"] for date in DATES] == ["this run", "run", "this run"]
    assert results(ascending) == results(descending)
    params = [archive.open_run(ascending.runs / str(date)).manifest["params"] for date in DATES]
    assert [param["breaks"]["from"] for param in params] == ["2025-03-01", "2025-03-01", "2025-05-30"]


def test_a_run_before_the_first_listed_date_uses_the_breaks_of_the_first(tmp_path):
    project = made_in(tmp_path / "project", "{policy: keep, from: [2025-04-15, 2025-05-30]}")
    project.run(MARCH)
    assert (model_of(project, MARCH)["from"], model_of(project, MARCH)["origin"]) == (
        "2025-04-15",
        "fitted-as-of",
    )


def test_a_date_that_is_added_leaves_the_runs_before_it_as_they_are(tmp_path):
    project = made_in(tmp_path / "project", "{policy: keep, from: 2025-03-01}")
    project.backfill(MARCH, APRIL)
    project.keep_breaks("{policy: keep, from: [2025-03-01, 2025-05-30]}")
    assert [r.status for r in project.backfill(MARCH, JUNE)] == ["unchanged", "unchanged", "published"]
    project.keep_breaks("{policy: keep, from: [2025-03-01, 2025-04-15]}")
    with pytest.raises(ArchiveError) as caught:
        project.run(APRIL)
    assert caught.value.problems[0] == (
        "acme 2025-04-15: params differ: breaks.from was '2025-03-01', is '2025-04-15'"
    )


def test_a_run_that_is_put_before_published_ones_says_which_become_stale_and_what_makes_them_again(project):
    project.run(MARCH)
    project.run(JUNE)
    again = "to make again: segcore backfill acme --stale"
    assert f"acme: stale, for a run before changed: 2025-05-30; {again}" in project.run(APRIL).advice
    stale = {entry.run_date: entry.stale for entry in archive.list_runs(project.runs.parent, study="acme")}
    assert stale == {
        "2025-03-01": "",
        "2025-04-15": "",
        "2025-05-30": "compared with 2025-03-01, but the run of 2025-04-15 stands before it now",
    }
    made = runner.renew(project.study, root=project.root).results
    assert [(str(one.run_date), one.status) for one in made] == [("2025-05-30", "published")]
    assert not any(entry.stale for entry in archive.list_runs(project.runs.parent, study="acme"))


def test_with_refit_every_run_fits_its_own(tmp_path):
    project = made_in(tmp_path / "project", "{policy: refit}")
    project.backfill(MARCH, APRIL)
    for date in (MARCH, APRIL):
        assert json.loads((project.runs / str(date) / "model.json").read_text())["fitted_as_of"] == str(date)
        assert not (project.runs / str(date) / "kept_model.json").exists()


def test_a_first_run_without_from_tells_the_line_to_add_and_a_second_asks_for_it(tmp_path):
    project = made_in(tmp_path / "project", "{policy: keep}")
    result = project.run(MARCH)
    assert result.advice[-1] == (
        f"{project.study}: write breaks: {{policy: keep, from: 2025-03-01}}, "
        "for further runs must keep the same breaks"
    )
    assert project.run(MARCH).status == "unchanged"
    with pytest.raises(ParamsError) as caught:
        project.run(APRIL)
    assert caught.value.problems == (
        f"{project.study}: breaks.from must say whose breaks are kept, for the study has runs already "
        "(it is missing); write breaks: {policy: keep, from: 2025-03-01}",
    )


def test_a_backfill_without_from_keeps_the_breaks_of_its_last_date(tmp_path):
    project = made_in(tmp_path / "project", "{policy: keep}")
    results = project.backfill(MARCH, APRIL)
    assert results[-1].advice[-1] == (
        f"{project.study}: write breaks: {{policy: keep, from: 2025-04-15}}, "
        "for further runs must keep the same breaks"
    )
    assert (
        json.loads((project.runs / "2025-03-01" / "model.json").read_text())["fitted_as_of"] == "2025-04-15"
    )
    project.keep_breaks("{policy: keep, from: 2025-04-15}")
    assert project.run(MARCH).status == "unchanged"


def test_what_cannot_be_the_model_of_a_run_is_refused_before_any_work(project):
    project.run(APRIL)
    text = project.study.read_text()
    project.study.write_text(text.replace("recency: {classes: 2}", "recency: {classes: 3}"))
    rules = project.root / "params" / "acme.rules.csv"
    rules.write_text(rules.read_text().replace("Good,2", "Good,>=2"))
    with pytest.raises(ModelError) as caught:
        project.run(JUNE)
    assert caught.value.problems == (
        f"{project.study}: variables.recency.classes must be 2 as in the model of 2025-04-15 (got 3); "
        "change it back, or fit anew by setting breaks.from to the date of this run",
    )
    project.study.write_text(text)
    altered = project.runs / "2025-04-15" / "candidate.json"
    altered.write_text("{}")
    with pytest.raises(ArchiveError) as caught:
        project.run(MARCH)
    assert caught.value.problems == (
        f"{altered}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force",
    )
    project.keep_breaks("{policy: keep, from: 2024-06-30}")
    with pytest.raises(InputError) as caught:
        project.run(MARCH)
    assert caught.value.problems == (
        "breaks.from 2024-06-30: the run date 2024-06-30 must not lie before the first order (2025-01-04); "
        "choose a later one",
    )
    assert project.published() == ["2025-04-15"]


def test_a_candidate_whose_customers_cannot_be_read_is_not_taken(project):
    junk = '\n# %%\n(here / "data" / "customers.parquet").write_text("no table")\n'
    project.write_notebook("segment", REAL_SEGMENT + junk)
    project.run(APRIL)
    with pytest.raises(ArchiveError) as caught:
        project.run(JUNE)
    (told,) = caught.value.problems
    customers = project.runs / "2025-04-15" / "data" / "customers.parquet"
    assert told.startswith(f"{customers}: must hold the customers whom candidate.json was fitted on (got ")
    assert told.endswith("); make that run again with --force")
    assert project.published() == ["2025-04-15"]


def test_a_run_that_fails_stops_the_backfill_and_what_is_published_is_said(project):
    fails = "# %%\nif run_date == '2025-04-15':\n    raise ValueError('not this one')\n"
    project.write_notebook("ingest", SHORT["ingest"] + fails)
    with pytest.raises(StageError) as caught:
        project.backfill(MARCH, JUNE)
    assert caught.value.problems == (
        "ingest.py, cell 5: ValueError: not this one",
        f"acme 2025-04-15: nothing was published; see {project.runs}/.failed/2025-04-15/ingest.ipynb",
        "acme 2025-03-01 to 2025-05-30: published 2025-03-01",
    )
    assert project.published() == ["2025-03-01"]
