"""How workbooks are written: typed columns, a frozen header with filters and notes, texts as texts.

A text is never a formula and never a link, whatever it begins with: it is written as a string, which no
spreadsheet computes. Only characters that a workbook cannot hold are shown in another way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeAlias

from segcore.files import whole
from segcore.printable import LAYOUT, UNPRINTABLE
from segcore.sentences import workbook as say
from segcore.temporary import Temporary
from segcore.wording import SYMBOLS

ROWS = 1_048_575
"""Rows of a sheet below its header; what is more goes on in a further sheet."""

LONGEST = 32_767
"""Characters of a cell, as UTF-16 counts them."""

EXACT = 10**15
"""From here on numbers lose digits in a cell, so that they are written as texts."""

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
HEAD = {
    "num_format": "@",
    "bold": True,
    "text_wrap": True,
    "valign": "top",
    "bg_color": "#E6E9ED",
    "bottom": 1,
}
A4, NOTE_WIDTH, NOTE_LINE = 9, 260, 38
DAY_ZERO = dt.date(1899, 12, 30).toordinal()
FIRST_DAY = dt.date(1900, 3, 1)
"""Before it spreadsheets disagree on the number of a day, because one of them has a 29 February 1900."""

Put: TypeAlias = Callable[[Any, int, int, Any, Any], object]


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
        One of :data:`KINDS`.
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
        Values in the order of the columns; None for a cell that is empty. They are asked for once.
    frozen
        How many columns stay where they are when the others are moved.
    """

    title: str
    what: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
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


def write_workbook(path: Path, about: About, sheets: Sequence[Sheet], *, small: bool = False) -> None:
    """Write a workbook: what it is, the sheets, and what every column means.

    Parameters
    ----------
    path
        The file. The same arguments give the same bytes.
    about
        What the first sheet says; below it stands the list of sheets.
    sheets
        The others, in this order. One with more rows than a sheet can hold goes on in further ones.
    small
        Whether all of it may be in memory: faster for some hundred rows, about 200 bytes a cell. Else
        one row at a time is, and the rest in temporary files.
    """
    from xlsxwriter import Workbook

    with Temporary("workbook") as scratch, whole(path) as partial:
        mode = {"in_memory": True} if small else {"constant_memory": True, "tmpdir": str(scratch)}
        with Workbook(str(partial), {**OPTIONS, **mode}) as book:
            book.set_properties(
                {"title": cell_text(about.title), "created": dt.datetime.combine(about.day, dt.time())}
            )
            writer = _Writer(book, about)
            first = book.add_worksheet(say.ABOUT)
            counted = [(sheet, writer.put(sheet)) for sheet in sheets]
            writer.put(_columns(sheets))
            writer.put_first(first, counted)


def cell_text(text: str) -> str:
    r"""A text as a cell can hold it.

    Control characters other than tabs and line ends become ``�``, like halves of characters and marks of
    writing direction, which make a text look like another one. What is longer than a cell ends with ``…``.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("a\x00b")
    ('=1+1', 'a�b')
    """
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = UNPRINTABLE.sub(lambda found: found[0] if found[0] in LAYOUT else "\ufffd", text)
    if len(text) > LONGEST // 2 and len(units := text.encode("utf-16-le")) > 2 * LONGEST:
        text = units[: 2 * LONGEST - 2].decode("utf-16-le", "ignore") + "…"
    # XlsxWriter takes such a text for rich text, and writes it into the file as XML, unescaped.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _columns(sheets: Sequence[Sheet]) -> Sheet:
    """The sheet that says what every column means."""
    told = [(sheet.title, column.head, column.meaning) for sheet in sheets for column in sheet.columns]
    heads = [Column(head, width=width) for head, width in zip(say.OF_COLUMNS, (16, 26, 120), strict=True)]
    return Sheet(say.COLUMNS, say.WHAT_COLUMNS, heads, told)


