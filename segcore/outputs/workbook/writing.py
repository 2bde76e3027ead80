"""How workbooks are written: typed columns, a frozen header with filters and notes, texts as texts.

XlsxWriter makes the workbook with one empty row in each sheet, and the rows are put in its place while
the file is packed. So no sheet is ever in memory, and the same rows give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from textwrap import wrap
from typing import Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from segcore.files import whole
from segcore.outputs.workbook.cells import KINDS, handed_over, row_writer
from segcore.sentences import workbook as say
from segcore.wording import SYMBOLS

ROWS = 1_048_575
"""Rows of a sheet below its header; what is more goes on in a further sheet."""

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD = {"num_format": "@", "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E6E9ED"}
A4, NOTE_WIDTH, NOTE_LINE = 9, 260, 38
ROW_HEIGHT, ARROW = 15, 3
"""Points of a line, and the characters of a heading that the arrow of its filter covers."""
ABOUT_WIDTHS, ABOUT_LINE = (22, 12, 90), 115
COLUMN_WIDTHS = (16, 28, 120)

EMPTY = re.compile(rb'<row r="2"[^>]*>(.*?)</row>')
STYLE = re.compile(rb'<c r="[A-Z]+2" s="(\d+)"/>')
EXTENT = re.compile(rb'(<dimension ref="A1:[A-Z]+)\d+"')
MEMBER = "xl/worksheets/sheet{}.xml"
FIXED = (1980, 1, 1, 0, 0, 0)
"""The time of every member of the file."""
AT_ONCE, LARGE = 500, 10_000_000
"""Rows that are packed at once; cells from which on a sheet may be larger than 2 GB."""


class Rows(Protocol):
    """The rows of a sheet: a list, or what counts them first and makes them when they are asked for."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[Sequence[Any]]:
        """Each of them, once."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Parameters
    ----------
    head
        Its heading.
    meaning
        What it means, in a sentence: the note on the heading, and its row in the sheet of columns.
        Empty for a heading that says it all.
    kind
        One of :data:`segcore.outputs.workbook.cells.KINDS`: text, date, whole, number, money, share, yes.
    width
        In characters.
    """

    head: str
    meaning: str = ""
    kind: str = "text"
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Parameters
    ----------
    title
        Its name, of at most 25 characters.
    what
        What its rows are, for the first sheet.
    columns
        Its columns.
    rows
        Values in the order of the columns, None for a cell that is empty.
    frozen
        How many columns stay where they are when the others are moved.
    """

    title: str
    what: str
    columns: Sequence[Column]
    rows: Rows
    frozen: int = 0


@dataclass(frozen=True)
class About:
    """What the first sheet says.

    Parameters
    ----------
    title
        Its first line, and the title of the workbook.
    day
        The run date, which is the day on which the workbook says that it was made.
    currency
        That of amounts.
    lines
        What follows, as paragraphs.
    """

    title: str
    day: dt.date
    currency: str
    lines: Sequence[str] = ()


def write_workbook(path: Path, about: About, sheets: Sequence[Sheet]) -> None:
    """Write a workbook: what it is, the sheets, and what every column means.

    Parameters
    ----------
    path
        The file. The same arguments give the same bytes.
    about
        What the first sheet says; below it stands the list of sheets.
    sheets
        The others, in this order. One with more rows than a sheet can hold goes on in further ones.
        Texts of any kind may stand in them: none becomes a formula or a link.
    """
    from xlsxwriter import Workbook

    frame = io.BytesIO()
    with Workbook(frame, OPTIONS) as book:
        book.set_properties(
            {"title": handed_over(about.title), "created": dt.datetime.combine(about.day, dt.time())}
        )
        maker = _Maker(book, about.currency)
        maker.put_about(about, sheets)
        filled = {number: rows for sheet in (*sheets, _columns(sheets)) for number, rows in maker.put(sheet)}
    with whole(path) as partial:
        _pack(frame, partial, {MEMBER.format(number): rows for number, rows in filled.items()})


def _columns(sheets: Sequence[Sheet]) -> Sheet:
    """The sheet that says what every column means."""
    told = [(sheet.title, column.head, column.meaning) for sheet in sheets for column in sheet.columns]
    heads = [Column(head, width=width) for head, width in zip(say.OF_COLUMNS, COLUMN_WIDTHS, strict=True)]
    return Sheet(say.COLUMNS, "", heads, told)


@dataclass(frozen=True)
class _Filled:
    """The rows of one sheet of the file: some of the rows of a sheet."""

    columns: Sequence[Column]
    rows: Iterator[Sequence[Any]]
    count: int


class _Maker:
    """Adds sheets to a book, with one format for each kind of column."""

    def __init__(self, book: Any, currency: str) -> None:
        money = f'"{SYMBOLS.get(currency, currency)}" {KINDS["money"][1]}'
        shown = {kind: form for kind, (_, form) in KINDS.items()} | {"money": money}
        self._formats = {kind: book.add_format({"num_format": form}) for kind, form in shown.items()}
        self._head = book.add_format({**HEAD, "bottom": 1})
        self._book, self._sheets = book, 0

    def put(self, sheet: Sheet) -> Iterator[tuple[int, _Filled]]:
        """Add a sheet, and as many more as its rows need: the number of each, and what belongs into it."""
        count, rows = len(sheet.rows), iter(sheet.rows)
        for part, start in enumerate(range(0, max(count, 1), ROWS), start=1):
            title = sheet.title if part == 1 else f"{sheet.title} ({part})"
            here = min(ROWS, count - start)
            yield self._add(title, sheet, here), _Filled(sheet.columns, islice(rows, here), here)

    def _add(self, title: str, sheet: Sheet, count: int) -> int:
        made = self._new(title)
        made.freeze_panes(1, sheet.frozen)
        made.repeat_rows(0)
        made.set_row(
            0, ROW_HEIGHT * max(_lines(column.head, column.width - ARROW) for column in sheet.columns)
        )
        made.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for place, column in enumerate(sheet.columns):
            made.set_column(place, place, column.width)
            made.write_string(0, place, handed_over(column.head), self._head)
            if column.meaning:
                lines = 1 + _lines(column.meaning, NOTE_LINE)
                size = {"width": NOTE_WIDTH, "height": 20 * lines, "font_size": 9}
                made.write_comment(0, place, handed_over(column.meaning), size)
            if count:
                made.write_blank(1, place, None, self._formats[column.kind])
        made.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)
        return self._sheets

    def _new(self, title: str) -> Any:
        """A new sheet; on paper it is as wide as a page."""
        made = self._book.add_worksheet(title)
        made.set_paper(A4)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        made.set_footer("&R&P / &N")
        self._sheets += 1
        return made

    def put_about(self, about: About, sheets: Sequence[Sheet]) -> None:
        """Add the first sheet: what this is, how to read it, and which sheets there are."""
        add, made, row = self._book.add_format, self._new(say.ABOUT), 0
        large = add({"num_format": "@", "bold": True, "font_size": 16})
        text = add({"num_format": "@", "text_wrap": True, "valign": "top"})
        number = add({"num_format": "#,##0", "valign": "top"})
        for place, width in enumerate(ABOUT_WIDTHS):
            made.set_column(place, place, width)
        made.write_string(0, 0, handed_over(about.title), large)
        for row, line in enumerate(about.lines, start=1):
            made.merge_range(row, 0, row, len(ABOUT_WIDTHS) - 1, "", text)
            made.write_string(row, 0, handed_over(line), text)
            made.set_row(row, ROW_HEIGHT * _lines(line, ABOUT_LINE))
        for place, head in enumerate(say.OF_SHEETS):
            made.write_string(row + 2, place, head, self._head)
        for at, sheet in enumerate(sheets, start=row + 3):
            made.write_string(at, 0, sheet.title, text)
            made.write_number(at, 1, len(sheet.rows), number)
            made.write_string(at, 2, handed_over(sheet.what), text)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes, at most ten: a spreadsheet shows no more of one row."""
    return min(len(wrap(text, max(width, 1))) or 1, 10)


