"""Tables on slides: of cells that can be changed, with columns as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from xml.sax.saxutils import escape

from segcore.charts.colours import INK, INK_2, RULE, Colour
from segcore.language import current, say
from segcore.slides import fitting
from segcore.slides.deck import BODY, POINTS, SMALL, TAGS, Box, Slide, one_line
from segcore.wording import EN_DASH, count

PLAIN = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style of a table without lines and areas, as every program knows it."""
NAMESPACE = "http://schemas.openxmlformats.org/drawingml/2006/main"
SIDE, ABOVE = 0.06, 0.03
"""Room beside and above what stands in a cell, in inches."""
CHIP = 0.34
"""The width of a cell that shows the number of a segment."""
NARROWEST, ROOMY = 1.6, 0.5
"""To how little, in inches, a column of texts is cut down, and how much more than it needs one gets."""
HEAD_LINES, HEAD, LINES = 2, 1.4, (4, 3, 2, 1)
"""Up to how many lines a head has, and to how many inches it widens its column; the lines of a cell."""
UNITS = 914_400


@dataclass(frozen=True)
class Cell:
    """A cell: its words, whether they are a number or that of a segment, and how it looks."""

    words: str
    number: bool = False
    chip: bool = False
    bold: bool = False
    colour: str = INK
    fill: str = ""


