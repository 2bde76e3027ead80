"""The sheets of a workbook → rows of text. Runs in the child process only."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from segcore.errors import InputError
from segcore.sources.formats import ASIDE, ROWS, Delivery
from segcore.sources.formats.batches import batches
from segcore.sources.formats.cells import writer
from segcore.sources.formats.child import say_lines
from segcore.sources.formats.looks import looks_like
from segcore.sources.formats.marks import WIDEST, Marks, XmlSheets
from segcore.sources.formats.old_workbook import OldSheets

START = 400
"""The first rows of a sheet, which tell how it is laid out."""

HEADER_WITHIN = 50
"""The first rows of a sheet, among which its header is."""

MERGED = "holds a cell that is merged with one in the row above"
"""The fault of such a row: its own cell is empty, and nobody knows whether it has the other's value."""


ALIKE = " but has the same header"


class Looked(Protocol):
    """What a second look into a workbook gives."""

    def marks(self, sheet: str) -> Marks:
        """The rows of a sheet and the cells that only look empty."""


LOOKED: dict[str, Callable[[Path, str], Looked]] = {"workbook": XmlSheets, "old workbook": OldSheets}
"""What a workbook looks like → what looks into it a second time."""


def rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The rows of the sheets that a study asks for, one after the other.

    The record of a row is its number in its sheet; in a second sheet it goes on after the last row of the
    first, as if it stood below it, and the rule by which its header is no record says where. The rows of
    all other sheets are no records either.
    """
    looked = LOOKED[looks_like(delivery.path)](delivery.path, delivery.name)
    with _opened(delivery) as book, ThreadPoolExecutor(1) as worker:
        there = _there(book)
        # Opening a sheet takes as long as the second look into it, and both can be done side by side.
        likely = [name for name in delivery.layout.sheets or there if there.get(name)][:1]
        opened = {name: worker.submit(book.get_sheet_by_name, name) for name in likely}
        chosen, others = _chosen(there, looked, delivery)
        say_lines(delivery, sum(marks.rows for marks in (*chosen.values(), *others.values())))
        # Another sheet waits for the worker, too: a workbook lets only one hand in.
        sheets = (
            ((opened.get(name) or worker.submit(book.get_sheet_by_name, name)).result(), marks)
            for name, marks in chosen.items()
        )
        left = (
            (f"{ASIDE}sheet {name!r}, which is {'not named' if there[name] else 'hidden'}", name, marks)
            for name, marks in others.items()
            if marks.rows
        )
        aside = ((told, book.get_sheet_by_name(name), marks.rows) for told, name, marks in left)
        yield from batches(_all_rows(sheets, aside, delivery))


def starts(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The first rows of every sheet that is shown; their text is the sheet's name."""
    looked = LOOKED[looks_like(delivery.path)](delivery.path, delivery.name)
    with _opened(delivery) as book:
        for name in (name for name, visible in _there(book).items() if visible):
            read = _rows(book.get_sheet_by_name(name), looked.marks(name), delivery)
            first = enumerate(itertools.islice(read, START), start=1)
            rows = [{"record": number, "text": name, "fields": row} for number, row in first]
            yield pa.RecordBatch.from_pylist(rows, schema=ROWS)


def _there(book: CalamineWorkbook) -> dict[str, bool]:
    """The sheets, and whether they are shown."""
    return {
        one.name: one.visible == SheetVisibleEnum.Visible
        for one in book.sheets_metadata
        if one.typ == SheetTypeEnum.WorkSheet
    }


@contextmanager
def _opened(delivery: Delivery) -> Iterator[CalamineWorkbook]:
    try:
        with CalamineWorkbook.from_path(delivery.path) as book:
            yield book
    except CalamineError as error:
        raise InputError(
            f"{delivery.name} must be a workbook that can be read ({error}); open it in a spreadsheet "
            f"program, save it anew and deliver that"
        ) from error


