"""The first slide: what happened, in one sentence, and what a reader must know before acting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.charts.colours import INK_2
from segcore.report.sections import figures, top
from segcore.sentences import moves, slides, unshown
from segcore.sentences import workbook as of_workbook
from segcore.slides.deck import ACROSS, BODY, BOTTOM, LEFT, TOP, Box, Deck, Slide, Text, one_line
from segcore.slides.fitting import cut, line_of
from segcore.wording import day_and_month, long_date

if TYPE_CHECKING:
    from segcore.report import Report

FIGURE, HIGH = 28, 1.4
"""The size of a headline figure in points, and the height of all of them in inches."""

APART = ("top", "moves", "breaks")
"""The sections whose finding is not told again: this one, what is its news, and how it was made."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide."""
    run = of_workbook.run(report.run_date, report.previous)
    warned = [f"{name} {told}" for name, told in top.warnings(report)]
    label = f"{report.study.heading} · {report.study.title} · {long_date(report.run_date)}"
    told = [run, *warned, top.lead(report), unshown.NOT_SHOWN["figures"]]
    slide = deck.add(label, _news(report), told)
    _figures(slide, report)
    slide.write(Box(LEFT, BOTTOM - 0.35, ACROSS, 0.3), [Text(run, colour=INK_2)])


def sum_up(report: Report, deck: Deck) -> None:
    """Write what to know before acting, and what the other slides have found, on the first one."""
    warned = [Text(f"{name} {told}", 16, bold=True) for name, told in top.warnings(report)]
    findings = [title for section, title in deck.findings.items() if section not in APART]
    if report.previous is None:
        findings.append(moves.FIRST_RUN.rstrip("."))
    texts = [*warned, *(Text(f"• {one}", 18) for one in findings)]
    high = BOTTOM - 0.45 - TOP - HIGH - 0.3
    deck.slides[0].write(Box(LEFT, TOP + HIGH + 0.3, ACROSS, high), texts)


def _news(report: Report) -> str:
    if report.previous is None:
        return slides.first_run(report.study.title, report.counted()[0])
    return moves.moved(report.tables["movers"], since=day_and_month(report.previous, report.run_date))


def _figures(slide: Slide, report: Report) -> None:
    """The headline figures beside each other: what, how much, and what changed."""
    found = figures.headline(report)
    width = ACROSS / len(found)
    for place, one in enumerate(found):
        value = f"{one.value} / {one.second}" if one.second else one.value
        texts = [
            Text(line_of(one_line(one.label), BODY, width - 0.2), colour=INK_2),
            Text(value, FIGURE, bold=True),
            Text(cut(one.change, BODY, (width - 0.2, 0.5)), colour=INK_2),
        ]
        slide.write(Box(LEFT + place * width, TOP, width - 0.2, HIGH), texts)
