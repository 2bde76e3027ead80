"""Workbooks of Excel 97 to 2003: their streams, their rows, and the cells that only look empty."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

from segcore.errors import InputError
from segcore.sources.formats.limits import MIB
from segcore.sources.formats.marks import Marks

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")
"""How the stream of a workbook is called in such a file."""

LARGEST = 512 * MIB
"""The largest .xls that is read; 65,536 rows of 256 cells are less."""

_FREE = 0xFFFFFFFA  # sectors from here on are marks, not places

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
BOUNDSHEET, FILEPASS, EOF, FORMULA, BOOLERR = 0x85, 0x2F, 0x0A, 0x06, 0x205
BEGINS = (0x809, 0x409, 0x209, 0x09)
CELLS = {0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6, FORMULA, BOOLERR}
"""Records of cells that hold something; each begins with row and column."""


class _Compound:
    """A file of Microsoft's compound form, as a file system in itself."""

    def __init__(self, data: bytes | mmap) -> None:
        self._data = data
        self._shift = int.from_bytes(data[30:32], "little")
        if self._shift not in (9, 12):
            raise ValueError("sectors have 512 or 4,096 bytes")
        self._table = self._sector_table()
        self.entries = dict(self._entries(int.from_bytes(data[48:52], "little")))

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; those of streams under 4 KiB lie in another one."""
        first, size = self.entries[name]
        if size >= 4096 or name == "Root Entry":
            return b"".join(map(self._sector, self._chain(first, self._table)))[:size]
        small = self.stream("Root Entry")
        table = self._numbers(int.from_bytes(self._data[60:64], "little"))
        return b"".join(small[at * 64 : at * 64 + 64] for at in self._chain(first, table))[:size]

    def _sector(self, number: int) -> bytes:
        size = 1 << self._shift
        return self._data[(number + 1) * size : (number + 2) * size]

    def _chain(self, first: int, table: tuple[int, ...]) -> Iterator[int]:
        # A damaged chain may bite its own tail.
        for _ in range(len(table)):
            if first >= min(len(table), _FREE):
                return
            yield first
            first = table[first]

    def _numbers(self, first: int) -> tuple[int, ...]:
        found = b"".join(map(self._sector, self._chain(first, self._table)))
        return struct.unpack(f"<{len(found) // 4}I", found[: len(found) // 4 * 4])

    def _sector_table(self) -> tuple[int, ...]:
        places = list(struct.unpack("<109I", self._data[76:512].ljust(436, b"\xff")))
        more = int.from_bytes(self._data[68:72], "little")
        for _ in range(len(self._data) >> self._shift):
            if more >= _FREE:
                break
            sector = self._sector(more)
            if len(sector) < 1 << self._shift:
                break
            *found, more = struct.unpack(f"<{len(sector) // 4}I", sector)
            places += found
        table = b"".join(self._sector(place) for place in places if place < _FREE)
        return struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])

    def _entries(self, first: int) -> Iterator[tuple[str, tuple[int, int]]]:
        listed = b"".join(map(self._sector, self._chain(first, self._table)))
        for at in range(0, len(listed) - 127, 128):
            length = int.from_bytes(listed[at + 64 : at + 66], "little")
            name = listed[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
            if name:
                yield name, struct.unpack_from("<II", listed, at + 116)


def stream_names(path: Path) -> set[str]:
    """The names of the streams in a file of Microsoft's compound form."""
    if path.stat().st_size > LARGEST:
        return set()
    try:
        with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            return set(_Compound(data).entries)
    except (struct.error, ValueError):
        return set()


class OldSheets:
    """The sheets of an .xls workbook as its records say.

    Parameters
    ----------
    path
        The workbook.
    name
        Its name as delivered, for messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        compound = _Compound(path.read_bytes())
        book = next(one for one in BOOKS if one in compound.entries)
        self._data = compound.stream(book)
        self._starts: dict[str, int] = {}
        for kind, data in self._records(0):
            if kind == FILEPASS:
                raise InputError(
                    f"{name} must not be protected by a password; save it without and deliver it again"
                )
            if kind == BOUNDSHEET:
                self._starts[_title(data, of_97=book.casefold() == "workbook")] = int.from_bytes(
                    data[:4], "little"
                )

    def marks(self, sheet: str) -> Marks:
        """The marks of one sheet."""
        marks = Marks()
        found = []
        for kind, data in self._records(self._starts[sheet]):
            if kind not in CELLS:
                continue
            row, column = struct.unpack_from("<HH", data)
            marks.rows = max(marks.rows, row + 1)
            if kind == BOOLERR and data[7]:
                found.append((row, column, data[6]))
            elif kind == FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
                found.append((row, column, data[8]))
        for row, column, error in sorted(found):
            marks.add(row, column, ERRORS.get(error, "#ERROR"))
        return marks

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """The records from a place to the end of its sheet; charts inside have their own end."""
        depth = 0
        while at + 4 <= len(self._data):
            kind, size = struct.unpack_from("<HH", self._data, at)
            depth += (kind in BEGINS) - (kind == EOF)
            if depth <= 0:
                return
            yield kind, self._data[at + 4 : at + 4 + size]
            at += 4 + size


def _title(data: bytes, *, of_97: bool) -> str:
    """The name of a sheet: since Excel 97 with a byte that says whether a letter has two."""
    length = data[6]
    if not of_97:
        return data[7 : 7 + length].decode("cp1252", errors="replace")
    return (
        data[8 : 8 + 2 * length].decode("utf-16-le")
        if data[7] & 1
        else data[8 : 8 + length].decode("latin-1")
    )
