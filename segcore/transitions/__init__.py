"""Two runs beside each other, and all runs in a row: moves, matrix, accounts, headline, history.

Everything starts with :func:`moves`, which reads the earlier runs; the other functions count what
it leaves in the engine, each into the table of its own name. Segments of two runs can be compared
because a kept model made both.
"""

from __future__ import annotations

from segcore.transitions.attention import ends, headline, healthy, representatives
from segcore.transitions.books import PARTS, accounts, across, movers
from segcore.transitions.earlier import last_run
from segcore.transitions.over_runs import flows, history, sizes, stays
from segcore.transitions.states import GONE, MOVES, NEW, RETURNED, crosstab, matrix, moves

__all__ = [
    "GONE",
    "KEPT",
    "MOVES",
    "NEW",
    "PARTS",
    "RETURNED",
    "accounts",
    "across",
    "crosstab",
    "ends",
    "flows",
    "headline",
    "healthy",
    "history",
    "last_run",
    "matrix",
    "movers",
    "moves",
    "representatives",
    "sizes",
    "stays",
]

KEPT = (
    "moves",
    "movers",
    "accounts",
    "matrix",
    "history",
    "stays",
    "sizes",
    "flows",
    "headline",
    "representatives",
    "verdict",
    "marks",
    "causes",
    "bridge",
    "clock",
    "calls",
    "draw",
    "eligible",
    "followed",
    "sustained",
    "books",
    "limits",
    "effect",
    "late",
    "suspicions",
    "rates",
    "unusual",
    "forecast",
)
"""The tables that a run keeps."""
