"""Two runs beside each other, and all runs in a row: moves, matrix, accounts, headline, history.

Everything starts with :func:`moves`, which reads the earlier runs; the other functions count what
it leaves in the engine, each into the table of its own name. Segments of two runs can be compared
because a kept model made both.
"""

from __future__ import annotations

from segcore.transitions.attention import ends, headline, healthy, representatives
from segcore.transitions.books import PARTS, accounts, across, movers
from segcore.transitions.calls import calls, next_date
from segcore.transitions.clock import clock
from segcore.transitions.earlier import last_run
from segcore.transitions.over_runs import flows, history, sizes, stays
from segcore.transitions.states import GONE, MOVES, NEW, RETURNED, crosstab, matrix, moves
from segcore.transitions.verdict import verdict

__all__ = [
    "GONE",
    "KEPT",
    "MOVES",
    "NEW",
    "PARTS",
    "RETURNED",
    "accounts",
    "across",
    "calls",
    "clock",
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
    "next_date",
    "representatives",
    "sizes",
    "stays",
    "verdict",
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
    "call_reps",
    "call_first",
    "eligible",
    "followed",
    "sustained",
    "books",
    "effect",
    "late",
    "suspicions",
    "rates",
    "unusual",
    "forecast",
)
"""The tables that a run keeps."""
