"""The numbers of all runs as tables: what the charts of the dashboard show."""

from __future__ import annotations

from segcore.dashboard.reading import Seen
from segcore.report.parts import Cell, Table, number
from segcore.wording import EN_DASH, long_date, money


def sizes(seen: Seen) -> Table:
    """Customers of every segment in every run, and what all of them ordered for."""
    found = {(row["run_date"], row["segment"]): row["customers"] for row in seen.last.tables["sizes"]}
    retired = {segment for _, segment in found if segment not in seen.palette}
    named = [*seen.palette, *sorted(retired)]
    heads = [Cell("Run"), *(Cell(s, kind="num") for s in (*named, "All", "Order value"))]
    rows = [
        [
            Cell(long_date(row["run_date"])),
            *(number(found.get((row["run_date"], s))) for s in named),
            number(row["customers"]),
            Cell(EN_DASH if row["value"] is None else money(row["value"], seen.currency), kind="num"),
        ]
        for row in seen.last.tables["flows"]
    ]
    return Table(heads, rows)
