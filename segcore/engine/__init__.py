"""Where SQL runs: one file per engine, all behind :class:`Engine`.

Features, classes, rules and moves are SQL text in DuckDB's dialect. An engine executes it, keeps
large tables to itself and hands out small results only; that much any engine can do. Reading extracts,
and keeping a run's tables as Parquet, needs files, and DuckDB's own functions for them: this is a
:class:`FileEngine`, and DuckDB is the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segcore.engine.duckdb import DuckDB

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from segcore.params import Study


class Engine(Protocol):
    """What segcore asks of a place where SQL runs. Names in SQL are tables of the engine."""

    def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement; ``$name`` in it is bound to ``values["name"]``."""

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query; for small results."""

    def frame(self, sql: str, values: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a query as a frame; for small results."""

    def has(self, table: str) -> bool:
        """Whether there is a table or view of this name."""

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table and their types, in order."""

    @property
    def errors(self) -> type[Exception]:
        """What it raises, whatever is wrong with a statement."""

    @property
    def value_errors(self) -> tuple[type[Exception], ...]:
        """What it raises when a value does not do for a statement that is right."""

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """Stop whatever statement is under way after a time, by a TimeoutError."""

    def one_thread(self) -> AbstractContextManager[None]:
        """Compute with one thread meanwhile, so that sums of floats have one order."""

    def close(self) -> None:
        """Give everything back."""

    def __enter__(self) -> Engine:
        """The engine itself."""

    def __exit__(self, *exc: object) -> None:
        """Close it."""


class FileEngine(Engine, Protocol):
    """An engine that also reads and writes files, and rows that a reader makes.

    Those who ask for it may also write what only DuckDB understands: ``read_parquet``, ``copy … to``.
    """

    def read_parquet(self, path: Path, table: str) -> None:
        """Make the rows of a Parquet file available as ``table``, without loading them."""

    def write_parquet(self, sql: str, path: Path, values: Mapping[str, Any] | None = None) -> None:
        """Write the rows of a query to a Parquet file; the query orders them by a unique key."""

    def stream(
        self, table: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema
    ) -> AbstractContextManager[None]:
        """Make batches of rows available as ``table`` meanwhile, for one statement that reads it once."""

    def __enter__(self) -> FileEngine:
        """The engine itself."""


ENGINES: dict[str, Callable[..., FileEngine]] = {"duckdb": DuckDB}


def open_engine(study: Study, *folders: Path) -> FileEngine:
    """An engine for a study's own SQL: it reaches the files of some folders, and can be told no others.

    Parameters
    ----------
    study
        Says how much memory there is.
    folders
        What it needs: a run's folder, the store of inputs beside it, folders of earlier runs. They
        need not be there yet.

    Notes
    -----
    This is the second wall: what a study may write at all is checked before, by
    :mod:`segcore.engine.guard`. A folder that may be read may be written too, so the lock alone protects
    neither inputs nor earlier runs; those are hashed again when they are read.
    """
    return ENGINES["duckdb"](memory_limit=study.memory_limit, folders=folders)
