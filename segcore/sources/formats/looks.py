"""What a file is by its first bytes, whatever its name ends with."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from segcore.errors import InputError
from segcore.sources.formats import MARKS
from segcore.sources.formats.limits import members_of
from segcore.sources.formats.old_workbook import OLE, stream_names

START = 8192
"""How many bytes of a file tell what it is."""

BY_START = (
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"%PDF", "pdf"),
    (b"\x09\x08", "old workbook"),
    (b"\x09\x04\x06\x00", "old workbook"),
    (b"\x09\x02\x06\x00", "old workbook"),
    (b"\x09\x00\x04\x00", "old workbook"),
)

_HTML = re.compile(
    r"\s*<(?:!doctype\s+html|html|head|body|table|meta|style|div|center|font)\b", re.IGNORECASE
)
_HTML_LATER = re.compile(
    r"\s*<(?:!--|\?xml\b|!doctype\b).*?<(?:html|table|body)\b", re.IGNORECASE | re.DOTALL
)
_SPREADSHEET = re.compile(
    r"\s*(?:<\?xml\b.*?)?<(?:\?mso-application\s[^>]*Excel\.Sheet|(?:ss:)?Workbook\b)",
    re.IGNORECASE | re.DOTALL,
)
_MHTML = re.compile(r"\s*(?:MIME-Version:|Content-Type:\s*multipart/related|X-Document-Type:)", re.IGNORECASE)

WORDS = {
    "workbook": "an Excel workbook",
    "binary workbook": "a binary Excel workbook",
    "old workbook": "a workbook of Excel 97 to 2003",
    "open document": "an OpenDocument file",
    "encrypted": "protected by a password",
    "document": "a document of another program",
    "html": "a web page",
    "mhtml": "a web archive",
    "xml spreadsheet": "an XML spreadsheet of 2003",
    "text": "text",
    "zip": "a ZIP archive",
    "gzip": "a gzip file",
    "parquet": "a Parquet file",
    "pdf": "a PDF",
    "empty": "empty",
    "binary": "no text",
}
"""What a file can be → the same in words, for messages: "it is …"."""


def looks_like(path: Path) -> str:
    """What a file is; one of :data:`WORDS`."""
    with path.open("rb") as file:
        start = file.read(START)
    if not start:
        return "empty"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path, start)
    if start.startswith(OLE):
        return _compound(path)
    for magic, what in BY_START:
        if start.startswith(magic):
            return what
    text = _text(start)
    if text is None:
        return "binary"
    if _SPREADSHEET.match(text):
        return "xml spreadsheet"
    if _HTML.match(text) or _HTML_LATER.match(text):
        return "html"
    return "mhtml" if _MHTML.match(text) else "text"


def _zipped(path: Path, start: bytes) -> str:
    try:
        names = {one.filename.replace("\\", "/").casefold() for one in members_of(path, path.name)}
    except (InputError, zipfile.BadZipFile):
        # A workbook that is cut off, or a bomb: its own reader says so.
        return (
            "workbook"
            if re.match(rb"PK\x03\x04.{26}(?:\[Content_Types]|_rels/|xl/|docProps/)", start, re.DOTALL)
            else "zip"
        )
    if any(name.startswith("xl/workbook.") for name in names):
        return "workbook" if "xl/workbook.xml" in names else "binary workbook"
    return "open document" if {"mimetype", "content.xml"} <= names else "zip"


def _compound(path: Path) -> str:
    names = stream_names(path)
    if "EncryptedPackage" in names:
        return "encrypted"
    return "old workbook" if {"Workbook", "Book", "WORKBOOK", "BOOK"} & names else "document"


def _text(start: bytes) -> str | None:
    """The beginning as text; None if it holds what no text does."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return start.decode(encoding, errors="ignore")
    zeros = (start[::2].count(0), start[1::2].count(0))
    if max(zeros) > 0.2 * len(start) / 2:
        # UTF-16 without a mark: of letters, every second byte is nothing.
        return start.decode("utf-16-le" if zeros[1] > zeros[0] else "utf-16-be", errors="ignore")
    return None if any(zeros) and not start.isascii() else start.decode("latin-1")
