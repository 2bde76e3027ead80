"""Runs with real kernels, over four short notebooks."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from small_project import APRIL, JUNE, MARCH, PARAMETERS, SHORT, Project

from segcore import archive, keeping, runner
from segcore.errors import ArchiveError, LockedError, ModelError, ParamsError, StageError, UsageError
from segcore.model import Model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose run of March is published."""
    project = Project(tmp_path_factory.mktemp("made"))
    project.run(MARCH)
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """A copy of that project, to be changed."""
    return copied(made, tmp_path)


def copied(made: Project, folder: Path) -> Project:
    shutil.copytree(made.root, folder, dirs_exist_ok=True)
    copy = object.__new__(Project)
    copy.root, copy.runs, copy.study = folder, folder / "runs" / "acme", folder / "params" / "acme.yaml"
    return copy


def problems(kind: type[Exception], call, *args, **options) -> tuple[str, ...]:
    with pytest.raises(kind) as caught:
        call(*args, **options)
    assert type(caught.value) is kind
    return caught.value.problems


def test_a_run_leaves_its_folder_its_report_and_nothing_else(made):
    run = archive.open_run(made.runs / "2025-03-01")
    assert sorted(run.outputs) == [
        "candidate.json",
        "data/customers.parquet",
        "data/moves.parquet",
        "data/transactions.parquet",
        "model.json",
        "notebooks/ingest.ipynb",
        "notebooks/report.ipynb",
        "notebooks/segment.ipynb",
        "notebooks/transitions.ipynb",
        "report/moves.csv",
        "report/notebooks/ingest.html",
        "report/notebooks/report.html",
        "report/notebooks/segment.html",
        "report/notebooks/transitions.html",
        "report/report.html",
        "run.json",
        "study/acme.rules.csv",
        "study/acme.yaml",
    ]
    assert archive.differences(run) == []
    assert sorted(json.loads((run.folder / "timings.json").read_text())) == [
        "ingest",
        "page",
        "report",
        "segment",
        "transitions",
    ]
    assert made.leftovers() == []
    page = made.root / "reports" / "acme" / "2025-03-01" / "report.html"
    assert page.read_bytes() == (run.folder / "report" / "report.html").read_bytes()
    assert "<p>2025-03-01</p>" in page.read_text()
    assert [p.name for p in (made.runs / "inputs").glob("*.csv")] == [f"{run.inputs[0]['sha256']}.csv"]


def test_what_is_edited_during_a_run_counts_from_the_next_one(project):
    """Study and rule table are those that the run began with, in every notebook and in the manifest."""
    edit = (
        "# %%\nPath(study).with_name('acme.rules.csv').write_text('segment,recency,frequency\\nBad,*,*\\n')\n"
    )
    project.write_notebook("ingest", SHORT["ingest"] + edit)
    project.write_notebook(
        "report",
        SHORT["report"] + "# %%\nfrom segcore import rules\n\nused = archive.study_of(here, study)\n"
        "print(len(rules.read_rules(used.rules_path, used).rules))\n",
    )
    before = (project.root / "params" / "acme.rules.csv").read_bytes()
    project.run(APRIL)
    run = archive.open_run(project.runs / "2025-04-15")
    assert (project.root / "params" / "acme.rules.csv").read_bytes() != before
    assert (run.folder / "study" / "acme.rules.csv").read_bytes() == before
    assert run.manifest["rules"] == {"2": "Good,2,*,", "3": "Bad,*,*,"}
    node = nbformat.read(run.folder / "notebooks" / "report.ipynb", as_version=4)
    assert node.cells[-1].outputs[0].text == "2\n"


