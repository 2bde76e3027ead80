"""Excel workbooks, old and new, read in a child process."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from segcore.errors import InputError
from segcore.sources.formats import Delivery, Reader
from segcore.sources.formats.child import in_child, once
from segcore.sources.formats.limits import MIB, members_of
from segcore.sources.formats.limits import WORKBOOK as LIMITS
from segcore.sources.formats.looks import WORDS, looks_like
from segcore.sources.formats.old_workbook import LARGEST


def _rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    yield from once("segcore.sources.formats.sheets:rows", delivery, seconds=_seconds(delivery))


def _count(delivery: Delivery) -> int:
    found = in_child("segcore.sources.formats.sheets:count", delivery, seconds=_seconds(delivery))
    return sum(sum(batch["lines"].to_pylist()) for batch in found)


def _seconds(delivery: Delivery) -> int:
    """How long reading may take: four times what it takes on a slow machine."""
    return 30 + _unpacked(delivery) // (4 * MIB)


def _unpacked(delivery: Delivery) -> int:
    """How many bytes a workbook has unpacked, if it is one and keeps within the limits."""
    looks = looks_like(delivery.path)
    if looks == "workbook":
        members = members_of(delivery.path, delivery.name, LIMITS)
        return sum(member.file_size for member in members)
    size = delivery.path.stat().st_size
    if looks == "old workbook" and size <= LARGEST:
        return size
    if looks == "encrypted":
        raise InputError(
            f"{delivery.name} must not be protected by a password; save it without and deliver it again"
        )
    raise InputError(
        f"{delivery.name} must be an Excel workbook (it is {WORDS[looks]}); save it as .xlsx or CSV"
    )


WORKBOOK = Reader(
    endings=(".xlsx", ".xlsm", ".xls"),
    rows=_rows,
    count=_count,
    looks=("workbook", "old workbook", "encrypted", "binary workbook", "open document"),
    typed=True,
    serials=True,
)
