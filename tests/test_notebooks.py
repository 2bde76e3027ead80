"""Notebooks as every Jupyter tool has them, and back to their percent source without a loss."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from segcore.runner import cells
from segcore.runner.notebooks import STAGES, read_notebook

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "notebooks" / f"{stage}.py" for stage in STAGES]


def each_stage() -> Any:
    return pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def raw(front_matter: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {"tags": ["front-matter"]}, "source": front_matter}


def heading(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": ["title"]}, "source": text}


@each_stage()
def test_front_matter_is_raw_and_its_title_is_a_heading(source):
    front, title, parameters, *_ = read_notebook(source).as_json()["cells"]
    assert front["cell_type"] == "raw"
    assert front["source"].startswith('---\ntitle: "') and front["source"].endswith("\n---")
    assert "    html-table-processing: none\n" in front["source"]
    assert title["cell_type"] == "markdown"
    assert title["source"] == "# " + front["source"].split('"')[1]
    assert parameters["metadata"] == {"tags": ["parameters"]}


@each_stage()
def test_the_cells_of_a_notebook_give_its_percent_source_back_byte_for_byte(source):
    made = read_notebook(source).as_json()
    node = nbformat.from_dict({**made, "cells": cells.as_written(made["cells"])})
    written = jupytext.writes(node, fmt={"extension": ".py", "format_name": "percent",
                                         "notebook_metadata_filter": "-all",
                                         "cell_metadata_filter": "tags,-all"})  # fmt: skip
    assert written == source.read_text(encoding="utf-8")


@each_stage()
def test_a_notebook_is_written_as_jupyter_writes_it(source, tmp_path):
    text = cells.notebook_text(read_notebook(source).as_json())
    file = tmp_path / "made.ipynb"
    file.write_text(text, encoding="utf-8")
    node = nbformat.read(file, as_version=4)
    nbformat.validate(node)
    nbformat.write(node, tmp_path / "again.ipynb")
    assert (tmp_path / "again.ipynb").read_text(encoding="utf-8") == text
    assert json.loads(text)["metadata"]["jupytext"] == {"cell_metadata_json": True}
    sources = [cell["source"] for cell in json.loads(text)["cells"]]
    assert all(isinstance(lines, list) for lines in sources)
    assert all(line.endswith("\n") for lines in sources for line in lines[:-1])


def test_reading_a_notebook_twice_gives_the_same_bytes():
    first, second = (cells.notebook_text(read_notebook(SOURCES[0]).as_json()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("front_matter", "title"),
    [
        ('---\ntitle: "Sales: all of them"\n---', ["# Sales: all of them"]),
        ("---\nformat: html\n---", []),
        ("---\ntitle: [\n---", []),
        ("no front matter at all", []),
    ],
)
def test_a_title_is_shown_if_there_is_one(front_matter, title):
    cell = {**raw(front_matter), "cell_type": "markdown"}
    made = cells.laid_out([cell])
    assert [c["source"] for c in made] == [front_matter, *title]
    assert cells.as_written(made)[0]["source"] == front_matter
    assert len(cells.as_written(made)) == 1


def test_a_title_that_somebody_edited_is_kept():
    edited = [raw('---\ntitle: "Old"\n---'), heading("# New"), heading("# Old")]
    assert cells.as_written(edited) == [
        {"cell_type": "markdown", "metadata": {"tags": ["front-matter"]},
         "source": '---\ntitle: "Old"\n---'},
        {"cell_type": "markdown", "metadata": {}, "source": "# New"},
    ]  # fmt: skip


def test_a_notebook_without_front_matter_stays_as_it_is():
    plain = [{"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}]
    assert cells.laid_out(plain) == plain
    assert cells.as_written(plain) == plain
