"""What a sheet holds beside its values: how many rows, cells that only look empty, and currencies.

Readers of workbooks give nothing for ``#N/A`` and for a formula that was never computed, and no
currency that a cell's format shows. Here the sheets are read once more, another way: for those
cells, and to count the rows.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from segcore.errors import InputError
from segcore.sources.formats.limits import MIB

NO_VALUE = "#CALC!"
"""What stands for a formula that nobody computed."""

LONGEST_ROW = 64 * MIB

MOST_ROWS = 1_048_576
"""As many rows as a sheet can have."""

ALONE = ("CR", "DR", "Tsd", "Tsd.", "Mio", "Mio.", "Mrd", "Mrd.")
SCALES = ("T", "k", "K", "M", "m", "bn", *ALONE[2:])
"""What the format of a number may show beside its currency, or alone."""

WIDEST = 16_384
"""As many columns as a sheet can have."""

_NUMBER = rb"""\br\s*=\s*["'](\d+)["']"""
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,4})(\d{1,7})["']""")
_MONEY = re.compile(r"""\[\$([^\]-]+)[^\]]*\]|"([^"]*)"|\\([^ ])|(?<!\[)([€$£¥])""")
_TEXT = re.compile(rb"""\bt\s*=\s*["']str["']""")


class _Tags:
    """What is looked for in the XML of a sheet, with the prefix that its tags have."""

    def __init__(self, prefix: bytes, styles: Iterable[int]) -> None:
        row, cell, value, formula, text = (b"<" + prefix + tag for tag in (b"row", b"c", b"v", b"f", b"is"))
        self.row, self.formula = row, formula
        self.rows = re.compile(row + rb"\b(?:[^>]*?" + _NUMBER + rb")?")
        self.content = re.compile(rb"%s\b[^>/]*>[^<]|%s\b|%s\b" % (value, text, formula))
        numbers = b"|".join(b"%d" % style for style in styles)
        styled = rb"""\b(?![^>]*\bt\s*=\s*["'][^n])((?=[^>]*\bs\s*=\s*["'](%s)["'])[^>/]*)>""" % numbers
        self.money = re.compile(cell + styled) if numbers else None
        self.errors = re.compile(
            cell + rb"""\b((?=[^>]*\bt\s*=\s*["']e["'])[^>]*)>.*?""" + value + rb"\b[^>]*>([^<]*)<", re.DOTALL
        )
        self.formulas = re.compile(
            rb"%s\b([^>]*)>\s*%s\b(?:[^>]*/>|[^>]*>[^<]*</[^>]*>)\s*(?:%s\b[^>]*>([^<]*))?"
            % (cell, formula, value)
        )


@dataclass
class Marks:
    """What a sheet holds beside its values.

    Parameters
    ----------
    rows
        The number of its last row that holds anything.
    places
        The marked cells, in the order of the sheet: row × 2²⁴ + column × 2⁸ + text.
    texts
        What stands in such cells, each once; what begins with a blank stands behind their values.
    """

    rows: int = 0
    places: array[int] = field(default_factory=lambda: array("q"))
    texts: list[str] = field(default_factory=list)

    def add(self, row: int, column: int, text: str) -> None:
        """Mark a cell; rows and columns from 0."""
        if text not in self.texts:
            self.texts.append(text)
        self.places.append(row << 24 | column << 8 | self.texts.index(text))

    def by_row(self) -> Iterator[tuple[int, int, str]]:
        """The cells with row, column and text, in the order of the sheet."""
        for place in self.places:
            yield place >> 24, place >> 8 & 0xFFFF, self.texts[place & 0xFF]


