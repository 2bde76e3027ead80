"""How many records a CSV file holds, counted independently of the engine.

Python's strict reader says what a record is; the plain files among all are counted in its stead.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from segcore.errors import InputError
from segcore.sources.plain_count import count_plain
from segcore.sources.text import not_text

MOST_LINES = 100  # lines in one record before it must be a quote that is closed in the wrong place
FATAL = ("unexpected end of data", "field larger than field limit")


class _Reader(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


@dataclass(frozen=True)
class Count:
    """What the reader saw.

    Parameters
    ----------
    records
        Records below the header.
    spare_lines
        Lines beyond one per record: empty ones, and those inside quotes.
    longest, longest_at
        Lines of the longest record, and its number (the header is record 1); looked for only if
        there are many spare lines.
    """

    records: int
    spare_lines: int
    longest: int = 1
    longest_at: int = 1


def count_records(text: Path, delimiter: str, name: str) -> Count:
    """Count the records of a UTF-8 file.

    Raises
    ------
    InputError
        If the bytes are not UTF-8, or a quote is still open at the end of the file.
    """
    plain = count_plain(text, delimiter)
    if plain and plain[1] - plain[0] <= MOST_LINES:
        return Count(plain[0] - 1, plain[1] - plain[0])
    try:
        with text.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            count = sum(map(bool, rows_of(reader)))
            spare = reader.line_num - count
        if spare <= MOST_LINES:
            return Count(count - 1, spare)
        return Count(count - 1, spare, *_longest(text, delimiter))
    except UnicodeDecodeError as error:
        raise InputError(not_text(name, ("utf-8",), error)) from None
    except csv.Error as error:
        raise InputError(_never_closed(text, delimiter, name, str(error))) from None


def blank_lines(text: Path, delimiter: str) -> list[int]:
    """Where a file has empty lines, numbered with its records from the header, which is 1."""
    with text.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        return [number for number, row in enumerate(rows_of(reader), start=1) if not row]


def rows_of(reader: _Reader) -> Iterator[list[str]]:
    """The reader's rows; a record with text after a closing quote counts, DuckDB refuses it."""
    while True:
        try:
            yield from reader
            return
        except csv.Error as error:
            if str(error).startswith(FATAL):
                raise
            yield [""]


def _longest(text: Path, delimiter: str) -> tuple[int, int]:
    lines, number, longest, at = 0, 0, 1, 1
    with text.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for row in rows_of(reader):
            number += bool(row)
            if reader.line_num - lines > longest:
                longest, at = reader.line_num - lines, number
            lines = reader.line_num
    return longest, at


def _never_closed(text: Path, delimiter: str, name: str, fault: str) -> str:
    whole = 0
    with text.open(encoding="utf-8", newline="") as file:
        try:
            for row in rows_of(csv.reader(file, delimiter=delimiter, strict=True)):
                whole += bool(row)
        except csv.Error:
            pass
    limit = f"{csv.field_size_limit():,} characters later"
    where = "at the end of the file" if fault.startswith(FATAL[0]) else limit
    return (
        f"{name}: every quote must be closed (one in record {whole + 1:,} is still open {where}); "
        "mend the file or ask for the export again"
    )
