"""Runs of a handful of customers, written the way the notebooks write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from segcore import tables, transitions
from segcore.engine import Engine
from segcore.engine.sql import literal, quote_name

SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")


def put_customers(
    engine: Engine,
    members: Mapping[str, str],
    segments: Sequence[str] = SEGMENTS,
    **columns: tuple[str, Mapping[str, object]],
) -> None:
    """Make the table ``customers``: who is in which segment.

    A further column is given by its type and its values by customer_id, NULL for everybody else.
    """
    rank = {segment: place for place, segment in enumerate(reversed(segments))}
    types = {"customer_id": "VARCHAR", **{name: kind for name, (kind, _) in columns.items()}}
    types |= {"segment": "VARCHAR", "rank": "SMALLINT"}
    engine.execute(
        "create or replace table customers "
        f"({', '.join(f'{quote_name(name)} {kind}' for name, kind in types.items())})"
    )
    rows = [
        (customer, *(values.get(customer) for _, values in columns.values()), segment, rank[segment])
        for customer, segment in members.items()
    ]
    if rows:
        written = ", ".join(f"({', '.join(literal(value) for value in row)})" for row in rows)
        engine.execute(f"insert into customers values {written}")


def put_orders(
    engine: Engine, run_date: dt.date, *orders: tuple[str, str, int], window: str | None = "12 months"
) -> None:
    """Make ``transactions`` from (customer_id, date, amount), and ``facts`` at a run date."""
    columns = {"customer_id": "VARCHAR", "order_date": "DATE", "amount": "DECIMAL(18, 4)"}
    tables.put(engine, "transactions", columns, orders)
    engine.execute(
        "create or replace table facts as select $day::DATE as run_date, $window::VARCHAR as value_window",
        {"day": run_date, "window": window},
    )


def make_run(
    engine: Engine,
    folder: Path,
    members: Mapping[str, str],
    *,
    earlier: Sequence[Path] = (),
    **rest: Any,
) -> Path:
    """Make everything of a run that the transitions stage makes; the folder's name is its date."""
    start_run(engine, folder, members, earlier=earlier, **rest)
    transitions.movers(engine)
    transitions.accounts(engine)
    transitions.history(engine)
    transitions.stays(engine)
    transitions.sizes(engine)
    transitions.flows(engine, run_dir=folder, earlier=earlier)
    tables.save(engine, folder, "history", "stays", "sizes", "flows", "movers", "accounts")
    return folder


def start_run(
    engine: Engine,
    folder: Path,
    members: Mapping[str, str],
    *,
    earlier: Sequence[Path] = (),
    segments: Sequence[str] = SEGMENTS,
    orders: Sequence[tuple[str, str, int]] = (),
    names: Mapping[str, str] | None = None,
    **columns: tuple[str, Mapping[str, object]],
) -> Path:
    """Make only what later runs read of a run."""
    put_customers(engine, members, segments, **columns)
    put_orders(engine, dt.date.fromisoformat(folder.name), *orders)
    transitions.moves(engine, segments, earlier, names=names or {})
    tables.save(engine, folder, "customers", "moves")
    return folder


def make_runs(
    engine: Engine, folder: Path, *runs: Mapping[str, str], make: Callable[..., Path] = make_run
) -> list[Path]:
    """Make runs 45 days apart, from 2025-01-01 on."""
    made: list[Path] = []
    for number, members in enumerate(runs):
        date = dt.date(2025, 1, 1) + dt.timedelta(days=45 * number)
        made.append(make(engine, folder / date.isoformat(), members, earlier=tuple(made)))
    return made
