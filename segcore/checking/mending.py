"""The quarantine as a file for whoever must mend the source, with every record as it was delivered."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.checking.looking import Checked
from segcore.errors import UsageError
from segcore.files import whole
from segcore.outputs.lines import BYTE_ORDER_MARK, guarded_text
from segcore.sources.raw import raw_records
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.engine import Engine

COLUMNS = {
    "source": 14,
    "file": 28,
    "record": 10,
    "column": 16,
    "raw": 24,
    "rule": 14,
    "reason": 44,
    "what to do": 48,
    "the record as delivered": 90,
}
"""Heading → width of its column."""

ROWS = 1_048_575
"""Rows of a sheet below its header."""

LONGEST = 32_767
"""Characters of a cell."""

DO = {
    "columns": "deliver as many fields as the header has; quote texts that hold the delimiter",
    "quotes": "close every quote, and double those within a text",
    "required": "fill it in, or name an exclusion for records without it",
    "currency": "deliver amounts in the study's currency only",
    "decimal sign": "write all numbers of the column in one form",
    "date": "write the date as the others, or name its form under date",
    "error value": "mend the formula or the report that shows the error",
    "orders": "deliver the head of the order too",
    "encoding": "deliver the file in one encoding, and say it under format",
    "cut": "deliver the file again, whole; if it is, put a line end after its last record",
    "total": "name the totals under skip:, which also holds them against the records",
    "exponent": "export the key as text; its last digits are lost",
    "digits lost": "export the key as text, with all its digits",
    "decimals": "export the key as text, or take its decimals away with strip_suffix",
    "turned into a date": "export the key as text; a spreadsheet has made a date of it",
    "control character": "remove the invisible character from the key where it is kept",
    "file": "name the file as the pattern under file says, or mend the pattern",
}
"""Rule → what to do; of any other rule the reason says it."""

OTHERWISE = "mend the value and deliver the record again, or mend what the study says of the column"


def write_refused(checked: Checked, engine: Engine, path: Path) -> str:
    """Write every refused record: where it stands, why it is refused, what to do, and all of it.

    Parameters
    ----------
    checked, engine
        What was found, and the engine that has the quarantine.
    path
        The file; its ending, .xlsx or .csv, says which it is. What a spreadsheet would take for a
        formula stays text. The same records give the same bytes.

    Returns
    -------
    str
        What was written, as a sentence.

    Raises
    ------
    UsageError
        If the ending is another, or a sheet has too few rows.
    """
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise UsageError(f"{path}: the file must end in {' or '.join(WRITERS)} (got {path.suffix!r})")
    refused = int(engine.rows("select count(*) from quarantine")[0][0]) if engine.has("quarantine") else 0
    if refused > ROWS and write is _xlsx:
        raise UsageError(
            f"{path}: a sheet must hold all records (it has {ROWS:,} rows and {refused:,} are refused); "
            "name a file that ends in .csv"
        )
    with whole(path) as partial:
        write(partial, _rows(checked, engine) if refused else iter(()), checked.run_date)
    each = "it" if refused == 1 else "each"
    return f"{path}: {plural(refused, 'refused record')}, with what to do about {each}"


def _rows(checked: Checked, engine: Engine) -> Iterator[list[str | int]]:
    given = checked.study.sources.given()
    for extract in checked.extracts:
        found = engine.rows(
            'select source, file, record, "column", raw, rule, reason from quarantine '
            "where source = $source and file = $file order by record",
            {"source": extract.source, "file": extract.name},
        )
        raws = raw_records(extract, given[extract.source], {row[2] for row in found})
        for *row, rule, reason in found:
            all_of_it = raws[row[2]].text if row[2] in raws else ""
            cells = [*row, rule, reason, DO.get(rule, OTHERWISE), all_of_it]
            yield [cell if isinstance(cell, int) else str(cell or "") for cell in cells]


def _xlsx(path: Path, rows: Iterator[Sequence[str | int]], day: dt.date) -> None:
    import xlsxwriter

    from segcore.outputs.workbook.cells import not_rich

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**plain, "constant_memory": True}) as book:
        book.set_properties({"title": "Quarantine", "created": dt.datetime.combine(day, dt.time())})
        bold, sheet = book.add_format({"bold": True}), book.add_worksheet("quarantine")
        sheet.freeze_panes(1, 0)
        for place, (name, width) in enumerate(COLUMNS.items()):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, name, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(last, place, cell)
                else:
                    sheet.write_string(last, place, not_rich(cell[:LONGEST]))
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)


def _csv(path: Path, rows: Iterator[Sequence[str | int]], _: dt.date) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BYTE_ORDER_MARK)
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([guarded_text(c) if isinstance(c, str) else c for c in row] for row in rows)


WRITERS = {".xlsx": _xlsx, ".csv": _csv}