def test_what_was_changed_behind_a_stage_is_noticed_before_the_seal(project, monkeypatch):
    """Study, model and earlier runs are read by several stages; all must have read the same."""
    edit = "# %%\n(here / 'study' / 'acme.rules.csv').write_text('segment\\nBad\\n')\n"
    project.write_notebook("segment", SHORT["segment"] + edit)
    staging = project.runs / ".staging-2025-04-15"
    assert problems(StageError, project.run, APRIL) == (
        f"{staging}/study/acme.rules.csv: must stay as it was given to the stages (it was changed)",
        "acme 2025-04-15: nothing was published; run again",
    )
    earlier = project.runs / "2025-03-01" / "data" / "customers.parquet"
    edit = f"# %%\nPath({str(earlier)!r}).unlink()\nPath({str(earlier)!r}).write_text('mine')\n"
    project.write_notebook("segment", SHORT["segment"] + edit)
    assert problems(ArchiveError, project.run, APRIL)[0].startswith(f"{earlier}: must be as it was sealed")
    assert project.published() == ["2025-03-01"]
    project.write_notebook("segment", SHORT["segment"])
    monkeypatch.setattr("segcore.runner.used.hash_of_code", lambda: "other")
    assert problems(StageError, project.run, MARCH, force=True) == (
        "segcore's own code must stay as it is while a run is made (it was changed)",
        "acme 2025-03-01: nothing was published; run again",
    )
    assert project.leftovers() == []


def test_the_manifest_holds_what_a_repetition_needs(made):
    manifest = archive.open_run(made.runs / "2025-03-01").manifest
    assert sorted(manifest) == [
        "accepted", "beside", "code", "fingerprint", "inputs", "model", "notebooks", "outputs", "packages",
        "parameters", "params", "previous", "python", "rules", "run_date", "schema", "seal", "study",
    ]  # fmt: skip
    assert manifest["rules"] == {"2": "Good,2,*,", "3": "Bad,*,*,"}
    assert manifest["model"] == {"policy": "refit", "from": None, "origin": "this run", "sha256": None}
    assert manifest["previous"] is None
    assert manifest["params"]["variables"]["recency"]["classes"] == 2
    assert [entry["name"] for entry in manifest["inputs"]] == ["sales.csv"]
    assert str(made.root) not in json.dumps(dict(manifest))


def test_executed_notebooks_read_as_if_they_had_run_in_the_published_folder(made):
    node = nbformat.read(made.runs / "2025-03-01" / "notebooks" / "transitions.ipynb", as_version=4)
    nbformat.validate(node)
    injected = next(c for c in node.cells if "injected-parameters" in c.metadata.get("tags", []))
    assert injected.source == (
        '# Parameters\nstudy = "params/acme.yaml"\nrun_date = "2025-03-01"\n'
        'run_dir = "runs/acme/2025-03-01"\nprevious_run_dir = ""\ndata_dir = "data"\n'
    )
    assert set(node.metadata) == {"jupytext", "kernelspec", "language_info"}
    assert [c.execution_count for c in node.cells] == [1, 2, 3, 4]


def test_the_same_run_again_does_nothing(project):
    before = (project.runs / "2025-03-01").stat()
    seen = []
    result = project.run(MARCH, listener=seen.append)
    assert result.status == "unchanged"
    assert result.line == "acme 2025-03-01: is published already; nothing to do"
    assert result.advice == ()
    assert result.report == project.root / "reports" / "acme" / "2025-03-01" / "report.html"
    after = (project.runs / "2025-03-01").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert {event.what for event in seen} == {"inputs"}


def test_each_stage_is_told_when_it_is_over_and_stands_in_the_log(project):
    told = []
    result = project.run(APRIL, listener=lambda event: told.append(event) if event.seconds else None)
    assert (result.status, result.line) == ("published", "acme 2025-04-15: published")
    assert [(str(e.run_date), e.what) for e in told] == [
        ("2025-04-15", stage) for stage in ("ingest", "segment", "transitions", "report", "page")
    ]
    assert re.fullmatch(r"2025-04-15 ingest \d+\.\d s", told[0].line)
    log = (result.run_dir / "run.log").read_text()
    assert [line for line in log.splitlines() if line in {e.line for e in told}] == [e.line for e in told]


