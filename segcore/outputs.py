"""The files that a run leaves for people, in its ``report/`` and so in ``reports/STUDY/RUN_DATE/``."""

from __future__ import annotations

PAGE = "report.html"

OUTPUTS: dict[str, str] = {
    PAGE: "the report: one page for everybody",
    "moves.csv": "every customer of both runs, from which segment to which, for spreadsheets",
}
"""Name of the file → what it is. The list of runs links all files of a run that are there, these first."""
