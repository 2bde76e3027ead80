"""Two runs of made-up customers of whom only segments and attributes matter, and their moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from segcore import tables, transitions
from segcore.engine import Engine
from segcore.engine.sql import quote_name

SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")
UP, DOWN = (0.30, 0.25, 0.20, 0.10, 0.0), (0.0, 0.15, 0.20, 0.20, 0.25)
"""Rank at the last run → the chance to be one rank higher, or lower, now."""
ORDERS = {"customer_id": "VARCHAR", "order_date": "DATE", "market": "VARCHAR", "amount": "DECIMAL(18, 4)"}


def drawn(seed: int, customers: int = 3_000, **more: Sequence[float]) -> dict[str, list[object]]:
    """Customers with a region and a representative, whose moves are chance.

    ``more`` gives regions by which factors they move up and down instead of 1: ``Nord=(1.6, 1)``.
    """
    chance = np.random.default_rng(seed)
    ids = [f"{n:05}" for n in range(customers)]
    regions = chance.choice(["Nord", "Ost", "Süd", "West"], customers)
    ranks = chance.integers(0, 5, customers)
    factors = np.array([more.get(str(region), (1, 1)) for region in regions])
    up, down = np.array(UP)[ranks] * factors[:, 0], np.array(DOWN)[ranks] * factors[:, 1]
    luck = chance.random(customers)
    after = ranks + (luck < up) - ((luck >= up) & (luck < up + down))
    reps = chance.integers(0, 10, customers)
    return {
        "customer_id": ids,
        "from_rank": ranks.tolist(),
        "to_rank": after.tolist(),
        "region": regions.tolist(),
        "rep": [f"V{n}" for n in reps],
    }


def put_moves(
    engine: Engine,
    folder: Path,
    people: Mapping[str, Sequence[object]],
    *,
    types: Mapping[str, str] | None = None,
    orders: Sequence[tuple[object, ...]] = (),
    mark: str = "'earned'",
) -> None:
    """Make what the transitions notebook has once it knows why customers moved.

    Parameters
    ----------
    engine, folder
        Where; the earlier run's tables are written below the folder.
    people
        customer_id, from_rank, to_rank and attributes; a rank of None: not in that run.
    types
        Attribute → its type, if it is not text.
    orders
        customer_id, date, market and amount.
    mark
        Of everybody who moved, as SQL over the moves.
    """
    kinds = {name: (types or {}).get(name, "VARCHAR") for name in people}
    kinds |= {"from_rank": "SMALLINT", "to_rank": "SMALLINT"}
    found = list(zip(*people.values(), strict=True))
    tables.put(engine, "people", kinds, found)
    tables.put(engine, "transactions", ORDERS, orders)
    names = ", ".join(f"'{name}'" for name in reversed(SEGMENTS))
    attributes = [quote_name(name) for name in people if name not in ("from_rank", "to_rank")]
    last = folder / "2025-01-01"
    for rank in ("from_rank", "to_rank"):
        engine.execute(
            f"create or replace table customers as select {', '.join(attributes)}, "
            f"[{names}][{rank} + 1] as segment, {rank} as rank from people where {rank} is not null"
        )
        if rank == "from_rank":
            engine.execute("create or replace table moves as select customer_id from people where false")
            tables.save(engine, last, "customers", "moves")
    engine.execute(f"create or replace table customers_source as select {', '.join(attributes)} from people")
    engine.execute(
        "create or replace table facts as select DATE '2025-02-15' as run_date, '12 months' as value_window"
    )
    transitions.moves(engine, SEGMENTS, [last])
    engine.execute(
        f"create or replace table moves as select *, "
        f"case when state in ('up', 'down') then {mark} end as mark from moves"
    )
