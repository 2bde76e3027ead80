"""A copy of a published run: everything in it may be changed, and every notebook gives the same again."""

from __future__ import annotations

import json
import shlex
import shutil
import stat
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from shared_projects import DATES, copied

from segcore import archive, review
from segcore.cli import reviewing
from segcore.errors import ArchiveError
from segcore.runner.notebooks import STAGES

pytestmark = pytest.mark.slow
BEFORE, LAST = DATES[-2:]


@pytest.fixture(scope="module")
def root(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_demo, tmp_path_factory.mktemp("a project"))


def published(root: Path, date: object = LAST) -> Path:
    return root / "runs" / "demo" / str(date)


def place(root: Path, date: object = LAST) -> Path:
    return root / "runs" / ".scratch" / "open" / "demo" / str(date)


def execute(notebook: Path) -> None:
    """Run all cells as JupyterLab does: in a plain kernel that starts where the notebook lies."""
    node = nbformat.read(notebook, as_version=4)
    resources = {"metadata": {"path": str(notebook.parent)}}
    NotebookClient(node, timeout=120, resources=resources).execute()
    nbformat.write(node, notebook)


def files(folder: Path) -> dict[str, bytes]:
    """What stages write into a run, and what they were given; not notebooks, seal and times."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".ipynb"]
    made = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    unsealed = ("manifest.json", "timings.json", "run.log")
    return {name: content for name, content in made.items() if name not in unsealed}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_its_notebooks_run_from_top_to_bottom_with_the_same_results(root):
    before = files(root / "runs" / "demo")
    opened = review.open_copy(published(root, BEFORE), root=root)
    assert opened.place == place(root, BEFORE)
    assert opened.notebook == opened.place / "notebooks" / "ingest.ipynb"
    shutil.rmtree(opened.place / "data")
    for name in ("model.json", "candidate.json"):
        (opened.place / name).unlink()
    for stage in STAGES:
        execute(opened.place / "notebooks" / f"{stage}.ipynb")
    expected, found = (files(folder) for folder in (published(root, BEFORE), opened.place))
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []
    assert files(root / "runs" / "demo") == before


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_its_own_study_counts_and_not_params(elsewhere):
    opened = review.open_copy(published(elsewhere), root=elsewhere, stage="segment")
    assert opened.notebook.name == "segment.ipynb"
    study = opened.place / "study" / "demo.yaml"
    study.write_text(study.read_text().replace("title: Nordkontor", "title: Somebody"))
    assert "title: Somebody" in study.read_text()
    rules = opened.place / "study" / "demo.rules.csv"
    rules.write_text(rules.read_text().replace("Champions,>=4,", "Champions,>=5,"))
    execute(opened.notebook)
    there, here = (folder / "data" / "customers.parquet" for folder in (published(elsewhere), opened.place))
    assert there.read_bytes() != here.read_bytes()
    model = json.loads((opened.place / "model.json").read_text())
    assert model["rules"][0]["when"]["recency"] == "5"


@pytest.fixture(scope="module")
def opened(root: Path) -> Path:
    return review.open_copy(published(root), root=root).place


def test_the_copy_has_what_was_sealed_but_the_seal_and_can_be_written(root, opened):
    sealed = archive.open_run(published(root)).outputs
    there = {path.relative_to(opened).as_posix() for path in opened.rglob("*") if path.is_file()}
    assert there == set(sealed)
    assert all(path.stat().st_mode & stat.S_IWUSR for path in opened.rglob("*"))
    assert all(path.is_file() and not path.is_symlink() for path in (opened.parent / "inputs").glob("*.csv"))


def test_its_notebooks_name_it_and_the_published_run_before_it(opened):
    for stage in STAGES:
        node = nbformat.read(opened / "notebooks" / f"{stage}.ipynb", as_version=4)
        (injected,) = [c for c in node.cells if "injected-parameters" in c.metadata.get("tags", [])]
        assert injected.source == (
            "# Parameters\n"
            f'study = "runs/.scratch/open/demo/{LAST}/study/demo.yaml"\nrun_date = "{LAST}"\n'
            f'run_dir = "runs/.scratch/open/demo/{LAST}"\nprevious_run_dir = "runs/demo/{BEFORE}"\n'
            'data_dir = "data/demo"\n'
        )


def test_it_is_never_overwritten(root, opened):
    edited = opened / "notebooks" / "report.ipynb"
    edited.write_text("mine")
    with pytest.raises(ArchiveError) as caught:
        review.open_copy(published(root), root=root)
    assert caught.value.problems == (
        f"{opened}: must not be there yet (the run was opened before, and what was changed in it stays); "
        "go on in it, or move or remove it and open the run again",
    )
    assert edited.read_text() == "mine"


@pytest.fixture
def elsewhere(root, tmp_path) -> Path:
    """The same runs at another place, to be changed."""
    shutil.copytree(root / "runs" / "demo", tmp_path / "runs" / "demo")
    for path in (tmp_path / "runs").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return tmp_path


def test_a_run_that_was_altered_is_not_opened(elsewhere):
    (published(elsewhere) / "model.json").write_text("{}")
    with pytest.raises(ArchiveError) as caught:
        review.open_copy(published(elsewhere), root=elsewhere)
    (told,) = caught.value.problems
    assert told.startswith(f"{published(elsewhere)}/model.json: must be as it was sealed (it was altered)")
    assert not place(elsewhere).exists()


def test_a_run_whose_inputs_are_gone_is_not_opened(elsewhere):
    inputs = archive.open_run(published(elsewhere)).inputs
    store = elsewhere / "runs" / "demo" / "inputs"
    lost, altered = inputs[0], inputs[1]
    (store / f"{lost['sha256']}.csv").unlink()
    (store / f"{altered['sha256']}.csv").write_text("other")
    with pytest.raises(ArchiveError) as caught:
        review.open_copy(published(elsewhere), root=elsewhere)
    assert caught.value.problems == tuple(
        f"{store}/{i['sha256']}.csv: must be {i['name']} as it was delivered (it was altered or is missing); "
        "put it back from a copy"
        for i in (lost, altered)
    )
    assert not place(elsewhere).exists()


def test_an_unknown_stage_is_told(elsewhere):
    with pytest.raises(ArchiveError) as caught:
        review.open_copy(published(elsewhere), root=elsewhere, stage="segments")
    assert caught.value.problems == (
        "--stage must be one of ingest, segment, transitions, report (got 'segments')",
    )


def test_a_checkpoint_of_jupyterlab_in_a_published_run_is_no_reason_to_refuse(elsewhere):
    (published(elsewhere) / "notebooks" / ".ipynb_checkpoints").mkdir()
    (published(elsewhere) / "notebooks" / ".ipynb_checkpoints" / "ingest-checkpoint.ipynb").write_text("{}")
    opened = review.open_copy(published(elsewhere), root=elsewhere)
    assert not (opened.place / "notebooks" / ".ipynb_checkpoints").exists()


def test_the_command_says_how_to_go_on(elsewhere, monkeypatch, capsys):
    monkeypatch.chdir(elsewhere)
    (elsewhere / "params").mkdir()
    reviewing.open_run(f"demo/{LAST}", stage="report")
    copied, study, command, *_ = capsys.readouterr().out.splitlines()
    where = f"runs/.scratch/open/demo/{LAST}"
    assert copied == f"{where}: a copy of runs/demo/{LAST}; change what you like, nothing of it is published"
    assert study == "its study/ counts here, and not params/; each notebook runs from top to bottom"
    words = shlex.split(command.removeprefix("to go on: "))
    assert words[0].endswith("/jupyter") and words[1] == "lab"
    assert words[2:] == [
        "--ServerApp.root_dir=.", "--ContentsManager.allow_hidden=True", f"{where}/notebooks/report.ipynb",
    ]  # fmt: skip
