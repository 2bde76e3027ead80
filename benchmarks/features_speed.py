"""Variables of customers from ten million order lines, next to two queries written by hand."""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.harness import ROOT, spread
from benchmarks.many_orders import RUN_DATE, write_lines, write_study
from benchmarks.table import Row
from segcore import features
from segcore.engine.duckdb import DuckDB
from segcore.params.file import load_study

BAR = 1.15
ROUNDS = 5
HERE = Path(__file__).parent
ORDERS = {
    "as they come": "",
    "as a run keeps them": "customer_id, order_date, order_id, item",
}


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return [_row(Path(folder), how, order_by) for how, order_by in ORDERS.items()]


def _row(folder: Path, how: str, order_by: str) -> Row:
    file = folder / "lines.parquet"
    write_lines(file, order_by=order_by)
    study = load_study(write_study(folder, ROOT / "params" / "online_retail.rules.csv"))
    by_hand = {name: (HERE / f"features_{name}.sql").read_text() for name in ("direct", "by_order")}
    with DuckDB(memory_limit="2GB", spill=folder / "spill") as engine:
        engine.execute("set threads = 2")
        engine.read_parquet(file, "transactions")
        calls: dict[str, Callable[[], None]] = {
            name: partial(engine.execute, f"create or replace table {name} as {query}")
            for name, query in by_hand.items()
        }
        calls["segcore"] = lambda: features.build(engine, study, dt.date.fromisoformat(RUN_DATE))
        times = _times(calls)
        columns = "select customer_id, recency, frequency, years, products from"
        for name in by_hand:
            assert not engine.rows(f"({columns} features) except ({columns} {name})"), name
    ratio = statistics.median(times["segcore"]) / min(statistics.median(times[name]) for name in by_hand)
    told = ", ".join(f"{name.replace('_', ' ')} {spread(taken)}" for name, taken in times.items())
    return Row(
        f"features of 10 million order lines from Parquet, {how}",
        f"{ratio:.2f} × the faster of two queries by hand ({told})",
        f"at most {BAR} ×",
        ratio <= BAR,
    )


def _times(calls: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Seconds of each call; they take turns, so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - start)
    return taken
