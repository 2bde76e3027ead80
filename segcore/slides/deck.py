"""A deck of slides: its shape and its type, how slides are added, and how it is written.

The same slides give the same bytes: every date in the file, and the time of every member, is the run
date.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from segcore.charts.colours import INK, INK_2, INK_3
from segcore.files import whole
from segcore.language import current
from segcore.outputs.workbook.cells import cell_text
from segcore.slides import fitting

WIDE, HIGH = 40 / 3, 7.5
"""A slide, in inches: 16:9."""
LEFT, RULE, TOP, BOTTOM = 0.6, 0.42, 2.0, 6.8
"""Where the content of a slide begins and ends."""
ACROSS = WIDE - 2 * LEFT
TITLE_SIZES = (28, 24, 20, 18, 16)
BODY, SMALL, POINTS = 14, 12, 72
"""Points of texts, of what stands at the foot, and of an inch."""
SQUARE = 0.13
"""The sides of a square that shows a colour, in inches."""
AFTER = 6
"""Points below a paragraph."""
FONT = "Arial"
ONLY_TITLE = "Title Only"
TAGS = {"en": "en-GB", "de": "de-DE"}
"""Language → in whose spelling the words are to be checked."""
LONGEST = 255
"""Characters that the title of a file can have."""
EARLIEST = 1980
"""The first year that a member of a ZIP file can have."""
UNUSED = ("thumbnail", "printerSettings", "extended-properties")
"""Relations of what the file of python-pptx holds and no deck needs, or says wrongly of it."""


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def sides(self) -> tuple[int, int, int, int]:
        """Left, top, width and height as the file has them."""
        return tuple(round(inches * 914_400) for inches in (self.left, self.top, self.width, self.height))  # type: ignore[return-value]

    @property
    def room(self) -> tuple[float, float]:
        """Width and height."""
        return self.width, self.height


@dataclass(frozen=True)
class Text:
    """A paragraph: its words, its size in points, and how it looks."""

    words: str
    size: float = BODY
    bold: bool = False
    colour: str = INK


class Deck:
    """A deck of slides.

    Parameters
    ----------
    title
        What it is about, at the foot of every slide.
    day
        The run date.
    """

    def __init__(self, title: str, day: dt.date) -> None:
        from pptx import Presentation

        self.title, self.day = one_line(title), day
        self.section = ""
        self.findings: dict[str, str] = {}
        self.slides: list[Slide] = []
        self._file: Any = Presentation()
        self._trim()
        about = self._file.core_properties
        about.title, about.author, about.last_modified_by = self.title[:LONGEST], "segcore", "segcore"
        about.comments = ""
        about.created = about.modified = dt.datetime.combine(day, dt.time())
        about.revision = 1

    def _trim(self) -> None:
        """Make the file that python-pptx begins with one of our shape, and take out what is not used."""
        from pptx.oxml.ns import qn

        file = self._file
        wider = Box(0, 0, WIDE, HIGH).sides[2] / file.slide_width
        file.slide_width, file.slide_height = Box(0, 0, WIDE, HIGH).sides[2:]
        del file.part._element.find(qn("p:sldSz")).attrib["type"]  # of another shape
        for layout in [one for one in file.slide_layouts if one.name != ONLY_TITLE]:
            file.slide_layouts.remove(layout)
        for page in (file.slide_master, *file.slide_layouts):
            for shape in page.placeholders:
                if shape._element.xfrm is not None or page is file.slide_master:
                    shape.left, shape.width = round(shape.left * wider), round(shape.width * wider)
        for of in (file.part, file.part.package):
            for name, to in list(of._rels.items()):
                if any(word in to.reltype for word in UNUSED):
                    of._rels.pop(name)
        theme = next(r.target_part for r in file.slide_master.part.rels.values() if "theme" in r.reltype)
        theme._blob = theme.blob.replace(b'typeface="Calibri"', f'typeface="{FONT}"'.encode())

    def add(self, label: str, title: str, notes: Sequence[str]) -> Slide:
        """A new slide: what it is about, what it has found, and what is said about it."""
        made = Slide(self, self._file.slides.add_slide(self._file.slide_layouts[0]))
        made.head(label, title)
        self.slides.append(made)
        self.findings[self.section] = title
        text = "\n".join(clean(note) for note in notes if note)
        made.page.notes_slide.notes_text_frame.text = text
        return made

    def save(self, path: Path) -> None:
        """Write the file; the same slides give the same bytes."""
        made, day = io.BytesIO(), self.day
        self._file.save(made)
        time = (max(day.year, EARLIEST), day.month, day.day, 0, 0, 0)
        with whole(path) as partial, ZipFile(made) as source, ZipFile(partial, "w") as target:
            for name in source.namelist():
                info = ZipInfo(name, time)
                info.compress_type = ZIP_DEFLATED
                target.writestr(info, source.read(name))


class Slide:
    """A slide of a deck.

    Parameters
    ----------
    deck, page
        The deck, and the slide of python-pptx.
    """

    def __init__(self, deck: Deck, page: Any) -> None:
        self.deck, self.page = deck, page

    @property
    def shapes(self) -> Any:
        """What stands on it."""
        return self.page.shapes

    def head(self, label: str, title: str) -> None:
        """A rule, the label and the title; at the foot the deck's title."""
        from pptx.enum.text import MSO_ANCHOR
        from pptx.oxml.ns import qn

        ends = Box(LEFT, RULE, 0, 0), Box(WIDE - LEFT, RULE, 0, 0)
        rule = self.shapes.add_connector(1, *ends[0].sides[:2], *ends[1].sides[:2])
        rule._element.remove(rule._element.find(qn("p:style")))  # it has a shadow
        paint_line(rule.line, INK, 1.5)
        self.write(Box(LEFT, 0.5, ACROSS, 0.32), [Text(label, BODY, colour=INK_3)])
        box, place = Box(LEFT, 0.82, ACROSS, 0.98), self.shapes.title
        place.left, place.top, place.width, place.height = box.sides
        words = curly(one_line(title))
        size = fitting.largest(words, box.room, TITLE_SIZES, bold=True)
        frame = place.text_frame
        _shape_frame(frame)
        frame.vertical_anchor = MSO_ANCHOR.TOP
        put(frame.paragraphs[0], Text(fitting.cut(words, size, box.room, bold=True), size, bold=True))
        foot = Box(LEFT, 7.05, ACROSS, 0.25)
        number = len(self.deck._file.slides)
        self.write(foot, [Text(f"{number} · {self.deck.title}", SMALL, colour=INK_2)])

    def write_key(self, box: Box, meanings: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        """What the colours of bars mean, in one line: for each name small squares, of area and line."""
        from pptx.oxml.ns import qn

        left, gap = box.left, 0.03
        for name, colours in meanings:
            for fill, line in colours:
                square = self.shapes.add_shape(1, *Box(left, box.top + 0.05, SQUARE, SQUARE).sides)
                square._element.remove(square._element.find(qn("p:style")))  # it has a shadow
                paint_area(square, fill, line)
                left += SQUARE + gap
            wide = fitting.width_of(name, SMALL) + 0.1
            room = min(wide, max(box.left + box.width - left, 0.5))
            text = fitting.line_of(one_line(name), SMALL, room)
            self.write(Box(left + gap, box.top, room, box.height), [Text(text, SMALL, colour=INK_2)])
            left += gap + room + 0.15

    def write(self, box: Box, texts: Sequence[Text]) -> None:
        """Paragraphs below each other, in smaller type if that makes them fit; what does not is cut off."""
        frame = self.shapes.add_textbox(*box.sides).text_frame
        _shape_frame(frame)
        told = _fitted(box, [replace(text, words=curly(clean(text.words))) for text in texts if text.words])
        for place, text in enumerate(told):
            put(frame.paragraphs[0] if not place else frame.add_paragraph(), text, after=AFTER)


def _fitted(box: Box, texts: Sequence[Text]) -> list[Text]:
    """Texts in the size in which they fit, and only as much of them as does."""
    for less in (0, 2, 4):
        smaller = [replace(text, size=max(text.size - less, min(text.size, BODY))) for text in texts]
        if sum(_height(text, box.width) for text in smaller) <= box.height + AFTER / POINTS:
            return smaller
    told, room = [], box.height
    for text in smaller:
        if room < text.size * fitting.LINE / POINTS:
            break
        words = fitting.cut(text.words, text.size, (box.width, room), bold=text.bold)
        told.append(replace(text, words=words))
        room -= _height(told[-1], box.width)
    return told


def _height(text: Text, width: float) -> float:
    """How high a paragraph is, with the room below it."""
    return fitting.height_of(text.words, text.size, width, bold=text.bold) + AFTER / POINTS


def put(paragraph: Any, text: Text, *, after: float = 0) -> None:
    """Write a paragraph of one kind of type."""
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    paragraph.alignment = PP_ALIGN.LEFT
    paragraph.space_before, paragraph.space_after = Pt(0), Pt(after)
    run = paragraph.add_run()
    run.text = text.words.replace("\n", " ")
    font = run.font
    run._r.get_or_add_rPr().set("lang", TAGS[current()])
    font.size, font.bold = Pt(text.size), text.bold
    font.color.rgb = RGBColor.from_string(text.colour[1:])


def paint_area(shape: Any, fill: str, line: str) -> None:
    """Give a shape its colour and the line around it."""
    from pptx.dml.color import RGBColor

    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(fill[1:])
    paint_line(shape.line, line, 0.75)


def paint_line(line: Any, colour: str, points: float) -> None:
    """Give a line its colour and its width."""
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    line.color.rgb, line.width = RGBColor.from_string(colour[1:]), Pt(points)


def clean(text: str) -> str:
    """A text as a file of XML can hold it, without the marks of bold type."""
    return cell_text(re.sub(r"\*\*(.+?)\*\*", r"\1", text))


def curly(text: str) -> str:
    """A sentence with the apostrophes that pages have."""
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def one_line(text: str) -> str:
    """The same without line ends."""
    return re.sub(r"\s*[\n\t]\s*", " ", clean(text)).strip()


def _shape_frame(frame: Any) -> None:
    from pptx.enum.text import MSO_AUTO_SIZE

    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
