"""Excel workbooks, read in a child process."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from segcore.sources.formats import Delivery, Reader
from segcore.sources.formats.child import in_child
from segcore.sources.formats.limits import MIB, members_of
from segcore.sources.formats.limits import WORKBOOK as LIMITS


def _rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    return _read("rows", delivery)


def _count(delivery: Delivery) -> int:
    return sum(sum(batch["lines"].to_pylist()) for batch in _read("count", delivery))


def _read(what: str, delivery: Delivery) -> Iterator[pa.RecordBatch]:
    members = members_of(delivery.path, delivery.name, LIMITS)
    seconds = 30 + sum(member.file_size for member in members) // (4 * MIB)
    yield from in_child(f"segcore.sources.formats.sheets:{what}", delivery, seconds=seconds)


WORKBOOK = Reader(endings=(".xlsx", ".xlsm"), rows=_rows, count=_count, typed=True)
