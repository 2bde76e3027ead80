"""Files beside the extracts that no pattern matches: published as if they were not there."""

from __future__ import annotations

import os
from pathlib import Path

from segcore.sources.beside import beside
from segcore.sources.extracts import Found


def names(folder: Path, matched: str, others: list[str], since: float | None = None) -> tuple[str, ...]:
    for name in [matched, *others]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
        os.utime(folder / name, (1000, 1000))
    found = [Found("transactions", 0, matched, None, folder / matched)]
    return beside(folder, found, since=since)


def test_a_file_named_like_an_extract_counts(tmp_path: Path) -> None:
    others = ["new_sales_2026.csv", "slaes-2025.csv", "Sales (1).CSV", "offices.csv", "sales.pdf"]
    assert names(tmp_path, "sales_2025.csv", others) == ("Sales (1).CSV", "new_sales_2026.csv")


def test_so_does_one_with_a_slip_of_the_pen(tmp_path: Path) -> None:
    assert names(tmp_path, "customer_orders.csv", ["custmer_orders.csv"]) == ("custmer_orders.csv",)


def test_any_other_counts_if_it_came_after_the_run_before(tmp_path: Path) -> None:
    assert names(tmp_path, "sales.csv", ["offices.csv"], since=999.0) == ("offices.csv",)
    assert names(tmp_path, "sales.csv", ["offices.csv"], since=1001.0) == ()


def test_only_folders_with_extracts_are_looked_at(tmp_path: Path) -> None:
    assert names(tmp_path, "erp/sales.csv", ["sales.csv", "old/sales.csv"]) == ()
