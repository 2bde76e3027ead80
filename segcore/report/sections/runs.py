"""Segments over all runs, all on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts
from segcore.report.parts import Cell, Part, Table, chart, finding, note, number
from segcore.sentences import runs as say
from segcore.wording import long_date

if TYPE_CHECKING:
    from segcore.report.data import Report


def parts(report: Report) -> list[Part]:
    """The history of every segment, and its numbers; nothing in a first run."""
    if report.previous is None:
        return []
    frame, changed = report.frame("sizes"), report.changed
    drawn = [charts.history(frame, report.palette, changed=changed, phone=phone) for phone in (False, True)]
    return [
        finding(say.over_runs(report.tables["sizes"])),
        chart(charts.TwoWidths(*drawn)),
        _numbers(report).behind("Customers of every segment in every run"),
        note(*say.how_to_read(report.tables["sizes"], changed)),
    ]


def _numbers(report: Report) -> Table:
    sizes = {(row["run_date"], row["segment"]): row["customers"] for row in report.tables["sizes"]}
    named = [*report.segments, *sorted({segment for _, segment in sizes} - set(report.segments))]
    heads = [Cell("Run"), *(Cell(s, kind="num") for s in named), Cell("All", kind="num")]
    rows = [
        [
            Cell(long_date(row["run_date"])),
            *(number(sizes.get((row["run_date"], s))) for s in named),
            number(row["customers"]),
        ]
        for row in report.tables["flows"]
    ]
    return Table(heads, rows)