def _chosen(
    there: dict[str, bool], looked: Looked, delivery: Delivery
) -> tuple[dict[str, Marks], dict[str, Marks]]:
    """The sheets that are named, or the only one that shows anything; and all others."""
    names, shown = [*there], [name for name, visible in there.items() if visible]
    asked = delivery.layout.sheets
    if missing := [name for name in asked if name not in names]:
        raise InputError(
            *(
                f"{delivery.name} must have the sheet {name!r} (it has {_listed(shown, names)}); "
                f"correct sheets: of its format"
                for name in missing
            )
        )
    marks = {name: looked.marks(name) for name in dict.fromkeys((*asked, *names))}
    filled = [name for name in shown if marks[name].rows]
    if not asked and len(filled) != 1:
        named = json.dumps(filled or names, ensure_ascii=False)
        raise InputError(
            f"{delivery.name} must have one sheet that holds anything, or the study must name those to be "
            f"read (it has {_listed(filled, names)}); say sheets: {named} in its format"
        )
    chosen = {name: marks.pop(name) for name in dict.fromkeys(asked or filled)}
    return chosen, marks


def _listed(shown: list[str], names: list[str]) -> str:
    hidden = [name for name in names if name not in shown]
    texts = [", ".join(map(repr, shown)) or "none that shows anything"]
    if hidden:
        texts.append(f"hidden or empty: {', '.join(map(repr, hidden))}")
    return "; ".join(texts)


def _all_rows(
    sheets: Iterable[tuple[CalamineSheet, Marks]],
    aside: Iterable[tuple[str, CalamineSheet, int]],
    delivery: Delivery,
) -> Iterator[tuple[list[str], str | None]]:
    first: list[list[str]] = []
    done = 0
    for sheet, marks in sheets:
        texts = _rows(sheet, marks, delivery)
        head = list(itertools.islice(texts, HEADER_WITHIN))
        faults = _merged(sheet, marks.rows)
        if not first:
            first = head
        elif delivery.layout.header != "none":
            alike, at = _like(first, head)
            if not alike:
                raise InputError(
                    f"{delivery.name} must have the same header in every sheet that is read ({sheet.name!r} "
                    f"lacks the row {', '.join(map(repr, _wide(first)[0]))}); deliver sheets of another form "
                    "as files of their own"
                )
            if at is not None:
                faults |= dict.fromkeys(range(at), f"{ASIDE}above the header of sheet {sheet.name!r}")
                place = f"(record {done + at + 1:,} is its row {at + 1:,})"
                faults[at] = f"{ASIDE}header of sheet {sheet.name!r} {place}"
        width = len(first[0]) if first else 0
        for number, row in enumerate(itertools.chain(head, texts)):
            wide = row if len(row) >= width else row + [""] * (width - len(row))
            yield wide, faults.get(number)
        done += marks.rows
    for told, sheet, lines in aside:
        head = list(itertools.islice(_rows(sheet, Marks(), delivery), HEADER_WITHIN))
        yield from itertools.repeat(([], told + ALIKE * _like(first, head)[0]), lines)


def _merged(sheet: CalamineSheet, rows: int) -> dict[int, str]:
    """The fault of rows that have a cell which belongs to the row above."""
    ranges = sheet.merged_cell_ranges or ()
    return {row: MERGED for (top, _), (last, _) in ranges for row in range(top + 1, min(last + 1, rows))}


def _like(first: list[list[str]], head: list[list[str]]) -> tuple[bool, int | None]:
    """Whether a sheet has a row of the first sheet, which shows that the columns of both are the same; and
    where it stands if it is the first wide one: then it is the header.
    """
    known, wide = _wide(first), _wide(head)
    at = next((at for at, row in enumerate(head) if _stripped(row) in known), None)
    return at is not None, at if at is not None and _stripped(head[at]) == wide[0] else None


def _wide(rows: list[list[str]]) -> list[list[str]]:
    """Rows that are about as wide as the widest; the header, of which only this is known here, is one."""
    most = max((sum(map(bool, row)) for row in rows), default=0)
    return [_stripped(row) for row in rows if 2 * sum(map(bool, row)) > most]


def _stripped(row: list[str]) -> list[str]:
    """A row without the empty fields at its end."""
    last = max((place for place, text in enumerate(row) if text), default=-1)
    return row[: last + 1]


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
    # A currency stands behind the number that its format shows it with.
    row[column] = text if text[0] != " " else f"{row[column]}{text}" if row[column] else ""
