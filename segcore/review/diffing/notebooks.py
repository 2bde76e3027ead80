"""The notebooks of two runs: their source line by line, and how many cells put out something else."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.runner.cells import INJECTED, percent_text, source_of, tagged

TEXT = ("text/plain", "text/html", "text/markdown")
PICTURE = "image/svg+xml"
"""What is compared of an output. A drawing shows what stands in the tables, in HTML as well; its words
are compared."""


@dataclass(frozen=True)
class NotebookDiff:
    """How a notebook differs.

    Parameters
    ----------
    name
        The stage.
    lines
        The source of both in percent form, as a unified diff; empty if it is the same.
    cells
        How many code cells have the same source in both.
    outputs
        How many of these put out other text.
    """

    name: str
    lines: tuple[str, ...]
    cells: int
    outputs: int

    @property
    def counts(self) -> tuple[int, int]:
        """How many lines of the source were added and removed."""
        body = self.lines[2:]
        return sum(line[:1] == "+" for line in body), sum(line[:1] == "-" for line in body)


def notebook_diff(old: Path, new: Path) -> NotebookDiff:
    """How an executed notebook differs from another; the injected parameters do not count.

    Parameters
    ----------
    old, new
        The files.
    """
    before, after = (_cells(path) for path in (old, new))
    one, other = (percent_text(cells).splitlines() for cells in (before, after))
    lines = difflib.unified_diff(one, other, "first run", "second run", lineterm="", n=2)
    pairs = _same(before, after)
    return NotebookDiff(
        old.stem, tuple(lines), len(pairs), sum(_shown(first) != _shown(second) for first, second in pairs)
    )


def _cells(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if not tagged(cell, INJECTED)]


def _same(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Code cells of the same source, in the order in which they stand in both."""
    one, other = ([cell for cell in cells if cell["cell_type"] == "code"] for cells in (before, after))
    texts = [source_of(cell) for cell in one], [source_of(cell) for cell in other]
    blocks = difflib.SequenceMatcher(None, texts[0], texts[1], autojunk=False).get_matching_blocks()
    return [(one[b.a + i], other[b.b + i]) for b in blocks for i in range(b.size)]


def _shown(cell: Mapping[str, Any]) -> list[Any]:
    shown = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        kinds = ("text/plain",) if PICTURE in data else TEXT
        shown.append([output.get("text"), *(data.get(kind) for kind in kinds)])
    return shown
