"""Files beside the extracts that no pattern matches: published as if they were not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segcore.sources.beside import beside, resembled
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


def test_folders_without_extracts_are_not_looked_at_but_those_below_are(tmp_path: Path) -> None:
    others = ["sales.csv", "erp/old/sales_1.csv", "erp/2026/offices.csv", "erp/2026/sales_2026.csv"]
    assert names(tmp_path, "erp/sales.csv", others) == ("erp/2026/sales_2026.csv",)


def test_so_are_other_endings_of_files_that_begin_like_an_extract(tmp_path: Path) -> None:
    """A delivery that was packed, or saved by another program, was not read, and nobody said so."""
    read = ["sales_2026.csv.gz", "sales_2026.txt", "sales_2026.xlsx"]
    others = ["sales_2025.xlsx", "sales_readme.txt", "sales.md", "sales.yaml", ".sales.txt", "~$sales_1.xlsx"]
    assert names(tmp_path, "sales_2025.csv", [*read, *others, "list_of_sales.txt"]) == tuple(read)


@pytest.mark.parametrize(
    ("name", "source"),
    [("kunden_2026.txt", "customers"), ("sales_new.csv", "transactions"), ("x.csv", "transactions")],
)
def test_a_file_belongs_to_the_source_that_it_is_named_like(name: str, source: str) -> None:
    extracts = [("customers", "kunden_2025.csv"), ("transactions", "erp/sales_2025.csv")]
    assert resembled(name, extracts) == source
