"""Notebooks as every Jupyter tool has them, and back to their percent source without a loss."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest
from nbconvert import HTMLExporter

from segcore.runner import cells
from segcore.runner.notebooks import STAGES, read_notebook

ROOT = Path(__file__).parent.parent
SOURCES = [ROOT / "notebooks" / f"{stage}.py" for stage in STAGES]


def each_stage() -> Any:
    return pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def front(front_matter: str) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {"tags": ["front-matter"]}, "source": front_matter}


def heading(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {"tags": ["title"]}, "source": text}


@each_stage()
def test_front_matter_is_raw_and_its_title_is_a_heading(source):
    front, title, parameters, *_ = read_notebook(source).as_json()["cells"]
    assert front["cell_type"] == "raw"
    assert front["source"].startswith("---\nformat:\n") and front["source"].endswith("\n---")
    assert "    html-table-processing: none\n" in front["source"]
    assert front["metadata"] == {
        "tags": ["front-matter"],
        "raw_mimetype": "text/yaml",
        "jupyter": {"source_hidden": True},
    }
    assert title["cell_type"] == "markdown"
    assert title["source"] == "# " + source.read_text(encoding="utf-8").split('"')[5]
    assert parameters["metadata"] == {"tags": ["parameters"]}


@each_stage()
def test_no_yaml_and_one_title_stand_on_a_converted_page(source):
    node = nbformat.from_dict(read_notebook(source).as_json())
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(node)
    assert "html-table-processing" not in page
    assert re.findall(r"<h1[^>]*>([^<]*)", page) == [source.read_text(encoding="utf-8").split('"')[5]]


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
    ("front_matter", "raw", "title"),
    [
        (
            '---\ntitle: "Sales: all of them"\nformat: html\n---',
            "---\nformat: html\n---",
            "Sales: all of them",
        ),
        ('---\ntitle: "Sales of \\"A\\""\n---', "---\n---", 'Sales of "A"'),
        ("---\ntitle: Sales\n---", "---\ntitle: Sales\n---", None),
        ('---\nformat: html\ntitle: "Sales"\n---', '---\nformat: html\ntitle: "Sales"\n---', None),
        ('---\ntitle: "S\\u00e4le"\n---', '---\ntitle: "S\\u00e4le"\n---', None),
        ("---\nformat: html\n---", "---\nformat: html\n---", None),
        ("no front matter at all", "no front matter at all", None),
    ],
)
def test_a_title_on_top_is_a_heading_and_no_other_front_matter_changes(front_matter, raw, title):
    """Quarto takes the heading for the title if the front matter has none; both would be two titles."""
    cell = {**front(front_matter), "cell_type": "markdown"}
    made = cells.laid_out([cell])
    assert [c["source"] for c in made] == [raw, *([f"# {title}"] if title else [])]
    assert cells.as_written(made) == [cell]


def test_a_heading_that_somebody_edited_is_the_title():
    edited = [front("---\nformat: html\n---"), heading('# New "name"')]
    (written,) = cells.as_written(edited)
    assert written["source"] == '---\ntitle: "New \\"name\\""\nformat: html\n---'
    assert [c["source"] for c in cells.laid_out([written])] == [c["source"] for c in edited]


@pytest.mark.parametrize("edited", ["No heading", "# Title\n\nand more", "## Smaller", "#  Spaced"])
def test_a_heading_that_cannot_be_a_title_is_kept_as_a_cell(edited):
    written = cells.as_written([front("---\nformat: html\n---"), heading(edited)])
    assert [c["source"] for c in written] == ["---\nformat: html\n---", edited]
    assert written[1]["metadata"] == {}


def test_a_heading_elsewhere_is_kept_as_a_cell():
    code = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}
    written = cells.as_written([heading("# First"), front("---\n---"), code, heading("# Last")])
    assert [c["source"] for c in written] == ["# First", "---\n---", "x = 1", "# Last"]


def test_the_notebooks_of_earlier_runs_have_the_title_in_both():
    text = '---\ntitle: "Old"\n---'
    assert [c["source"] for c in cells.as_written([front(text), heading("# Old")])] == [text]
    assert [c["source"] for c in cells.as_written([front(text), heading("# New")])] == [text, "# New"]


def test_a_notebook_without_front_matter_stays_as_it_is():
    plain = [{"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}]
    assert cells.laid_out(plain) == plain
    assert cells.as_written(plain) == plain
