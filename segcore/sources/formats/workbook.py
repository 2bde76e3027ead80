"""Excel workbooks, old and new, read in a child process."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap

import pyarrow as pa

from segcore.errors import InputError
from segcore.sources.formats import Delivery, Reader
from segcore.sources.formats.child import in_child, lines_of, once
from segcore.sources.formats.limits import MIB, members_of
from segcore.sources.formats.limits import WORKBOOK as LIMITS
from segcore.sources.formats.looks import WORDS, looks_like
from segcore.sources.formats.old_workbook import LARGEST

_1904 = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""")
_OLD_1904 = b"\x22\x00\x02\x00\x01\x00"
"""The record of an old workbook that says so."""


def _rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    yield from once("segcore.sources.formats.sheets:rows", delivery, seconds=_seconds(delivery))


def starts(delivery: Delivery) -> dict[str, list[tuple[int, list[str]]]]:
    """Sheet that is shown and not empty → its first rows with their numbers."""
    found: dict[str, list[tuple[int, list[str]]]] = {}
    work = "segcore.sources.formats.sheets:starts"
    for batch in in_child(work, delivery, seconds=_seconds(delivery)):
        for row in batch.to_pylist():
            found.setdefault(row["text"], []).append((row["record"], row["fields"]))
    return found


def _count(delivery: Delivery) -> int:
    return lines_of(_rows(delivery), delivery)


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


def _since_1900(delivery: Delivery) -> bool:
    """Whether a number may be a day as Excel counts them; Macs have counted from 1904."""
    if looks_like(delivery.path) != "workbook":
        with delivery.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return data.find(_OLD_1904) < 0
    with zipfile.ZipFile(delivery.path) as archive:
        book = next(name for name in archive.namelist() if name.casefold() == "xl/workbook.xml")
        with archive.open(book) as member:
            return not _1904.search(member.read(MIB))


WORKBOOK = Reader(
    endings=(".xlsx", ".xlsm", ".xls"),
    rows=_rows,
    count=_count,
    looks=("workbook", "old workbook", "encrypted", "binary workbook", "open document"),
    typed=True,
    serials=_since_1900,
)
