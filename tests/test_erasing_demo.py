"""A customer with a hostile name is planted in the demo, whose runs are real, and then erased."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest
from shared_projects import copied, keep_to_tables
from small_erasing import hits

from segcore import archive, runner
from segcore.archive import Places
from segcore.privacy.erasing import as_wish, erase

pytestmark = pytest.mark.slow
DATE, NUMBER, BARE = dt.date(2025, 12, 31), "0007770012", "7770012"
NAME = 'Kanari & <b>Söhne</b> "Süd" (.*)\\ O\'Neill; =1+1 GmbH'
KEPT = ("segments", "sizes", "flows", "movers", "months", "profile")
PLANTED = {
    "accounts.csv": [f'{NUMBER};"{NAME.replace(chr(34), chr(34) * 2)}";0101;Süd;10.02.2024'],
    "sales_2025-08-18.csv": [
        f"{BARE};99770001;10;04.08.2025;Möbel;90.812,59;EUR",
        f"{NUMBER};99770001;10;04.08.2025;Möbel;90.900,00;EUR",
        f"{NUMBER};99770002;10;31.02.2025;Büro;250,00;EUR",
        f"{BARE};99770003;10;18.06.2025;Büro;Küche;250,00;EUR",
        f"{BARE};99770004;10;14.08.2025;Büro;250,00;EUR",
    ],
    "visits_2025-12-31.csv": [f"{BARE};0101;06.12.2025;Termin"],
}
"""Extract → what is added: a customer with orders, one of which conflicts with itself and two of which
cannot be read."""


def plant(data: Path) -> None:
    for name, lines in PLANTED.items():
        text = (data / name).read_bytes().decode("cp1252")
        (data / name).write_bytes((text + "".join(f"{line}\r\n" for line in lines)).encode("cp1252"))


def run(root: Path) -> None:
    runner.run(root / "params" / "demo.yaml", DATE, root=root, options=runner.RunOptions(force=True))


def tables(places: Places) -> dict[str, int]:
    """Table of the run → rows in which the number or a part of it stands."""
    found = {}
    with duckdb.connect() as engine:
        for path in sorted((places.published(DATE) / "data").glob("*.parquet")):
            rows = engine.execute(f"from '{path}'").fetchall()
            found[path.stem] = sum(any(BARE in str(value) for value in row) for row in rows)
    return {name: number for name, number in found.items() if number}


def test_nothing_of_a_customer_of_the_demo_is_left_and_the_next_run_works(small_demo, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGCORE_REPS_SECRET", "a-secret-that-is-long-enough-0123456789")
    root = copied(small_demo, tmp_path / "p")
    places, data = Places(root, "demo"), root / "data" / "demo"
    before = {name: (data / name).read_bytes() for name in PLANTED}
    plant(data)
    run(root)
    run_dir = places.published(DATE)
    # Everywhere a customer may be.
    assert {"calls", "call_first", "moves", "quarantine", "transactions", "followups", "listed"} <= set(
        tables(places)
    )
    holding = hits([NUMBER, "Kanari"], places.runs, places.reports)
    for name in ("report.html", "workbook.xlsx!xl/worksheets/sheet3.xml", "call_list.csv", "crm.csv"):
        assert f"{run_dir}/report/{name}" in holding
    assert {f"{run_dir}/notebooks/report.ipynb", f"{run_dir}/report/notebooks/report.html"} <= set(holding)
    assert any(f"{places.reports}/for/" in path for path in holding)
    aggregates = {name: (run_dir / "data" / f"{name}.parquet").read_bytes() for name in KEPT}
    summary = (run_dir / "data" / "summary.json").read_bytes()
    shutil.copytree(run_dir / "notebooks", places.failed(dt.date(2025, 11, 30)))

    told = [*erase(as_wish(root, "demo", NUMBER, dt.date(2026, 1, 2), None), yes=True)]

    assert hits([BARE, "Kanari"], places.root / "runs", places.root / "reports") == []
    assert "demo: nothing of the customer is left in runs and reports" in told
    assert {f"{data / name}: still holds the customer" in "\n".join(told) for name in PLANTED} == {True}
    assert len(archive.verify_all(root / "runs")) == 3
    assert aggregates == {name: (run_dir / "data" / f"{name}.parquet").read_bytes() for name in KEPT}
    assert summary == (run_dir / "data" / "summary.json").read_bytes()

    again = runner.run(root / "params" / "demo.yaml", DATE, root=root)  # what was delivered is there still
    assert again.status == "unchanged"
    assert hits([BARE, "Kanari"], places.root / "runs", places.root / "reports") == []

    for name, content in before.items():  # the user takes the customer out where the extracts are
        (data / name).write_bytes(content)
    keep_to_tables(root / "notebooks")
    run(root)
    assert hits([BARE, "Kanari"], places.root / "runs", places.root / "reports") == []
