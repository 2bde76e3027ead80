"""Sales follow-up: what came of it, on what evidence, and whether representatives differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import transitions
from segcore.charts.colours import INK, INK_2, STAYED
from segcore.language import current, say
from segcore.sentences import books, evidence
from segcore.sentences import followup as told
from segcore.slides.charts import SHARES, Chart, Series, put_chart
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Cell, Grid, chip, figure, number, put_table, words
from segcore.wording import EN_DASH

if TYPE_CHECKING:
    from segcore.report import Report
    from segcore.report.data import Row

CHART = 4.6
"""The width of the chart in inches."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide; none where no follow-up is recorded, or nobody is to be followed up."""
    path, followed = transitions.ends(report.study), report.tables["followed"]
    if path is None or report.previous is None or not report.where("followed", run_date=None):
        return  # runs that do not count may be all that the table tells of
    found = {row["what"]: row for row in report.tables["effect"]}
    reached, every = found.get("reached", {}), told.pooled(followed)
    box = evidence.evidence(reached)
    verdict = books.verdict(report.one("verdict"))
    notes = [
        box,
        *told.compared(followed, report.previous, report.study.currency),
        evidence.enough(reached, found.get("plan", {})),
        evidence.placebo(found.get("placebo", {})),
        *told.stay(report.tables["sustained"]),
        verdict,
        told.NOT_SHOWN["followed"],
        told.NOT_SHOWN["effect"],
        told.NOT_SHOWN["books"],
    ]
    slide = deck.add(say("Sales follow-up"), evidence.finding(every, reached, path[1]), notes)
    chart = _chart(every, reached)
    left, low = LEFT, TOP + 2.5
    if chart:
        put_chart(slide, Box(LEFT, TOP, CHART, low - TOP), chart)
        left += CHART + 0.3
    put_table(slide, Box(left, TOP, LEFT + ACROSS - left, low - TOP), _table(report))
    texts = [Text(box, 16), Text(verdict, 16), Text(told.NOT_SHOWN["books"], 16, colour=INK_2)]
    slide.write(Box(LEFT, low + 0.2, ACROSS, BOTTOM - low - 0.2), texts)


def _chart(every: Row, reached: Row) -> Chart | None:
    """The shares of a hold-out, else what came after follow-ups beside what was to be expected."""
    if reached.get("evidence") == "randomised":
        shares = [reached["share"], reached["other"]]
        names = [say("On the list"), say("Held out")]
        series = Series(say("Share that reached a target"), shares, fills=[(INK, INK), (STAYED, INK_2)])
        return Chart(names, [series], say("Share that reached a target"), SHARES[current()], legend=False)
    if not every or not every["followed"] or every["expected"] is None:
        return None
    names = [say("Reached after a follow-up"), say("Expected without one")]
    numbers = [round(every["after"]), round(every["expected"], 1)]
    series = Series(say("Customers"), numbers, fills=[(INK, INK), (STAYED, INK_2)])
    return Chart(names, [series], told.expected(every), legend=False)


def _table(report: Report) -> Grid:
    """The segments apart and together, over all runs."""
    heads = (say("Eligible"), say("Followed"), say("Reached"), say("After a follow-up"), say("Expected"))
    rows = report.where("followed", run_date=None)
    order = [row for name in report.segments for row in rows if row["segment"] == name]
    order += [row for row in rows if row["segment"] not in (None, *report.segments)]
    shown = [[chip(report.palette.get(r["segment"])), words(r["segment"]), *_numbers(r)] for r in order]
    together = next((row for row in rows if row["segment"] is None), None)
    total = [chip(None), words(say("Together")), *_numbers(together)] if together else []
    first = [chip(None), words(say("To be followed up"))]
    return Grid([*first, *map(figure, heads)], shown, total)


def _numbers(row: Row) -> list[Cell]:
    known = row["expected"] is not None
    return [
        *(number(row[name]) for name in ("eligible", "followed", "reached")),
        number(round(row["after"]) if known else None),
        figure(told.tenths(row["expected"]) if known else EN_DASH),
    ]
