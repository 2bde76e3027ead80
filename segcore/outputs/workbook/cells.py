"""What stands in a cell: texts as texts, dates and numbers as such. The XML of ECMA-376, part 1, 18.3.1.

Rows are written here and not by XlsxWriter, which needs seven times as long for each cell, or holds them
all in memory.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from segcore.printable import LAYOUT, UNPRINTABLE
from segcore.sentences import workbook as say

LONGEST = 32_767
"""Characters of a cell, as UTF-16 counts them."""

EXACT = 10**15
"""From here on numbers lose digits in a cell, so that they are written as texts."""

DAY_ZERO = dt.date(1899, 12, 30).toordinal()
FIRST_DAY = dt.date(1900, 3, 1)
"""Before it spreadsheets disagree on the number of a day, because one of them has a 29 February 1900."""

ESCAPE = re.compile("_(?=x[0-9a-fA-F]{4}_)")
"""What a spreadsheet would read as the code of a character."""


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
    return text


def handed_over(text: str) -> str:
    """A text as a cell can hold it, for XlsxWriter to write."""
    return not_rich(cell_text(text))


def not_rich(text: str) -> str:
    """A text with a blank behind if XlsxWriter would write it as XML, for it looks like rich text."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


@lru_cache(maxsize=4096)
def _text(value: object) -> str:
    text = ESCAPE.sub("_x005F_", cell_text(str(value)))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _number(value: int | float | Decimal) -> str:
    known = float(value) + 0.0
    if known != known:  # what is no number is not known
        return "/>"
    return f"><v>{known!r}</v></c>" if abs(known) < EXACT else _text(value)


def _whole(value: int | float | Decimal) -> str:
    if not isinstance(value, int):
        return _number(value)
    return f"><v>{value}</v></c>" if abs(value) < EXACT else _text(value)


def _date(value: dt.date) -> str:
    return f"><v>{value.toordinal() - DAY_ZERO}</v></c>" if value >= FIRST_DAY else _text(value.isoformat())


def _yes(value: bool) -> str:
    return _text(say.YES if value else say.NO)


Rest: TypeAlias = Callable[[Any], str]
"""Value → the rest of its cell, after reference and style."""

KINDS: dict[str, tuple[Rest, str]] = {
    "text": (_text, "@"),
    "date": (_date, "yyyy-mm-dd"),
    "whole": (_whole, "#,##0"),
    "number": (_number, "#,##0.0##"),
    "money": (_number, "#,##0.00"),
    "share": (_number, "0.0%"),
    "yes": (_yes, "@"),
}
"""Kind of column → what writes a value, and the format that shows it; money gets its currency before it.

``@`` keeps a text a text also when somebody edits the cell.
"""


def row_writer(kinds: Sequence[str], styles: Sequence[str]) -> Callable[[int, Sequence[Any]], str]:
    """What writes a row.

    Parameters
    ----------
    kinds, styles
        Of every column: one of :data:`KINDS`, and the number of its format in the workbook.

    Returns
    -------
    callable
        (number of the row, from 1; its values, None for an empty cell) → XML.
    """
    parts = [
        (f'<c r="{letters(place)}', f'" s="{style}"', KINDS[kind][0])
        for place, (kind, style) in enumerate(zip(kinds, styles, strict=True))
    ]

    def write(number: int, row: Sequence[Any]) -> str:
        cells = [
            f"{left}{number}{right}{rest(value)}"
            for (left, right, rest), value in zip(parts, row, strict=True)
            if value is not None
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    return write


def letters(place: int) -> str:
    """The letters of a column: A for 0, AA for 26."""
    text = ""
    while place >= 0:
        text, place = chr(ord("A") + place % 26) + text, place // 26 - 1
    return text