def test_what_a_kernel_prints_beside_its_outputs_stands_in_the_log(project):
    cell = "# %%\nimport os\n\nos.write(2, b'from below')\n"
    project.write_notebook("segment", SHORT["segment"] + cell)
    assert "from below\n" in (project.run(APRIL).run_dir / "run.log").read_text()
    project.write_notebook("segment", SHORT["segment"] + cell + "# %%\n1 / 0\n")
    problems(StageError, project.run, JUNE)
    assert "from below\n" in (project.runs / ".failed" / "2025-05-30" / "run.log").read_text()


def test_two_executions_in_two_places_give_the_same_bytes(made, tmp_path):
    other = Project(tmp_path / "other place")
    other.run(MARCH)
    first, second = (archive.open_run(p.runs / "2025-03-01") for p in (made, other))
    assert first.outputs == second.outputs
    assert first.sha256 == second.sha256


def test_progress_is_told_for_every_cell_and_every_step(project):
    seen = []
    project.run(APRIL, listener=lambda e: None if e.seconds else seen.append((e.what, e.done, e.of)))
    assert seen[:2] == [("inputs", 0, 1), ("inputs", 1, 1)]
    stages = [told for told in seen[2:] if told[0] != "publish"]
    assert stages == [
        (stage, done, 4) for stage in ("ingest", "segment", "transitions", "report") for done in range(5)
    ]
    assert seen[-3:] == [("publish", done, 3) for done in (1, 2, 3)]


def test_a_run_reads_the_runs_before_it(project):
    project.run(APRIL)
    project.run(JUNE)
    june = archive.open_run(project.runs / "2025-05-30")
    april = archive.open_run(project.runs / "2025-04-15")
    assert june.manifest["previous"] == {"run_date": "2025-04-15", "manifest_sha256": april.sha256}
    assert json.loads((june.folder / "run.json").read_text())["runs"] == [
        {"run_date": "2025-03-01", "number": 1},
        {"run_date": "2025-04-15", "number": 2},
    ]
    node = nbformat.read(june.folder / "notebooks" / "transitions.ipynb", as_version=4)
    assert node.cells[-1].outputs[0].text == "2025-03-01 2025-04-15\n"


def test_a_published_date_is_not_made_of_something_else_without_force(project):
    project.deliver(13)
    project.keep_breaks("{policy: refit}\nmax_gap_days: 30")
    rules = project.root / "params" / "acme.rules.csv"
    rules.write_text(rules.read_text() + "Good,*,*\n")
    project.write_notebook("transitions", SHORT["transitions"] + "# %%\nprint(1)\n")
    assert problems(ArchiveError, project.run, MARCH) == (
        "acme 2025-03-01: params differ: max_gap_days was 7, is 30",
        "acme 2025-03-01: rules differ: line 4",
        "acme 2025-03-01: notebooks differ: transitions was changed",
        "a published run must stay as it is; to make it again and keep the old one aside, say --force",
    )
    assert project.published() == ["2025-03-01"]
    assert project.leftovers() == []


def test_force_publishes_anew_and_keeps_the_old_run_aside(project):
    old = archive.open_run(project.runs / "2025-03-01")
    project.deliver(13)
    assert project.run(MARCH, force=True).status == "published"
    new = archive.open_run(project.runs / "2025-03-01")
    assert new.inputs != old.inputs
    aside = project.runs / ".superseded" / f"2025-03-01-{old.sha256[:8]}"
    assert archive.differences(archive.open_run(aside)) == []
    assert project.leftovers() == [".superseded"]


def test_a_damaged_run_is_refused_and_made_again_with_force(project):
    damaged = project.runs / "2025-03-01" / "data" / "customers.parquet"
    damaged.write_text("mine")
    assert problems(ArchiveError, project.run, MARCH) == (
        f"{damaged}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force",
    )
    project.run(MARCH, force=True)
    assert archive.differences(archive.open_run(project.runs / "2025-03-01")) == []


def test_an_earlier_run_that_was_altered_is_not_built_upon(project):
    altered = project.runs / "2025-03-01" / "data" / "moves.parquet"
    altered.write_text("mine")
    assert problems(ArchiveError, project.run, APRIL) == (
        f"{altered}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force",
    )
    assert project.published() == ["2025-03-01"]


