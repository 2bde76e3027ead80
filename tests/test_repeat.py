"""Published runs made once more from what they recorded, and charts that runner and notebook draw alike."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from filelock import FileLock
from shared_projects import copied
from small_project import APRIL, JUNE, MARCH, PARAMETERS, SHORT, Project

from segcore import archive, charts, review
from segcore.charts import CHARTS
from segcore.demo import RUN_DATES
from segcore.errors import ArchiveError, InputError, LockedError, StageError
from segcore.runner.events import Event
from segcore.runner.pictures import with_pictures

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    project.run(MARCH)
    return project


def segcore(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "segcore", *words]
    return subprocess.run(
        line, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_a_run_is_repeated_from_its_own_inputs_study_notebooks_and_parameters(project):
    own = PARAMETERS.replace('data_dir: str = ""', 'data_dir: str = ""\nlimit: int = 3')
    project.write_notebook("transitions", "# %%\nprint(limit)\n", own)
    project.run(APRIL, parameters={"limit": "5"})
    for name in ("data", "notebooks"):
        shutil.rmtree(project.root / name)
    (project.root / "params" / "acme.yaml").write_text("title: other\n")
    (project.root / "params" / "acme.rules.csv").unlink()
    repeated = review.repeat(project.runs / "2025-04-15", root=project.root)
    assert (repeated.same, repeated.differs) == (True, ())
    assert repeated.line == "acme/2025-04-15: all 18 files are the same, byte for byte"
    assert left_of_repeats(project) == []
    assert project.published() == ["2025-03-01", "2025-04-15"]


def test_what_is_not_the_same_is_named_and_kept_to_look_at(project):
    """A notebook that reads the clock of the machine is none that can be repeated."""
    cell = "# %%\nimport time\n\nprint(time.time_ns())\n"
    project.write_notebook("segment", SHORT["segment"] + cell)
    project.run(APRIL)
    told = segcore(project.root, "repeat", "acme/2025-04-15", "--quiet")
    place = "runs/.scratch/repeat/acme-2025-04-15/2025-04-15"
    assert (told.returncode, told.stdout.splitlines()) == (
        1,
        [
            "notebooks/segment.ipynb: differs",
            "report/notebooks/segment.html: differs",
            f"acme/2025-04-15: is not the same; what was made now lies in {place}",
        ],
    )
    assert (project.root / place / "notebooks" / "segment.ipynb").exists()


def test_a_run_whose_previous_run_was_made_again_cannot_be_repeated(project):
    project.run(APRIL)
    project.deliver(13)
    project.run(MARCH, force=True)
    with pytest.raises(ArchiveError) as caught:
        review.repeat(project.runs / "2025-04-15", root=project.root)
    assert caught.value.problems == (
        f"{project.runs}/2025-04-15: the run of 2025-03-01 before it must be the one that it was compared "
        "with (it was made again since); this run is stale, and segcore backfill makes it again",
    )


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


def test_an_earlier_run_that_was_made_again_is_named_as_the_reason(tmp_path, monkeypatch):
    monkeypatch.setenv("SURROUNDINGS", "those of the run")
    project = Project(tmp_path / "project", CELLS)
    for date in (MARCH, APRIL, JUNE):
        project.run(date)
    project.deliver(13)
    project.run(MARCH, force=True)
    assert review.repeat(project.runs / str(JUNE), root=project.root).differs == (
        "the run of 2025-04-15 before it is stale: the run of 2025-03-01 was made again since",
        "notebooks/transitions.ipynb: differs",
        "report/notebooks/transitions.html: differs",
    )


def test_a_run_whose_previous_run_was_altered_cannot_be_repeated(project):
    project.run(APRIL)
    forged = project.runs / "2025-03-01" / "data" / "customers.parquet"
    forged.chmod(0o600)
    forged.write_text("forged")
    with pytest.raises(ArchiveError) as caught:
        review.repeat(project.runs / "2025-04-15", root=project.root)
    assert caught.value.problems == tuple(
        archive.differences(archive.open_run(forged.parents[1]), ["data/customers.parquet"])
    )
    assert len(caught.value.problems) == 1


def left_of_repeats(project: Project) -> list[str]:
    """Names in the scratch place beside its locks."""
    there = (project.root / "runs" / ".scratch" / "repeat").iterdir()
    return [path.name for path in there if not path.name.endswith(".lock")]


FAILING = '# %%\nimport os\n\nassert os.environ["SURROUNDINGS"] == "those of the run"\n'


def test_a_notebook_that_fails_in_a_repeat_is_no_run_that_failed(tmp_path, monkeypatch):
    monkeypatch.setenv("SURROUNDINGS", "those of the run")
    project = Project(tmp_path / "project")
    project.write_notebook("transitions", FAILING)
    project.run(MARCH)
    monkeypatch.setenv("SURROUNDINGS", "others")
    with pytest.raises(StageError) as caught:
        review.repeat(project.runs / "2025-03-01", root=project.root)
    place = project.root / "runs" / ".scratch" / "repeat" / "acme-2025-03-01" / "2025-03-01"
    assert caught.value.problems[-1] == (
        f"acme 2025-03-01: could not be repeated; see {place}/notebooks/transitions.ipynb"
    )
    assert (place / "notebooks" / "transitions.ipynb").exists()
    assert project.leftovers() == []


def test_a_run_is_repeated_by_one_process_at_a_time(project):
    place = project.root / "runs" / ".scratch" / "repeat" / "acme-2025-03-01"
    place.mkdir(parents=True)
    (place / "of the other process").touch()
    with FileLock(place.with_name(".acme-2025-03-01.lock")), pytest.raises(LockedError) as caught:
        review.repeat(project.runs / "2025-03-01", root=project.root)
    assert caught.value.problems == (
        f"{place}: only one process may repeat a run (another one does); wait until it is done",
    )
    assert (place / "of the other process").exists()


def test_a_repeat_that_is_stopped_leaves_nothing(project):
    def stop(event: Event) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        review.repeat(project.runs / "2025-03-01", root=project.root, listener=stop)
    assert left_of_repeats(project) == []


def test_an_input_that_is_gone_from_both_places_is_named(project):
    (kept,) = (project.runs / "inputs").glob("*.csv")
    kept.chmod(0o600)
    kept.write_text("altered\n")
    project.deliver(13)
    with pytest.raises(InputError) as caught:
        review.repeat(project.runs / "2025-03-01", root=project.root)
    assert caught.value.problems == (
        f"sales.csv: must be kept as it was delivered ({kept} was altered or is missing, and "
        f"{project.root}/data/sales.csv has other content or is gone); put one of them back from a copy",
    )


@pytest.fixture(scope="module")
def demo(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demo with published runs."""
    return copied(small_demo, tmp_path_factory.mktemp("demo"))


