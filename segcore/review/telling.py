"""The differences of two runs as lines for a terminal, short where much differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from segcore.review.diffing.notebooks import NotebookDiff
from segcore.review.diffing.runs import RunDiff
from segcore.review.diffing.tables import CustomerCell, TableDiff
from segcore.wording import count, join, plural

MOST = 12
"""How many lines of one thing are told; ``--json`` has them all."""

COLUMNS = 5
"""How many columns of a table are named."""


def told(diff: RunDiff) -> list[str]:
    """Two runs' differences, line by line."""
    one, other = (f"{run.manifest['study']} {run.manifest['run_date']}" for run in (diff.old, diff.new))
    lines = [f"{one} ({diff.old.folder}) → {other} ({diff.new.folder})"]
    if diff.same:
        return [*lines, "nothing differs: the same went in, and the same came out"]
    for part, changes in diff.parts.items():
        lines += _section(part, [change.sentence for change in changes])
    same = [part for part, changes in diff.parts.items() if not changes]
    lines += [f"the same: {join(same)}"] if same else []
    lines += _customers(diff.customers)
    lines += [line for table in diff.tables for line in _table(table)]
    lines += [line for notebook in diff.notebooks for line in _notebook(notebook)]
    return [*lines, *([f"other files that differ: {', '.join(diff.files)}"] if diff.files else [])]


def _section(title: str, told: Sequence[str]) -> list[str]:
    if len(told) < 2:
        return [f"{title}: {text}" for text in told]
    return [f"{title}:", *_first(f"  {text}" for text in told)]


def _first(lines: Iterator[str], most: int = MOST) -> list[str]:
    """The first lines of many, and how many there are more."""
    found = list(lines)
    rest = len(found) - most
    return found if rest <= 1 else [*found[:most], f"  … and {count(rest)} more; --json has them all"]


def _customers(cells: Sequence[CustomerCell]) -> list[str]:
    moved = [cell for cell in cells if cell.left != cell.entered]
    if not moved:
        return ["customers: each of them is in the same segment"] if cells else []
    kept = sum(cell.customers for cell in cells if cell.left == cell.entered)
    new = sum(cell.customers for cell in cells if cell.left is None)
    gone = sum(cell.customers for cell in cells if cell.entered is None)
    others = sum(cell.customers for cell in moved) - new - gone
    return [
        f"customers: {count(kept)} in the same segment, {count(others)} in another one, "
        f"{count(new)} only in the second run, {count(gone)} only in the first",
        *_first(
            f"  {cell.left or '–'} → {cell.entered or '–'}: {count(cell.customers)}{_why(cell.classes)}"
            for cell in moved
        ),
    ]


def _why(classes: Mapping[str, int]) -> str:
    ordered = sorted(classes.items(), key=lambda item: -item[1])
    return f" (other class of {join([f'{name} {count(n)}' for name, n in ordered])})" if ordered else ""


def _table(table: TableDiff) -> list[str]:
    parts = [
        f"{count(number)} {what}"
        for number, what in (
            (table.added, "only in the second run"),
            (table.removed, "only in the first"),
            (table.changed, "changed"),
        )
        if number
    ]
    columns = sorted(table.columns.items(), key=lambda item: -item[1])
    shown = [f"{name} {count(n)}" for name, n in columns[:COLUMNS]]
    shown += [plural(len(columns) - COLUMNS, "more column")] if len(columns) > COLUMNS else []
    which = f" ({join(shown)})" if columns else ""
    only = [f"columns of one run only: {', '.join(table.only)}"] if table.only else []
    return [f"{table.name}.parquet: {'; '.join([*parts, *only])}{which}", *(f"  {e}" for e in table.examples)]


def _notebook(notebook: NotebookDiff) -> list[str]:
    added, removed = notebook.counts
    source = f"source: {plural(added, 'line')} added, {count(removed)} removed" if notebook.lines else ""
    shown = (
        f"{count(notebook.outputs)} of {plural(notebook.cells, 'cell')} with the same source show other text"
        if notebook.outputs
        else ""
    )
    head = f"{notebook.name}.ipynb: {'; '.join(filter(None, [source, shown]))}"
    return [head, *_first((f"  {line}" for line in notebook.lines[2:]), 3 * MOST)]
