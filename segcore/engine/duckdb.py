"""DuckDB, in process, with a stated memory limit."""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import UsageError
from segcore.params.forms import SIZE
from segcore.temporary import Temporary

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa


AGAIN = 0.05
"""Seconds after which a statement that began since the last interruption is interrupted too."""


class DuckDB:
    """A private DuckDB database in memory.

    Parameters
    ----------
    memory_limit
        What DuckDB may hold before it spills to disk, like ``"2GB"``. ``SEGCORE_MEMORY_LIMIT``
        in the environment wins, for the machine knows better than the study.
    spill
        Folder for what does not fit; by default a temporary one that goes with the engine.
    folders
        The folders whose files it reaches, with all below them; None for every file there is. With
        folders nothing but the number of threads can be set any more.
    """

    def __init__(
        self, *, memory_limit: str = "2GB", spill: Path | None = None, folders: Sequence[Path] | None = None
    ) -> None:
        import duckdb

        limit = os.environ.get("SEGCORE_MEMORY_LIMIT") or memory_limit
        if not SIZE.fullmatch(limit):
            raise UsageError(f"SEGCORE_MEMORY_LIMIT must be a size of memory, like 2GB (got {limit!r})")
        self._spill = Temporary("engine") if spill is None else None
        self.connection: duckdb.DuckDBPyConnection = duckdb.connect(
            config={
                "memory_limit": limit,
                "temp_directory": str(spill or (self._spill and self._spill.path)),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            }
        )
        self._described: dict[str, dict[str, str]] = {}
        # In a notebook without ipywidgets DuckDB has no progress bar and refuses to switch it off.
        with contextlib.suppress(duckdb.InvalidInputException):
            self.connection.execute("set enable_progress_bar = false")
        if folders is not None:
            self._lock(folders)

    def _lock(self, folders: Sequence[Path]) -> None:
        # In this order: folders cannot be named once nothing else can be reached, and nothing at all
        # can be set once that is locked, but for one_thread().
        named = ", ".join(quote_text(os.path.abspath(folder)) for folder in folders)
        self.connection.execute(f"set allowed_directories = [{named}]")
        self.connection.execute("set allowed_configs = ['threads']")
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    def execute(self, sql: str, values: Mapping[str, Any] | None = None) -> None:
        """Run a statement; ``$name`` in it is bound to ``values["name"]``."""
        self._run(sql, values)

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query; for small results."""
        return self._run(sql, values).fetchall()

    def frame(self, sql: str, values: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The rows of a query as a frame; for small results."""
        return self._run(sql, values).df()

    def has(self, table: str) -> bool:
        """Whether there is a table or view of this name."""
        import duckdb

        # Asked dozens of times in a run: the catalogue's own tables take ten times as long.
        try:
            return bool(self.columns(table))
        except duckdb.CatalogException:
            return False

    def columns(self, table: str) -> dict[str, str]:
        """The columns of a table and their types, in order."""
        # Asked hundreds of times in a run, and of a table often twice before anything is changed.
        if table not in self._described:
            found = self.connection.execute(f"describe {quote_name(table)}").fetchall()
            self._described[table] = {row[0]: row[1] for row in found}
        return dict(self._described[table])

    def read_parquet(self, path: Path, table: str) -> None:
        """Make the rows of a Parquet file available as ``table``, without loading them."""
        source = quote_text(str(path))
        self.execute(f"create or replace view {quote_name(table)} as from read_parquet({source})")

    def write_parquet(self, sql: str, path: Path, values: Mapping[str, Any] | None = None) -> None:
        """Write the rows of a query to a Parquet file; the query orders them by a unique key."""
        self.execute(f"copy ({sql}) to {quote_text(str(path))} (format parquet, compression zstd)", values)

    @contextlib.contextmanager
    def stream(self, table: str, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[None]:
        """Make batches of rows available as ``table`` meanwhile, for one statement that reads it once.

        Parameters
        ----------
        table
            The name in SQL. A second scan of it is an error of DuckDB.
        batches
            The rows, asked for while the statement runs, so that they are never all in memory.
        schema
            The columns of every batch.

        Raises
        ------
        Exception
            What ``batches`` raised, as it was: DuckDB would tell no more than its text.
        """
        import pyarrow as pa

        failed: list[BaseException] = []

        def told() -> Generator[pa.RecordBatch]:
            try:
                yield from batches
            except BaseException as error:
                failed.append(error)
                raise

        asked = told()
        self._described.clear()
        self.connection.register(table, pa.RecordBatchReader.from_batches(schema, asked))
        try:
            yield
        except Exception:
            if failed:
                raise failed[0] from None
            raise
        finally:
            self._described.clear()
            self.connection.unregister(table)
            asked.close()

    @contextlib.contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Stop whatever statement is under way after a time.

        DuckDB looks between pieces of some thousand rows whether it is to stop.

        Raises
        ------
        TimeoutError
            If one was stopped.
        """
        import duckdb

        done, late = threading.Event(), threading.Event()
        watch = threading.Thread(target=self._interrupt, args=(done, late, seconds), daemon=True)
        watch.start()
        try:
            yield
        except duckdb.InterruptException:
            if late.is_set():
                raise TimeoutError(f"not done after {seconds:g} seconds") from None
            raise
        finally:
            done.set()
            watch.join()

    def _interrupt(self, done: threading.Event, late: threading.Event, seconds: float) -> None:
        while not done.wait(seconds):
            late.set()
            self.connection.interrupt()
            seconds = AGAIN

    @contextlib.contextmanager
    def one_thread(self) -> Iterator[None]:
        """Compute with one thread meanwhile, so that sums of floats have one order."""
        threads = self.rows("select current_setting('threads')")[0][0]
        self.execute("set threads = 1")
        try:
            yield
        finally:
            self.execute(f"set threads = {threads}")

    @property
    def errors(self) -> type[Exception]:
        """What DuckDB raises, whatever is wrong with a statement."""
        import duckdb

        return duckdb.Error

    @property
    def value_errors(self) -> tuple[type[Exception], ...]:
        """What DuckDB raises when a value does not do for a statement that is right."""
        import duckdb

        return duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        self.connection.close()
        if self._spill is not None:
            self._spill.close()

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _run(self, sql: str, values: Mapping[str, Any] | None) -> duckdb.DuckDBPyConnection:
        self._described.clear()  # whatever the statement changes
        # DuckDB refuses values that a statement does not use; callers bind a study's values freely.
        used = {name: value for name, value in (values or {}).items() if re.search(rf"\${name}\b", sql)}
        return self.connection.execute(sql, used or None)
