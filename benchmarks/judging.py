"""Sixteen cumulative deliveries of 100,000 lines that overlap, parsed before: what judging them takes."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from benchmarks.table import Row, best_times
from segcore.engine import DuckDB
from segcore.params.file import load_study
from segcore.sources import collect, ingest

FILES, LINES, STEP = 16, 100_000, 4_000
MOST = 0.6
STUDY = """\
title: Overlapping deliveries
currency: EUR
sources:
  transactions:
    files: [sales_*.csv]
    columns: {customer_id: customer, order_id: order, item: item, order_date: day, market: market,
              amount: amount}
    unique: [order_id, item]
variables: {recency: {classes: 2}}
breaks: {policy: refit}
segments: {Good: {}, Bad: {}}
"""


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _write(folder)
        study, store = load_study(folder / "study.yaml"), folder / "inputs"
        extracts = collect(study, folder, store)

        def judged() -> None:
            with DuckDB() as engine:
                ingest(engine, study, dt.date(2026, 1, 1), extracts, store)

        judged()  # parses them
        (seconds,) = best_times(judged)
    what = f"{FILES} overlapping deliveries of {LINES:,} lines, parsed before, judged"
    return [Row(what, f"{seconds:.2f} s", f"under {MOST} s", seconds < MOST)]


def _write(folder: Path) -> None:
    with DuckDB() as engine:
        for file in range(FILES):
            path = folder / f"sales_{file + 1}.csv"
            engine.execute(
                "copy (select 'K' || hash(i) % 5000 as customer, 'A' || i // 3 as \"order\", i % 3 as item, "
                "DATE '2023-01-01' + (i // 200)::INTEGER as day, 'M' || hash(i + 1) % 4 as market, "
                "(hash(i + 2) % 90000 / 100)::DECIMAL(18, 2) as amount "
                f"from range({file * STEP}, {file * STEP + LINES}) t(i)) to '{path}' (header true)"
            )
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
