"""CSV extracts: decode, count independently, load as text, parse; one typed row per record.

DuckDB reads fast but can lose records silently (an unclosed quote swallows what follows). So
Python's strict reader counts the records on its own while DuckDB loads them, and the two must agree.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.params import Format, Source
from segcore.sources.extracts import Extract, chunks
from segcore.sources.parse import parse_query, parsed_column, record_key
from segcore.sources.text import encoding_candidates, header_of, not_text, transcode

if TYPE_CHECKING:
    from segcore.engine import Engine

MOST_LINES = 100  # line breaks in one record before it must be a quote that nobody closed


@dataclass(frozen=True)
class Count:
    """What the independent reader saw: records below the header, and the longest one in lines."""

    records: int
    longest: int
    longest_at: int


def parse_extract(engine: Engine, extract: Extract, source: Source, folder: Path) -> Path:
    """The parsed form of an extract, from the cache or made now.

    Parameters
    ----------
    engine
        Where SQL runs.
    extract
        The file, in the store of inputs.
    source
        What the study says about it.
    folder
        The cache; it may be deleted at any time.

    Returns
    -------
    Path
        A Parquet file with one row per record, in the order of the file: _record_key, the
        canonical columns, _bad_column, _bad_raw, _bad_rule, _bad_reason, and _structural (True
        where the record could not even be split into columns).

    Raises
    ------
    InputError
        If the file as a whole cannot be read.
    """
    target = folder / f"{_cache_key(extract, source)}.parquet"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".parsing-", dir=folder) as scratch:
            made = _parse(engine, extract, source, Path(scratch))
            os.replace(made, target)
    return target


def _cache_key(extract: Extract, source: Source) -> str:
    parts = source.model_dump(mode="json", include={"format", "columns", "unique"}, by_alias=True)
    text = json.dumps([extract.sha256, extract.path.suffix, parts, _own_code()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _own_code() -> str:
    """A change in how extracts are read makes every cached form worthless."""
    folder = Path(__file__).parent
    code = b"".join((folder / name).read_bytes() for name in ("csv_file.py", "parse.py", "text.py"))
    return hashlib.sha256(code).hexdigest()


def _parse(engine: Engine, extract: Extract, source: Source, scratch: Path) -> Path:
    layout = source.format or Format()
    text = _as_utf8(extract, layout, scratch)
    try:
        return _load(engine, extract, source, text, scratch)
    except _UnevenLines:
        # DuckDB wants one kind of line end in a file; writing it anew gives it that.
        even = scratch / "even.csv"
        transcode(text, "utf-8", even, name=extract.name)
        return _load(engine, extract, source, even, scratch)


class _UnevenLines(Exception):
    """The file mixes line ends."""


def _as_utf8(extract: Extract, layout: Format, scratch: Path) -> Path:
    """The stored file itself where it can be read as it is, else a decoded copy."""
    start = next(chunks(extract.path, 4), b"")
    plain = encoding_candidates(start, layout.encoding) == ("utf-8",)
    if plain and not extract.path.name.endswith(".gz"):
        return extract.path
    text = scratch / "text.csv"
    transcode(extract.path, layout.encoding, text, name=extract.name)
    return text


def _load(engine: Engine, extract: Extract, source: Source, text: Path, scratch: Path) -> Path:
    layout = source.format or Format()
    header = header_of(extract.path, layout, name=extract.name)
    made = scratch / "parsed.parquet"
    with ThreadPoolExecutor(1) as pool:
        counting = pool.submit(count_records, text, layout.delimiter, extract.name)
        refused = _load_text(engine, _query(source, header, text), made)
        count = counting.result()
    loaded = engine.rows(f"select count(*) from read_parquet({quote_text(str(made))})")[0][0]
    _check_complete(extract, count, loaded, len(refused))
    return _with_refused(engine, made, refused) if refused else made


def count_records(text: Path, delimiter: str, name: str) -> Count:
    """Count the records of a UTF-8 file with Python's strict reader.

    Raises
    ------
    InputError
        If the bytes are not UTF-8, or a quote is still open at the end of the file.
    """
    count, longest, longest_at = 0, 1, 0
    try:
        with text.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            count = sum(map(bool, _rows(reader)))
            if reader.line_num - count > MOST_LINES:
                file.seek(0)
                longest, longest_at = _longest(csv.reader(file, delimiter=delimiter, strict=True))
    except UnicodeDecodeError as error:
        raise InputError(not_text(name, ("utf-8",), error)) from None
    except csv.Error:
        raise InputError(
            f"{name}: every quote must be closed (one is still open at the end of the file, "
            f"after {count:,} records); mend the file or ask for the export again"
        ) from None
    return Count(count - 1, longest, longest_at)


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """The reader's rows; a record with text after a closing quote counts, DuckDB refuses it."""
    while True:
        try:
            yield from reader
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise
            yield [""]


