"""Many small extracts at once: a query for each of thousands takes longer to plan than to run.

Only what is plain goes this way: small files of one header, in which nothing is refused and of which
exactly the counted records are read. All others are left for
:func:`segcore.sources.csv_file.parse_extract`, which says what is wrong with a file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.files import SCRATCH, is_cached, put_cached
from segcore.params import Format, Source
from segcore.sources.counting import count_records
from segcore.sources.csv_file import cached_path, records_query
from segcore.sources.extracts import Extract
from segcore.sources.store import check_kept
from segcore.sources.text import header_of, transcode

if TYPE_CHECKING:
    from segcore.engine import Engine

FEW = 20
"""Fewer extracts than this are parsed one by one, which takes half a second."""

SMALL = 250_000
"""Bytes of an extract above which reading takes longer than planning."""

AT_ONCE = 300
"""Extracts in one query: enough that planning costs little, few enough to be held open and unpacked."""


def parse_many(engine: Engine, extracts: Sequence[Extract], source: Source, folder: Path) -> None:
    """Put the parsed forms of many small extracts of a source into the cache.

    Parameters
    ----------
    engine, source, folder
        As for :func:`segcore.sources.csv_file.parse_extract`.
    extracts
        The files, in the store of inputs.
    """
    targets = {
        cached_path(extract, source, folder): extract for extract in extracts if extract.bytes <= SMALL
    }
    missing = {target: extract for target, extract in targets.items() if not is_cached(target)}
    if len(missing) < FEW:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        for header, texts in _alike(missing, source, Path(scratch)):
            _parse(engine, extracts[0].source, source, header, texts)


def _alike(
    missing: Mapping[Path, Extract], source: Source, scratch: Path
) -> Iterator[tuple[list[str], dict[Path, Path]]]:
    """Each header, and some of the files that have it: their text in UTF-8 → target in the cache."""
    layout = source.format or Format()
    groups: dict[tuple[str, ...], dict[Path, Path]] = {}
    for number, (target, extract) in enumerate(missing.items()):
        text = scratch / f"{number}.csv"
        try:
            check_kept(extract)
            header = tuple(header_of(extract.path, layout, name=extract.name))
            transcode(extract.path, layout.encoding, text, name=extract.name)
        except (InputError, IndexError):
            continue
        group = groups.setdefault(header, {})
        group[text] = target
        if len(group) == AT_ONCE:
            yield list(header), groups.pop(header)
    for header, group in groups.items():
        if len(group) >= FEW:
            yield list(header), group


def _parse(engine: Engine, kind: str, source: Source, header: list[str], texts: Mapping[Path, Path]) -> None:
    query = records_query(kind, source, header, list(texts))
    engine.execute("drop table if exists refused; drop table if exists refused_scans")
    engine.execute(f"create or replace temp table many_files as {query}")
    read = dict(engine.rows("select _file, count(*) from many_files group by _file"))
    for (path,) in engine.rows(
        "select distinct file_path from refused join refused_scans using (scan_id, file_id)"
    ):
        read.pop(path, None)
    layout = source.format or Format()
    for text, target in texts.items():
        if _is_whole(text, layout.delimiter, read.get(str(text), -1)):
            made = text.with_suffix(".parquet")
            engine.execute(
                "copy (select * exclude (_file), false as _structural from many_files "
                f"where _file = {quote_text(str(text))} order by rowid) "
                f"to {quote_text(str(made))} (format parquet)"
            )
            put_cached(made, target)


def _is_whole(text: Path, delimiter: str, read: int) -> bool:
    """Whether exactly the records of a file were read, each from one line."""
    try:
        count = count_records(text, delimiter, text.name)
    except InputError:
        return False
    return count.records == read and not count.spare_lines
