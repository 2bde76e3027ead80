"""What became of every record that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.errors import SegcoreError
from segcore.report.parts import Part, finding, fragment
from segcore.sentences import records as say

if TYPE_CHECKING:
    from segcore.report.data import Report

OUTCOMES = ("loaded", "duplicates", "after_run_date", "excluded", "quarantined")


def parts(report: Report) -> list[Part]:
    """The records of transactions as an equation, which must hold exactly, and notes on all sources."""
    found, excluded = report.frame("records"), report.frame("excluded")
    notes = [*say.notes(found, excluded, report.study.currency), *say.unsaid(report.tables["gates"])]
    equation = fragment("body", "records", adds_up=not _wrong(report), parts=say.equation(found), notes=notes)
    return [finding(say.outcome(found).rstrip(".")), equation]


def check(report: Report) -> None:
    """Stop if a file's records are not all accounted for.

    Raises
    ------
    SegcoreError
        With every such file.
    """
    if problems := _wrong(report):
        raise SegcoreError(*problems)


def _wrong(report: Report) -> list[str]:
    """The files whose records have not exactly one outcome each."""
    told = (say.unequal(row, OUTCOMES) for row in report.tables["reconciliation"])
    return [text for text in told if text]
