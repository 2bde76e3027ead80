"""What a mail says, as a page of HTML that mail programs can show and as plain text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING

from segcore import language
from segcore.charts import Colour
from segcore.mail.headers import harmless
from segcore.mail.letter import Letter
from segcore.report.parts import Cell, Table, bold
from segcore.sentences import letters as say

if TYPE_CHECKING:
    from jinja2 import Template

COLUMNS = 78
"""Of the plain text."""

LONG, MIDDLING, SHORT = 1_500, 300, 160
"""Characters of a paragraph, of what stands in one or two lines, and of a cell."""

_LONGEST_WORD = 24
"""Up to how many characters a word keeps to one line of a cell."""


@dataclass(frozen=True)
class Shown:
    """A cell as it is written: harmless, and with what a mail program must be told of it."""

    text: str
    small: str
    num: bool
    colour: Colour | None

    @property
    def whole(self) -> bool:
        """Whether it keeps to one line."""
        dated = self.text[:1].isdigit() and len(self.text) <= 16
        return not self.broken and (self.num or dated or (bool(self.colour) and len(self.text) <= 20))

    @property
    def broken(self) -> bool:
        """Whether it has words that no column is wide enough for."""
        return any(len(word) > _LONGEST_WORD for word in f"{self.text} {self.small}".split())

    @property
    def plain(self) -> str:
        """The cell in plain text."""
        return f"{self.text} ({self.small})" if self.small else self.text


@dataclass(frozen=True)
class ShownTable:
    """A table as it is written; phones stack the cells of one that has many columns."""

    heads: Sequence[Shown]
    rows: Sequence[Sequence[Shown]]
    total: Sequence[Shown]
    caption: str
    below: str

    @property
    def headed(self) -> bool:
        """Whether its columns are named."""
        return any(head.text for head in self.heads)

    @property
    def stacked(self) -> bool:
        """Whether it has more columns than a phone can show."""
        return len(self.heads) > 3

    @property
    def numbered(self) -> bool:
        """Whether its rows are counted, so that the second column says what a row is about."""
        return self.stacked and self.heads[0].num


@dataclass(frozen=True)
class Body:
    """Everything that a mail says, none of it hostile any more."""

    subject: str
    greeting: str
    headline: str
    paragraphs: Sequence[str]
    tables: Sequence[ShownTable]
    mores: Sequence[str]
    link: tuple[str, str] | None
    pictures: Sequence[Mapping[str, object]]
    closing: tuple[str, str, str]
    masthead: str
    leave: str

    @property
    def preheader(self) -> str:
        """What a list of mails shows behind the subject: not the headline, which is in the subject."""
        told = self.paragraphs[0] if self.paragraphs else self.headline
        return told.replace("**", "")


def body(letter: Letter, masthead: str, leave: str, cids: Sequence[str]) -> Body:
    """A letter made harmless.

    Parameters
    ----------
    letter
        What is to be said.
    masthead
        Whom it comes from.
    leave
        Where readers go who want no more mails.
    cids
        What the pictures are called within the mail.
    """
    pictures = [
        {"cid": cid, "width": picture.width, "says": harmless(picture.says, LONG)}
        for cid, picture in zip(cids, letter.pictures, strict=True)
    ]
    return Body(
        subject=harmless(letter.subject.replace("**", ""), SHORT),
        greeting=harmless(letter.greeting, MIDDLING),
        headline=harmless(letter.headline, MIDDLING),
        paragraphs=[harmless(one, LONG) for one in letter.paragraphs if one],
        tables=[_table(one) for one in letter.tables if one.rows],
        mores=[harmless(letter.more, LONG)] if letter.more else [],
        link=(harmless(letter.link[0], SHORT), letter.link[1]) if letter.link else None,
        pictures=pictures,
        closing=_closing(letter.closing, leave),
        masthead=harmless(masthead, SHORT),
        leave=leave,
    )


def html(shown: Body) -> str:
    """The page of a mail."""
    made = _template().render(vars(shown) | {"preheader": shown.preheader, "language": language.current()})
    return "\n".join(filter(None, map(str.strip, made.split("\n")))) + "\n"


def text(shown: Body) -> str:
    """The mail without any markup, in lines that every program shows as they are."""
    blocks = [
        _lines(shown.greeting),
        _lines(shown.headline),
        *(_lines(paragraph) for paragraph in shown.paragraphs),
        _link(*shown.link) if shown.link else [],
        *(_lines(f"[{say.PICTURE}: {picture['says']}]") for picture in shown.pictures),
        *(_listed(table) for table in shown.tables),
        *(_lines(more) for more in shown.mores),
        ["-- ", *_left(shown)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def wide(words: str) -> int:
    """How many columns a text takes."""
    return sum(
        0 if unicodedata.combining(c) or unicodedata.category(c) == "Cf"
        else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in words
    )  # fmt: skip


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("segcore.mail", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["bold"] = bold
    made.globals["say"] = say
    return made.get_template("letter.html.j2")


def _closing(told: str, leave: str) -> tuple[str, str, str]:
    """Why the reader gets the mail, and what of it is the link to get no more; it is added if nothing is."""
    address = leave.removeprefix("mailto:").partition("?")[0]
    before, found, after = told.partition(address)
    if found:
        return harmless(before, LONG) + " ", address, harmless(after, LONG)
    return (harmless(told, LONG) + " ").lstrip(), say.UNSUBSCRIBE, ""


def _table(table: Table) -> ShownTable:
    numbers = ["num" in head.kind.split() for head in table.heads]
    return ShownTable(
        heads=_cells(table.heads, numbers),
        rows=[_cells(row, numbers) for row in table.rows],
        total=_cells(table.total, numbers),
        caption=harmless(table.caption, MIDDLING),
        below=harmless(table.below, LONG),
    )


def _cells(cells: Sequence[Cell], numbers: Sequence[bool]) -> list[Shown]:
    return [
        Shown(harmless(cell.text, SHORT), harmless(cell.small, SHORT), number, cell.colour)
        for cell, number in zip(cells, numbers, strict=False)
    ]


def _lines(words: str, first: str = "", later: str = "") -> list[str]:
    plain = words.replace("**", "")
    return wrap(plain, COLUMNS, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)


def _left(shown: Body) -> list[str]:
    before, words, after = shown.closing
    if words == say.UNSUBSCRIBE:
        return [*_lines(before), f"{words}:", f"<{shown.leave}>"]
    return _lines(f"{before}{words}{after}")


def _link(words: str, address: str) -> list[str]:
    return [*_lines(f"{words}:"), f"<{address}>"]


def _listed(table: ShownTable) -> list[str]:
    rows = [*table.rows, *([table.total] if table.total else [])]
    widths = [
        max(wide(row[place].plain) for row in (table.heads, *rows) if place < len(row))
        for place in range(len(table.heads))
    ]
    fits = sum(widths) + 2 * (len(widths) - 1) <= COLUMNS
    made: Callable[[], Iterator[str]] = (
        (lambda: _aligned(table, rows, widths)) if fits else (lambda: _labelled(table, rows))
    )
    caption = table.caption.replace("**", "")
    titled = [*_lines(caption), "-" * min(wide(caption), COLUMNS)] if caption else []
    return [*titled, *made(), *_lines(table.below)]


def _aligned(table: ShownTable, rows: Sequence[Sequence[Shown]], widths: Sequence[int]) -> Iterator[str]:
    for row in ([table.heads] if table.headed else []) + [*rows]:
        cells = (
            f"{' ' * (width - wide(cell.plain))}{cell.plain}"
            if head.num
            else f"{cell.plain}{' ' * (width - wide(cell.plain))}"
            for cell, head, width in zip(row, table.heads, widths, strict=False)
        )
        yield "  ".join(cells).rstrip()


def _labelled(table: ShownTable, rows: Sequence[Sequence[Shown]]) -> Iterator[str]:
    for place, row in enumerate(rows):
        if place:
            yield ""
        first = 2 if table.numbered else 1
        yield from _lines(". ".join(filter(None, (cell.plain for cell in row[:first]))), "", "  ")
        for cell, head in zip(row[first:], table.heads[first:], strict=False):
            if cell.plain:
                yield from _lines(f"{head.text}: {cell.plain}" if head.text else cell.plain, "  ", "    ")
