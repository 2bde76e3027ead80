"""Of which segments most and fewest stayed."""

from __future__ import annotations

from segcore.intervals import FEW
from segcore.sentences.rows import Table, rows


def shares_that_stayed(matrix: Table) -> dict[float, list[str]]:
    """Share of those who stayed → the segments that have it, among those of 20 customers or more.

    Parameters
    ----------
    matrix
        The table, see :func:`segcore.transitions.matrix`.
    """
    shares: dict[float, list[str]] = {}
    for row in rows(matrix):
        if row["state"] == "stayed" and row["row_total"] >= FEW:
            shares.setdefault(row["share"], []).append(row["from_segment"])
    return shares
