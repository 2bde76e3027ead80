"""The tables in a run's ``data/`` folder: what one row is, and the unique key that orders them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.engine.sql import quote_name

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine, FileEngine

# Table → the columns that order it; together they are unique, so that the bytes are the same.
TABLES: dict[str, tuple[str, ...]] = {
    "transactions": ("customer_id", "order_date", "order_id", "file", "record"),
    "customers_source": ("customer_id",),
    "reps": ("rep",),
    "followups": ("customer_id", "date", "file", "record"),
    "renumbered": ("customer_id",),
    "reconciliation": ("source", "file"),
    "skipped": ("source", "file", "rule"),
    "records": ("source",),
    "exclusions": ("source", "file", "position"),
    "excluded": ("source", "position"),
    "quarantine": ("source", "file", "record"),
    "unread": ("source", "column", "rule", "raw"),
    "conflicts": ("source", "key", "column", "dropped_file", "dropped_record"),
    "deliveries": ("source", "position"),
    "controls": ("source", "file", "record"),
    "credits": ("customer_id", "order_date", "order_id", "file", "record"),
    "gates": ("source", "gate", "file"),
    "customers": ("customer_id",),
    "moves": ("customer_id",),
    "history": ("customer_id",),
    "listed": ("customer_id",),
    "sizes": ("run_date", "segment"),
    "flows": ("run_date",),
    "between_runs": ("run_date", "from_segment", "to_segment"),
    "months": ("month",),
    "facts": ("run_date",),
    "segments": ("rank",),
    "profile": ("rank", "position"),
    "spread": ("position", "bar", "segment"),
    "classes": ("position", "class"),
    "rules": ("line",),
    "differences": ("from_segment", "to_segment"),
    "decides": ("position",),
    "movers": ("position",),
    "accounts": ("rank", "segment", "position"),
    "matrix": ("position",),
    "headline": ("run_date",),
    "representatives": ("position",),
    "verdict": ("test",),
    "stays": ("rank",),
    "marks": ("position",),
    "causes": ("rank", "segment", "position"),
    "bridge": ("from_segment", "to_segment"),
    "insights": ("position",),
    "edges": ("position", "edge"),
    "drift": ("position",),
    "clock": ("customer_id",),
    "calls": ("customer_id",),
    "draw": ("segment",),
    "call_reps": ("position",),
    "call_first": ("customer_id",),
    "last_list": ("run_date",),
    "eligible": ("customer_id",),
    "followed": ("run_date", "segment"),
    "books": ("position",),
    "limits": ("followed",),
    "effect": ("position",),
    "sustained": ("run_date", "segment"),
    "late": ("customer_id", "date", "rep", "file", "record"),
    "credited": ("customer_id",),
    "suspicions": ("check", "rep", "customer_id"),
    "rates": ("from_rank", "to_rank"),
    "expected_sizes": ("run_date", "rank"),
    "unusual": ("test",),
    "forecast": ("run_date", "rank"),
}


def save(engine: FileEngine, run_dir: Path, *names: str) -> None:
    """Write tables of the engine into a run's ``data/`` folder; those it does not have are left out."""
    folder = run_dir / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if engine.has(name):
            engine.write_parquet(ordered(engine, name), folder / f"{name}.parquet")


def load(engine: FileEngine, run_dir: Path, *names: str) -> None:
    """Make tables of a run's ``data/`` folder available to the engine; those it lacks are left out."""
    for name in names:
        path = run_dir / "data" / f"{name}.parquet"
        if path.exists():
            engine.read_parquet(path, name)


def put(
    engine: Engine, name: str, columns: Mapping[str, str], found: Iterable[Sequence[Any]]
) -> pd.DataFrame:
    """Make a small table of the engine.

    Parameters
    ----------
    engine, name
        Where, and the name of the table.
    columns
        Column → type of SQL.
    found
        The rows, each with a value for every column.

    Returns
    -------
    DataFrame
        The rows of the table, see :func:`rows`.
    """
    given = list(found)
    values = {f"column_{place}": [row[place] for row in given] for place in range(len(columns))}
    made = ", ".join(
        f"unnest(${bound}::{kind}[]) as {quote_name(column)}"
        for bound, (column, kind) in zip(values, columns.items(), strict=True)
    )
    engine.execute(f"create or replace table {quote_name(name)} as select {made}", values)
    return rows(engine, name)


def rows(engine: Engine, name: str) -> pd.DataFrame:
    """The rows of a small table of the engine, in the order in which it is saved."""
    return engine.frame(ordered(engine, name))


def ordered(engine: Engine, name: str) -> str:
    """The query of a table in the order in which it is saved."""
    there = engine.columns(name)
    # Ranks go down, so that the best segment comes first.
    key = [
        quote_name(column) + " desc" * (column == "rank")
        for column in TABLES.get(name, ())
        if column in there
    ]
    return f"select * from {quote_name(name)}" + (f" order by {', '.join(key)}" if key else "")
