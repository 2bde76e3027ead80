"""CSV extracts: decode, count independently, load as text, parse; one typed row per record.

DuckDB reads fast but can lose records silently (an unclosed quote swallows what follows). So
Python's strict reader counts the records on its own while DuckDB loads them, and the two must agree.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.files import cached
from segcore.params import Column, Format, Source
from segcore.sources.counting import MOST_LINES, Count, blank_lines, count_records
from segcore.sources.extracts import Extract
from segcore.sources.parse import Shape, parse_query
from segcore.sources.refused import put_back
from segcore.sources.store import check_kept
from segcore.sources.swallowed import check_swallowed
from segcore.sources.text import encoding_candidates, header_of, start_of, transcode

if TYPE_CHECKING:
    from segcore.engine import Engine


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
        If the file as a whole cannot be read, or the stored one was altered.
    """

    def make(scratch: Path) -> Path:
        check_kept(extract)
        made = _parse(engine, extract, source, scratch)
        check_kept(extract)  # so that what was parsed is what the run says that it read
        return made

    return cached(cached_path(extract, source, folder), make)


def cached_path(extract: Extract, source: Source, folder: Path) -> Path:
    """Where the cache has the parsed form of an extract, if it was parsed before."""
    return folder / f"{_cache_key(extract, source)}.parquet"


def _cache_key(extract: Extract, source: Source) -> str:
    parts = source.model_dump(mode="json", include={"format", "columns", "unique"}, by_alias=True)
    text = json.dumps([extract.sha256, extract.path.suffix, parts, _own_code()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _own_code() -> str:
    """A change in how extracts are read makes every cached form worthless."""
    folder = Path(__file__).parent
    names = ("counting.py", "csv_file.py", "many_files.py", "parse.py", "refused.py", "text.py")
    code = b"".join((folder / name).read_bytes() for name in names)
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


class _UnevenLines(InputError):
    """The file mixes line ends."""


def _as_utf8(extract: Extract, layout: Format, scratch: Path) -> Path:
    """The stored file itself where it can be read as it is, else a decoded copy."""
    start = start_of(extract.path, name=extract.name)
    plain = encoding_candidates(start, layout.encoding) == ("utf-8",)
    if plain and not start.startswith((b"\n", b"\r")) and not extract.path.name.endswith(".gz"):
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
        query = (
            f"select *, false as _structural from ({records_query(extract.source, source, header, [text])})"
        )
        refused = _load_text(engine, query, made, extract.name)
        count = counting.result()
    loaded = engine.rows(f"select count(*) from read_parquet({quote_text(str(made))})")[0][0]
    _check_complete(extract, count, loaded, refused)
    if count.spare_lines:
        check_swallowed(text, source, header, extract.name)
    if not refused:
        return made
    blank = blank_lines(text, layout.delimiter) if count.spare_lines else []
    return put_back(engine, made, blank)


def records_query(kind: str, source: Source, header: list[str], texts: Sequence[Path]) -> str:
    """The query that reads the records of UTF-8 files with one header as text and parses them.

    Of several files the column ``_file`` says the path of each record's.
    """
    layout = source.format or Format()
    types = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    scan = (
        f"select *, filename from read_csv([{', '.join(quote_text(str(text)) for text in texts)}], "
        f"columns = {{{types}}}, header = true, auto_detect = false, "
        f"delim = {quote_text(layout.delimiter)}, quote = '\"', escape = '\"', strict_mode = true, "
        "store_rejects = true, rejects_table = 'refused', rejects_scan = 'refused_scans')"
    )
    names = (*header, "_file")
    source = source.model_copy(update={"ignore": (*source.ignore, "_file")})
    if len(texts) > 1:
        columns = {**source.columns, "_file": Column.model_validate("_file")}
        source = source.model_copy(update={"columns": columns})
    rows = (
        "select 0::BIGINT as record, 1::INTEGER as _lines, NULL::VARCHAR as _skip, NULL::VARCHAR as _fault, "
        f"* exclude (filename), filename as c{len(header)} from ({scan})"
    )
    query = parse_query(Shape(kind, source, "EUR", names), rows)
    return f"select * exclude (record, _lines, _skip, _structural, _unread) from ({query})"


def _load_text(engine: Engine, query: str, target: Path, name: str) -> int:
    """Write what DuckDB can split; leaves the table ``refused`` and returns its number of records."""
    engine.execute("drop table if exists refused; drop table if exists refused_scans")
    try:
        engine.execute(f"copy ({query}) to {quote_text(str(target))} (format parquet)")
    except Exception as error:
        if "state machine reached an invalid state" in str(error):
            raise _UnevenLines(f"{name}: its lines must end alike; ask for the export again") from None
        raise
    return int(engine.rows("select count(distinct line) from refused")[0][0])


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
