"""An extract → its parsed form: one typed row per line of the file, in the cache.

The reader of its format gives rows of text, the engine splits and types them, and the number of lines
that the rows take must be the number that was counted on its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.files import cached
from segcore.kinds import KINDS
from segcore.params import Source, Study, dumped
from segcore.sources.cut import BROKEN, REASON, cut_record, last_texts
from segcore.sources.extracts import Extract, Found
from segcore.sources.formats import ASIDE, ROWS, Delivery, Reader, glue
from segcore.sources.formats.decoding import decoded, first_lines
from segcore.sources.formats.limits import MIB
from segcore.sources.formats.looks import looks_like
from segcore.sources.formats.postgres import columns_of
from segcore.sources.formats.quotes import first_records
from segcore.sources.formats.table import reader_of, splits_lines
from segcore.sources.formats.workbook import WORKBOOK
from segcore.sources.headers import WITHIN, Header, contradictions, find_header, unlike
from segcore.sources.marking import FEWER, OTHER_HEADER, SEPARATOR, marked_rows, with_faults
from segcore.sources.parse import Shape, parse_query
from segcore.sources.store import check_kept
from segcore.sources.styles import check_styles, doubtful
from segcore.sources.values.columns import keys_of
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine

FACES = ("duckdb", "pyarrow", "python-calamine")
"""Packages that decide how a file is read."""

LARGE = 4 * MIB
"""A workbook of this size takes seconds to read."""

AFTERWARDS = {
    "gates",
    "beside.py",
    "delivered.py",
    "deliveries.py",
    "judged.py",
    "judging.py",
    "lookups.py",
    "raw.py",
    "reconciling.py",
    "totals.py",
}
"""What works with parsed forms only; everything else may have a part in them."""


def parse_extract(engine: FileEngine, extract: Extract, source: Source, currency: str, folder: Path) -> Path:
    """The parsed form of an extract, from the cache or made now.

    Parameters
    ----------
    engine
        Where SQL runs.
    extract
        The file, in the store of inputs.
    source
        What the study says about it.
    currency
        The study's currency, which may stand beside numbers.
    folder
        The cache; it may be deleted at any time.

    Returns
    -------
    Path
        A Parquet file with a row for each line of the file, but for those that others take with
        them: record, _lines, _skip, _record_key, the canonical columns, _bad_column, _bad_raw,
        _bad_rule, _bad_reason, _structural (whether the record could not even be split) and
        _unread. Its metadata say how many ``lines`` were counted.

    Raises
    ------
    InputError
        If the file as a whole cannot be read, or the stored one was altered.
    """

    def make(scratch: Path) -> Path:
        check_kept(extract)
        made = _parse(engine, extract, source, currency, scratch)
        check_kept(extract)  # so that what was parsed is what the run says that it read
        return made

    return cached(folder / f"{cache_key(extract, source, currency)}.parquet", make)


def cache_key(extract: Extract, source: Source, currency: str) -> str:
    """Under what the parsed form of an extract is kept: everything that it depends on."""
    name = extract.name if any(column.file for column in source.columns.values()) else ""
    said = dumped(extract.source, source)
    how = [extract.source, name, extract.sha256, said, currency, fingerprint()]
    return hashlib.sha256(json.dumps(how, sort_keys=True).encode()).hexdigest()


@cache
def fingerprint() -> str:
    """One hash over everything that parses: a change in it makes every cached form worthless."""
    package = Path(__file__).parent.parent
    code = [*package.glob("sources/**/*.py"), *package.glob("params/*.py"), *package.glob("engine/*.py")]
    code = [path for path in code if not {path.name, path.parent.name} & AFTERWARDS]
    digest = hashlib.sha256((package / "kinds.py").read_bytes())
    for path in sorted(code):
        digest.update(path.read_bytes())
    digest.update(" ".join(version(name) for name in FACES).encode())
    return digest.hexdigest()


def header_of(delivery: Delivery, source: Source) -> Header:
    """The header of a file, from its first rows.

    Raises
    ------
    InputError
        If there is none that has every column that the study maps.
    """
    reader = reader_of(delivery)
    if problems := list(contradictions(delivery.name, source, typed=reader.typed)):
        raise InputError(*problems)
    splits = splits_lines(reader)
    most = max(WITHIN * 2, source.layout.header if isinstance(source.layout.header, int) else 0)
    return find_header(delivery.name, source, islice(first_rows(delivery), most + 1), splits=splits)


def header_faults(study: Study, found: Sequence[Found]) -> list[list[str]]:
    """For each file what is wrong with its beginning, in sentences, as far as it is known before any work."""
    sources = study.sources.given()
    faults: list[list[str]] = []
    first: dict[str, tuple[str, Header]] = {}
    for file in found:
        source = sources[file.source]
        if _later(file, source):
            faults.append([])
            continue
        try:
            header = _header(file, source)
            faults.append([*unlike(file.name, source, header, first.get(file.source, (file.name, header)))])
            first.setdefault(file.source, (file.name, header))
        except InputError as error:
            faults.append([*error.problems])
    return faults


def check_headers(study: Study, found: Sequence[Found]) -> None:
    """Check the header of every file before any work.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    if problems := [text for texts in header_faults(study, found) for text in texts]:
        raise InputError(*problems)


