"""Executed notebooks made comparable: two executions of the same work give the same bytes.

What differs by nature is replaced in what cells put out: identifiers and times that the tools write,
addresses of objects, temporary files, the project's own place on the disk, and the hidden folder of a
run that works. What a cell prints of the clock or of an unordered set stays as it is; notebooks must
not do that. The source of cells stays as it is, too; only in the cell with the parameters of the
execution, which papermill writes, paths read as those of the published run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from segcore.runner.cells import INJECTED, numbered, source_of, tagged

Text = Callable[[str], str]

_PATTERNS = (
    # Only where a path begins, or a long run of letters, like a drawing's, would be read once for each.
    (re.compile(r"(?<![\w.~+/-])(?:[\w.~+-]*/)*ipykernel_\d+/\d+\.py"), "cell.py"),
    (re.compile(r"\bat 0x[0-9A-Fa-f]{6,16}\b"), "at 0x…"),
    (re.compile(r"\bT_[0-9a-f]{5}(?=[_\"\s>#.,)]|$)"), "T_table"),
)
_KEPT = ("kernelspec", "language_info", "jupytext")


def normalised(notebook: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """An executed notebook without what differs from one execution to the next.

    Parameters
    ----------
    notebook
        A notebook of format 4.5 or later, as plain JSON; it is not changed.
    paths
        Texts to replace in outputs and in the injected parameters, in order: paths of this
        execution → how they should read.

    Returns
    -------
    dict
        The notebook; cells are numbered by their content.
    """

    def text(value: str) -> str:
        for found, wanted in paths.items():
            value = value.replace(found, wanted)
        return value

    cells = numbered(_cell(cell, text) for cell in notebook["cells"])
    metadata = {key: value for key, value in notebook["metadata"].items() if key in _KEPT}
    return {**notebook, "metadata": metadata, "cells": cells}


def _cell(cell: Mapping[str, Any], text: Text) -> dict[str, Any]:
    source = source_of(cell)
    metadata = {k: v for k, v in cell["metadata"].items() if k not in ("papermill", "execution")}
    made = {**cell, "source": text(source) if tagged(cell, INJECTED) else source, "metadata": metadata}
    if "outputs" in cell:
        made["outputs"] = [_clean(output, text) for output in cell["outputs"]]
    return made


def _clean(value: Any, text: Text, key: str = "") -> Any:
    """The same value with its texts cleaned; pictures are left alone."""
    if key.startswith("image/") and key != "image/svg+xml":
        return value
    if isinstance(value, str):
        cleaned = text(value)
        for pattern, wanted in _PATTERNS:
            cleaned = pattern.sub(wanted, cleaned)
        return cleaned
    if isinstance(value, Mapping):
        return {name: _clean(part, text, str(name)) for name, part in value.items()}
    if isinstance(value, list):
        return [_clean(part, text) for part in value]
    return value
