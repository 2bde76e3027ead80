"""The report: what a run says, section by section, and the page and the list of runs made from it.

The report notebook loads a :class:`Report` and shows the sections; :mod:`segcore.report.html` makes
the page of what it put out.
"""

from __future__ import annotations

from segcore.report.data import Report, load
from segcore.report.method import breaks_and_rules, check_released, how_made, provenance, records
from segcore.report.sections import attention, matrix, over_runs, segments_today, who_moved
from segcore.report.summary import write_summary
from segcore.report.top import begin, figures

__all__ = [
    "Report",
    "attention",
    "begin",
    "breaks_and_rules",
    "check_released",
    "figures",
    "how_made",
    "load",
    "matrix",
    "over_runs",
    "provenance",
    "records",
    "segments_today",
    "who_moved",
    "write_summary",
]
