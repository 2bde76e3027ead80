"""The first slide: what happened, in one sentence, and what a reader must know before acting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.report.sections import top
from segcore.sentences import moves
from segcore.sentences import segments as of_segments
from segcore.slides.deck import ACROSS, LEFT, TOP, Box, Deck, Text
from segcore.wording import day_and_month

if TYPE_CHECKING:
    from segcore.report import Report


def add(report: Report, deck: Deck) -> None:
    """Add the slide."""
    warned = [f"{name} {told}" for name, told in top.warnings(report)]
    slide = deck.add(report.study.report.title, _news(report), [*warned, top.lead(report)])
    slide.write(Box(LEFT, TOP, ACROSS, 4), [Text(text, 18) for text in warned])


def _news(report: Report) -> str:
    if report.previous is None:
        who = of_segments.company(report.study.title)
        return of_segments.size(who, *report.counted(), None)
    return moves.moved(report.tables["movers"], since=day_and_month(report.previous, report.run_date))
