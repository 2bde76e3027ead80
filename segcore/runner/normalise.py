"""Executed notebooks made comparable: two executions of the same work give the same bytes.

What differs by nature is replaced: identifiers and times that the tools write, addresses of objects,
temporary files, the project's own place on the disk, and the hidden folder of a run that works.
What a cell prints of the clock or of an unordered set stays as it is; notebooks must not do that.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

Text = Callable[[str], str]

_PATTERNS = (
    (re.compile(r"(?:[\w.~+-]*/)*ipykernel_\d+/\d+\.py"), "cell.py"),
    (re.compile(r"\bat 0x[0-9A-Fa-f]{6,16}\b"), "at 0x…"),
    (re.compile(r"\bT_[0-9a-f]{5}(?=[_\"\s>#.,)]|$)"), "T_table"),
)
_KEPT = ("kernelspec", "language_info")


def normalised(notebook: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """An executed notebook without what differs from one execution to the next.

    Parameters
    ----------
    notebook
        A notebook of format 4.5 or later, as plain JSON; it is not changed.
    paths
        Texts to replace everywhere, in order: paths of this execution → how they should read.

    Returns
    -------
    dict
        The notebook; cells are numbered by their content.
    """

    def text(value: str) -> str:
        for found, wanted in paths.items():
            value = value.replace(found, wanted)
        return value

    seen: Counter[str] = Counter()
    cells = [_cell(cell, text, seen) for cell in notebook["cells"]]
    metadata = {key: value for key, value in notebook["metadata"].items() if key in _KEPT}
    return {**notebook, "metadata": metadata, "cells": cells}


def _cell(cell: Mapping[str, Any], text: Text, seen: Counter[str]) -> dict[str, Any]:
    source = text(_joined(cell["source"]))
    digest = hashlib.sha256(f"{cell['cell_type']}\n{source}".encode()).hexdigest()[:12]
    seen[digest] += 1
    metadata = {k: v for k, v in cell["metadata"].items() if k not in ("papermill", "execution")}
    made = {
        **cell,
        "id": digest if seen[digest] == 1 else f"{digest}-{seen[digest]}",
        "source": source,
        "metadata": metadata,
    }
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


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
