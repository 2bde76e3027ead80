"""Follow-ups of sales: whom they reached, what was to be expected without them, and how sure that is.

:func:`eligible` says of every customer who was to be followed up what happened until this run;
everything else counts those rows, of this run and of all earlier ones as they were published. A
customer-run is one customer who was in a segment to follow up at one run. The statistics are pure
functions on frames of such rows, in modules of their own (persontime, shrinkage, funnel, differ, effect).
Without a hold-out nothing here is an effect, and every sentence about it says so.
"""

from __future__ import annotations

from segcore.kpi.counted import books, drawn, followed, limits, measure
from segcore.kpi.credited import credited
from segcore.kpi.eligible import eligible, gather, has_log
from segcore.kpi.late import late
from segcore.kpi.overall import overall, verdict
from segcore.kpi.suspicions import suspicions
from segcore.kpi.sustained import sustained

__all__ = [
    "books",
    "credited",
    "drawn",
    "eligible",
    "followed",
    "gather",
    "has_log",
    "late",
    "limits",
    "measure",
    "overall",
    "suspicions",
    "sustained",
    "verdict",
]