def _pack(frame: io.BytesIO, path: Path, filled: dict[str, _Filled]) -> None:
    """Write the file: the members of the frame, with rows where it has an empty one."""
    with ZipFile(frame) as source, ZipFile(path, "w") as target:
        for name in source.namelist():
            info, data = ZipInfo(name, FIXED), source.read(name)
            info.compress_type = ZIP_DEFLATED
            of_sheet = filled.get(name)
            if of_sheet is None or not of_sheet.count:
                target.writestr(info, data)
                continue
            with target.open(info, "w", force_zip64=of_sheet.count * len(of_sheet.columns) > LARGE) as file:
                for piece in _pieces(data, of_sheet):
                    file.write(piece)


def _pieces(data: bytes, of_sheet: _Filled) -> Iterator[bytes]:
    """A sheet with its rows in the place of the empty one, whose cells say in which style they are."""
    empty = EMPTY.search(data)
    assert empty is not None
    styles = [style.decode() for style in STYLE.findall(empty[1])]
    write = row_writer([column.kind for column in of_sheet.columns], styles)
    yield EXTENT.sub(rb'\g<1>%d"' % (of_sheet.count + 1), data[: empty.start()])
    numbered = enumerate(of_sheet.rows, start=2)
    while some := list(islice(numbered, AT_ONCE)):
        yield "".join(write(number, row) for number, row in some).encode()
    yield data[empty.end() :]
