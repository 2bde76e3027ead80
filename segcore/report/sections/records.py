"""What became of every record that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import sentences
from segcore.errors import SegcoreError
from segcore.report.parts import Part, finding, fragment

if TYPE_CHECKING:
    from segcore.report.data import Report

OUTCOMES = ("loaded", "duplicates", "after_run_date", "excluded", "quarantined")


def parts(report: Report) -> list[Part]:
    """The records of transactions as an equation, which must hold exactly, and notes on all sources."""
    raise NotImplementedError


def check(report: Report) -> None:
    """Stop if a file's records are not all accounted for.

    Raises
    ------
    SegcoreError
        With every such file.
    """
    raise NotImplementedError
