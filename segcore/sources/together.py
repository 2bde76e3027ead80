"""Many small extracts at once: a query for each of thousands takes longer to plan than to run.

Only what is plain goes this way: small texts of one header that end with a line end. All others are
left for :func:`segcore.sources.parsing.parse_extract`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.files import SCRATCH, is_cached, put_cached
from segcore.params import Source
from segcore.sources.extracts import Extract
from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.table import reader_of, splits_lines
from segcore.sources.headers import Header
from segcore.sources.marking import OTHER_HEADER
from segcore.sources.parsing import cache_key, header_of, parse_extract, typed_query
from segcore.sources.store import check_kept
from segcore.sources.styles import doubtful
from segcore.sources.values.columns import keys_of

if TYPE_CHECKING:
    from segcore.engine import FileEngine

FEW = 20
"""Fewer extracts than this are parsed one by one, which takes two seconds."""

SMALL = 250_000
"""Bytes of an extract above which reading takes longer than planning."""

AT_ONCE = 300
"""Extracts in one query: enough that planning costs little, few enough to be held in memory."""

APART = 1 << 40
"""More than any file has lines: the number of the file times this is added to each of its records."""


@dataclass(frozen=True)
class _Small:
    delivery: Delivery
    target: Path
    lines: int


def parse_all(
    engine: FileEngine, extracts: Sequence[Extract], source: Source, currency: str, folder: Path
) -> list[tuple[Extract, Path]]:
    """The parsed forms of all extracts of a source; see :func:`segcore.sources.parsing.parse_extract`."""
    # What comes from the name of a file is another expression in each.
    if len(extracts) >= FEW and not any(column.file for column in source.columns.values()):
        _parse_small(engine, extracts, source, currency, folder)
    return [(e, parse_extract(engine, e, source, currency, folder)) for e in extracts]


def _parse_small(
    engine: FileEngine, extracts: Sequence[Extract], source: Source, currency: str, folder: Path
) -> None:
    targets = {
        folder / f"{cache_key(extract, source, currency)}.parquet": extract
        for extract in extracts
        if extract.bytes <= SMALL
    }
    missing = {target: extract for target, extract in targets.items() if not is_cached(target)}
    if len(missing) < FEW:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        groups: dict[Header, list[_Small]] = {}
        for number, (target, extract) in enumerate(missing.items()):
            own = Path(scratch) / str(number)
            own.mkdir()
            delivery = Delivery(extract.path, extract.name, source.layout, own)
            if (header := _plain_header(extract, delivery, source)) is not None:
                group = groups.setdefault(header, [])
                group.append(_Small(delivery, target, decoded(delivery).lines))
                if len(group) == AT_ONCE:
                    _parse(engine, extract.source, source, (currency, header), groups.pop(header))
        for header, group in groups.items():
            if len(group) >= FEW:
                _parse(engine, extracts[0].source, source, (currency, header), group)


def _plain_header(extract: Extract, delivery: Delivery, source: Source) -> Header | None:
    """The header of a text that may be read with others; None for every other file."""
    try:
        check_kept(extract)
        if splits_lines(reader_of(delivery)) and decoded(delivery).whole:
            return header_of(delivery, source)
    except InputError:
        pass
    return None


def _parse(
    engine: FileEngine, kind: str, source: Source, how: tuple[str, Header], group: Sequence[_Small]
) -> None:
    query = typed_query(kind, source, how, line=f"(record % {APART})")
    try:
        with engine.stream("file_rows", _rows(group), ROWS):
            engine.execute(f"create or replace temp table together as {query}")
    except InputError:
        return  # each is read alone, and the one at fault is told by its name
    read = dict(
        engine.rows(
            f"select record // {APART}, sum(_lines)::BIGINT from together "
            f"group by 1 having not coalesce(bool_or(_skip = {quote_text(OTHER_HEADER)}), false)"
        )
    )
    # Such a file is read alone, too, and perhaps refused as a whole.
    doubt = doubtful(keys_of(kind, source))
    if "amount" in source.columns:  # thousandths may be thousands
        doubt += " or amount % 0.01 <> 0"
    mixed = {
        number for (number,) in engine.rows(f"select distinct record // {APART} from together where {doubt}")
    }
    for number, small in enumerate(group):
        if read.get(number) == small.lines and number not in mixed:
            made = small.delivery.scratch / "parsed.parquet"
            engine.execute(
                f"copy (select * replace ((record % {APART}) as record) from together "
                f"where record between {number * APART} and {(number + 1) * APART - 1} order by record) "
                f"to {quote_text(str(made))} (format parquet, kv_metadata "
                f"{{lines: '{small.lines}', header: '{how[1].record}'}})"
            )
            put_cached(made, small.target)
    engine.execute("drop table together")


def _rows(group: Sequence[_Small]) -> Iterator[pa.RecordBatch]:
    for number, small in enumerate(group):
        for batch in reader_of(small.delivery).rows(small.delivery):
            record = pc.add(batch["record"], pa.scalar(number * APART))
            yield pa.record_batch([record, *batch.columns[1:]], schema=ROWS)