def _later(found: Found, source: Source) -> bool:
    """Whether the header of a file is looked at when it is read, for a cell of a workbook needs all of it.

    Where columns are known by position the headers of all files must be alike, and nothing else tells.
    """
    if found.query is not None or found.path.stat().st_size < LARGE:
        return False
    by_position = any(isinstance(column.from_, int) for column in source.columns.values())
    return not by_position and looks_like(found.path) in WORKBOOK.looks


def _header(found: Found, source: Source) -> Header:
    if found.query is not None:
        return find_header(found.name, source, [(1, columns_of(found.query))], splits=False)
    with Temporary("header") as scratch:
        delivery = Delivery(found.path, found.name, source.layout, scratch)
        header = header_of(delivery, source)
        if not (KINDS[found.source].quiet or _more_than(delivery, header)):
            raise InputError(
                f"{found.name}: must hold records below its header (it holds none); ask for the export again"
            )
        return header


def _more_than(delivery: Delivery, header: Header) -> bool:
    return any(at > header.record and any(texts) for at, texts in first_rows(delivery))


def first_rows(delivery: Delivery) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file from its first, each with the line or row in which it stands.

    Of a text they are the records of its first piece.
    """
    reader, layout = reader_of(delivery), delivery.layout
    if splits_lines(reader):
        return first_records(first_lines(delivery), layout.delimiter, layout.quote)
    return _first_rows(reader, delivery)


def _first_rows(reader: Reader, delivery: Delivery) -> Iterator[tuple[int, list[str]]]:
    for batch in reader.rows(delivery):
        for row in batch.to_pylist():
            if not (row["fault"] or "").startswith(ASIDE):
                yield row["record"], row["fields"] if row["fields"] is not None else [row["text"] or ""]


def _parse(engine: FileEngine, extract: Extract, source: Source, currency: str, scratch: Path) -> Path:
    delivery = Delivery(extract.path, extract.name, source.layout, scratch)
    reader, header = reader_of(delivery), header_of(delivery, source)
    lines = reader.count(delivery)
    rows = marked_rows(source, header, "file_rows")
    if reader.lines and not decoded(delivery).whole:
        rows = _without_cut(engine, extract.source, reader, (delivery, source, header))
    typed, serials = reader.typed, reader.serials(delivery)
    shape = Shape(extract.source, source, currency, header.names, typed, serials, extract.name)
    query = with_faults(parse_query(shape, rows))
    made = scratch / "parsed.parquet"

    def stream() -> AbstractContextManager[None]:
        return engine.stream("file_rows", reader.rows(delivery), ROWS)

    with stream():
        engine.execute(
            f"copy ({query}) to {quote_text(str(made))} "
            f"(format parquet, kv_metadata {{lines: '{lines}', header: '{header.record}'}})"
        )
    doubt = doubtful(keys_of(extract.source, source))
    read, other, doubts = engine.rows(
        f"select coalesce(sum(_lines), 0), min(record) filter (_skip = {quote_text(OTHER_HEADER)}), "
        f"coalesce(bool_or({doubt}), false) from read_parquet({quote_text(str(made))})"
    )[0]
    if other is not None:
        raise InputError(
            f"{extract.name}: must have one header (record {other:,} has the same names in another order "
            "or with others between them); deliver the parts as files of their own"
        )
    if read != lines:
        raise InputError(
            f"{extract.name}: every line must be read (counted {lines:,}, read {read:,}); "
            "ask for the export again, and tell who keeps segcore"
        )
    check_styles(engine, shape, rows, stream, doubt=made if doubts else None)
    return made


def typed_query(kind: str, source: Source, how: tuple[str, Header], *, line: str) -> str:
    """The query that types the rows of texts, which are ``file_rows``.

    Parameters
    ----------
    kind, source
        The kind of source, and what the study says about it.
    how
        The study's currency, and the header that the texts share.
    line
        SQL of the line in which a row stands.
    """
    currency, header = how
    shape = Shape(kind, source, currency, header.names)
    return with_faults(parse_query(shape, marked_rows(source, header, "file_rows", line=line)))


def _without_cut(engine: FileEngine, kind: str, reader: Reader, file: tuple[Delivery, Source, Header]) -> str:
    """SQL of the rows of a file that ends without a line end; its last record is refused if it may be cut."""
    delivery, source, header = file
    rows = marked_rows(source, header, "file_rows")
    with engine.stream("file_rows", reader.rows(delivery), ROWS):
        engine.execute(last_texts(rows, header))
    cut = cut_record(engine, kind, source, header, lines=decoded(delivery).lines)
    texts = ", ".join(f"c{place}" for place in range(len(header.names)))
    raw = f"array_to_string([{texts}], {quote_text(glue(source.layout))})"
    believed = f"{quote_text(REASON)} || {SEPARATOR} || {raw}"
    broken = f"replace(_fault, {quote_text(FEWER)}, {quote_text(BROKEN)})"
    fault = f"if(record = {cut}, if(_fault is null, {believed}, {broken}), _fault)"
    return f"select * replace ({fault} as _fault) from ({rows})" if cut else rows
