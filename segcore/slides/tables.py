"""Tables on slides: of cells that can be changed, as wide as what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
NARROWEST = 1.4
"""To how little, in inches, a column of texts is cut down."""
UNITS = 914_400


@dataclass(frozen=True)
class Cell:
    """A cell: its words, whether they are a number, and how it looks."""

    words: str
    number: bool = False
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
    """

    heads: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()


def words(text: str) -> Cell:
    """A cell of text."""
    return Cell(text)


def number(value: int | None, colour: str = INK) -> Cell:
    """A count, – where there is none."""
    return Cell(EN_DASH if value is None else count(value), number=True, colour=colour)


def figure(text: str) -> Cell:
    """A number that is written already."""
    return Cell(text, number=True)


def chip(colour: Colour | None) -> Cell:
    """The number of a segment on its colour."""
    if colour is None:
        return Cell("")
    return Cell(str(colour.number), bold=True, colour=colour.text, fill=colour.fill)


def put_table(slide: Slide, box: Box, grid: Grid) -> float:
    """Add a table; gives the height that it takes.

    Columns are as wide as what stands in them, the first of text takes what is left. Where there is too
    little room, texts are cut off with dots, and rows left out with a word of how many.
    """
    every = [_alike(cells, size_bold) for cells, size_bold in _lines(grid)]
    size, row = next(
        (found for found in map(_of_size, (BODY, SMALL)) if len(every) * found[1] <= box.height),
        _of_size(SMALL),
    )
    every = _shortened(every, int(box.height / row), total=bool(grid.total))
    widths = _widths(every, size, box.width)
    xml = _xml(every, widths, (size, row), total=bool(grid.total))
    height = len(every) * row
    shape = slide.shapes.add_table(1, 1, *replace(box, width=sum(widths), height=height).sides)
    _replace(shape, xml)
    return height


def _of_size(size: float) -> tuple[float, float]:
    """A size of type, and the height of a row of it."""
    return size, size * fitting.LINE / POINTS + 2 * ABOVE + 0.02


def _lines(grid: Grid) -> Iterator[tuple[Sequence[Cell], bool]]:
    yield [replace(head, colour=INK_2) for head in grid.heads], False
    yield from ((row, False) for row in grid.rows)
    if grid.total:
        yield grid.total, True


def _alike(cells: Sequence[Cell], bold: bool) -> list[Cell]:
    return [replace(cell, words=one_line(cell.words), bold=cell.bold or bold) for cell in cells]


def _shortened(every: list[list[Cell]], most: int, *, total: bool) -> list[list[Cell]]:
    """As many rows as there is room for, with one that says how many are left out."""
    if len(every) <= most:
        return every
    end = every[-1:] if total else []
    body = every[1 : len(every) - len(end)]
    shown = body[: max(most - len(end) - 2, 1)]
    left = say("and {count} more", count=count(len(body) - len(shown)))
    first = next((place for place, cell in enumerate(body[0]) if not cell.number and not cell.fill), 0)
    rest = [Cell(left if place == first else "", colour=INK_2) for place in range(len(body[0]))]
    return [every[0], *shown, rest, *end]


def _widths(every: Sequence[Sequence[Cell]], size: float, most: float) -> list[float]:
    """The width of every column; those of text give way to numbers."""
    columns = list(zip(*every, strict=True))
    wanted = [
        CHIP
        if any(cell.fill for cell in column)
        else max(fitting.width_of(c.words, size, bold=c.bold) for c in column) + 2 * SIDE + 0.04
        for column in columns
    ]
    texts = [n for n, column in enumerate(columns) if not column[-1].number and wanted[n] != CHIP]
    while sum(wanted) > most and texts:
        widest = max(texts, key=lambda n: wanted[n])
        others = max((wanted[n] for n in texts if n != widest), default=0.0)
        needed = wanted[widest] - (sum(wanted) - most)
        least = max(needed, min(others, wanted[widest] - 0.01), NARROWEST)
        if wanted[widest] <= NARROWEST:
            break
        wanted[widest] = min(least, wanted[widest] - 0.01)
    scale = min(1.0, most / sum(wanted))
    return [width * scale for width in wanted]


def _xml(
    every: Sequence[Sequence[Cell]], widths: Sequence[float], kind: tuple[float, float], *, total: bool
) -> str:
    size, high = kind
    columns = "".join(f'<a:gridCol w="{round(width * UNITS)}"/>' for width in widths)
    made = []
    for place, cells in enumerate(every):
        line = (INK, 1.0) if not place or (total and place == len(every) - 2) else (RULE, 0.5)
        told = "".join(_cell(c, w, size, line) for c, w in zip(cells, widths, strict=True))
        made.append(f'<a:tr h="{round(high * UNITS)}">{told}</a:tr>')
    return (
        f'<a:tbl xmlns:a="{NAMESPACE}"><a:tblPr firstRow="1"><a:tableStyleId>{PLAIN}</a:tableStyleId>'
        f"</a:tblPr><a:tblGrid>{columns}</a:tblGrid>{''.join(made)}</a:tbl>"
    )


def _cell(cell: Cell, width: float, size: float, line: tuple[str, float]) -> str:
    side = 0.0 if cell.fill else SIDE
    text = fitting.cut(cell.words, size, (width - 2 * side, size * fitting.LINE / POINTS), bold=cell.bold)
    align = "ctr" if cell.fill else "r" if cell.number else "l"
    look = f'sz="{round(size * 100)}" b="{int(cell.bold)}"'
    fill = f'<a:solidFill><a:srgbClr val="{cell.fill[1:]}"/></a:solidFill>' if cell.fill else "<a:noFill/>"
    colour = f'<a:solidFill><a:srgbClr val="{cell.colour[1:]}"/></a:solidFill>'
    run = f'<a:r><a:rPr lang="{TAGS[current()]}" {look}>{colour}</a:rPr><a:t>{escape(text)}</a:t></a:r>'
    inside = run if text else f"<a:endParaRPr {look}/>"
    margins = f'marL="{round(side * UNITS)}" marR="{round(side * UNITS)}"'
    edges = f'marT="{round(ABOVE * UNITS)}" marB="{round(ABOVE * UNITS)}"'
    under = f'<a:solidFill><a:srgbClr val="{line[0][1:]}"/></a:solidFill>'
    below = f'<a:lnB w="{round(line[1] * 12700)}">{under}</a:lnB>'
    return (
        f'<a:tc><a:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="{align}"/>{inside}</a:p></a:txBody>'
        f'<a:tcPr {margins} {edges} anchor="ctr">{below}{fill}</a:tcPr></a:tc>'
    )


def _replace(shape: Any, xml: str) -> None:
    """Put our table in the place of the empty one that python-pptx makes."""
    from pptx.oxml import parse_xml

    empty = shape.table._tbl
    empty.getparent().replace(empty, parse_xml(xml))