def test_an_earlier_run_with_the_model_of_another_version_is_refused_before_any_work(project):
    """As after an update of segcore: the seal holds, but nobody can look through that model any more."""
    write = '(here / "model.json").write_text(\'{"schema": 0}\')\n'
    project.write_notebook("segment", f"{SHORT['segment']}{write}")
    project.run(MARCH, force=True)
    model = project.runs / "2025-03-01" / "model.json"
    assert problems(ModelError, project.run, APRIL) == (
        f"{model}: must be a model with schema {Model.schema}, for moves are looked at through it too "
        "(got 0, of another version of segcore); make that run again: "
        "segcore run acme --date 2025-03-01 --force",
    )
    assert project.published() == ["2025-03-01"]


def test_a_cell_that_raises_publishes_nothing_and_its_notebook_is_kept(project):
    sound = (project.root / "notebooks" / "segment.py").read_text()
    project.write_notebook(
        "segment", SHORT["segment"] + "# %%\nraise ValueError('first line\\nno such column')\n"
    )
    kept = project.runs / ".failed" / "2025-04-15"
    assert problems(StageError, project.run, APRIL) == (
        "segment.py, cell 5: ValueError: no such column",
        f"acme 2025-04-15: nothing was published; see {kept}/segment.ipynb",
    )
    assert project.published() == ["2025-03-01"]
    assert project.leftovers() == [".failed"]
    assert sorted(path.name for path in kept.iterdir()) == ["ingest.ipynb", "run.log", "segment.ipynb"]
    assert "no such column" in (kept / "segment.ipynb").read_text()
    log = (kept / "run.log").read_text()
    assert "\nValueError: no such column\n" in log and "\x1b" not in log
    (project.root / "notebooks" / "segment.py").write_text(sound)
    project.run(APRIL)
    assert project.published() == ["2025-03-01", "2025-04-15"]
    assert not kept.exists()


def test_what_segcore_says_in_a_notebook_is_said_by_the_run(project):
    project.write_notebook(
        "ingest",
        "# %%\nfrom segcore.errors import InputError\n"
        "raise InputError('sales.csv: must end with a line', 'visits.csv: must have a header')\n",
    )
    assert problems(StageError, project.run, APRIL) == (
        "ingest.py, cell 4: sales.csv: must end with a line",
        "ingest.py, cell 4: visits.csv: must have a header",
        f"acme 2025-04-15: nothing was published; see {project.runs}/.failed/2025-04-15/ingest.ipynb",
    )


@pytest.mark.parametrize(
    ("cell", "fate"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "stopped by SIGKILL, often for lack of memory"),
    ],
)
def test_a_kernel_that_dies_publishes_nothing(project, cell, fate):
    project.write_notebook("transitions", f"# %%\nprint('before')\n# %%\n{cell}\n# %%\nprint('after')\n")
    kept = project.runs / ".failed" / "2025-04-15"
    assert problems(StageError, project.run, APRIL) == (
        f"transitions.py, cell 5: the kernel died: {fate}",
        f"acme 2025-04-15: nothing was published; see {kept}/transitions.ipynb",
    )
    assert project.published() == ["2025-03-01"]
    assert "before" in (kept / "transitions.ipynb").read_text()


def test_a_cell_that_leaves_early_is_not_taken_for_success(project):
    project.write_notebook("report", SHORT["report"] + "# %%\nimport sys\nsys.exit(0)\n# %%\n1\n")
    assert problems(StageError, project.run, APRIL) == (
        "report.py, cell 5: SystemExit: 0",
        f"acme 2025-04-15: nothing was published; see {project.runs}/.failed/2025-04-15/report.ipynb",
    )


def test_two_runs_of_a_study_at_once_are_refused(project):
    with archive.locked(archive.Places(project.root, "acme")):
        (told,) = problems(LockedError, project.run, APRIL)
    assert told.startswith(f"{project.runs}: only one run of a study may be under way (process ")
    assert told.endswith(" holds the lock); wait until it is done, or say --wait MINUTES")