class _Writer:
    """Writes sheets into a book, with one format for each kind of column."""

    def __init__(self, book: Any, about: About) -> None:
        self._book, self._about = book, about
        money = f'"{SYMBOLS.get(about.currency, about.currency)}" #,##0.00'
        self._formats = {
            kind: book.add_format({"num_format": money if kind == "money" else form})
            for kind, (_, form) in KINDS.items()
        }
        self._head = book.add_format(HEAD)

    def put(self, sheet: Sheet) -> int:
        """Write a sheet, and as many more as its rows need; how many rows there are."""
        rows, number, done = iter(sheet.rows), 1, 0
        row = next(rows, None)
        while row is not None or number == 1:
            title = sheet.title if number == 1 else f"{sheet.title} ({number})"
            mine = islice(chain([row], rows), ROWS) if row is not None else iter(())
            done += self._put(sheet, title, mine)
            row, number = next(rows, None), number + 1
        return done

    def _put(self, sheet: Sheet, title: str, rows: Iterator[Sequence[Any]]) -> int:
        made = self._book.add_worksheet(title)
        made.freeze_panes(1, sheet.frozen)
        made.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._lay_out(made)
        made.repeat_rows(0)
        for place, column in enumerate(sheet.columns):
            made.set_column(place, place, column.width)
            made.write_string(0, place, cell_text(column.head), self._head)
            if column.meaning:
                lines = 1 + -(-len(column.meaning) // NOTE_LINE)
                size = {"width": NOTE_WIDTH, "height": 20 * lines, "font_size": 9}
                made.write_comment(0, place, cell_text(column.meaning), size)
        puts = [KINDS[column.kind][0] for column in sheet.columns]
        forms = [self._formats[column.kind] for column in sheet.columns]
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if value is not None:
                    puts[place](made, last, place, value, forms[place])
        made.autofilter(0, 0, max(last, 1), len(sheet.columns) - 1)
        return last

    def _lay_out(self, made: Any) -> None:
        """On paper: as wide as a page, with the header on each."""
        made.set_paper(A4)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        made.set_footer("&R&P / &N")

    def put_first(self, made: Any, counted: Sequence[tuple[Sheet, int]]) -> None:
        """Write the first sheet: what this is, how to read it, and which sheets there are."""
        add = self._book.add_format
        large = add({"num_format": "@", "bold": True, "font_size": 16})
        wrapped = add({"num_format": "@", "text_wrap": True, "valign": "top"})
        top = add({"num_format": "#,##0", "valign": "top"})
        self._lay_out(made)
        for place, width in enumerate((22, 12, 90)):
            made.set_column(place, place, width)
        made.write_string(0, 0, cell_text(self._about.title), large)
        row = 1
        for row, line in enumerate(self._about.lines, start=1):
            made.merge_range(row, 0, row, 2, "", wrapped)
            made.set_row(row, 15 * (1 + len(line) // 115))
            made.write_string(row, 0, cell_text(line), wrapped)
        for place, head in enumerate(say.OF_SHEETS):
            made.write_string(row + 2, place, head, self._head)
        for number, (sheet, rows) in enumerate(counted, start=row + 3):
            made.write_string(number, 0, sheet.title, wrapped)
            made.write_number(number, 1, rows, top)
            made.write_string(number, 2, cell_text(sheet.what), wrapped)


def _text(sheet: Any, row: int, place: int, value: str, form: Any) -> None:
    sheet.write_string(row, place, cell_text(str(value)), form)


def _number(sheet: Any, row: int, place: int, value: int | float | Decimal, form: Any) -> None:
    known = float(value)
    if abs(known) < EXACT:
        sheet.write_number(row, place, known, form)
    elif known == known:  # what is no number is not known
        sheet.write_string(row, place, str(value))


def _date(sheet: Any, row: int, place: int, value: dt.date, form: Any) -> None:
    if value >= FIRST_DAY:
        sheet.write_number(row, place, value.toordinal() - DAY_ZERO, form)
    else:
        sheet.write_string(row, place, value.isoformat())


def _yes(sheet: Any, row: int, place: int, value: bool, form: Any) -> None:
    sheet.write_string(row, place, say.YES if value else say.NO)


KINDS: dict[str, tuple[Put, str]] = {
    "text": (_text, "@"),
    "date": (_date, "yyyy-mm-dd"),
    "whole": (_number, "#,##0"),
    "number": (_number, "#,##0.0##"),
    "money": (_number, "#,##0.00"),
    "share": (_number, "0.0%"),
    "yes": (_yes, "General"),
}
"""Kind of column → what writes a value, and the format that shows it; money with its currency before it.

``@`` keeps a text a text also when somebody edits the cell.
"""
