"""A made-up company with a million customers and ten million order lines; the same lines each time."""

from __future__ import annotations

from pathlib import Path

import duckdb

LINES = 10_000_000
CUSTOMERS = 1_000_000
RUN_DATE = "2025-06-30"

# Every number comes from a hash of the order's and the line's number; an order has one to four lines.
_LINES = """
select
    'C' || lpad((hash(o) % {customers})::VARCHAR, 7, '0') as customer_id,
    'SO' || lpad(o::VARCHAR, 9, '0') as order_id,
    l as item,
    DATE '2023-01-01' + (hash(o + 7) % 900)::INTEGER as order_date,
    'M' || (hash(o * 31 + l) % 8)::VARCHAR as market,
    ((hash(o * 17 + l) % 100000) / 100)::DECIMAL(18, 2) as amount
from range({orders}) t(o), range(1, 5) s(l)
where l <= 1 + hash(o) % 4
limit {lines}
"""

STUDY = """
title: A million customers
currency: EUR
memory_limit: 2GB
max_gap_days: 30
sources:
  transactions:
    files: [orders.csv]
    columns: {customer_id: customer_id, order_id: order_id, item: item, order_date: order_date,
              market: market, amount: amount}
    unique: [order_id, item]
    exclude: {no customer: customer_id is null}
variables:
  recency: {classes: 5}
  frequency: {classes: 5}
  years: {classes: 3}
  products: {classes: 2}
breaks: {policy: keep, from: 2025-06-30}
segments:
  Champions: {action: Reward}
  Loyal: {action: Reward}
  Needs attention: {action: Call, follow_up: true}
  At risk: {action: Visit, follow_up: true}
  Lost: {action: Last offer}
follow_up: {target: [Loyal, Champions]}
"""


def write_lines(file: Path, *, order_by: str = "", customers: int = CUSTOMERS) -> None:
    """Write the lines as ``.csv`` or ``.parquet``, as the file's ending says: ten for each customer."""
    lines = _LINES.format(customers=customers, orders=customers * 41 // 10, lines=customers * 10)
    with duckdb.connect(
        config={"memory_limit": "2GB", "temp_directory": str(file.parent / "spill")}
    ) as engine:
        asked = f"from ({lines}) order by {order_by}" if order_by else lines
        engine.execute(f"copy ({asked}) to '{file}'")


def write_study(folder: Path, rules: Path) -> Path:
    """Write ``million.yaml`` and its rule table, a copy of ``rules``."""
    study = folder / "million.yaml"
    study.write_text(STUDY.lstrip(), encoding="utf-8")
    study.with_name("million.rules.csv").write_bytes(rules.read_bytes())
    return study