def test_everything_that_is_wrong_is_told_before_any_work(project):
    rules = project.root / "params" / "acme.rules.csv"
    rules.write_text("segment,recency,frequency\nGood,3,*\nBad,*,*\n")
    (project.root / "notebooks" / "report.py").unlink()
    (project.root / "data" / "sales.csv").unlink()
    told = problems(UsageError, project.run, APRIL)
    assert (
        told[1]
        == f"{project.root}/notebooks/report.py: there must be a notebook in percent form (no such file)"
    )
    assert told[0].startswith(f"{rules}: line 2, recency: must ")
    assert told[2].startswith(f"{project.study}: sources.transactions.files: 'sales*.csv' must match a file")
    assert len(told) == 3
    assert project.leftovers() == []
    assert not (project.runs / ".failed").exists()


def test_notebooks_get_their_own_parameters_in_their_own_types(project):
    own = PARAMETERS.replace('data_dir: str = ""', 'data_dir: str = ""\nlimit: int = 3\nnames: list = []')
    project.write_notebook("transitions", "# %%\nprint(limit + 1, names)\n", own)
    project.run(APRIL, parameters={"limit": "5", "names": '["a"]'})
    run = archive.open_run(project.runs / "2025-04-15")
    assert run.manifest["parameters"] == {"limit": 5, "names": ["a"]}
    node = nbformat.read(run.folder / "notebooks" / "transitions.ipynb", as_version=4)
    assert node.cells[-1].outputs[0].text == "6 ['a']\n"
    assert problems(
        ParamsError, project.run, APRIL, parameters={"limits": "5", "run_date": "x", "names": "3"}
    ) == (
        "-P limits must be a parameter of a notebook; did you mean limit?",
        "-P run_date must be left out, for every run sets it itself",
        "-P names must be a list, as the notebook declares it (got '3')",
    )


def test_a_backfill_makes_what_is_missing_and_says_what_is_there(project):
    results = project.backfill(MARCH, JUNE)
    assert [(str(r.run_date), r.status) for r in results] == [
        ("2025-03-01", "unchanged"),
        ("2025-04-15", "published"),
        ("2025-05-30", "published"),
    ]
    assert [r.status for r in project.backfill(MARCH, JUNE)] == ["unchanged"] * 3
    assert project.published() == ["2025-03-01", "2025-04-15", "2025-05-30"]


def test_a_backfill_makes_stale_runs_again_in_the_order_of_their_dates(project):
    project.run(JUNE)
    between = dt.date(2025, 4, 1)
    result = project.run(between)
    assert result.advice[-1] == (
        "acme: stale, for a run before changed: 2025-05-30; to make again: segcore backfill acme --stale"
    )
    assert problems(ArchiveError, project.run, JUNE) == (
        "acme 2025-05-30: previous differs: was 2025-03-01, is 2025-04-01",
        "a published run must stay as it is; to make it again and keep the old one aside, say --force",
    )
    assert [(str(r.run_date), r.status) for r in project.backfill(MARCH, JUNE)] == [
        ("2025-03-01", "unchanged"),
        ("2025-04-15", "published"),
        ("2025-05-30", "published"),
    ]
    assert [entry.stale for entry in archive.list_runs(project.root / "runs")] == [""] * 4


def test_new_deliveries_alone_leave_a_published_date_done(project):
    project.deliver(13)
    (project.root / "data" / "sales2.csv").write_text(
        "customer,order,date,market,amount\nK99,X,2025-02-01,M,1\n"
    )
    result = project.run(MARCH)
    assert (result.status, result.advice) == (
        "unchanged",
        ("acme 2025-03-01: 2 newer deliveries; --force uses them",),
    )
    assert [r.status for r in project.backfill(MARCH, APRIL)] == ["unchanged", "published"]


