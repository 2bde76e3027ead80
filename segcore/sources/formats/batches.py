"""Rows whose fields are known → batches of :data:`~segcore.sources.formats.ROWS`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from segcore.sources.formats import ROWS

CELLS = 200_000
"""About as many cells has a batch."""


def batches(rows: Iterable[tuple[list[str], str | None]]) -> Iterator[pa.RecordBatch]:
    """Batches of rows, each with its fields and its fault; they are numbered from 1."""
    fields: list[str] = []
    ends, faults, before = [0], list[str | None](), 0
    for row, fault in rows:
        fields += row
        ends.append(len(fields))
        faults.append(fault)
        if len(fields) + len(faults) >= CELLS:
            yield _batch(before, fields, ends, faults)
            before += len(faults)
            fields, ends, faults = [], [0], []
    if faults:
        yield _batch(before, fields, ends, faults)


def _batch(before: int, fields: list[str], ends: list[int], faults: list[str | None]) -> pa.RecordBatch:
    size = len(faults)
    return pa.record_batch(
        [
            pa.array(range(before + 1, before + 1 + size), pa.int64()),
            pa.array([1] * size, pa.int32()),
            pa.nulls(size, pa.string()),
            pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(fields, pa.string())),
            pa.array(faults, pa.string()),
        ],
        schema=ROWS,
    )