def test_a_run_is_the_same_at_another_place_in_another_zone_language_and_order_of_sets(demo, tmp_path):
    clone = shutil.copytree(demo, tmp_path / "a clone", symlinks=True)
    shutil.rmtree(clone / "data")
    told = segcore(
        clone,
        "repeat",
        f"demo/{RUN_DATES[-1]}",
        "--quiet",
        TZ="Pacific/Auckland",
        LC_ALL="de_DE.UTF-8",
        PYTHONHASHSEED="4711",
    )
    assert told.returncode == 0, told.stdout
    run = demo / "runs" / "demo" / str(RUN_DATES[-1])
    files = len(archive.open_run(run).outputs)
    assert told.stdout.splitlines() == [
        f"demo/{RUN_DATES[-1]}: all {files} files are the same, byte for byte"
    ]
    assert (run / "report" / "workbook.xlsx").is_file()


def test_a_notebook_on_its_own_draws_what_the_runner_drew(demo):
    """The opened copy of a run is executed by plain nbclient, which draws each chart in its kernel."""
    from nbclient import NotebookClient

    date = RUN_DATES[-1].isoformat()
    published = demo / "runs" / "demo" / date / "notebooks"
    opened = review.open_copy(demo / "runs" / "demo" / date, root=demo)
    for stage in ("segment", "report"):
        path = opened.place / "notebooks" / f"{stage}.ipynb"
        node = nbformat.read(path, as_version=4)
        for cell in node.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        NotebookClient(node, resources={"metadata": {"path": str(demo)}}, kernel_name="python3").execute()
        then = nbformat.read(published / f"{stage}.ipynb", as_version=4)
        assert pictures(node) == pictures(then)
        assert len(pictures(then)) >= 1


def pictures(node: Any) -> list[str]:
    """The drawn charts of a notebook, those within HTML too."""
    outputs = [o["data"] for c in node.cells for o in c.get("outputs", ()) if "data" in o]
    return [data["text/html"] for data in outputs if "<img " in data.get("text/html", "")]


SPEC = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}


def test_the_runner_completes_what_a_kernel_emits_and_nothing_else(monkeypatch):
    whole, _ = charts.bundle(SPEC)
    monkeypatch.setenv(CHARTS, "specification")
    emitted, _ = charts.bundle(SPEC)
    assert set(whole) & set(emitted) == {"text/plain"}
    text = {"output_type": "stream", "name": "stdout", "text": "x"}
    about = {"segcore": {"role": "chart"}}
    shown = {"output_type": "display_data", "data": emitted, "metadata": about}
    cells = [{"cell_type": "code", "outputs": [shown, text]}, {"cell_type": "markdown", "source": ""}]
    before = json.dumps(cells)
    made = with_pictures({"cells": cells})["cells"]
    assert json.dumps(cells) == before
    assert made[0]["outputs"] == [{**shown, "data": whole}, text]
    assert made[1] == cells[1]


def test_a_kernel_that_dies_before_its_first_cell_is_a_sentence(tmp_path):
    project = Project(tmp_path / "project")
    project.write_notebook("ingest", "", PARAMETERS + "import os\n\nos.kill(os.getpid(), 9)\n")
    told = segcore(project.root, "run", "acme", "--date", str(JUNE), "--quiet")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert "the kernel died: stopped by SIGKILL" in told.stderr
    assert archive.published(project.runs) == []
