"""The first rows of every sheet of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import pyarrow as pa

from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.child import in_child

SECONDS = 60
MOST = 400  # rows of a sheet


def sheets_of(delivery: Delivery) -> dict[str, list[tuple[int, Sequence[str]]]]:
    """Sheet that is shown → its first rows with their numbers; none if it is empty."""
    found: dict[str, list[tuple[int, Sequence[str]]]] = {}
    for batch in in_child(f"{__name__}:first_rows", delivery, seconds=SECONDS):
        for row in batch.to_pylist():
            found.setdefault(row["text"], []).append((row["record"], row["fields"]))
    return found


def first_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The first rows of every sheet, with its name as their text. Runs in the child process only."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    from segcore.sources.formats.sheets import rows

    with CalamineWorkbook.from_path(delivery.path) as book:
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
    for name in shown:
        layout = delivery.layout.model_copy(update={"sheets": (name,)})
        read = (row for batch in rows(replace(delivery, layout=layout)) for row in batch.to_pylist())
        yield pa.RecordBatch.from_pylist([row | {"text": name} for row in islice(read, MOST)], schema=ROWS)
