"""Why customers moved: what they did, what time did, and what we did by changing the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.charts.causes import FILLS, HATCHED
from segcore.charts.colours import INK, WHITE
from segcore.language import say
from segcore.sentences import causes as told
from segcore.sentences import insights
from segcore.slides.charts import Chart, Series, put_chart
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text

if TYPE_CHECKING:
    from segcore.report import Report

CHART = 2.3
"""The height of the chart in inches."""
WAYS = ("up", "down")


def add(report: Report, deck: Deck) -> None:
    """Add the slide; none where nobody moved, or the run does not know why."""
    marks = report.tables["marks"]
    if report.moved is None or not any(row["customers"] for row in marks):
        return
    said = [told.moved(marks, "up"), told.moved(marks, "down"), told.masked(marks), told.fragile(marks)]
    common = insights.told(report.tables["insights"]) if report.tables["insights"] else []
    meaning = told.meaning(marks)
    notes = [*said, meaning, told.bridge(report.tables["bridge"], report.segments), *common, told.NOT_SHOWN]
    slide = deck.add(say("Why they moved"), told.finding(marks), notes)
    put_chart(slide, Box(LEFT, TOP, ACROSS, CHART), _chart(report))
    room = Box(LEFT, TOP + CHART + 0.15, ACROSS, BOTTOM - TOP - CHART - 0.15)
    slide.write(room, [Text(text, 16) for text in (*said, *common, told.NOT_SHOWN)])


def _chart(report: Report) -> Chart:
    """Two bars, one for each way, of parts: solid is what customers did, hatched and white what we did."""
    marks = [mark for mark in told.MARKS if any(row["customers"] for row in report.where("marks", mark=mark))]
    series = [
        Series(
            told.MARKS[mark],
            [report.one("marks", direction=way, mark=mark).get("customers", 0) for way in WAYS],
            FILLS.get(mark, WHITE),
            INK,
            hatched=mark in HATCHED,
        )
        for mark in marks
    ]
    says = " ".join(told.moved(report.tables["marks"], way) for way in WAYS)
    return Chart([say("Moved up"), say("Moved down")], series, says, stacked=True)
