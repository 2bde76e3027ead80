"""How long natural breaks take, next to jenkspy, ckmeans and the bare group by they rest on.

``python -m benchmarks.jenks_speed`` from the project's root; about ten seconds.
"""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import ckmeans
import duckdb
import jenkspy
import numpy as np

from benchmarks.table import Row, best_times, print_table
from segcore.jenks import Breaks, natural_breaks

CUSTOMERS = 20_000_000


def rows() -> list[Row]:
    return [ten_thousand_values(), *twenty_million_customers(), *million_decimals(), linear_memory()]


def ten_thousand_values() -> Row:
    values = np.random.default_rng(1).choice(200_000, 10_000, replace=False)
    values.sort()
    ours, theirs = best_times(lambda: every_once(values), lambda: jenkspy.jenks_breaks(values, 5), rounds=3)
    return Row(
        "exact Jenks, 10,000 distinct values, 5 classes",
        f"{theirs / ours:.0f} × faster than jenkspy ({1000 * ours:.1f} ms, {1000 * theirs:.0f} ms)",
        "at least 10 ×",
        theirs >= 10 * ours,
    )


def twenty_million_customers() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = Path(folder) / "customers.parquet"
        connection.execute(f"set temp_directory = '{folder}'")
        # about 3,600 days, most customers recent; the hash makes it random and the same each time
        connection.execute(
            "copy (select cast(3600 * power(hash(i) / power(2.0, 64), 3) as integer) as recency "
            f"from range({CUSTOMERS}) as t(i)) to '{file}' (format parquet)"
        )
        query = f"select recency, count(*) as customers from read_parquet('{file}') group by recency"

        def with_breaks() -> Breaks:
            found = connection.execute(f"{query} order by recency").fetchnumpy()
            return natural_breaks(found["recency"], found["customers"], 5, name="recency")

        bare, whole = best_times(lambda: connection.execute(query).fetchnumpy(), with_breaks)
        found = connection.execute(f"{query} order by recency").fetchnumpy()
        (alone,) = best_times(lambda: natural_breaks(found["recency"], found["customers"], 5))
        assert sum(with_breaks().sizes) == CUSTOMERS
    return [
        Row(
            "histogram and exact Jenks, 20 million customers in Parquet",
            f"{whole / bare:.2f} × the bare group by ({1000 * whole:.0f} ms, {1000 * bare:.0f} ms)",
            "at most 1.3 ×",
            whole <= 1.3 * bare,
        ),
        Row(
            f"the breaks themselves ({len(found['recency']):,} distinct values)",
            f"{1000 * alone:.1f} ms",
            "under 50 ms",
            alone < 0.05,
        ),
    ]


def million_decimals() -> list[Row]:
    random = np.random.default_rng(2)
    kinds = {
        "lognormal": random.lognormal(5, 1.5, 1_100_000).round(6),
        "uniform": random.random(1_000_000),
    }
    return [
        row for kind, data in kinds.items() for row in _against_ckmeans(kind, np.unique(data)[:1_000_000])
    ]


def _against_ckmeans(kind: str, values: np.ndarray[Any, np.dtype[np.float64]]) -> list[Row]:
    ours, theirs = best_times(lambda: every_once(values), lambda: ckmeans.ckmeans(values, 5), rounds=3)
    parts = ckmeans.ckmeans(values, 5)
    apart = abs(every_once(values).within / sum(float(np.var(part)) * len(part) for part in parts) - 1)
    what = f"exact Jenks, 1 million distinct decimals, {kind}"
    return [
        Row(
            what,
            f"{ours / theirs:.2f} × the time of ckmeans ({1000 * ours:.0f} ms, {1000 * theirs:.0f} ms)",
            "at most 3 ×",
            ours <= 3 * theirs,
        ),
        Row(f"{what}: sum of squares", f"apart by {apart:.0e}", "at most 1e-09", apart <= 1e-9),
    ]


def linear_memory() -> Row:
    half, whole = (_peak(n) for n in (500_000, 1_000_000))
    return Row(
        "memory of exact Jenks, 1 million decimals against half a million",
        f"{whole / half:.2f} × ({whole / 2**20:.0f} MB, {half / 2**20:.0f} MB)",
        "at most 2.2 ×",
        whole <= 2.2 * half,
    )


def _peak(n: int) -> int:
    values = np.unique(np.random.default_rng(3).random(n))
    tracemalloc.start()
    every_once(values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def every_once(values: np.ndarray[Any, Any]) -> Breaks:
    return natural_breaks(values, np.ones(len(values), dtype=np.int64), 5)


def main() -> None:
    print_table(rows())


if __name__ == "__main__":
    main()
