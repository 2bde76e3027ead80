"""Somebody is taken out of Parquet files: rows of the customer go, in others the marker stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.engine.sql import quote_name, quote_text
from segcore.privacy.cells import cleaned, is_of, literal
from segcore.privacy.decoding import OpaqueError
from segcore.privacy.person import Person
from segcore.privacy.rows import (
    NUMBERS,
    Rows,
    as_text,
    containing,
    has_text,
    of_customer,
    stamp_of,
    text_of,
)

if TYPE_CHECKING:
    from segcore.engine import FileEngine

QUOTED = ("raw", "key", "kept_value", "dropped_value", "_bad_raw")
"""Columns that quote an extract: with one of these a row tells of nothing else."""

PLACES = (("file", "record"), ("kept_file", "kept_record"), ("dropped_file", "dropped_record"))
"""Columns that say from which record of which extract a row is."""

Records = Mapping[str, frozenset[int]]
"""Name of an extract → the records in it that are the person's."""


@dataclass(frozen=True)
class Found:
    """Where a Parquet file holds the person.

    Parameters
    ----------
    rows
        Numbers of the rows that go, from 0.
    cells
        (number of a row, column) → SQL of what stands there instead.
    """

    rows: tuple[int, ...]
    cells: Mapping[tuple[int, str], str]

    def __bool__(self) -> bool:
        return bool(self.rows or self.cells)


def found(
    engine: FileEngine, path: Path, person: Person, records: Records, rows: Rows | None = None
) -> Found:
    """Where a Parquet file holds the person.

    Parameters
    ----------
    engine
        Where SQL runs.
    path
        The file.
    person
        Who is looked for.
    records
        The person's records, where the file says from which extract its rows are.
    rows
        Knows in which rows the person may stand, if the file was read before.

    Raises
    ------
    OpaqueError
        If nobody can tell.
    """
    source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
    columns = {row[0]: row[1] for row in engine.rows(f"describe from {source}")}
    texts = [name for name, kind in columns.items() if has_text(kind)]
    known = rows.may_hold(path, person) if rows else None
    asked = [*_places(columns, records), *(_conditions(columns, person) if known is None else _in(known))]
    levels = _levels(engine, path, person, rows)
    if levels:
        asked.append(f"file_row_number in ({_listed(levels)})")
    where = f"from {source} where {' or '.join(asked)}"
    # Mostly there is no such row, and then the other columns are not read.
    if not (asked and engine.rows(f"select 1 {where} limit 1")):
        _check_bytes(engine, source, columns)
        return Found((), {})
    shown = ", ".join(["file_row_number", *map(quote_name, [n for n in columns if n != "file_row_number"])])
    heads = ["file_row_number", *(name for name in columns if name != "file_row_number")]
    gone, cells = [], {}
    for values in engine.rows(f"select {shown} {where} order by 1"):
        row = dict(zip(heads, values, strict=True))
        number = row["file_row_number"]
        if number in levels or _is_theirs(row, person, records):
            gone.append(number)
            continue
        for name in texts:
            if (made := cleaned(row[name], person)) != row[name]:
                cells[number, name] = literal(made, columns[name])
    if not (gone or cells):
        _check_bytes(engine, source, columns)
    return Found(tuple(gone), cells)


def _check_bytes(engine: FileEngine, source: str, columns: Mapping[str, str]) -> None:
    """Refuse a table with bytes that are no text, as pictures are."""
    opaque = []
    for name, kind in columns.items():
        if "BLOB" in kind:
            readable = text_of(name, kind) if kind == "BLOB" else "NULL"
            opaque.append(f"({quote_name(name)} is not null and {readable} is null)")
    asked = f"select 1 from {source} where {' or '.join(opaque) or 'false'} limit 1"
    if any(True for _ in engine.rows(asked)):
        raise OpaqueError("bytes in a table are no text")


def rewrite(engine: FileEngine, path: Path, target: Path, gone: Found) -> None:
    """Write a Parquet file without what was found, in the same order."""
    source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
    kept = f"where file_row_number not in ({_listed(gone.rows)})" if gone.rows else ""
    asked = f"select * exclude (file_row_number) {_replaced(gone.cells)} from {source} {kept}"
    # As runs are written, with dictionaries of what hardly repeats, it takes four tenths longer.
    how = "format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000"
    engine.execute(f"copy ({asked}) to {quote_text(str(target))} ({how})")


def _listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows))


def _conditions(columns: Mapping[str, str], person: Person) -> list[str]:
    """SQL of which one is true of each row that may hold a person."""
    return [*of_customer(columns, person.ids), *containing(as_text(columns), person.told)]


def _levels(engine: FileEngine, path: Path, person: Person, rows: Rows | None) -> tuple[int, ...]:
    """Numbers of the rows of ``insights`` of a level that only the person has, by the customers beside it."""
    customers = path.with_name("customers.parquet")
    if path.name != "insights.parquet" or not customers.is_file():
        return ()
    stamp = stamp_of(path)
    if rows and stamp in rows.levels:  # the customers beside it may be without the person by now
        return rows.levels[stamp]
    beside = f"read_parquet({quote_text(str(customers))})"
    there = {row[0] for row in engine.rows(f"describe from {beside}")}
    source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
    ids, found = ", ".join(map(quote_text, person.ids)), list[int]()
    asked = f"select distinct attribute from {source} where kind = 'attribute' order by 1"
    for (name,) in [*engine.rows(asked)] if "customer_id" in there else []:
        if name in there:
            level = f"select {quote_name(name)}::VARCHAR from {beside} where customer_id"
            of_one = f"level in ({level} in ({ids}) except {level} not in ({ids}))"
            found += [
                number
                for (number,) in engine.rows(
                    f"select file_row_number from {source} where attribute = {quote_text(name)} and {of_one}"
                )
            ]
    if rows:
        rows.levels[stamp] = tuple(sorted(found))
    return tuple(sorted(found))


def _in(rows: Sequence[int]) -> list[str]:
    return [f"file_row_number in ({_listed(rows)})"] if rows else []


def _places(columns: Mapping[str, str], records: Records) -> Iterator[str]:
    """The same of each row that is of one of a person's records."""
    for file, record in PLACES:
        if file in columns and record in columns and set(QUOTED) & set(columns):
            for name, mine in records.items():
                places = ", ".join(map(str, sorted(mine)))
                if places:
                    of_file = f"{quote_name(file)} = {quote_text(name)}"
                    yield f"({of_file} and {quote_name(record)} in ({places}))"


def _is_theirs(row: Mapping[str, Any], person: Person, records: Records) -> bool:
    if any(is_of(row[name], person.ids) for name in NUMBERS if name in row):
        return True
    if not set(QUOTED) & set(row):
        return False
    for file, record in PLACES:
        if row.get(record) in records.get(row.get(file) or "", ()):
            return True
    return any(cleaned(row.get(name), person) != row.get(name) for name in QUOTED)


def _replaced(cells: Mapping[tuple[int, str], str]) -> str:
    """What follows ``select *`` for other texts in some cells."""
    made = []
    for column in sorted({column for _, column in cells}):
        cases = " ".join(
            f"when {number} then {made_of}" for (number, name), made_of in cells.items() if name == column
        )
        name = quote_name(column)
        made.append(f"case file_row_number {cases} else {name} end as {name}")
    return f"replace ({', '.join(made)})" if made else ""
