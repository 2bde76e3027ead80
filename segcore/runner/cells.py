"""The cells of notebooks: their two layouts, their numbers, and the file that holds them.

In percent form the front matter is a markdown cell, which is the one form that Quarto and jupytext
accept there. In a notebook it would be shown as one large heading, so there it is a raw cell, which
Quarto reads as well, and below it stands its title for people. Each layout is made from the other.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

FRONT_MATTER = "front-matter"
TITLE = "title"
PARAMETERS = "parameters"
INJECTED = "injected-parameters"
"""Tags of cells; papermill sets the last one."""

JUPYTEXT = {"cell_metadata_json": True}
"""What notebooks say to jupytext, which would else write headers as ``tags=[…]``; Quarto refuses those."""

PERCENT = {
    "extension": ".py",
    "format_name": "percent",
    "notebook_metadata_filter": "-all",
    "cell_metadata_filter": "tags,-all",
    "root_level_metadata_as_raw_cell": False,
}
"""The percent form, as ``notebooks/jupytext.toml`` says it too."""


def laid_out(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The cells of a percent source as a notebook has them: front matter raw, its title for people."""
    made: list[dict[str, Any]] = []
    for cell in cells:
        if cell["cell_type"] == "markdown" and tagged(cell, FRONT_MATTER):
            made += [{**cell, "cell_type": "raw"}, *_title(source_of(cell))]
        else:
            made.append({**cell})
    return made


def as_written(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The cells of a notebook as its percent source has them; undoes :func:`laid_out`.

    A title that somebody has edited stays, as a cell of its own.
    """
    made: list[dict[str, Any]] = []
    titles: list[str] = []
    for cell in cells:
        if cell["cell_type"] == "raw" and tagged(cell, FRONT_MATTER):
            made.append({**cell, "cell_type": "markdown"})
            titles += [source_of(title) for title in _title(source_of(cell))]
        elif not tagged(cell, TITLE):
            made.append({**cell})
        elif source_of(cell) not in titles:
            made.append({**cell, "metadata": {}})
    return made


def _title(front_matter: str) -> list[dict[str, Any]]:
    """The cell with the title that front matter names; none if it names none."""
    try:
        found = yaml.safe_load(front_matter.strip().strip("-"))
    except yaml.YAMLError:
        return []
    title = found.get("title") if isinstance(found, dict) else None
    heading = {"cell_type": "markdown", "metadata": {"tags": [TITLE]}, "source": f"# {title}"}
    return numbered([heading]) if title else []


def numbered(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same cells, each with an id that its content gives."""
    seen: Counter[str] = Counter()
    made = []
    for cell in cells:
        digest = hashlib.sha256(f"{cell['cell_type']}\n{source_of(cell)}".encode()).hexdigest()[:12]
        seen[digest] += 1
        made.append({**cell, "id": digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"})
    return made


def tagged(cell: Mapping[str, Any], tag: str) -> bool:
    """Whether a cell has a tag."""
    return tag in cell["metadata"].get("tags", [])


def source_of(cell: Mapping[str, Any]) -> str:
    """The source of a cell, which files hold as a list of lines."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def notebook_text(notebook: Mapping[str, Any]) -> str:
    """A notebook as every Jupyter tool writes it: sources and texts as lists of their lines."""
    without_grammars()
    import nbformat

    node = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    return str(nbformat.v4.writes(node)) + "\n"  # type: ignore[no-untyped-call]


def percent_text(cells: Iterable[Mapping[str, Any]]) -> str:
    """The percent source of a notebook's cells, as Quarto and papermill need it."""
    without_grammars()
    import jupytext
    import nbformat

    made = [{**cell, "source": source_of(cell)} for cell in as_written(cells)]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"jupytext": JUPYTEXT}, "cells": made}
    node = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    return str(jupytext.writes(node, fmt=PERCENT))


def without_grammars() -> None:
    """Keep a package away that builds grammars for over a second whenever jsonschema is imported."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
