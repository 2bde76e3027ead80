"""A run in small tables: its segments, what they ordered, how the variables are spread, who decides.

Each function makes one table in the engine, which ``segcore.tables.save`` writes into the run's
``data/`` folder, and gives its rows back. They start from ``transactions`` and from ``customers`` as
:func:`segcore.model.apply` made it. The report reads these tables and computes nothing.
"""

from __future__ import annotations

from segcore.profile.drifting import CALENDAR, LOSS, drift, edges
from segcore.profile.segments import SOON, facts, profile, segments
from segcore.profile.showing import middle, shown_classes, shown_profile, shown_segments, value
from segcore.profile.spread import MOST, Uncut, spread, starts, uncut
from segcore.profile.using import classes, decides, differences, rules

TABLES = (
    "facts",
    "segments",
    "profile",
    "spread",
    "classes",
    "edges",
    "drift",
    "rules",
    "differences",
    "decides",
)
"""What a run keeps of them."""

__all__ = [
    "CALENDAR",
    "LOSS",
    "MOST",
    "SOON",
    "TABLES",
    "Uncut",
    "classes",
    "decides",
    "differences",
    "drift",
    "edges",
    "facts",
    "middle",
    "profile",
    "rules",
    "segments",
    "shown_classes",
    "shown_profile",
    "shown_segments",
    "spread",
    "starts",
    "uncut",
    "value",
]
