"""Slides of texts that would be formulas, links, XML or nothing that XML can hold."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hostile import HOSTILE as OF_ALL
from office import opened
from pptx import Presentation
from python_calamine import CalamineWorkbook

from segcore.slides.charts import LONGEST, Chart, Series, put_chart
from segcore.slides.deck import SMALL, Box, Deck, Text, clean, one_line
from segcore.slides.fitting import line_of
from segcore.slides.tables import Grid, figure, put_table, words

# XlsxWriter codes only the first of two codes in a row, so that the workbook shows =: a text, but another.
TWICE = "_x005F_x"
HOSTILE = (
    *(text for text in OF_ALL if TWICE not in text),
    "\x00\x07\x1b",
    "a\ud800b",
    "\ufffe\uffff",
    "line\u2028end",
    "a\u202eb",
    "x\x0by\x0cz",
    "**bold**",
)
ALIVE = re.compile(
    rb'TargetMode="External"|hlinkClick|hlinkHover|<hyperlink|<f>|<f |oleObject|vbaProject|webExtension'
)
"""What would calculate, lead elsewhere or run something."""
EACH = 12
BOX = Box(1, 2, 11, 4.5)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deck with every one of these texts in every place that holds any."""
    made = Deck("=1+1 " * 99, dt.date(2025, 12, 31))
    for start in range(0, len(HOSTILE), EACH):
        some = HOSTILE[start : start + EACH]
        slide = made.add(some[0], some[1 % len(some)], some)
        slide.write(BOX, [Text(text) for text in some])
        put_table(slide, BOX, Grid([words(some[0]), figure(some[0])], [[words(t), figure(t)] for t in some]))
        series = [
            Series(text, range(1, len(some) + 1), low=[0] * len(some), high=[1] * len(some)) for text in some
        ]
        put_chart(slide, BOX, Chart(some, series, some[0]))
    path = tmp_path_factory.mktemp("hostile") / "a.pptx"
    made.save(path)
    return path


def members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """All files in a deck, and in the workbooks that are in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        for name in file.namelist():
            yield name, file.read(name)
            if name.endswith(".xlsx"):
                yield from members(file.read(name))


def test_there_are_more_than_150_texts():
    assert len(HOSTILE) > 150


def test_nothing_calculates_leads_elsewhere_or_runs(deck):
    found = [(name, ALIVE.findall(content)) for name, content in members(deck.read_bytes())]
    assert len(found) > 100
    assert [one for one in found if one[1]] == []


def test_every_part_is_xml_of_its_own_without_a_document_type(deck):
    read = 0
    for name, content in members(deck.read_bytes()):
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
            assert b"<!DOCTYPE" not in content, name
            read += 1
    assert read > 100


def test_the_texts_are_read_as_they_are(deck):
    slides = list(Presentation(deck).slides)
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides]
    for place, start in enumerate(range(0, len(HOSTILE), EACH)):
        some = HOSTILE[start : start + EACH]
        assert notes[place] == "\n".join(clean(text) for text in some)
        chart = next(shape.chart for shape in slides[place].shapes if shape.has_chart)
        book = CalamineWorkbook.from_filelike(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        cells = book.get_sheet_by_index(0).to_python()
        shown = [one_line(text) for text in some]
        assert [str(row[0]).strip() for row in cells[1:]] == [cut_or_whole(text) for text in shown]
        assert [str(cell).strip() for cell in cells[0][1 : len(some) + 1]] == shown


def cut_or_whole(text: str) -> str:
    """The name of a category, which is cut off where it is long."""
    return line_of(text, SMALL, LONGEST).strip()


def test_libreoffice_opens_them_and_finds_no_link(deck):
    flat = opened(deck, "fodp").read_text(encoding="utf-8")
    assert re.findall(r'<text:a |xlink:href="(?!\.["/])[^"]*"|table:formula|<script:', flat) == []
    assert "HYPERLINK(" in flat
