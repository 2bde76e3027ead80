"""What a run reads of the runs before it, and that it believes none of it that is not as it was sealed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shared_projects import DATES, copied
from small_project import APRIL, JUNE, MARCH, Project, parent

from segcore import archive, review, runner
from segcore.errors import ArchiveError, ParamsError
from segcore.privacy.erasing import as_wish, erase
from segcore.runner import planning
from segcore.runner.earlier import READ, READ_OF_LAST

pytestmark = pytest.mark.slow

BEFORE, LAST, DATE = DATES


@pytest.fixture
def demo(small_demo: Path, tmp_path: Path) -> Path:
    return copied(small_demo, tmp_path / "demo")


def sealed(demo: Path) -> dict[Path, bool]:
    """Every sealed file of the two runs before the last → whether ``earlier`` says that the last reads it."""
    found = {}
    for date, names in ((BEFORE, {*READ}), (LAST, {*READ, *READ_OF_LAST})):
        run = archive.open_run(demo / "runs" / "demo" / str(date))
        found |= {run.folder / name: name in names for name in run.outputs}
    return found


def refused(demo: Path) -> tuple[str, ...]:
    options = runner.RunOptions(force=True, parent=parent())
    with pytest.raises(ArchiveError) as caught:
        runner.run(demo / "params" / "demo.yaml", DATE, root=demo, options=options)
    return caught.value.problems


def test_a_run_reads_nothing_of_earlier_runs_but_what_is_checked(demo):
    """All else in them is rubbish, which nobody could read: the run comes out the same, byte for byte."""
    others = [path for path, is_read in sealed(demo).items() if not is_read]
    assert len(others) > 50
    for path in others:
        path.chmod(0o600)
        path.write_bytes(b"rubbish")
    repeated = review.repeat(demo / "runs" / "demo" / str(DATE), root=demo)
    assert (repeated.same, repeated.differs) == (True, ())


def test_what_a_run_reads_of_earlier_runs_is_refused_before_any_work_if_it_was_altered(demo):
    """One appended byte, or whether somebody reached the target: a later run must not believe it."""
    read = [path for path, is_read in sealed(demo).items() if is_read]
    names = {path.stem for path in read}
    assert {"eligible", "calls", "draw", "followups", "forecast", "facts", "transactions"} <= names
    for path in read:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes() + b"\n")
    assert sorted(refused(demo)) == sorted(
        f"{path}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force"
        for path in read
    )
    assert not (demo / "runs" / "demo" / ".failed").exists()


def test_a_table_that_is_put_into_an_older_run_which_had_none_is_refused(demo):
    """As an older version left none; whatever lies there now was sealed by nobody."""
    run = demo / "runs" / "demo" / str(BEFORE)
    put = run / "data" / "renumbered.parquet"
    put.write_bytes((run / "data" / "calls.parquet").read_bytes())
    last = demo / "runs" / "demo" / str(LAST) / "data" / "renumbered.parquet"
    last.write_bytes(put.read_bytes())
    assert refused(demo) == (f"{last}: must not be there (it was added); remove it",)


MODEL = """\
# %%
import json

segments = [*archive.study_of(here, study).segments]
(here / "model.json").write_text(json.dumps({"schema": 2, "segments": segments}))
for name in ("data/customers.parquet", "data/moves.parquet", "candidate.json"):
    (here / name).write_text(f"{name} of {run_date}")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", {"segment": MODEL})
    project.run(MARCH)
    return project


def rename(project: Project, segments: str) -> None:
    """Good is Fine from now on."""
    study, rules = project.study.read_text(), project.root / "params" / "acme.rules.csv"
    project.study.write_text(study.replace("segments: {Good: {}, Bad: {}}", segments))
    rules.write_text(rules.read_text().replace("Good", "Fine"))


def told(project: Project) -> str:
    return (
        f"{project.study}: segments: must have 'Good', as the run of 2025-03-01 has, or say which segment "
        'takes its place (it is neither there nor under was); write was: ["Good"] at that segment, like '
        '"Fine": {was: ["Good"]}'
    )


def test_a_segment_of_the_last_run_that_the_study_does_not_know_is_refused_before_any_work(project):
    rename(project, "segments: {Fine: {}, Bad: {}}")
    for make in (lambda: project.run(APRIL), lambda: project.backfill(APRIL, JUNE)):
        with pytest.raises(ParamsError) as caught:
            make()
        assert caught.value.problems == (told(project),)
    assert (project.published(), project.leftovers()) == (["2025-03-01"], [])


def test_it_goes_on_under_its_new_name_where_the_study_says_so(project):
    rename(project, "segments: {Fine: {was: [Good]}, Bad: {}}")
    assert project.run(APRIL).status == "published"


def test_a_backfill_that_makes_all_runs_anew_may_rename_without_saying_so(project):
    """The run before is made under the new name, too, before it is compared with."""
    project.run(APRIL)
    rename(project, "segments: {Fine: {}, Bad: {}}")
    made = project.backfill(MARCH, APRIL, force=True)
    assert [result.status for result in made] == ["published", "published"]


def test_what_an_older_version_published_after_a_retired_segment_stays(project, monkeypatch):
    rename(project, "segments: {Fine: {}, Bad: {}}")
    with monkeypatch.context() as patched:
        patched.setattr(planning, "check_segments", lambda *_: None)
        project.run(APRIL)
    assert project.run(APRIL).status == "unchanged"
    assert project.run(JUNE).status == "published"


def test_a_run_records_which_run_is_missing_between_it_and_the_one_it_is_compared_with(project):
    """The page says so; a run that is withdrawn is no such one, nor is a repeat of it another."""
    project.run(APRIL)
    (project.runs / str(APRIL) / "manifest.json").unlink()
    result = project.run(JUNE)
    record = json.loads((project.runs / str(JUNE) / "run.json").read_text())
    assert (record["missing"], record["runs"]) == (["2025-04-15"], [{"run_date": "2025-03-01", "number": 1}])
    assert any(str(APRIL) in told and "must be there" in told for told in result.advice)
    assert review.repeat(project.runs / str(JUNE), root=project.root).same

    project.run(APRIL, force=True)
    (again,) = runner.renew(project.study, root=project.root).results
    assert "missing" not in json.loads((project.runs / str(JUNE) / "run.json").read_text())
    assert again.run_date == JUNE


def test_a_run_records_whether_somebody_was_erased_from_the_one_it_is_compared_with(project):
    """Its numbers of that date are smaller than on that run's page; the run after it is not concerned."""
    project.run(MARCH, force=True)
    wish = as_wish(project.root, "acme", "K12", JUNE, None)
    assert not any("must" in told for told in erase(wish, yes=True))
    project.run(APRIL, force=True)
    project.run(JUNE)
    told = [json.loads((project.runs / str(date) / "run.json").read_text()) for date in (APRIL, JUNE)]
    assert [record.get("erased") for record in told] == [True, None]
