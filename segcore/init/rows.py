"""The rows of a file, from the reader of its format."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa

from segcore.params import Format
from segcore.sources.formats import ROWS
from segcore.sources.text import transcode

BATCH = 50_000


def rows_of(path: Path, written: Format, scratch: Path) -> Iterator[pa.RecordBatch]:
    """The rows of a file, header and all, in batches."""
    text = scratch / "rows.txt"
    transcode(path, written.encoding, text, name=str(path))
    with text.open(encoding="utf-8", newline="") as file:
        if written.quote == "none":
            reader = csv.reader(file, delimiter=written.delimiter, quoting=csv.QUOTE_NONE)
        else:
            reader = csv.reader(file, delimiter=written.delimiter, quotechar=written.quote)
        first = 1
        while rows := list(islice(reader, BATCH)):
            count = len(rows)
            yield pa.record_batch(
                [
                    pa.array(range(first, first + count), pa.int64()),
                    pa.array([1] * count, pa.int32()),
                    pa.nulls(count, pa.string()),
                    pa.array(rows, pa.list_(pa.string())),
                    pa.nulls(count, pa.string()),
                ],
                schema=ROWS,
            )
            first += count
