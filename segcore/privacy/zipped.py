"""Somebody is taken out of workbooks and slides: rows of sheets go, and the rest of the sheet moves up."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from segcore.privacy.decoding import OpaqueError
from segcore.privacy.patterns import written
from segcore.privacy.person import Person
from segcore.privacy.texts import tokens

SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
PLACE = re.compile(rb'(<row r="|<c r="[A-Z]+)(\d+)"')
EXTENT = re.compile(rb'(<(?:dimension|autoFilter) ref="A1:[A-Z]+)(\d+)"')
HEADS = ("Customer no.", "Kundennr.", "customer_id")
INNER = (".xlsx", ".zip")
TEXTS = (".xml", ".rels", ".vml")


def holds(path: Path | io.BytesIO, person: Person) -> bool:
    """Whether a file of the kind of a ZIP archive holds the person in one of its members."""
    with ZipFile(path) as archive:
        strings = _strings(archive)
        if _shares(strings, person):
            return True
        return any(_names(name, archive.read(name), person, strings) for name in archive.namelist())


def is_foreign(path: Path, person: Person) -> bool:
    """Whether a workbook names the person among the texts that its cells share: segcore makes none such."""
    with ZipFile(path) as archive:
        return _shares(_strings(archive), person)


def rewrite(path: Path, target: Path, person: Person) -> None:
    """Write such a file without the person; its members keep their order and times."""
    with ZipFile(path) as archive, ZipFile(target, "w") as made:
        strings, gone = _strings(archive), dict[int, int]()
        parts = {name: _cleaned(name, archive.read(name), person, strings) for name in archive.namelist()}
        for name, (_, changed, rows) in parts.items():
            if changed and rows and (sheet := SHEET.fullmatch(name)):
                gone[int(sheet[1])] = rows
        for info in archive.infolist():
            data = parts[info.filename][0]
            if info.filename == "xl/workbook.xml":
                data = _shorter(data, gone)
            kept = ZipInfo(info.filename, info.date_time)
            kept.compress_type, kept.external_attr = info.compress_type, info.external_attr
            made.writestr(kept, data)


def _names(name: str, data: bytes, person: Person, strings: list[str]) -> bool:
    """Whether a member would be another one without the person."""
    if name.endswith(INNER):
        return holds(io.BytesIO(data), person)
    if not person.may_be_in(data):
        return False
    if SHEET.fullmatch(name):
        is_theirs = _judge(data, person, strings)
        if any(is_theirs(data[start:end]) for start, end in _rows(data, person)):
            return True
    if name.endswith(TEXTS):
        return person.is_in(data.decode("utf-8", "surrogateescape"))
    return person.is_in_bytes(data)


def _cleaned(name: str, data: bytes, person: Person, strings: list[str]) -> tuple[bytes, bool, int]:
    """A member without the person, whether it held them, and how many rows went."""
    if name.endswith(INNER):
        if holds(io.BytesIO(data), person):
            raise OpaqueError(f"{name}: only whoever made it can take somebody out of it")
        return data, False, 0
    if not person.may_be_in(data):
        return data, False, 0
    rows = 0
    if SHEET.fullmatch(name):
        cut, rows = _without_rows(data, person, strings)
    else:
        cut = data
    if name.endswith(TEXTS):
        text = cut.decode("utf-8", "surrogateescape")
        if name.startswith("ppt/") and person.is_in(text):
            text = _without_table_rows(text, person)
        if person.is_in(text):
            text = tokens(text, person)
        cut = text.encode("utf-8", "surrogateescape")
    elif person.is_in_bytes(cut):
        raise OpaqueError(f"{name}: nobody can look into a picture or an object of another program")
    return cut, cut != data, rows


def _without_rows(data: bytes, person: Person, strings: list[str]) -> tuple[bytes, int]:
    """A sheet without the rows of the person; what follows is numbered anew."""
    is_theirs, pieces, at, rows = _judge(data, person, strings), [], 0, 0
    for start, end in _rows(data, person):
        if is_theirs(data[start:end]):
            pieces.append(_moved(data[at:start], rows))
            at, rows = end, rows + 1
    if not rows:
        return data, 0
    made = b"".join([*pieces, _moved(data[at:], rows)])
    return EXTENT.sub(lambda found: b'%s%d"' % (found[1], max(int(found[2]) - rows, 1)), made), rows


def _rows(data: bytes, person: Person) -> Iterator[tuple[int, int]]:
    """Where the rows of a sheet begin and end that may hold the person, below the header."""
    hits = set(person.places(data))
    for number in person.common:
        hits |= {match.start() for match in re.finditer(f">{written(number)}<".encode(), data)}
    done = 0
    for hit in sorted(hits):
        start, end = data.rfind(b"<row ", done, hit), data.find(b"</row>", hit) + 6
        if start >= 0 and end > 5 and not data.startswith(b'<row r="1"', start):
            yield start, end
            done = end


def _judge(data: bytes, person: Person, strings: list[str]) -> Callable[[bytes], bool]:
    """Whether a row of a sheet is the person's: by its number where there is such a column."""
    head = data[: data.find(b"</row>")]
    cells = re.findall(rb'<c r="([A-Z]+)1"[^>]*><v>(\d+)</v>', head)
    letters = [cell for cell, place in cells if int(place) < len(strings) and strings[int(place)] in HEADS]

    def is_theirs(row: bytes) -> bool:
        for letter in letters:
            found = re.search(rb'<c r="' + letter + rb'\d+"[^>]*>(.*?)</c>', row, re.DOTALL)
            text = re.sub(rb"<[^>]+>", b"", found[1]).decode("utf-8", "replace") if found else ""
            return html.unescape(text) in person.ids
        return person.is_in(row.decode("utf-8", "surrogateescape"))

    return is_theirs


def _moved(data: bytes, rows: int) -> bytes:
    if not rows:
        return data
    return PLACE.sub(lambda found: b'%s%d"' % (found[1], int(found[2]) - rows), data)


def _shorter(data: bytes, gone: dict[int, int]) -> bytes:
    """The book's list of filters over sheets that have fewer rows now."""
    for sheet, rows in gone.items():
        span = re.compile(
            rb'(<definedName name="_xlnm\._FilterDatabase" localSheetId="%d"[^>]*>[^<]*\$)(\d+)(<)'
            % (sheet - 1)
        )
        data = span.sub(lambda found, rows=rows: b"%s%d%s" % (found[1], int(found[2]) - rows, found[3]), data)  # type: ignore[misc]
    return data


def _without_table_rows(text: str, person: Person) -> str:
    """Slides without the rows of tables that hold the person."""
    rows = re.compile(r"<a:tr\b.*?</a:tr>", re.DOTALL)
    return rows.sub(lambda row: "" if person.is_in(row[0]) else row[0], text)


def _shares(strings: list[str], person: Person) -> bool:
    return any(text.strip() in person.ids or person.is_in(text) for text in strings)


def _strings(archive: ZipFile) -> list[str]:
    """The texts that a workbook's cells name by their place."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    text = archive.read("xl/sharedStrings.xml").decode("utf-8", "replace")
    return [
        html.unescape("".join(re.findall(r"<t\b[^>]*>([^<]*)</t>", item)))
        for item in re.findall(r"<si\b[^>]*>.*?</si>", text, re.DOTALL)
    ]
