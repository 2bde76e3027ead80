"""The sheets of a workbook → rows of text. Runs in the child process only."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from segcore.errors import InputError
from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.cells import writer
from segcore.sources.formats.looks import looks_like
from segcore.sources.formats.marks import Marks, XmlSheets
from segcore.sources.formats.old_workbook import OldSheets

WIDEST = 16_384
"""As many columns as a sheet can have."""

CELLS = 200_000
"""Cells of a batch."""

HEADER_WITHIN = 50
"""The first rows of a sheet, among which its header is."""


class Looked(Protocol):
    """What a second look into a workbook gives."""

    def marks(self, sheet: str) -> Marks:
        """The rows of a sheet and the cells that only look empty."""


LOOKED: dict[str, Callable[[Path, str], Looked]] = {"workbook": XmlSheets, "old workbook": OldSheets}
"""What a workbook looks like → what looks into it a second time."""


def rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The rows of the sheets that a study asks for, one after the other.

    The record of a row is its number in its sheet; in a second sheet it goes on after the last row of the
    first, as if it stood below it.
    """
    with _opened(delivery) as book:
        chosen = _chosen(book, delivery)
        yield from _batches(_all_rows(book, chosen, delivery))


def count(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """One row whose lines are the rows of all sheets that a study asks for."""
    with _opened(delivery) as book:
        total = sum(marks.rows for marks in _chosen(book, delivery).values())
    yield pa.record_batch([[0], [total], [None], [None], [None]], schema=ROWS)


def _opened(delivery: Delivery) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(delivery.path)
    except CalamineError as error:
        raise InputError(
            f"{delivery.name} must be a workbook that can be read ({error}); save it anew"
        ) from error


def _chosen(book: CalamineWorkbook, delivery: Delivery) -> dict[str, Marks]:
    """The sheets to be read, with their marks: those that are named, or the only one that shows anything."""
    looked = LOOKED[looks_like(delivery.path)](delivery.path, delivery.name)
    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in sheets]
    shown = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    asked = delivery.layout.sheets
    if missing := [name for name in asked if name not in names]:
        raise InputError(
            *(
                f"{delivery.name} must have the sheet {name!r} (it has {_listed(shown, names)}); "
                f"correct sheets: of its format"
                for name in missing
            )
        )
    if asked:
        return {name: looked.marks(name) for name in asked}
    marks = {name: found for name in shown if (found := looked.marks(name)).rows}
    if len(marks) != 1:
        named = json.dumps(list(marks) or names, ensure_ascii=False)
        raise InputError(
            f"{delivery.name} must have one sheet that holds anything, or the study must name those to be "
            f"read (it has {_listed(list(marks), names)}); say sheets: {named} in its format"
        )
    return marks


def _listed(shown: list[str], names: list[str]) -> str:
    hidden = [name for name in names if name not in shown]
    texts = [", ".join(map(repr, shown)) or "none that shows anything"]
    if hidden:
        texts.append(f"hidden or empty: {', '.join(map(repr, hidden))}")
    return "; ".join(texts)


def _all_rows(
    book: CalamineWorkbook, chosen: dict[str, Marks], delivery: Delivery
) -> Iterator[tuple[int, list[str]]]:
    before = 0
    first: list[list[str]] = []
    width = 0
    for name, marks in chosen.items():
        texts = _rows(book.get_sheet_by_name(name), marks, delivery)
        head = list(itertools.islice(texts, HEADER_WITHIN))
        if not first:
            first, width = head, len(head[0]) if head else 0
        elif problem := _other_header(first, head, delivery):
            raise InputError(
                f"{delivery.name} must have the same header in every sheet that is read ({name!r} lacks "
                f"{problem}); deliver sheets of another form as files of their own"
            )
        number = before
        for number, row in enumerate(itertools.chain(head, texts), before + 1):
            yield number, row if len(row) >= width else row + [""] * (width - len(row))
        before = number


def _other_header(first: list[list[str]], head: list[list[str]], delivery: Delivery) -> str:
    """The header of the first sheet, if it does not stand in another; it is the row with the most texts."""
    line = delivery.layout.header
    if line == "none" or not first:
        return ""
    widest = max(first, key=lambda row: sum(map(bool, row)))
    header = first[line - 1] if line and line <= len(first) else widest
    while header and not header[-1]:
        header = header[:-1]
    found = any(row[: len(header)] == header and not any(row[len(header) :]) for row in head)
    return "" if found else f"the row {', '.join(map(repr, header))}"


def _rows(sheet: CalamineSheet, marks: Marks, delivery: Delivery) -> Iterator[list[str]]:
    """The rows of a sheet from its first, all of the same width."""
    left = sheet.start[1] if sheet.start else 0
    width = sheet.end[1] + 1 if sheet.end else 0
    if width > WIDEST:
        raise InputError(
            f"{delivery.name} must have at most {WIDEST:,} columns (the sheet {sheet.name!r} has {width:,}); "
            f"delete the cells far outside the table"
        )
    marked = marks.by_row()
    place = next(marked, None)
    text_of = writer(delivery.layout.decimal)
    number = -1
    for number, cells in enumerate(sheet.iter_rows()):
        row = text_of(cells) if not left else [""] * left + text_of(cells)
        while place and place[0] == number:
            _put(row, place[1], place[2])
            place = next(marked, None)
        yield row
    # Beyond the last value there may still stand errors and formulas.
    while place:
        number += 1
        row = [""] * width
        while place and place[0] == number:
            _put(row, place[1], place[2])
            place = next(marked, None)
        yield row


def _put(row: list[str], column: int, text: str) -> None:
    row += [""] * (column + 1 - len(row))
    row[column] = text


def _batches(rows: Iterator[tuple[int, list[str]]]) -> Iterator[pa.RecordBatch]:
    numbers: list[int] = []
    fields: list[str] = []
    ends = [0]
    for number, row in rows:
        numbers.append(number)
        fields += row
        ends.append(len(fields))
        if len(fields) >= CELLS or len(numbers) >= CELLS:
            yield _batch(numbers, fields, ends)
            numbers, fields, ends = [], [], [0]
    if numbers:
        yield _batch(numbers, fields, ends)


def _batch(numbers: list[int], fields: list[str], ends: list[int]) -> pa.RecordBatch:
    size = len(numbers)
    return pa.record_batch(
        [
            pa.array(numbers, pa.int64()),
            pa.array([1] * size, pa.int32()),
            pa.nulls(size, pa.string()),
            pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(fields, pa.string())),
            pa.nulls(size, pa.string()),
        ],
        schema=ROWS,
    )
