"""Follow-ups of sales: whom they reached, what was to be expected without them, and how sure that is.

:func:`eligible` says of every customer who was to be followed up what happened until this run;
everything else counts those rows, of this run and of all earlier ones as they were published.
Without a hold-out nothing here is an effect, and every sentence about it says so.
"""

from __future__ import annotations

from segcore.kpi.eligible import eligible, has_log

__all__ = ["eligible", "has_log"]
