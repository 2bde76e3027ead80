"""The sheets of a workbook, by name."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.child import in_child

SECONDS = 60


def sheet_names(delivery: Delivery) -> list[str]:
    """The sheets of a workbook that are shown."""
    batches = in_child(f"{__name__}:names", delivery, seconds=SECONDS)
    return [name for batch in batches for name in batch["text"].to_pylist()]


def names(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The names as the texts of rows. Runs in the child process only."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_path(delivery.path) as book:
        shown = [
            one.name
            for one in book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible
        ]
    rows = [{"record": place, "lines": 1, "text": name} for place, name in enumerate(shown, start=1)]
    yield pa.RecordBatch.from_pylist(rows, schema=ROWS)
