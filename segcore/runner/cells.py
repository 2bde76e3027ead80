"""The cells of notebooks: their two layouts, their numbers, and the file that holds them.

In percent form the front matter is a markdown cell, which is the one form that Quarto and jupytext
accept there. A notebook would show it as one large heading, so there it is a raw cell, folded and not
converted, and its title is the heading of a markdown cell below. Quarto takes the title from that
heading if the front matter names none; if both did, the title would stand twice. Each layout is made
from the other.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from segcore.grammars import without_grammars

FRONT_MATTER = "front-matter"
TITLE = "title"
PARAMETERS = "parameters"
INJECTED = "injected-parameters"
"""Tags of cells; papermill sets the last one."""

FOLDED = {"raw_mimetype": "text/yaml", "jupyter": {"source_hidden": True}}
"""What a notebook says of its front matter: nbconvert leaves out YAML, and JupyterLab folds the cell."""

_ON_TOP = re.compile(r'---\ntitle: ("(?:[^"\\\n]|\\["\\/bfnrt])+")\n')

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
    """The cells of a percent source as a notebook has them: front matter raw, its title a heading."""
    made: list[dict[str, Any]] = []
    for cell in cells:
        if cell["cell_type"] == "markdown" and tagged(cell, FRONT_MATTER):
            source, title = _parted(source_of(cell))
            made.append({**cell, "cell_type": "raw", "metadata": {**cell["metadata"], **FOLDED}})
            made[-1]["source"] = source
            made += [heading] if (heading := _heading(title)) else []
        else:
            made.append({**cell})
    return made


def as_written(cells: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The cells of a notebook as its percent source has them; undoes :func:`laid_out`.

    A heading that somebody has edited is the new title; one that is no title any more, or does not
    stand below the front matter, stays as a cell of its own.
    """
    made: list[dict[str, Any]] = []
    for cell in cells:
        if cell["cell_type"] == "raw" and tagged(cell, FRONT_MATTER):
            own = {key: value for key, value in cell["metadata"].items() if key not in FOLDED}
            made.append({**cell, "cell_type": "markdown", "metadata": own})
        elif not tagged(cell, TITLE):
            made.append({**cell})
        elif (whole := _joined(made[-1:], source_of(cell))) is not None:
            made[-1]["source"] = whole
        else:
            made.append({**cell, "metadata": {}})
    return made


def _parted(front_matter: str) -> tuple[str, str]:
    """Front matter without the title on top of it, and the title; "" if there is none, or not so written."""
    found = _ON_TOP.match(front_matter)
    if not found or _line(title := json.loads(found[1])) != found[0]:
        return front_matter, ""
    return f"---\n{front_matter[found.end() :]}", title


def _joined(above: Sequence[Mapping[str, Any]], heading: str) -> str | None:
    """The front matter above a heading, with that as its title; None if it cannot be its title."""
    title = heading.removeprefix("# ")
    if not above or not tagged(above[0], FRONT_MATTER) or heading != f"# {title.strip()}" or "\n" in title:
        return None
    text = source_of(above[0])
    if _ON_TOP.match(text):  # as an earlier version wrote notebooks, with the title in both
        return text if text.startswith(_line(title)) else None
    return text.replace("---\n", _line(title), 1) if text.startswith("---\n") else None


def _line(title: str) -> str:
    """How front matter begins that has a title."""
    return f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n"


def _heading(title: str) -> dict[str, Any] | None:
    """The cell that shows a title; none for none."""
    heading = {"cell_type": "markdown", "metadata": {"tags": [TITLE]}, "source": f"# {title}"}
    return numbered([heading])[0] if title else None


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
