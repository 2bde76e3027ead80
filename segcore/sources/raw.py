"""Records as they were delivered, read again by their numbers: for whoever must mend a source."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.params import Source
from segcore.sources.extracts import Extract
from segcore.sources.formats import Delivery, glue
from segcore.sources.formats.quotes import split_anyhow
from segcore.sources.formats.table import reader_of, splits_lines
from segcore.sources.parsing import header_of
from segcore.temporary import Temporary
from segcore.wording import count

if TYPE_CHECKING:
    from segcore.engine import Engine


HEADER = r"header of (sheet .*) \(record ([\d,]+) is its row ([\d,]+)\)"
"""The rule by which the header of a further sheet is no record; it says where the sheet's rows stand."""


@dataclass(frozen=True)
class Raw:
    """A record as it was delivered.

    Parameters
    ----------
    text
        All of it; fields that the format tells apart otherwise are joined by the delimiter.
    fields
        Its fields by the names in the header.
    """

    text: str
    fields: dict[str, str]


def place_of(engine: Engine, file: str, record: int) -> str:
    """Where a record stands, in words; in a further sheet of a workbook also its row there.

    ``engine`` has the table ``skipped``, where the headers of such sheets are.
    """
    sheet, first, row = (f"regexp_extract(rule, $header, {group})" for group in (1, 2, 3))
    found = engine.rows(
        f"select {sheet}, replace({first}, ',', '')::BIGINT as first, replace({row}, ',', '')::BIGINT "
        "from skipped where file = $file and regexp_full_match(rule, $header) order by first desc",
        {"file": file, "header": HEADER},
    )
    places = (f" ({sheet}, row {count(record - at + row)})" for sheet, at, row in found if record > at - row)
    return f"{file} record {count(record)}{next(places, '')}"


def raw_records(extract: Extract, source: Source, wanted: Collection[int]) -> dict[int, Raw]:
    """Records of a file by their numbers; without those that the file does not have.

    Parameters
    ----------
    extract, source
        The file, and what the study says about it.
    wanted
        The numbers of the records, as the quarantine has them.
    """
    if not wanted:
        return {}
    with Temporary("raw") as scratch:
        delivery = Delivery(extract.path, extract.name, source.layout, scratch)
        names = header_of(delivery, source).names
        return {
            number: Raw(text, dict(zip(names, fields, strict=False)))
            for number, text, fields in _rows(delivery, set(wanted))
        }


def _rows(delivery: Delivery, wanted: set[int]) -> Iterator[tuple[int, str, list[str]]]:
    import pyarrow as pa
    from pyarrow import compute

    reader, layout = reader_of(delivery), delivery.layout
    numbers = pa.array(sorted(wanted), pa.int64())
    for batch in reader.rows(delivery):
        for row in batch.filter(compute.is_in(batch.column("record"), numbers)).to_pylist():
            text, fields = row["text"], row["fields"]
            if fields is None:
                fields = (
                    split_anyhow(text, layout.delimiter, layout.quote) if splits_lines(reader) else [text]
                )
            cells = [field or "" for field in fields]
            yield row["record"], text if text is not None else glue(layout).join(cells), cells
