"""Who moved since the last run: how many, and from where to where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from segcore.charts.colours import GRID, INK, INK_2, INK_3, STAYED
from segcore.language import say
from segcore.sentences import moves as told
from segcore.sentences import unshown
from segcore.slides.charts import Chart, Series, put_chart
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Cell, Grid, chip, number, put_table, words
from segcore.transitions import GONE, NEW, RETURNED
from segcore.wording import count, short_date

if TYPE_CHECKING:
    from segcore.report import Report

CHART = 4.3
"""The width of the chart in inches."""
MANY = 8
"""From so many segments on, the matrix takes the whole slide."""
SHOWN = ("up", "down", "new", "returned", "gone")


def add(report: Report, deck: Deck) -> None:
    """Add the slide; none of a first run."""
    if report.moved is None or report.previous is None:
        return
    movers, within = report.tables["movers"], report.study.population.active_within
    notes = [
        f"{told.moved(movers)}.",
        told.what_others_did(movers),
        told.gone(movers, within),
        told.equation(movers),
        unshown.NOT_SHOWN["movers"],
        unshown.NOT_SHOWN["matrix"],
    ]
    slide = deck.add(say("Who moved"), told.moved(movers), notes)
    chart = 0.0 if len(report.segments) > MANY else CHART
    low = BOTTOM - 0.4
    if chart:
        put_chart(slide, Box(LEFT, TOP, CHART, low - TOP), _chart(report))
    left = LEFT + chart + 0.3 * bool(chart)
    right = ACROSS + LEFT - left
    caption = say(
        "Rows: on {before}. Columns: on {after}.",
        before=short_date(report.previous),
        after=short_date(report.run_date),
    )
    slide.write(Box(left, TOP, right, 0.3), [Text(caption, colour=INK_2)])
    put_table(slide, Box(left, TOP + 0.4, right, low - TOP - 0.4), _matrix(report))
    slide.write(Box(LEFT, BOTTOM - 0.25, ACROSS, 0.3), [Text(told.equation(movers), colour=INK_2)])


def _chart(report: Report) -> Chart:
    """How many moved in which way; of those who did and did not order."""
    rows = {row["move"]: row for row in report.tables["movers"]}
    kinds = [move for move in SHOWN if rows[move]["customers"]]
    ordered = Series(say("Ordered"), [rows[move]["ordered"] for move in kinds], INK)
    idle = Series(say("Did not order"), [rows[move]["idle"] for move in kinds], STAYED, INK_2)
    says = told.moved(report.tables["movers"])
    names = [f"{told.MOVES[move]}: {count(rows[move]['customers'])}" for move in kinds]
    return Chart(names, [ordered, idle], says, stacked=True)


def _matrix(report: Report) -> Grid:
    """From where to where; columns carry the numbers of the segments, for their names are rows, too."""
    heads = [chip(None), words(""), *(chip(report.palette[name]) for name in report.segments)]
    heads.append(Cell(say("Gone"), number=True))
    names = dict.fromkeys(row["from_segment"] for row in report.tables["matrix"])
    rows = []
    for name in names:
        found = {row["to_segment"]: row["customers"] for row in report.where("matrix", from_segment=name)}
        if name == RETURNED and not any(found.values()):
            continue
        cells = [_count(found.get(there, 0), stayed=there == name) for there in (*report.segments, GONE)]
        rows.append([chip(report.palette.get(name)), words(_arrival(name)), *cells])
    return Grid(heads, rows, even=True)


def _arrival(name: str) -> str:
    return {NEW: say("New customers"), RETURNED: say("Returned customers")}.get(name, name)


def _count(customers: int, *, stayed: bool) -> Cell:
    return replace(number(customers), colour=INK if customers else INK_3, fill=GRID if stayed else "")
