"""NAME.ipynb and NAME.py are in step whatever saved them, and no edit is ever lost."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import jupytext.cli
import nbformat
import pytest
from jupytext import TextFileContentsManager

from segcore.errors import UsageError
from segcore.lab import Contents
from segcore.pairing import write_notebooks
from segcore.runner.notebooks import STAGES, read_notebook

ROOT = Path(__file__).parent.parent
NAMES = [f"notebooks/{stage}" for stage in STAGES]


def pairs(root: Path) -> list[str]:
    return write_notebooks([read_notebook(root / f"{name}.py") for name in NAMES])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's notebooks, as make notebooks leaves them."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("*.ipynb"))
    assert pairs(tmp_path) == []
    return tmp_path


def sources(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(root.glob("notebooks/*.py"))}


def lab(root: Path, manager: type = Contents) -> Any:
    """What JupyterLab reads and writes files with."""
    made = manager()
    made.root_dir = str(root)
    return made


def opened(root: Path, name: str, manager: type = Contents) -> dict[str, Any]:
    """A notebook as JupyterLab gets it."""
    return json.loads(json.dumps(lab(root, manager).get(name)["content"]))


def save(root: Path, name: str, content: dict[str, Any], manager: type = Contents) -> None:
    contents = lab(root, manager)
    contents.get(name)
    contents.save({"type": "notebook", "content": content}, name)


def edit(content: dict[str, Any], old: str = "natural breaks", new: str = "BREAKS") -> dict[str, Any]:
    """The same notebook after somebody edited a text in it."""
    text = json.dumps(content)
    assert old in text
    return json.loads(text.replace(old, new))


def edit_file(path: Path) -> None:
    """Edit a file with a tool that knows nothing of pairs, later than it was written."""
    text = path.read_text(encoding="utf-8")
    assert "natural breaks" in text
    path.write_text(text.replace("natural breaks", "BREAKS"), encoding="utf-8")
    later = path.stat().st_mtime + 60
    os.utime(path, (later, later))


def front(content: dict[str, Any]) -> list[str]:
    return [cell["cell_type"] for cell in content["cells"][:3]]


@pytest.mark.parametrize("manager", [Contents, TextFileContentsManager], ids=["make lab", "plain JupyterLab"])
@pytest.mark.parametrize("name", NAMES)
def test_opening_and_saving_leaves_the_source_as_it_is(project, name, manager):
    before = sources(project)
    for opened_as in (f"{name}.ipynb", f"{name}.py"):
        save(project, opened_as, opened(project, opened_as, manager), manager)
        assert sources(project) == before


def test_in_make_lab_front_matter_is_raw_on_the_screen_and_on_the_disk(project):
    for opened_as in ("notebooks/segment.ipynb", "notebooks/segment.py"):
        content = opened(project, opened_as)
        assert front(content) == ["raw", "markdown", "code"]
        save(project, opened_as, content)
        assert front(json.loads((project / "notebooks/segment.ipynb").read_text())) == front(content)


@pytest.mark.parametrize("manager", [Contents, TextFileContentsManager], ids=["make lab", "plain JupyterLab"])
def test_what_is_edited_in_jupyterlab_stands_in_the_source(project, manager):
    before = sources(project)
    content = edit(opened(project, "notebooks/segment.ipynb", manager))
    content["cells"][4]["outputs"] = nbformat.from_dict(
        [{"output_type": "stream", "name": "stdout", "text": "seen"}]
    )
    save(project, "notebooks/segment.ipynb", content, manager)
    expected = {**before, "segment.py": before["segment.py"].replace("natural breaks", "BREAKS")}
    assert sources(project) == expected
    assert pairs(project) == []
    assert sources(project) == expected
    there = (project / "notebooks/segment.ipynb").read_text()
    assert "BREAKS" in there and "seen" in there
    assert front(json.loads(there)) == ["raw", "markdown", "code"]


@pytest.mark.parametrize("manager", [Contents, TextFileContentsManager], ids=["make lab", "plain JupyterLab"])
def test_what_is_edited_in_the_source_stands_in_jupyterlab(project, manager):
    edit_file(project / "notebooks/segment.py")
    assert "BREAKS" in json.dumps(opened(project, "notebooks/segment.ipynb", manager))
    assert pairs(project) == []
    assert "BREAKS" in (project / "notebooks/segment.ipynb").read_text()


def test_what_another_tool_edited_in_a_notebook_is_taken_over_first(project):
    before = sources(project)
    edit_file(project / "notebooks/segment.ipynb")
    assert pairs(project) == [f"{project}/notebooks/segment.py: took over what was edited in segment.ipynb"]
    expected = {**before, "segment.py": before["segment.py"].replace("natural breaks", "BREAKS")}
    assert sources(project) == expected
    assert pairs(project) == []
    save(project, "notebooks/segment.ipynb", opened(project, "notebooks/segment.ipynb"))
    assert sources(project) == expected


def test_a_pair_that_was_edited_apart_is_refused_and_nothing_is_written(project):
    edit_file(project / "notebooks/segment.ipynb")
    source = project / "notebooks/segment.py"
    source.write_text(source.read_text().replace("How many classes?", "How many?"))
    (project / "notebooks/report.ipynb").write_text("{")
    (project / "notebooks/ingest.ipynb").unlink()
    before = {path: path.read_bytes() for path in (project / "notebooks").iterdir()}
    with pytest.raises(UsageError) as caught:
        pairs(project)
    nb = f"{project}/notebooks/segment.ipynb"
    assert caught.value.problems == (
        f"{nb}: must be in step with segment.py, or only one of the two be edited (both were); "
        f"take over into segment.py what shall stay, and remove segment.ipynb; "
        f"jupytext --diff {source} {nb} shows it",
        f"{project}/notebooks/report.ipynb: must be a notebook (it cannot be read); mend or remove it",
    )
    assert {path: path.read_bytes() for path in (project / "notebooks").iterdir()} == before


def test_jupytext_sync_keeps_headers_that_quarto_reads_and_can_be_put_back(project):
    before = sources(project)
    edit_file(project / "notebooks/segment.ipynb")
    jupytext.cli.jupytext(["--quiet", "--sync", str(project / "notebooks/segment.ipynb")])
    source = project / "notebooks/segment.py"
    assert source.read_text().startswith('# %% [raw] {"tags": ["front-matter"]}\n# ---\n# format:\n')
    assert '# %% [markdown] {"tags": ["title"]}\n# # Segment: from' in source.read_text()
    assert '# %% {"tags": ["parameters"]}\n#| tags: [parameters]\n' in source.read_text()
    assert pairs(project) == [f"{source}: put its front matter back into a markdown cell"]
    assert source.read_text() == before["segment.py"].replace("natural breaks", "BREAKS")
    assert pairs(project) == []


def test_only_notebooks_in_their_own_folder_are_paired(project):
    run = project / "runs" / "demo" / "2025-12-31" / "notebooks"
    run.mkdir(parents=True)
    shutil.copyfile(project / "notebooks" / "segment.ipynb", run / "segment.ipynb")
    for manager in (Contents, TextFileContentsManager):
        name = "runs/demo/2025-12-31/notebooks/segment.ipynb"
        content = opened(project, name, manager)
        assert front(content) == ["raw", "markdown", "code"]
        save(project, name, content, manager)
        assert sorted(path.name for path in run.glob("[!.]*")) == ["segment.ipynb"]