def test_a_stale_run_is_made_again_from_its_own_inputs_and_parameters(project):
    own = PARAMETERS.replace('data_dir: str = ""', 'data_dir: str = ""\nlimit: int = 3')
    project.write_notebook("transitions", "# %%\nprint(limit)\n", own)
    project.run(JUNE, parameters={"limit": "5"})
    before = archive.open_run(project.runs / "2025-05-30")
    project.deliver(13)
    project.run(APRIL)
    project.backfill(JUNE, JUNE)
    after = archive.open_run(project.runs / "2025-05-30")
    assert after.manifest["previous"]["run_date"] == "2025-04-15"
    assert (after.inputs, after.manifest["parameters"]) == (before.inputs, {"limit": 5})
    assert archive.open_run(project.runs / "2025-04-15").inputs != before.inputs


def test_a_backfill_over_other_params_is_refused_as_a_whole(project):
    project.keep_breaks("{policy: refit}\nmax_gap_days: 30")
    assert problems(ArchiveError, project.backfill, MARCH, JUNE) == (
        "acme 2025-03-01: params differ: max_gap_days was 7, is 30",
        "a published run must stay as it is; to make it again and keep the old one aside, say --force",
    )
    assert project.published() == ["2025-03-01"]
    assert [r.status for r in project.backfill(MARCH, APRIL, force=True)] == ["published"] * 2
    assert [r.status for r in project.backfill(MARCH, APRIL, force=True)] == ["unchanged"] * 2


def test_a_backfill_leaves_withdrawn_dates_as_they_are(project):
    keeping.withdraw("acme/2025-03-01", keeping.Decision(JUNE, "wrong file"), root=project.root)
    told = (
        "acme 2025-03-01: is withdrawn (wrong file) and stays so; "
        "segcore restore acme/2025-03-01 publishes it again"
    )
    results = project.backfill(MARCH, APRIL)
    assert [(str(r.run_date), r.status) for r in results] == [("2025-04-15", "published")]
    assert told in results[0].advice
    assert problems(ArchiveError, project.backfill, MARCH, MARCH) == (told,)
    assert project.published() == ["2025-04-15"]


def test_a_run_that_somebody_deleted_is_missed(project):
    shutil.rmtree(project.runs / "2025-03-01")
    assert project.run(APRIL).advice[-1] == (
        f"warning: {project.runs}/2025-03-01: must be there (the run was deleted or emptied); put it back "
        "from a copy, make it again, or take it back with segcore withdraw acme/2025-03-01 --because WHY"
    )


def test_a_deleted_run_that_is_made_again_is_told(project):
    shutil.rmtree(project.runs / "2025-03-01")
    assert (
        "warning: acme 2025-03-01: was published and is gone; it is made anew of the extracts at hand"
    ) in project.run(MARCH).advice


def test_a_history_tells_every_run_once_and_stale_ones_can_be_made_alone(project):
    project.run(dt.date(2025, 4, 20))
    project.run(dt.date(2025, 6, 20))
    project.deliver(13)
    project.run(MARCH, force=True)
    seen = []
    options = runner.RunOptions(on_result=lambda result: seen.append(str(result.run_date)))
    history = runner.renew(project.study, root=project.root, options=options)
    assert seen == [str(result.run_date) for result in history.results] == ["2025-04-20", "2025-06-20"]
    assert project.published() == ["2025-03-01", "2025-04-20", "2025-06-20"]
    again = runner.renew(project.study, root=project.root)
    assert (again.results, again.advice) == ((), ("acme: no run is stale",))


def test_a_folder_of_somebody_else_is_in_nobodys_way(project):
    (project.runs / "2025-02-01").mkdir()
    (project.runs / "2025-02-01" / "notes.txt").write_text("mine")
    (project.runs / "my notes").mkdir()
    assert project.run(APRIL).status == "published"
    assert archive.open_run(project.runs / "2025-04-15").manifest["previous"]["run_date"] == "2025-03-01"
    assert (project.runs / "2025-02-01" / "notes.txt").read_text() == "mine"


def test_a_backfill_needs_its_dates_in_order(project):
    assert problems(ParamsError, project.backfill, JUNE, MARCH) == (
        "--from must not lie after --to (got 2025-05-30 and 2025-03-01); exchange them",
    )
