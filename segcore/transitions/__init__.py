"""Two runs beside each other, and all runs in a row: moves, matrix, accounts, headline, history.

Everything starts with :func:`moves`, which reads the earlier runs; the other functions count what
it leaves in the engine, each into the table of its own name. Segments of two runs can be compared
because a kept model made both.
"""

from __future__ import annotations

from segcore.transitions.attention import ends, headline, healthy, representatives
from segcore.transitions.books import PARTS, accounts, across, movers
from segcore.transitions.calls import calls, next_date
from segcore.transitions.causes import causes
from segcore.transitions.clock import clock
from segcore.transitions.earlier import last_run
from segcore.transitions.forecast import forecast
from segcore.transitions.insights import insights
from segcore.transitions.last_list import last_list
from segcore.transitions.names import renamed, reps_sql, unnamed
from segcore.transitions.over_runs import between, flows, history, sizes
from segcore.transitions.panel import panel
from segcore.transitions.rates import rates
from segcore.transitions.renaming import under_new_names
from segcore.transitions.shares import CAUSES, MARKS, MASKED
from segcore.transitions.states import GONE, MOVES, NEW, RETURNED, crosstab, matrix, moves
from segcore.transitions.stays import stays
from segcore.transitions.unusual import unusual

__all__ = [
    "CAUSES",
    "GONE",
    "KEPT",
    "MARKS",
    "MASKED",
    "MOVES",
    "NEW",
    "PARTS",
    "RETURNED",
    "accounts",
    "across",
    "between",
    "calls",
    "causes",
    "clock",
    "crosstab",
    "ends",
    "flows",
    "forecast",
    "headline",
    "healthy",
    "history",
    "insights",
    "last_list",
    "last_run",
    "matrix",
    "movers",
    "moves",
    "next_date",
    "panel",
    "rates",
    "renamed",
    "representatives",
    "reps_sql",
    "sizes",
    "stays",
    "under_new_names",
    "unnamed",
    "unusual",
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
    "between_runs",
    "headline",
    "representatives",
    "verdict",
    "marks",
    "causes",
    "bridge",
    "insights",
    "clock",
    "calls",
    "draw",
    "call_reps",
    "call_first",
    "last_list",
    "eligible",
    "followed",
    "sustained",
    "books",
    "limits",
    "effect",
    "late",
    "credited",
    "suspicions",
    "rates",
    "expected_sizes",
    "unusual",
    "forecast",
)
"""The tables that a run keeps."""
