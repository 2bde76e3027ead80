"""Tables of web pages, which many programs write under the ending .xls; read in a child process."""

from __future__ import annotations

import codecs
import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pyarrow as pa

from segcore.errors import InputError
from segcore.sources.formats import ASIDE, COVERED, Delivery, Reader, encoding_of
from segcore.sources.formats.batches import batches
from segcore.sources.formats.child import lines_of, once, say_lines
from segcore.sources.formats.limits import MIB
from segcore.sources.formats.looks import START, WORDS, looks_like
from segcore.sources.formats.marks import WIDEST
from segcore.wording import plural

LARGEST = 512 * MIB
"""The largest web page that is read."""

WIDEST_SPAN = 1000
"""As many columns as a cell may take, as browsers have it."""

LONGEST_SPAN = 65_534
"""As many rows as a cell may take."""

OTHER_ROWS = 20
"""A table of another width with more rows than this is no mere title or footer."""

ANOTHER = f"{ASIDE}another table"

_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<(/?)(table|tr|td|th)(?=[\s/>])[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_SPAN = re.compile(r"""\bcolspan\s*=\s*["']?(\d+)""", re.IGNORECASE)
_HIDDEN = re.compile(r"(?i)\b(?:display\s*:\s*none|visibility\s*:\s*hidden)")
_BLANKS = re.compile(r"[ \t\r\n\f]+")


@dataclass
class _Size:
    """What a table holds: rows, cells, and the columns of its widest row."""

    rows: int = 0
    cells: int = 0
    wide: int = 0
    _now: int = 0
    _open: bool = False

    def row(self, *, closes: bool = False) -> None:
        self.rows += not closes
        self._now, self._open = 0, not closes

    def cell(self, span: int) -> None:
        if not self._open:
            self.row()
        self.cells += 1
        self._now += span
        self.wide = max(self.wide, self._now)


def rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The rows of all tables; records are those of the largest, and of others that are as wide."""
    text = _page(delivery)
    tables = _tables(text, delivery.name)
    say_lines(delivery, sum(table.rows for table in tables))  # counted by their tags
    most = _largest(tables).wide
    chosen = {place for place, table in enumerate(tables) if table.wide == most}
    yield from batches(_Rows(chosen, delivery.name).of(text))


def _page(delivery: Delivery) -> str:
    data = delivery.path.read_bytes()
    if looks_like(delivery.path) != "mhtml":
        return _decoded(data, delivery)
    parts = email.message_from_bytes(data, policy=email.policy.default).walk()
    return "\n".join(
        _decoded(bytes(part.get_payload(decode=True)), delivery, part.get_content_charset())
        for part in parts
        if part.get_content_type() == "text/html"
    )


def _decoded(data: bytes, delivery: Delivery, charset: str | None = None) -> str:
    """The text of a page: as its first bytes say, else as it says itself, else as the study says."""
    said = _CHARSET.search(data[:4096])
    told = charset or (said[1].decode() if said else delivery.layout.encoding)
    encoding = encoding_of(data[:START]) or told
    try:
        return codecs.decode(data, encoding)
    except (LookupError, ValueError) as error:
        raise InputError(
            f"{delivery.name} must be written in {encoding}, as it says ({error}); "
            f"save it anew as a workbook or CSV"
        ) from error


def _tables(text: str, name: str) -> list[_Size]:
    """The tables of a page; none of another width than the largest is more than a title or a footer."""
    tables: list[_Size] = []
    inside: list[_Size] = []
    for token in _TOKEN.finditer(text):
        tag, closes = (token[3] or "").casefold(), bool(token[2])
        if tag == "table" and not closes:
            inside.append(_Size())
            tables.append(inside[-1])
        elif tag == "table" and inside:
            inside.pop()
        elif tag == "tr" and inside:
            inside[-1].row(closes=closes)
        elif tag in ("td", "th") and inside and not closes:
            span = _SPAN.search(token[0])
            inside[-1].cell(_span(span[1] if span else "1"))
    if not any(table.cells for table in tables):
        raise InputError(f"{name} must hold a table (it is a web page without one); save it as .xlsx or CSV")
    most = _largest(tables).wide
    if left := [table for table in tables if table.wide != most and table.rows > OTHER_ROWS]:
        raise InputError(
            f"{name} must hold one table (beside the largest with {plural(most, 'column')} there is "
            f"one with {plural(left[0].wide, 'column')} and {plural(left[0].rows, 'row')}); "
            f"save each as .xlsx or CSV of its own"
        )
    return tables


def _largest(tables: list[_Size]) -> _Size:
    return max(tables, key=lambda table: table.cells)


def _span(text: str | None, most: int = WIDEST_SPAN) -> int:
    number = int(text) if text and text.isdecimal() and len(text) < 10 else 1
    return min(max(number, 1), most)


class _Rows(HTMLParser):
    """The rows of the tables of a page; those of tables that are not chosen are no records."""

    def __init__(self, chosen: set[int], name: str) -> None:
        super().__init__(convert_charrefs=True)
        self._chosen, self._name = chosen, name
        self._tables = 0
        self._inside: list[_Table] = []
        self._done: list[tuple[list[str], str | None]] = []

    def of(self, text: str) -> Iterator[tuple[list[str], str | None]]:
        """The rows with their fields and faults."""
        for at in range(0, len(text), MIB):
            self.feed(text[at : at + MIB])
            yield from self._done
            self._done = []
        if not self.rawdata.startswith("<!"):
            # What is left of a comment that nobody closed is no text.
            self.close()
        while self._inside:
            self.handle_endtag("table")
        yield from self._done

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, a row or a cell; an open row or cell ends by that, as in browsers."""
        if tag == "table":
            if self._inside:
                self._inside[-1].doubt("holds a table within a cell")
            self._inside.append(_Table(self._tables in self._chosen))
            self._tables += 1
        elif self._inside and tag == "tr":
            self._end_row()
            self._inside[-1].begin()
        elif self._inside and tag in ("td", "th"):
            spans = dict(attrs)
            self._inside[-1].cell(_span(spans.get("colspan")), _span(spans.get("rowspan"), LONGEST_SPAN))
        elif self._inside and _is_hidden(dict(attrs)):
            self._inside[-1].doubt("holds text that nobody sees, like a key to sort by, within a cell")
        elif self._inside and tag in ("br", "p", "div"):
            self._inside[-1].text(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close a table, a row or a cell."""
        if not self._inside:
            return
        if tag in ("table", "tr"):
            self._end_row()
        if tag == "table":
            self._inside.pop()
        elif tag in ("td", "th"):
            self._inside[-1].end_cell()

    def handle_data(self, data: str) -> None:
        """Add text to the open cell; scripts and styles have none."""
        if self._inside and self.cdata_elem is None:
            self._inside[-1].text(data)

    def _end_row(self) -> None:
        row = self._inside[-1].end()
        if row and len(row[0]) > WIDEST:
            raise InputError(
                f"{self._name} must have at most {WIDEST:,} columns (a row has {len(row[0]):,}); "
                f"save it as .xlsx or CSV"
            )
        if row is not None:
            self._done.append(row if self._inside[-1].chosen else (row[0], ANOTHER))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


class _Table:
    """One open table: its open row and cell, and the cells that reach down from rows above."""

    def __init__(self, chosen: bool) -> None:
        self.chosen = chosen
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._down: dict[int, tuple[int, str]] = {}
        self._fault: str | None = None

    def begin(self) -> None:
        """Open a row."""
        self._row, self._fault = [], None
        self._fill()

    def cell(self, across: int, down: int) -> None:
        """Open a cell."""
        self.end_cell()
        if self._row is None:
            self.begin()
        self._cell, self._span = [], (across, down)

    def text(self, data: str) -> None:
        """Add to the open cell."""
        if self._cell is not None:
            self._cell.append(data)

    def doubt(self, fault: str) -> None:
        """Remember why the text of the open cell cannot be told."""
        if self._cell is not None:
            self._fault = fault

    def end_cell(self) -> None:
        """Close the open cell, if there is one."""
        if self._cell is not None and self._row is not None:
            text = _BLANKS.sub(" ", "".join(self._cell)).strip(" \u00a0")
            (across, down), covered = self._span, COVERED if text else ""
            if down > 1:
                at = len(self._row)
                self._down |= dict.fromkeys(range(at, at + across), (down, covered))
            self._row += [text] + [covered] * (across - 1)
            self._cell = None
            self._fill()

    def end(self) -> tuple[list[str], str | None] | None:
        """Close the open row, if there is one, and give it."""
        self.end_cell()
        row, self._row = self._row, None
        if row is None:
            return None
        self._down = {place: (rows - 1, text) for place, (rows, text) in self._down.items() if rows > 1}
        return row, self._fault

    def _fill(self) -> None:
        """Fill the places that cells of rows above take."""
        while self._row is not None and len(self._row) in self._down:
            self._row.append(self._down[len(self._row)][1])


def _rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    yield from once(f"{__name__}:rows", delivery, seconds=_seconds(delivery))


def _count(delivery: Delivery) -> int:
    return lines_of(_rows(delivery), delivery)


def _seconds(delivery: Delivery) -> int:
    looks, size = looks_like(delivery.path), delivery.path.stat().st_size
    if looks not in ("html", "mhtml") or size > LARGEST:
        found = WORDS[looks] if looks not in ("html", "mhtml") else f"{size // MIB:,} MiB large"
        raise InputError(
            f"{delivery.name} must be a web page of at most {LARGEST // MIB} MiB (it is {found}); "
            f"save it as .xlsx or CSV"
        )
    return 30 + 2 * size // MIB


HTML = Reader(endings=(".html", ".htm", ".mht", ".mhtml"), rows=_rows, count=_count, looks=("html", "mhtml"))
