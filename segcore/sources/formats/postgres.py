"""Queries on PostgreSQL: asked once, in a transaction that cannot write, and kept as Parquet.

The address of the database comes from the environment and goes nowhere but to the driver.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from segcore.engine import ENGINES
from segcore.engine.sql import quote_name
from segcore.errors import InputError

CONNECTING = {
    "connect_timeout": "15",
    "keepalives_idle": "60",
    "keepalives_interval": "10",
    "keepalives_count": "6",
}
"""What the driver is told beside the address, so that a dead network does not keep a run for ever."""

NUMBERS = "numeric"
TEXTS = {"arrow.json", "arrow.uuid"}
KEYWORD = re.compile(r"postgres(ql)?|host(addr)?|port|dbname|user|localhost|ssl\w*|connect_timeout")


@dataclass(frozen=True)
class Query:
    """A question to a database.

    Parameters
    ----------
    where
        What messages call it, like ``params/acme.yaml: sources.transactions``.
    sql
        One SELECT.
    connection
        The variable of the environment that holds the address.
    seconds
        How long the database may take.
    """

    where: str
    sql: str
    connection: str
    seconds: float


def check_query(query: Query) -> Iterator[str]:
    """What is wrong with a query that can be known without the database, one sentence each."""
    import sqlglot
    from sqlglot import exp

    one = f"{query.where}.query: must be one SELECT of PostgreSQL"
    try:
        parsed = sqlglot.parse(query.sql, dialect="postgres")
    except sqlglot.errors.SqlglotError as error:
        fault = re.sub(r"\x1b\[\d*m", "", str(error)).splitlines()[0]
        yield f"{one} ({fault}); mend it"
        return
    trees = [tree for tree in parsed if tree is not None and not isinstance(tree, exp.Semicolon)]
    writes = (exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Command)
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        found = "another statement" if len(trees) == 1 else f"{len(trees)} statements"
        yield f"{one} (it is {found}); mend it"
    elif any(isinstance(node, writes) and not isinstance(node, exp.Query) for node in trees[0].walk()):
        yield f"{one} (something in it writes or locks); mend it"
    if not os.environ.get(query.connection):
        yield (
            f"{query.where}.connection: {query.connection} must be set in the environment to the address of "
            "the database, like postgresql://USER@HOST/DATABASE (it is not set)"
        )


def columns_of(query: Query) -> list[str]:
    """The names of a query's columns, without its rows.

    Raises
    ------
    InputError
        If the database does not answer, or not so that the result could be read.
    """
    with _asked(query, f"select * from (\n{_one(query)}) as asked limit 0") as reader:
        _check_types(query, reader.schema)
        return list(reader.schema.names)


def fetch(query: Query, target: Path, scratch: Path) -> None:
    """Ask a query and write its result as Parquet, in the order of all its columns.

    A database promises no order; equal results shall be equal files.

    Parameters
    ----------
    query
        The question.
    target
        Where to write.
    scratch
        A folder for what is needed meanwhile.

    Raises
    ------
    InputError
        If the database does not answer, or not so that the result could be read; if it has no row.
    """
    import pyarrow.parquet as pq

    raw = scratch / "asked.parquet"
    with _asked(query, _one(query)) as reader:
        numbers = _check_types(query, reader.schema)
        stored = pa.schema([(field.name, _stored(field.type)) for field in reader.schema])
        with pq.ParquetWriter(raw, stored, compression="zstd") as out:
            rows = 0
            for batch in reader:
                out.write_batch(_checked(batch, stored))
                rows += batch.num_rows
    if not rows:
        raise InputError(f"{query.where}.query: must give rows (it gives none); look at its conditions")
    with ENGINES["duckdb"](memory_limit="1GB") as engine:
        engine.read_parquet(raw, "asked")
        exact = {name: _decimals(engine, query, name) for name in numbers}
        told = ", ".join(
            f"{quote_name(name)}::{exact[name]} as {quote_name(name)}" if name in exact else quote_name(name)
            for name in stored.names
        )
        engine.write_parquet(f"select {told} from asked order by all", target)


def _one(query: Query) -> str:
    """The query without a semicolon at its end, for it becomes part of a statement; and with a line end."""
    import sqlglot

    tokens = sqlglot.tokenize(query.sql, dialect="postgres")
    ends = tokens[-1].token_type.name == "SEMICOLON"
    return (query.sql[: tokens[-1].start] if ends else query.sql) + "\n"


@contextmanager
def _asked(query: Query, sql: str) -> Iterator[pa.RecordBatchReader]:
    """The rows of a statement while they arrive."""
    from adbc_driver_postgresql import dbapi

    address = os.environ.get(query.connection, "")
    try:
        connection = dbapi.connect(_with_options(address))
    except Exception as error:
        raise InputError(
            f"{query.where}.connection: the database in {query.connection} must answer "
            f"({_masked(error, address)}); see whether it runs, or mend the variable"
        ) from None
    begun = time.monotonic()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute(f"set local statement_timeout = {int(query.seconds * 1000)}")
            cursor.execute("set local client_encoding = 'UTF8'")
            cursor.execute(sql)
            yield cursor.fetch_record_batch()
    except (dbapi.Error, pa.ArrowException, OSError) as error:
        told = _masked(error, address, known=query.sql)
        if time.monotonic() - begun >= query.seconds:
            told = f"it is not done after {query.seconds:g} seconds, as limits.sql says"
        raise InputError(f"{query.where}.query: must be answered by the database ({told}); mend it") from None


def _with_options(address: str) -> str:
    """The address with what it does not say itself."""
    options = [f"{key}={value}" for key, value in CONNECTING.items() if key not in address]
    if "://" in address:
        return address + ("&" if "?" in address else "?") + "&".join(options)
    return " ".join([address, *options])


def _masked(error: Exception, address: str, *, known: str = "") -> str:
    """What the driver says, in one line and without any part of the address."""
    text = " ".join(str(error).split("Query was:")[0].split()).rstrip(". ")
    text = re.sub(r"^[A-Z_]+: (?=\[)|^[A-Z_]+: (?=Failed)|\[libpq\] |Execution error \[\w+\]: ", "", text)
    password = re.findall(r"password\s*=\s*'?([^\s&']+)|://[^@/]*?:(.+)@", address)
    secrets = {part for found in password for part in found if part}
    others = {part for part in re.split(r"[/@:?&=\s,;'\"]+", address) if len(part) > 1}
    secrets |= {part for part in others if not KEYWORD.fullmatch(part) and part not in known}
    for part in sorted({address, *secrets, *map(unquote, secrets)} - {""}, key=len, reverse=True):
        text = text.replace(part, "…")
    return text[:500]


def _check_types(query: Query, schema: pa.Schema) -> list[str]:
    """Make sure that every column of a result can be read; the names of those that are numeric."""
    names = schema.names
    twice = sorted({name for name in names if names.count(name) > 1})
    problems = [f"{query.where}.query: must name each column once (got {name!r} twice)" for name in twice]
    problems += [
        f"{query.where}.query: the column {field.name!r} must be text, a number, a date or a time without "
        f"zone (it is {_type_of(field)}); cast it, like {_cast(field)}"
        for field in schema
        if not _is_readable(field)
    ]
    if problems:
        raise InputError(*problems)
    return [field.name for field in schema if _type_of(field) == NUMBERS]


def _type_of(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"POSTGRESQL:type", str(field.type).encode()).decode())


def _cast(field: pa.Field) -> str:
    name, kind = quote_name(field.name), _type_of(field)
    if kind == "timestamptz":
        return f"{name} at time zone 'Europe/Berlin'"
    return f"{name}::{'numeric' if kind == 'money' else 'text'}"


def _is_readable(field: pa.Field) -> bool:
    """Money comes as whole cents, and a moment with a zone lies on a day that depends on the place."""
    kind = field.type
    if isinstance(kind, pa.BaseExtensionType):
        return _type_of(field) == NUMBERS or kind.extension_name in TEXTS
    plain = pa.types.is_primitive(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind)
    odd = pa.types.is_interval(kind) or pa.types.is_duration(kind)
    zone = pa.types.is_timestamp(kind) and kind.tz is not None
    return plain and not odd and not zone and _type_of(field) != "money"


def _stored(kind: pa.DataType) -> pa.DataType:
    """Numeric, JSON and UUID are kept as text until all of them were seen."""
    return pa.string() if isinstance(kind, pa.BaseExtensionType) else kind


def _checked(batch: pa.RecordBatch, stored: pa.Schema) -> pa.RecordBatch:
    # Bytes of a database without an encoding need not be text.
    batch.validate(full=True)
    columns = [_as_text(column) for column in batch.columns]
    return pa.record_batch(columns, schema=stored)


def _as_text(column: pa.Array) -> pa.Array:
    if not isinstance(column.type, pa.BaseExtensionType):
        return column
    if pa.types.is_fixed_size_binary(column.type.storage_type):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    return column.storage


def _decimals(engine: Any, query: Query, name: str) -> str:
    """The type that holds every digit of a numeric column."""
    column = quote_name(name)
    digits = f"rtrim(split_part({column}, '.', 2), '0')"
    whole = f"ltrim(split_part({column}, '.', 1), '-+0')"
    after, before = engine.rows(f"select max(length({digits})), max(length({whole})) from asked")[0]
    kind = f"DECIMAL({min(38, max(1, (before or 0) + (after or 0)))}, {min(38, after or 0)})"
    wrong = engine.rows(
        f"select {column} from asked where {column} is not null "
        f"and try_cast({column} as {kind}) is null order by 1 limit 1"
    )
    if wrong or (before or 0) + (after or 0) > 38:
        raise InputError(
            f"{query.where}.query: the column {name!r} must hold numbers of at most 38 digits "
            f"(got {wrong[0][0] if wrong else 'more'}); leave such rows out, or round"
        )
    return kind
