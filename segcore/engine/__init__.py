"""Where SQL runs: one file per engine, all behind :class:`Engine`.

Features, classes, rules and moves are SQL text in DuckDB's dialect. An engine executes it, keeps
large tables to itself and hands out small results only.
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

    def read_parquet(self, path: Path, table: str) -> None:
        """Make the rows of a Parquet file available as ``table``, without loading them."""

    def write_parquet(self, sql: str, path: Path, values: Mapping[str, Any] | None = None) -> None:
        """Write the rows of a query to a Parquet file; the query orders them by a unique key."""

    def stream(
        self, table: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema
    ) -> AbstractContextManager[None]:
        """Make batches of rows available as ``table`` meanwhile, for one statement that reads it once."""

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


ENGINES: dict[str, Callable[..., Engine]] = {"duckdb": DuckDB}
