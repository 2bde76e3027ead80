"""Records that stand inside a field of another, because a quote is closed in the wrong place.

Both readers agree on such a file: a quote that opens one field and closes a few lines later, before
a delimiter, makes one record of several. What gives it away is that the lines inside look like
records themselves, with a date where the date belongs.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from segcore.errors import InputError
from segcore.params import Format, Source
from segcore.params.layouts import date_pattern
from segcore.sources.counting import rows_of

ENOUGH = 4  # fields that a line of plain text hardly has, with a date in its place


def check_swallowed(text: Path, source: Source, header: Sequence[str], name: str) -> None:
    """Check that no record of a UTF-8 file holds lines that are records.

    Parameters
    ----------
    text
        The file; some of its records span several lines.
    source
        What the study says about it; without a column of dates nothing can be told.
    header
        The names of its columns.
    name
        The extract's name as delivered.

    Raises
    ------
    InputError
        With the record and the line in it.
    """
    layout = source.format or Format()
    dates = [
        (header.index(column.from_), re.compile(date_pattern((column.date or layout.date)[0])))
        for canonical, column in source.columns.items()
        if isinstance(column.from_, str) and (canonical in ("order_date", "date", "since") or column.date)
    ]
    number = lines = 0
    with text.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=layout.delimiter, strict=True)
        for row in rows_of(reader) if dates else ():
            number += bool(row)
            spans, lines = reader.line_num - lines, reader.line_num
            line = _record_inside(row, layout.delimiter, dates) if spans > 1 else ""
            if line:
                raise InputError(
                    f"{name}: a record must not hold others (record {number:,} does: a line in one of its "
                    f"fields is {line[:60]!r}), so a quote in it is closed in the wrong place; mend the file"
                )


def _record_inside(row: Sequence[str], delimiter: str, dates: Sequence[tuple[int, re.Pattern[str]]]) -> str:
    """The first line inside a field that looks like a record; "" if none does."""
    for line in (line for field in row for line in re.split(r"\r\n|\r|\n", field)[1:]):
        fields = line.split(delimiter)
        if len(fields) >= ENOUGH and any(
            at < len(fields) and pattern.fullmatch(fields[at].strip()) for at, pattern in dates
        ):
            return line
    return ""
