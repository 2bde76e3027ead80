"""Parquet, and the kept results of queries: typed columns → text, batch by batch, in a child process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from segcore.errors import InputError
from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.child import in_child
from segcore.sources.formats.lists import lists
from segcore.sources.formats.typed import text_of

ASKED = ".query"
"""How the name of an extract ends that is the answer to a query; it is kept as Parquet."""

BATCH = 1 << 16
SECONDS = 1200
"""Processor time of the child; ten million rows of eight columns take about a minute."""

THRIFT = {"thrift_string_size_limit": 100_000_000, "thrift_container_size_limit": 1_000_000}
PARTS = "{name} ({what}, which cannot be mapped)"


def parquet_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The names of the columns as row 1, and every row of the file as text.

    Raises
    ------
    InputError
        If it is damaged, or no Parquet file.
    """
    return in_child(f"{__name__}:read_rows", delivery, seconds=SECONDS)


def parquet_count(delivery: Delivery) -> int:
    """The rows that the row groups of the file say they have, and one for the names."""
    counts = in_child(f"{__name__}:read_counts", delivery, seconds=SECONDS)
    return 1 + sum(pc.sum(batch["record"]).as_py() or 0 for batch in counts)


def read_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """What :func:`parquet_rows` gives, read in this process."""
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(delivery.path, **THRIFT) as file:
            names = [_named(file, at) for at in range(len(file.schema_arrow))]
            if not names:
                raise InputError(f"{delivery.name}: must have columns (it has none); deliver it again")
            yield _rows([pa.array([name]) for name in names], 1)
            first = 2
            for batch in file.iter_batches(BATCH):
                yield _rows([text_of(column, delivery.layout.decimal) for column in batch.columns], first)
                first += batch.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(delivery, error) from None


def read_counts(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """One row per row group, whose ``record`` is the number of its rows."""
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(delivery.path)
        counts = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(delivery, error) from None
    yield _batch(pa.array(counts, pa.int64()), pa.nulls(len(counts), ROWS.field("fields").type))


def _rows(columns: Sequence[pa.Array], first: int) -> pa.RecordBatch:
    return _batch(pa.array(range(first, first + len(columns[0])), pa.int64()), lists(columns))


def _batch(numbers: pa.Array, fields: pa.Array) -> pa.RecordBatch:
    many = len(numbers)
    ones, nothing = pa.array([1] * many, pa.int32()), pa.nulls(many, pa.string())
    return pa.record_batch([numbers, ones, nothing, fields, nothing], schema=ROWS)


def _named(file: pa.parquet.ParquetFile, at: int) -> str:
    """The name of a column; of one that is no text, number or date it says so, so that none maps it."""
    field = file.schema_arrow.field(at)
    if pa.types.is_nested(field.type):
        return PARTS.format(name=field.name, what="values with parts")
    if _is_binary(field.type) and not _is_text(file, at):
        return PARTS.format(name=field.name, what="bytes that are no text")
    return str(field.name)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    )


def _is_text(file: pa.parquet.ParquetFile, at: int) -> bool:
    """Whether all bytes of a column are UTF-8, as in files of programs that know no text."""
    try:
        for batch in file.iter_batches(BATCH, columns=[file.schema_arrow.field(at).name]):
            batch.column(0).cast(pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _damaged(delivery: Delivery, error: Exception) -> InputError:
    fault = json.dumps(str(error).splitlines()[0][:200] if str(error) else "", ensure_ascii=False)
    return InputError(f"{delivery.name}: must be a whole Parquet file ({fault}); deliver it again")


READER = Reader(endings=(".parquet",), rows=parquet_rows, count=parquet_count, looks=("parquet",), typed=True)
