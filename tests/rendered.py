"""The real data sets, written the way SAP's reports and spreadsheet programs write them."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO, Any

import xlsxwriter

PAGE = 60
"""Records between two headers, as on paper."""

GERMAN: dict[str, Any] = {"encoding": "utf-8", "delimiter": ";", "decimal": ",", "thousands": "."}
Rows = Iterable[Sequence[str]]


@dataclass(frozen=True)
class Original:
    """A published file: how it is written, and which columns hold numbers, dates and whole numbers."""

    path: Path
    delimiter: str
    numbers: Sequence[str] = ()
    whole: Sequence[str] = ()
    dates: Mapping[str, tuple[str, str]] | None = None

    def rows(self) -> Iterator[list[str]]:
        """The header and the records as text."""
        opener: Any = gzip.open if self.path.suffix == ".gz" else open
        with opener(self.path, "rt", encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file, delimiter=self.delimiter)


@cache
def german(number: str) -> str:
    """``-1234.5`` as ``1.234,5-``, digit by digit."""
    whole, _, decimals = number.lstrip("-").partition(".")
    grouped = f"{int(whole or 0):,}".replace(",", ".") + (f",{decimals}" if decimals else "")
    return grouped + ("-" if number.startswith("-") else "")


def as_report(original: Original, target: Path, *, title: str) -> None:
    """Write a list as SAP does: title lines, a header on every page, a total, UTF-16 with its mark."""
    rows = original.rows()
    header = next(rows)
    convert = _converters(original, header)
    with target.open("w", encoding="utf-16", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        file.write(f"{title}\r\nStand: 31.12.2025\r\n\r\n")
        while page := list(islice(rows, PAGE)):
            writer.writerow(header)
            for row in page:
                for at, change in convert:
                    row[at] = change(row[at]) if row[at] else ""
            writer.writerows(page)
        _total(file, header)


def _converters(original: Original, header: Sequence[str]) -> list[tuple[int, Any]]:
    def day(before: str, after: str) -> Any:
        known: dict[str, str] = {}

        def change(text: str) -> str:
            if text not in known:
                known[text] = dt.datetime.strptime(text, before).strftime(after)
            return known[text]

        return change

    dates = [(header.index(name), day(*forms)) for name, forms in (original.dates or {}).items()]
    return [*((header.index(name), german) for name in original.numbers), *dates]


def _total(file: IO[str], header: Sequence[str]) -> None:
    file.write("Summe" + ";" * (len(header) - 1) + "\r\n")


def as_workbook(sheets: Mapping[str, tuple[Original, Rows]], target: Path) -> None:
    """Write rows as a workbook with numbers and dates of its own."""
    options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for name, (original, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            lines = iter(rows)
            header = next(lines)
            sheet.write_row(0, 0, header)
            typed = _cells(original, header)
            for n, row in enumerate(lines, 1):
                for at, text in enumerate(row):
                    value = typed[at](text) if text else None
                    if isinstance(value, dt.datetime):
                        sheet.write_datetime(n, at, value, day)
                    elif value is not None:
                        sheet.write(n, at, value)


def _cells(original: Original, header: Sequence[str]) -> list[Any]:
    def cell(name: str) -> Any:
        if name in original.numbers:
            return float
        if name in original.whole:
            return lambda text: float(text) if text.replace(".", "", 1).isdigit() else text
        if name in (original.dates or {}):
            before, _ = (original.dates or {})[name]
            return cache(lambda text: dt.datetime.strptime(text, before))
        return str

    return [cell(name) for name in header]
