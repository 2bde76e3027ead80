"""Two runs beside each other, and all runs in a row: moves, matrix, accounts, headline, history.

Everything starts with :func:`moves`, which reads the earlier runs; the other functions count what
it leaves in the engine. Segments of two runs can be compared because a kept model made both.
"""

from __future__ import annotations

from segcore.transitions.attention import Headline, by_representative, ends, headline, healthy
from segcore.transitions.moves_csv import write_moves_csv
from segcore.transitions.over_runs import flows, history, sizes
from segcore.transitions.showing import FIRST_RUN, changed_models, crosstab, dates, equation, sentence, stays
from segcore.transitions.states import FLOWS, GONE, NEW, RETURNED, Accounting, accounting, matrix, moves

__all__ = [
    "FIRST_RUN",
    "FLOWS",
    "GONE",
    "NEW",
    "RETURNED",
    "Accounting",
    "Headline",
    "accounting",
    "by_representative",
    "changed_models",
    "crosstab",
    "dates",
    "ends",
    "equation",
    "flows",
    "headline",
    "healthy",
    "history",
    "matrix",
    "moves",
    "sentence",
    "sizes",
    "stays",
    "write_moves_csv",
]
