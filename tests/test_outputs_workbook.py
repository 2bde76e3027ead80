"""Workbooks: cells have types, texts stay texts whatever they say, the same rows give the same bytes."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import time
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hostile import FOR_SPREADSHEETS
from python_calamine import CalamineWorkbook

from segcore.outputs.workbook import About, Column, Sheet, cells, write_workbook, writing
from segcore.outputs.workbook.cells import KINDS

DAY = dt.date(2025, 12, 31)
ABOUT = About("ACME", DAY, "EUR", ["Run of 31 December 2025."])
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Path:
    write_workbook(path, ABOUT, [Sheet("Data", "some rows", columns, rows)])
    return path


def values(path: Path, sheet: str = "Data") -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def xml(path: Path, member: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as file:
        return ElementTree.fromstring(file.read(member))


def read(element: ElementTree.Element) -> str:
    """The text of a cell as spreadsheets read it: ``_x0041_`` is an A (ECMA-376, part 1, 22.9.2.19)."""
    text = "".join(part.text or "" for part in element.iter(f"{MAIN}t"))
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def every_member(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_every_kind_of_column_has_its_type_and_its_format(tmp_path):
    columns = [Column(kind.capitalize(), kind=kind) for kind in KINDS]
    row = ("0047", dt.date(2025, 2, 28), 1234, 0.125, Decimal("1234.5000"), 0.25, True)
    path = written(tmp_path / "a.xlsx", columns, [row, (None,) * 7, (*row[:-1], False)])
    assert values(path) == [
        ["Text", "Date", "Whole", "Number", "Money", "Share", "Yes"],
        ["0047", dt.date(2025, 2, 28), 1234.0, 0.125, 1234.5, 0.25, "yes"],
        [""] * 7,
        ["0047", dt.date(2025, 2, 28), 1234.0, 0.125, 1234.5, 0.25, "no"],
    ]
    styles = xml(path, "xl/styles.xml")
    forms = {one.get("numFmtId"): one.get("formatCode") for one in styles.iter(f"{MAIN}numFmt")}
    used = [one.get("numFmtId") for one in styles.find(f"{MAIN}cellXfs")]
    cells_of_row = xml(path, "xl/worksheets/sheet2.xml").find(f"{MAIN}sheetData")[1]
    shown = [used[int(cell.get("s"))] for cell in cells_of_row]
    assert [forms[one] for one in shown] == [
        "@", "yyyy-mm-dd", "#,##0", "#,##0.0##", '"€" #,##0.00', "0.0%", "@",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("date", dt.date(1900, 3, 1), dt.date(1900, 3, 1)),
        ("date", dt.date(1900, 2, 28), "1900-02-28"),
        ("date", dt.date(9999, 12, 31), dt.date(9999, 12, 31)),
        ("whole", 10**15 - 1, 1e15 - 1),
        ("whole", 10**15, "1000000000000000"),
        ("whole", -(10**15), "-1000000000000000"),
        ("whole", math.nan, ""),
        ("number", math.nan, ""),
        ("number", math.inf, "inf"),
        ("number", -0.0, 0.0),
        ("number", 1e-7, 1e-7),
        ("money", Decimal("-12.3450"), -12.345),
        ("money", Decimal("12345678901234567.89"), "12345678901234567.89"),
    ],
)
def test_what_a_cell_cannot_hold_exactly_is_a_text_and_no_number_is_empty(tmp_path, kind, value, shown):
    path = written(tmp_path / "a.xlsx", [Column("A", kind=kind), Column("B")], [(value, "b")])
    assert values(path)[1:] == [[shown, "b"]]


def test_money_is_shown_with_the_currency_of_the_study(tmp_path):
    about = About("ACME", DAY, "CHF")
    write_workbook(tmp_path / "a.xlsx", about, [Sheet("Data", "", [Column("A", kind="money")], [(1,)])])
    assert b'formatCode="&quot;CHF&quot; #,##0.00"' in every_member(tmp_path / "a.xlsx")["xl/styles.xml"]


def test_hostile_texts_stay_the_texts_that_they_are(tmp_path):
    assert len(FOR_SPREADSHEETS) >= 150
    path = written(
        tmp_path / "a.xlsx", [Column("A"), Column("B")], [(text, "end") for text in FOR_SPREADSHEETS]
    )
    there = xml(path, "xl/worksheets/sheet2.xml").find(f"{MAIN}sheetData")
    assert [read(row[0]) for row in there[1:]] == [text.replace("\r", "\n") for text in FOR_SPREADSHEETS]
    assert {cell.get("t") for row in there[1:] for cell in row} == {"inlineStr"}
    assert [row[1] for row in values(path)[1:]] == ["end"] * len(FOR_SPREADSHEETS)


@pytest.mark.parametrize("text", FOR_SPREADSHEETS)
def test_no_place_for_a_text_makes_a_formula_a_link_or_broken_xml_of_it(tmp_path, text):
    path = tmp_path / "a.xlsx"
    sheet = Sheet("Data", text, [Column(text, text), Column("End")], [(text, "end")])
    write_workbook(path, About(text, DAY, "EUR", [text]), [sheet])
    members = every_member(path)
    for name, data in members.items():
        root = ElementTree.fromstring(data)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"f", "hyperlink", "hyperlinks", "oleObject", "externalReference"}, name
        assert b"relationships/hyperlink" not in data
        assert b"TargetMode" not in data
    assert values(path)[1][1] == "end"
    said = text.replace("\r", "\n")
    # XlsxWriter writes headings: a blank keeps it from taking one for XML, and of codes that touch each
    # other it escapes every other one.
    blank = " " * (text.startswith("<r>") and text.endswith("</r>"))
    shown = said.replace("_x003D_", "=") if text.startswith("_x005F_") else f"{said}{blank}"
    assert shown in {read(one) for one in xml(path, "xl/sharedStrings.xml")}


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\x1b[31m", "\ufffd[31m"),
        ("a\x0bb\x85c", "a\ufffdb\ufffdc"),
        ("gnp\u202excod", "gnp\ufffdxcod"),
        ("half \ud83c", "half \ufffd"),
        ("none \ufffe\uffff", "none \ufffd\ufffd"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("Søn & Co. <ok>", "Søn & Co. <ok>"),
    ],
)
def test_characters_that_no_cell_can_hold_are_shown_as_such(tmp_path, text, held):
    path = written(tmp_path / "a.xlsx", [Column(text)], [(text,)])
    assert values(path) == [[held], [held]]


@pytest.mark.parametrize("character", ["x", "ü", "🏭"])
def test_a_text_longer_than_a_cell_ends_with_a_sign_of_it(tmp_path, character):
    text = character * 40_000
    (shown,) = values(written(tmp_path / "a.xlsx", [Column("A")], [(text,)]))[1]
    assert shown.endswith("…")
    assert text.startswith(shown[:-1])
    units = len(shown.encode("utf-16-le")) // 2
    assert cells.LONGEST - 1 <= units <= cells.LONGEST
    fits = "x" * cells.LONGEST
    assert values(written(tmp_path / "b.xlsx", [Column("A")], [(fits,)]))[1] == [fits]


def test_every_sheet_has_filters_a_frozen_header_widths_and_notes(tmp_path):
    columns = [Column("Customer", "Who it is.", width=20), Column("Orders", "How many.", "whole", 9)]
    sheet = Sheet("Data", "customers", columns, [("a", 1), ("b", 2)], frozen=1)
    write_workbook(tmp_path / "a.xlsx", ABOUT, [sheet])
    root = xml(tmp_path / "a.xlsx", "xl/worksheets/sheet2.xml")
    assert root.find(f"{MAIN}autoFilter").get("ref") == "A1:B3"
    assert root.find(f"{MAIN}dimension").get("ref") == "A1:B3"
    pane = root.find(f".//{MAIN}pane")
    assert (pane.get("state"), pane.get("xSplit"), pane.get("ySplit")) == ("frozen", "1", "1")
    assert [math.floor(float(one.get("width"))) for one in root.iter(f"{MAIN}col")] == [20, 9]
    assert root.find(f".//{MAIN}ignoredError").get("numberStoredAsText") == "1"
    notes = [
        (note.get("ref"), "".join(part.text for part in note.iter(f"{MAIN}t")))
        for note in xml(tmp_path / "a.xlsx", "xl/comments1.xml").iter(f"{MAIN}comment")
    ]
    assert notes == [("A1", "Who it is."), ("B1", "How many.")]
    assert values(tmp_path / "a.xlsx", "Columns") == [
        ["Sheet", "Column", "What it means"],
        ["Data", "Customer", "Who it is."],
        ["Data", "Orders", "How many."],
    ]
    assert values(tmp_path / "a.xlsx", "About") == [
        ["ACME", "", ""],
        ["Run of 31 December 2025.", "", ""],
        ["", "", ""],
        ["Sheet", "Rows", "What it holds"],
        ["Data", 2.0, "customers"],
    ]


@pytest.mark.parametrize(
    ("head", "height"),
    [("Orders", "15"), ("Furniture orders in 12 months", "45"), ("x" * 1000, "150"), ("", "15")],
)
def test_the_header_is_as_high_as_its_longest_heading_beside_the_arrow_of_its_filter(tmp_path, head, height):
    path = written(tmp_path / "a.xlsx", [Column("A"), Column(head, width=12)], [])
    row = xml(path, "xl/worksheets/sheet2.xml").find(f"{MAIN}sheetData")[0]
    assert row.get("ht", "15") == height


def test_a_sheet_without_rows_has_its_headings(tmp_path):
    path = written(tmp_path / "a.xlsx", [Column("A"), Column("B")], [])
    assert values(path) == [["A", "B"]]
    root = xml(path, "xl/worksheets/sheet2.xml")
    assert len(root.find(f"{MAIN}sheetData")) == 1
    assert root.find(f"{MAIN}autoFilter").get("ref") == "A1:B2"


def test_rows_beyond_the_end_of_a_sheet_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ROWS", 3)
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    rows = [(f"c{number}", number) for number in range(7)]
    path = written(tmp_path / "a.xlsx", [Column("A"), Column("B", kind="whole")], rows)
    book = CalamineWorkbook.from_path(path)
    assert book.sheet_names[:4] == ["About", "Data", "Data (2)", "Data (3)"]
    parts = [values(path, name) for name in book.sheet_names[1:4]]
    assert [len(part) for part in parts] == [4, 4, 2]
    assert [tuple(row) for part in parts for row in part[1:]] == rows
    assert {tuple(part[0]) for part in parts} == {("A", "B")}


def test_the_same_rows_give_the_same_bytes_at_any_hour_place_and_umask(tmp_path, monkeypatch):
    columns = [Column("A", "note"), Column("B", kind="date")]
    made = []
    for zone, mask in (("UTC", 0o022), ("Pacific/Auckland", 0o077)):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        before = os.umask(mask)
        try:
            path = written(tmp_path / f"{mask}.xlsx", columns, [("x", DAY)])
        finally:
            os.umask(before)
        made.append(path.read_bytes())
    monkeypatch.undo()
    time.tzset()
    assert made[0] == made[1]
    with zipfile.ZipFile(path) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = file.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core)) == {"2025-12-31T00:00:00Z"}


def test_a_workbook_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(ValueError, match="zip"):
        written(tmp_path / "a.xlsx", [Column("A"), Column("B")], [("only one",)])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("place", "shown"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_letters(place, shown):
    assert cells.letters(place) == shown


def test_the_example_of_the_documentation_writes_a_workbook(tmp_path, monkeypatch):
    page = (Path(__file__).parent.parent / "docs" / "extending.md").read_text(encoding="utf-8")
    (example,) = (code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "own.xlsx" in code)
    monkeypatch.chdir(tmp_path)
    exec(example, {})
    assert values(tmp_path / "own.xlsx", "Mine") == [["Customer", "Worth"], ["0047", 12.5]]