class XmlSheets:
    """The sheets of an .xlsx workbook as they lie in its archive.

    Parameters
    ----------
    path
        The workbook.
    name
        Its name as delivered, for messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        with zipfile.ZipFile(path) as archive:
            # Reading to the end compares with the checksum, which readers of XML do not.
            for member in archive.namelist():
                if not member.endswith(".xml") or "/worksheets/" in member:
                    continue
                with archive.open(member) as file:
                    while file.read(MIB):
                        pass
            self._archived = {self._folded(member): member for member in archive.namelist()}
            book = self._xml(archive, "xl/workbook.xml")
            targets = {
                one.get("Id"): one.get("Target", "")
                for one in self._xml(archive, "xl/_rels/workbook.xml.rels").iter()
            }
            self._money = self._styles(archive)
        self._members = {
            one.get("name", ""): self._member(targets.get(value, ""))
            for one in book.iter()
            if one.tag.endswith("}sheet")
            for key, value in one.items()
            if key.endswith("}id")
        }
        calculation = [one for one in book.iter() if one.tag.endswith("}calcPr")]
        # Programs that write formulas without computing them ask for it so, and write 0.
        self._uncomputed = any(one.get("fullCalcOnLoad") in ("1", "true") for one in calculation)

    def marks(self, sheet: str) -> Marks:
        """The marks of one sheet."""
        marks, tags, last = Marks(), _Tags(b"", ()), 0
        for rows in self._rows(sheet):
            if not last:
                tags = _Tags(_prefix(rows), self._money)
            for found in tags.rows.findall(rows):
                number = int(found) if found else last + 1
                if number > MOST_ROWS:
                    raise InputError(self._must(f"have at most {MOST_ROWS:,} rows"))
                if number <= last:
                    raise InputError(self._must(f"have the rows of {sheet!r} in their order"))
                last = number
            marks.rows = _last_with_content(rows, tags, last) or marks.rows
            self._mark(rows, tags, marks)
        return marks

    def _mark(self, rows: bytes, tags: _Tags, marks: Marks) -> None:
        found = [(cell[1], cell[2].decode()) for cell in tags.errors.finditer(rows)]
        if tags.formula in rows:
            found += [(cell[1], NO_VALUE) for cell in tags.formulas.finditer(rows) if self._lacks_value(cell)]
        if tags.money:
            found += [(cell[1], self._money[int(cell[2])]) for cell in tags.money.finditer(rows)]
        placed = []
        for cell, text in found:
            place = _PLACE.search(cell)
            if not place:
                raise InputError(self._must("say where each cell stands"))
            placed.append((int(place[2]) - 1, column(place[1]), text))
        for at in sorted(placed):
            marks.add(*at)

    def _lacks_value(self, cell: re.Match[bytes]) -> bool:
        if not cell[2]:
            return not _TEXT.search(cell[1])
        return self._uncomputed and cell[2] == b"0"

    def _rows(self, sheet: str) -> Iterator[bytes]:
        """The XML of whole rows, some 1 MiB at a time."""
        left = b""
        with zipfile.ZipFile(self._path) as archive, archive.open(self._members[sheet]) as file:
            while piece := file.read(MIB):
                if b"<!DOCTYPE" in piece or b"\0" in piece:
                    raise InputError(self._must("be as spreadsheet programs write it"))
                left += piece
                cut = max(left.rfind(b"<row"), left.rfind(b":row"))
                if cut > 0:
                    cut = left.rfind(b"<", 0, cut + 1)
                    yield left[:cut]
                    left = left[cut:]
                elif len(left) > LONGEST_ROW:
                    raise InputError(self._must(f"have rows of less than {LONGEST_ROW // MIB} MiB"))
        yield left

    def _styles(self, archive: zipfile.ZipFile) -> dict[int, str]:
        """The styles of cells whose numbers are shown with a currency → a blank and the currency."""
        if self._folded("xl/styles.xml") not in self._archived:
            return {}
        styles = self._xml(archive, "xl/styles.xml")
        shown = {
            one.get("numFmtId"): _currency(one.get("formatCode", ""))
            for one in styles.iter()
            if one.tag.endswith("}numFmt")
        }
        cells = (cell for one in styles.iter() if one.tag.endswith("}cellXfs") for cell in one)
        return {
            number: f" {currency}"
            for number, cell in enumerate(cells)
            if (currency := shown.get(cell.get("numFmtId")))
        }

    def _xml(self, archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
        found = self._archived.get(self._folded(member))
        if found is None or archive.getinfo(found).file_size > 16 * MIB:
            raise InputError(self._must(f"be an Excel workbook (it has no {member})"))
        text = archive.read(found)
        if b"<!DOCTYPE" in text:
            raise InputError(self._must("be as spreadsheet programs write it"))
        return ElementTree.fromstring(text)

    def _member(self, target: str) -> str:
        path = target.replace("\\", "/")
        inside = path.lstrip("/") if path.startswith("/") else str(PurePosixPath("xl") / path)
        return self._archived.get(self._folded(inside), "")

    def _must(self, what: str) -> str:
        return f"{self._name} must {what}; open it in a spreadsheet program, save it anew and deliver that"

    @staticmethod
    def _folded(member: str) -> str:
        return member.replace("\\", "/").casefold()


def _currency(form: str) -> str:
    """The currency that a number's format shows, like ``#,##0.00\\ "USD"`` or ``[$€-407]``; "" if none.

    One that makes thousands of it, like ``"TEUR"``, and a sign like ``"CR"`` are shown as well.
    """
    from segcore.sources.values.numbers import KNOWN, SIGNS

    units = {*SIGNS, *KNOWN.split()}
    for bracket, *others in _MONEY.findall(form):
        text = bracket or "".join(others).strip()
        scaled = (text.removeprefix(scale).strip() for scale in SCALES if text.startswith(scale))
        if bracket or text in units or text in ALONE or any(rest in units for rest in scaled):
            return str(text)
    return ""


def _prefix(start: bytes) -> bytes:
    """What the tags of a sheet have before their names, like ``x:``."""
    found = re.search(rb"<(\w+:)?worksheet\b", start)
    return found[1] or b"" if found else b""


def _last_with_content(rows: bytes, tags: _Tags, last: int) -> int:
    """The number of the last row that holds anything, 0 if none does."""
    end = len(rows)
    while (start := rows.rfind(tags.row, 0, end)) >= 0:
        found = tags.rows.match(rows, start)
        if found and tags.content.search(rows, start, end):
            return int(found[1] or last)
        end, last = start, last - 1
    return 0


def column(letters: bytes) -> int:
    """The place of a column, from 0, by its letters."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place - 1
