"""The report: what a run says, section by section.

The report notebook loads a :class:`Report` and shows the sections, each in a cell of its own, in the
order in which the page has them; :mod:`segcore.report.page` makes the page of what it put out, and
:mod:`segcore.report.site` the list of all runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segcore import language
from segcore.errors import UsageError
from segcore.report import parts
from segcore.report.data import Report, load
from segcore.report.parts import Part
from segcore.report.sections import (
    attention,
    breaks,
    calls,
    figures,
    followup,
    moves,
    provenance,
    records,
    runs,
    segments,
    top,
    why,
)
from segcore.report.summary import write_summary
from segcore.wording import join

__all__ = ["SECTIONS", "Report", "Section", "check_released", "load", "show", "write_summary"]


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Parameters
    ----------
    title
        What the page writes beside its number; empty for what stands in the page by itself.
    parts
        Its pieces, in order; none if the run has nothing to say there.
    """

    title: str
    parts: Callable[[Report], Sequence[Part]]


def show(report: Report, anchor: str) -> None:
    """Put a section out, as a cell of the report notebook.

    Parameters
    ----------
    report
        What the run says.
    anchor
        The section's name in :data:`SECTIONS`, which is also that of links to it.

    Raises
    ------
    UsageError
        If there is no such section.
    """
    if anchor not in SECTIONS:
        raise UsageError(f"section must be one of {join(list(SECTIONS), 'or')} (got {anchor!r})")
    section = SECTIONS[anchor]
    for part in section.parts(report):
        parts.show(part, anchor, language.say(section.title) if section.title else "")


def check_released(report: Report) -> None:
    """Stop the run if the records do not add up, after the page has said so.

    Raises
    ------
    SegcoreError
        With every file whose records are not accounted for.
    """
    records.check(report)


SECTIONS: dict[str, Section] = {
    "top": Section("", top.header),
    "figures": Section("", figures.parts),
    "attention": Section("Better since the last run", attention.parts),
    "segments": Section("Segments today", segments.parts),
    "moves": Section("Who moved", moves.parts),
    "why": Section("Why they moved", why.parts),
    "runs": Section("Segments over runs", runs.parts),
    "followup": Section("Sales follow-up", followup.parts),
    "calls": Section("Whom to call", calls.parts),
    "breaks": Section("How the segments were made", breaks.parts),
    "records": Section("The records", records.parts),
    "provenance": Section("", provenance.parts),
}
"""Anchor → section. Numbers come when the page is made, in the order in which the notebook shows them."""
