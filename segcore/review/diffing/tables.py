"""The tables of two runs: customers by the segments they left and entered, all others by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.engine.sql import quote_name, quote_names
from segcore.errors import ArchiveError
from segcore.rules import plain
from segcore.tables import TABLES

if TYPE_CHECKING:
    from segcore.engine import Engine, FileEngine

FEW = 3
"""How many rows are shown as examples of a table."""

LONGEST = 100
"""Signs of a value in an example; sentences of gates and raw records are longer."""

KEYS = {
    **TABLES,
    "matrix": ("state", "from_segment", "to_segment"),
    "accounts": ("segment", "part"),
    "stays": ("segment",),
    "representatives": ("rep",),
}
"""Table → its unique key; of some the one that says the same when rows are added between."""


@dataclass(frozen=True)
class CustomerCell:
    """Customers who are in one segment in the first run and in another in the second.

    Parameters
    ----------
    left, entered
        The segments; None where they are not in that run at all.
    customers
        How many they are.
    classes
        Variable → how many of them are in another class of it.
    """

    left: str | None
    entered: str | None
    customers: int
    classes: dict[str, int]


@dataclass(frozen=True)
class TableDiff:
    """How the rows of a table differ.

    Parameters
    ----------
    name
        The table.
    added, removed, changed
        How many rows are only in the second run, only in the first, and in both with other values.
    columns
        Column → in how many of the changed rows it differs.
    only
        Columns that only one of the runs has.
    examples
        A few rows: their key, and what changed in them.
    """

    name: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether no row and no column differs."""
        return not (self.added or self.removed or self.changed or self.only)


def customer_cells(engine: FileEngine, old: Path, new: Path) -> list[CustomerCell]:
    """Customers by the segments they left and entered, the greatest cells first.

    Parameters
    ----------
    engine
        Reads the tables.
    old, new
        ``customers.parquet`` of the two runs.
    """
    with _readable(engine, old, new):
        return _cells(engine, old, new)


def _cells(engine: FileEngine, old: Path, new: Path) -> list[CustomerCell]:
    before, after = _read(engine, old, "old_customers"), _read(engine, new, "new_customers")
    classes = [name for name in before if name.endswith("_class") and name in after]
    counted = "".join(
        f", count(*) filter (o.{quote_name(c)} is distinct from n.{quote_name(c)} "
        "and o.segment is not null and n.segment is not null)"
        for c in classes
    )
    rows = engine.rows(
        f"select o.segment, n.segment, count(*){counted} from old_customers o "
        "full join new_customers n using (customer_id) group by 1, 2 order by 3 desc, 1, 2"
    )
    names = [name.removesuffix("_class") for name in classes]
    return [
        CustomerCell(left, entered, total, {n: c for n, c in zip(names, found, strict=True) if c})
        for left, entered, total, *found in rows
    ]


def table_diff(engine: FileEngine, name: str, old: Path | None, new: Path | None) -> TableDiff:
    """How the rows of a table differ, matched by its key.

    Parameters
    ----------
    engine
        Reads the tables.
    name
        The table.
    old, new
        Its files; None where a run has none.

    Raises
    ------
    ArchiveError
        If one of them is no table.
    """
    with _readable(engine, old, new):
        if old is None or new is None:
            count = engine.rows("select count(*) from read_parquet($path)", {"path": str(old or new)})[0][0]
            return TableDiff(name, added=count) if old is None else TableDiff(name, removed=count)
        return _paired_rows(engine, name, old, new)


@contextmanager
def _readable(engine: FileEngine, *paths: Path | None) -> Iterator[None]:
    """Files that were sealed as they are may be no tables all the same: a notebook wrote them so."""
    try:
        yield
    except engine.errors as error:
        raise ArchiveError(
            f"{' and '.join(str(path) for path in paths if path)}: must be Parquet files that can be read "
            f"(got {str(error).splitlines()[0]}); mend the notebook that writes them, and make the run again"
        ) from None


def _paired_rows(engine: FileEngine, name: str, old: Path, new: Path) -> TableDiff:
    """How the rows of a table that both runs have differ."""
    before, after = _read(engine, old, "old_rows"), _read(engine, new, "new_rows")
    both = [column for column in before if column in after]
    only = tuple(sorted({*before} ^ {*after}))
    key = [column for column in KEYS.get(name, both) if column in both]
    values = [column for column in both if column not in key]
    engine.execute(f"create or replace temp view paired as {_paired(key, values)}")
    counts = engine.rows(
        "select count(*) filter (old_row is null), count(*) filter (new_row is null)"
        + "".join(f", count(*) filter ({_differs(column)})" for column in values)
        + f", count(*) filter ({_any(values)}) from paired"
    )[0]
    added, removed, *per_column, changed = counts
    columns = {c: n for c, n in zip(values, per_column, strict=True) if n}
    return TableDiff(name, added, removed, changed, columns, only, _examples(engine, key, list(columns)))


def _read(engine: FileEngine, path: Path, table: str) -> dict[str, str]:
    engine.read_parquet(path, table)
    return engine.columns(table)


def _paired(key: Sequence[str], values: Sequence[str]) -> str:
    on = " and ".join(f"o.{quote_name(c)} is not distinct from n.{quote_name(c)}" for c in key) or "false"
    columns = [f"coalesce(o.{quote_name(c)}, n.{quote_name(c)}) as {quote_name(c)}" for c in key]
    for name in values:
        columns += [f"o.{quote_name(name)} as {_old(name)}", f"n.{quote_name(name)} as {_new(name)}"]
    return (
        f"select {', '.join([*columns, 'old_row', 'new_row'])} from (select *, 1 as old_row from old_rows) o "
        f"full join (select *, 1 as new_row from new_rows) n on {on}"
    )


def _old(column: str) -> str:
    return quote_name(f"old {column}")


def _new(column: str) -> str:
    return quote_name(f"new {column}")


def _differs(column: str) -> str:
    return f"old_row is not null and new_row is not null and {_old(column)} is distinct from {_new(column)}"


def _any(columns: Sequence[str]) -> str:
    return " or ".join(f"({_differs(column)})" for column in columns) or "false"


def _examples(engine: Engine, key: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """A few rows in words: changed ones first, then those of only one run."""
    if not key:
        return ()
    told: list[str] = []
    shown = ", ".join(part for c in columns for part in (_old(c), _new(c)))
    if columns:
        rows = engine.rows(
            f"select {quote_names(key)}, {shown} from paired where {_any(columns)} "
            f"order by {quote_names(key)} limit {FEW}"
        )
        told += [_changed(row, key, columns) for row in rows]
    for what, missing in (("only in the second", "old_row"), ("only in the first", "new_row")):
        rows = engine.rows(
            f"select {quote_names(key)} from paired where {missing} is null "
            f"order by {quote_names(key)} limit {FEW}"
        )
        told += [f"{_key(row, key)}: {what} run" for row in rows]
    return tuple(told[: 2 * FEW])


def _changed(row: tuple[Any, ...], key: Sequence[str], columns: Sequence[str]) -> str:
    values = row[len(key) :]
    pairs = zip(columns, values[::2], values[1::2], strict=True)
    return f"{_key(row, key)}: " + ", ".join(
        f"{column} {_text(before)} → {_text(after)}" for column, before, after in pairs if before != after
    )


def _key(row: tuple[Any, ...], key: Sequence[str]) -> str:
    return ", ".join(f"{column} {_text(value)}" for column, value in zip(key, row, strict=False))


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