@dataclass(frozen=True)
class Grid:
    """A table.

    Parameters
    ----------
    heads
        The columns.
    rows
        A cell for every column each.
    total
        The last row, if there is one.
    even
        Whether columns of numbers below the number of a segment are equally wide.
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    even: bool = False


def words(text: str) -> Cell:
    """A cell of text."""
    return Cell(text)


def number(value: int | None) -> Cell:
    """A count, – where there is none."""
    return Cell(EN_DASH if value is None else count(value), number=True)


def figure(text: str) -> Cell:
    """A number that is written already."""
    return Cell(text, number=True)


def chip(colour: Colour | None) -> Cell:
    """The number of a segment on its colour."""
    if colour is None:
        return Cell("", chip=True)
    return Cell(str(colour.number), chip=True, bold=True, colour=colour.text, fill=colour.fill)


@dataclass(frozen=True)
class _Row:
    cells: Sequence[Cell]
    most: int  # lines
    under: tuple[str, float] = (RULE, 0.5)

    def lines(self, size: float, widths: Sequence[float]) -> int:
        """In how many lines it stands."""
        return min(self._needed(size, widths), self.most)

    def cut(self, size: float, widths: Sequence[float]) -> bool:
        """Whether it needs more lines than it may have."""
        return self._needed(size, widths) > self.most

    def _needed(self, size: float, widths: Sequence[float]) -> int:
        return max(
            fitting.wrapped(cell.words, size, width - 2 * _side(cell), bold=cell.bold)
            for cell, width in zip(self.cells, widths, strict=True)
        )

    def height(self, size: float, widths: Sequence[float]) -> float:
        """How high it is."""
        return _height(self.lines(size, widths), size)


def put_table(slide: Slide, box: Box, grid: Grid) -> float:
    """Add a table; gives the height that it takes.

    Where there is too little room, texts are cut off with dots, and rows left out with a word of how many.
    """
    size, rows, widths = _fitted(grid, box)
    heights = [row.height(size, widths) for row in rows]
    xml = _xml(rows, widths, heights, size)
    shape = slide.shapes.add_table(1, 1, *replace(box, width=sum(widths), height=sum(heights)).sides)
    _replace(shape, xml)
    return sum(heights)


def _fitted(grid: Grid, box: Box) -> tuple[float, list[_Row], list[float]]:
    """The largest type and the most lines in which a table fits; else as many rows of it as do.

    Smaller type comes before words that are cut off.
    """
    rows_more = 1 + bool(grid.total)
    if (len(grid.rows) + rows_more) * _height(1, SMALL) <= box.height:
        for whole, (size, most) in product((True, False), product((BODY, SMALL), LINES)):
            rows = list(_rows(grid, most))
            widths = _widths(rows, size, box.width, even=grid.even)
            fits = sum(row.height(size, widths) for row in rows) <= box.height
            if fits and not (whole and any(row.cut(size, widths) for row in rows)):
                return size, rows, widths
    room = box.height - _height(HEAD_LINES, SMALL)
    rows = list(_rows(_shortened(grid, int(room / _height(1, SMALL)) - rows_more), 1))
    return SMALL, rows, _widths(rows, SMALL, box.width, even=grid.even)


def _height(lines: int, size: float) -> float:
    """The height of a row in inches."""
    return lines * size * fitting.LINE / POINTS + 2 * ABOVE


def _shortened(grid: Grid, most: int) -> Grid:
    """A table with its first rows, and one that says how many are left out."""
    left = say("and {count} more", count=count(len(grid.rows) - most))
    first = next(n for n, cell in enumerate(grid.rows[0]) if not cell.number and not cell.chip)
    rest = [Cell(left if place == first else "", colour=INK_2) for place in range(len(grid.heads))]
    return replace(grid, rows=[*grid.rows[:most], rest])


def _rows(grid: Grid, most: int) -> Iterator[_Row]:
    heads = [cell if cell.chip else replace(cell, colour=INK_2) for cell in grid.heads]
    yield _Row(_clean(heads), HEAD_LINES, (INK, 1.0))
    for place, row in enumerate(grid.rows, start=1):
        ends = bool(grid.total) and place == len(grid.rows)
        yield _Row(_clean(row), most, (INK, 1.0) if ends else (RULE, 0.5))
    if grid.total:
        yield _Row(_clean([replace(cell, bold=True) for cell in grid.total]), most)


def _clean(cells: Sequence[Cell]) -> list[Cell]:
    return [replace(cell, words=one_line(cell.words)) for cell in cells]


def _side(cell: Cell) -> float:
    return 0.0 if cell.chip else SIDE


def _widths(rows: Sequence[_Row], size: float, most: float, *, even: bool) -> list[float]:
    """The width of every column; those of text give way to numbers."""
    columns = list(zip(*(row.cells for row in rows), strict=True))
    wanted = [_wanted(column, size) for column in columns]
    numbers = [n for n, column in enumerate(columns) if column[1].number]
    texts = [n for n, column in enumerate(columns) if not column[1].number and not column[1].chip]
    if even:
        alike = [n for n in numbers if columns[n][0].chip]
        widest = max(wanted[n] for n in alike)
        wanted = [widest if n in alike else width for n, width in enumerate(wanted)]
    while sum(wanted) > most and max(wanted[n] for n in texts) > NARROWEST:
        longest = max(texts, key=lambda n: wanted[n])
        wanted[longest] = max(wanted[longest] - 0.1, wanted[longest] - (sum(wanted) - most), NARROWEST)
    spare = max(most - sum(wanted), 0.0) / (len(numbers) + len(texts))
    more = [min(spare, ROOMY) if n in (*numbers, *texts) else 0.0 for n in range(len(wanted))]
    scale = min(1.0, most / sum(wanted))
    return [(width + extra) * scale for width, extra in zip(wanted, more, strict=True)]


def _wanted(column: Sequence[Cell], size: float) -> float:
    """How wide a column would like to be; its head may stand in two lines."""
    head, *body = column
    if body[0].chip:
        return CHIP
    width = max(fitting.width_of(cell.words, size, bold=cell.bold) for cell in body)
    pieces = sorted(fitting.width_of(word, size) for word in head.words.split(" "))
    while pieces[-1] < HEAD and fitting.wrapped(head.words, size, max(width, pieces[-1])) > HEAD_LINES:
        pieces[-1] += 0.05
    return max(width, min(pieces[-1], HEAD)) + 2 * SIDE + 0.04


def _xml(rows: Sequence[_Row], widths: Sequence[float], heights: Sequence[float], size: float) -> str:
    columns = "".join(f'<a:gridCol w="{round(width * UNITS)}"/>' for width in widths)
    made = []
    for row, height in zip(rows, heights, strict=True):
        room = row.lines(size, widths) * size * fitting.LINE / POINTS
        told = "".join(
            _cell(cell, (width, room), size, row.under) for cell, width in zip(row.cells, widths, strict=True)
        )
        made.append(f'<a:tr h="{round(height * UNITS)}">{told}</a:tr>')
    return (
        f'<a:tbl xmlns:a="{NAMESPACE}"><a:tblPr firstRow="1"><a:tableStyleId>{PLAIN}</a:tableStyleId>'
        f"</a:tblPr><a:tblGrid>{columns}</a:tblGrid>{''.join(made)}</a:tbl>"
    )


def _cell(cell: Cell, room: tuple[float, float], size: float, under: tuple[str, float]) -> str:
    side = _side(cell)
    text = fitting.cut(cell.words, size, (room[0] - 2 * side, room[1]), bold=cell.bold)
    align = "ctr" if cell.chip else "r" if cell.number else "l"
    look = f'lang="{TAGS[current()]}" sz="{round(size * 100)}" b="{int(cell.bold)}"'
    run = f"<a:r><a:rPr {look}>{_solid(cell.colour)}</a:rPr><a:t>{escape(text)}</a:t></a:r>"
    inside = run if text else f"<a:endParaRPr {look}/>"
    sides = {"marL": side, "marR": side, "marT": ABOVE, "marB": ABOVE}
    margins = (f'{name}="{round(inches * UNITS)}"' for name, inches in sides.items())
    below = f'<a:lnB w="{round(under[1] * 12700)}">{_solid(under[0])}</a:lnB>'
    return (
        f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="{align}"/>{inside}</a:p></a:txBody>'
        f'<a:tcPr {" ".join(margins)} anchor="ctr">{below}{_solid(cell.fill) if cell.fill else "<a:noFill/>"}'
        "</a:tcPr></a:tc>"
    )


def _solid(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>'


def _replace(shape: Any, xml: str) -> None:
    """Put our table in the place of the empty one that python-pptx makes."""
    from pptx.oxml import parse_xml

    empty = shape.table._tbl
    empty.getparent().replace(empty, parse_xml(xml))
