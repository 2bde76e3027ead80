"""Small workbooks as programs write them, and as they should not be."""

from __future__ import annotations

import struct
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from segcore.params import Format
from segcore.sources.formats import Delivery

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def delivery(path: Path, **layout: Any) -> Delivery:
    return Delivery(path, path.name, Format(**layout), Path(tempfile.mkdtemp(dir=path.parent)))


def written(path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]], **options: Any) -> Path:
    """A workbook of XlsxWriter; dates are shown as dd.mm.yyyy, tuples are (value, format)."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy", **options})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name.lstrip("!"))
        if name.startswith("!!"):
            sheet.very_hidden()
        elif name.startswith("!"):
            sheet.hide()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, tuple):
                    sheet.write(number, column, value[0], book.add_format({"num_format": value[1]}))
                elif value is not None:
                    sheet.write(number, column, value)
    book.close()
    return path


def of_xml(path: Path, rows: str, *, sheet: str | None = None, calculation: str = "") -> Path:
    """A workbook whose only sheet is this XML, for what XlsxWriter would not write."""
    book = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">'
        f'<sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets>{calculation}</workbook>'
    )
    relation = f'<Relationship Id="rId1" Type="{RELATED}/{{}}" Target="{{}}"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">'
            f"{relation.format('officeDocument', 'xl/workbook.xml')}</Relationships>",
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
            f"{relation.format('worksheet', 'worksheets/sheet1.xml')}</Relationships>",
            "xl/worksheets/sheet1.xml": sheet
            or f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        }.items():
            archive.writestr(name, text)
    return path


def compound(path: Path, stream: str, data: bytes) -> Path:
    """A file of Microsoft's compound form with one stream, of at most 60 KB."""
    data = data.ljust(4096, b"\0")
    sectors = -(-len(data) // 512)
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    header = struct.pack(
        "<8s16x5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    places = struct.pack("<I", 0).ljust(436, b"\xff")
    path.write_bytes(
        header
        + places
        + b"".join(struct.pack("<I", one) for one in table).ljust(512, b"\xff")
        + _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
        + _entry(stream, 2, 0xFFFFFFFF, 2, len(data))
        + bytes(256)
        + data.ljust(sectors * 512, b"\0")
    )
    return path


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    none = 0xFFFFFFFF
    return struct.pack(
        "<64sHBBIII36xIQ", text, len(text) + 2, kind, 1, none, none, child, first, size
    )  # fmt: skip


ERROR = object()
"""A cell that says #N/A."""


def of_97(path: Path, rows: Iterable[Sequence[Any]], *, protected: bool = False) -> Path:
    """A workbook of Excel 97 with one sheet "Data": texts, numbers and errors."""
    cells = b""
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                cells += _record(0x204, place + struct.pack("<HB", len(value), 1) + text)
            elif value is ERROR:
                cells += _record(0x205, place + b"\x2a\x01")
            elif value is not None:
                cells += _record(0x203, place + struct.pack("<d", value))
    begins = [_record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0)) for kind in (5, 0x10)]
    end = _record(0x0A, b"")
    lock = _record(0x2F, bytes(6)) if protected else b""
    bound = struct.pack("<IBBBB", 0, 0, 0, 4, 0) + b"Data"
    start = len(begins[0] + lock + _record(0x85, bound) + end)
    book = begins[0] + lock + _record(0x85, struct.pack("<I", start) + bound[4:]) + end
    return compound(path, "Workbook", book + begins[1] + cells + end)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data
