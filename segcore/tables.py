"""The tables in a run's ``data/`` folder: what one row is, and the unique key that orders them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_names

if TYPE_CHECKING:
    from segcore.engine import Engine

# Table → the columns that order it; together they are unique, so that the bytes are the same.
TABLES: dict[str, tuple[str, ...]] = {
    "transactions": ("customer_id", "order_date", "order_id", "file", "record"),
    "customers_source": ("customer_id",),
    "reps": ("rep",),
    "followups": ("customer_id", "date", "file", "record"),
    "reconciliation": ("source", "file"),
    "exclusions": ("source", "file", "position"),
    "quarantine": ("source", "file", "record"),
    "conflicts": ("source", "key", "column", "dropped_file", "dropped_record"),
    "customers": ("customer_id",),
    "moves": ("customer_id",),
    "history": ("customer_id",),
    "sizes": ("run_date", "segment"),
    "flows": ("run_date",),
    "months": ("month",),
}


def save(engine: Engine, run_dir: Path, *names: str) -> None:
    """Write tables of the engine into a run's ``data/`` folder; those it does not have are left out."""
    folder = run_dir / "data"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if engine.has(name):
            query = f"select * from {quote_name(name)} order by {quote_names(TABLES[name])}"
            engine.write_parquet(query, folder / f"{name}.parquet")


def load(engine: Engine, run_dir: Path, *names: str) -> None:
    """Make tables of a run's ``data/`` folder available to the engine; those it lacks are left out."""
    for name in names:
        path = run_dir / "data" / f"{name}.parquet"
        if path.exists():
            engine.read_parquet(path, name)