def _longest(reader: Iterator[list[str]]) -> tuple[int, int]:
    lines, longest, at = 0, 1, 0
    for number, _ in enumerate(_rows(reader), start=1):
        here = reader.line_num  # type: ignore[attr-defined]
        if here - lines > longest:
            longest, at = here - lines, number
        lines = here
    return longest, at


def _query(source: Source, header: list[str], text: Path) -> str:
    """The query that reads the records of a UTF-8 file as text and parses them."""
    layout = source.format or Format()
    raw = {name: f"c{position}" for position, name in enumerate(header)}
    parsed = [
        parsed_column(name, column, raw[column.from_], layout)
        for name, column in source.columns.items()
        if column.from_ is not None
    ]
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    scan = (
        "from read_csv("
        f"{quote_text(str(text))}, columns = {{{columns}}}, header = true, auto_detect = false, "
        f"delim = {quote_text(layout.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        "store_rejects = true, rejects_table = 'refused', rejects_scan = 'refused_scans')"
    )
    key = record_key(raw) if source.unique == "record" else None
    return f"select *, false as _structural from ({parse_query(scan, source.columns, parsed, key)})"


def _load_text(engine: Engine, query: str, target: Path) -> list[tuple[int, str, str]]:
    """Write what DuckDB can split; returns record, kind of fault and text of the rest."""
    engine.execute("drop table if exists refused; drop table if exists refused_scans")
    try:
        engine.execute(f"copy ({query}) to {quote_text(str(target))} (format parquet)")
    except Exception as error:
        if "state machine reached an invalid state" in str(error):
            raise _UnevenLines from None
        raise
    refused = engine.rows(
        "select line, min(error_type::VARCHAR), min(csv_line) from refused group by line order by line"
    )
    return [(int(line), kind, str(text)) for line, kind, text in refused]


def _check_complete(extract: Extract, count: Count, loaded: int, refused: int) -> None:
    if count.longest > MOST_LINES:
        raise InputError(
            f"{extract.name}: a record must not span {count.longest:,} lines (record "
            f"{count.longest_at:,} does, so a quote in it is closed in the wrong place); mend the file"
        )
    if loaded + refused != count.records:
        raise InputError(
            f"{extract.name}: every record must be read (counted {count.records:,}, read {loaded:,} "
            f"and refused {refused:,}); look for quotes that are not closed where they should be"
        )


REFUSED = {
    "TOO MANY COLUMNS": "must have as many fields as the header (it has more)",
    "MISSING COLUMNS": "must have as many fields as the header (it has fewer)",
    "UNQUOTED VALUE": "must have nothing after a closing quote",
    "LINE SIZE OVER MAXIMUM": "must be shorter than 2 million characters",
}


def _with_refused(engine: Engine, made: Path, refused: list[tuple[int, str, str]]) -> Path:
    """Put the records that could not be split back into their places among the others."""
    engine.execute(
        "create or replace temp table refused_records (record BIGINT, _bad_raw VARCHAR, "
        "_bad_reason VARCHAR, naive BIGINT, before BIGINT)"
    )
    for position, (record, kind, text) in enumerate(refused):
        reason = REFUSED.get(kind, f"must be a record of the file ({kind.lower()})")
        engine.execute(
            "insert into refused_records values ($record, $raw, $reason, $naive, $before)",
            {
                "record": record,
                "raw": text[:1000],
                "reason": reason,
                "naive": record - position,
                "before": position + 1,
            },
        )
    steps = "select naive, max(before) as before from refused_records group by naive"
    numbered = f"from read_parquet({quote_text(str(made))}, file_row_number = true)"
    shifted = (
        "select l.file_row_number + 2 + coalesce(s.before, 0) as record, l.* exclude (file_row_number) "
        f"from ({numbered}) l asof left join ({steps}) s on l.file_row_number + 2 >= s.naive"
    )
    lost = (
        "select record, _bad_raw, 'columns' as _bad_rule, _bad_reason, true as _structural "
        "from refused_records"
    )
    target = made.with_name("complete.parquet")
    engine.execute(
        f"copy (select * exclude (record) from ({shifted} union all by name {lost}) order by record) "
        f"to {quote_text(str(target))} (format parquet)"
    )
    return target
