"""Of those who needed attention, how many are better off: now and in the runs before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import transitions
from segcore.charts.colours import INK_2, NO_SEGMENT, RULE
from segcore.language import current, say
from segcore.report.sections.figures import TREND
from segcore.sentences import attention as told
from segcore.slides.charts import SHARES, Chart, Series, put_chart
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Cell, Grid, figure, number, put_table, words
from segcore.wording import EN_DASH, between, long_date, percent, short_date

if TYPE_CHECKING:
    from segcore.report import Report
    from segcore.report.data import Row

CHART = 5.2
"""The width of the chart in inches."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide; none of a first run, or where nobody is to be followed up."""
    path = transitions.ends(report.study)
    now = report.one("headline", run_date=report.run_date)
    if report.previous is None or path is None or not now:
        return
    every = [row for row in report.tables["headline"] if row["run_date"]]
    pooled = report.one("headline", run_date=None)
    title = told.headline(now, path[1], report.previous)
    sure = told.headline(now, path[1], report.previous, sure=True)
    said = [told.others(now), *told.series(every, pooled)]
    slide = deck.add(say("Better since the last run"), title, [f"{sure}.", *said, told.CAUTION])
    recent = every[-TREND:]
    low, left = BOTTOM - 0.75, LEFT + CHART + 0.3
    put_chart(slide, Box(LEFT, TOP, CHART, low - TOP), _chart(recent))
    put_table(slide, Box(left, TOP, LEFT + ACROSS - left, low - TOP), _table(recent, pooled))
    slide.write(Box(LEFT, low + 0.1, ACROSS, 0.65), [Text(told.CAUTION, 16, colour=INK_2)])


def _chart(recent: Sequence[Row]) -> Chart:
    """The shares; no bar where there are too few customers for one."""
    series = Series(
        say("Share now in a target"),
        [None if row["few"] else row["share"] for row in recent],
        fills=[(NO_SEGMENT if row is recent[-1] else RULE, INK_2) for row in recent],
        low=[None if row["few"] else row["share"] - row["low"] for row in recent],
        high=[None if row["few"] else row["high"] - row["share"] for row in recent],
    )
    says = "; ".join(f"{long_date(row['run_date'])}: {told.interval(row)}" for row in recent)
    days = [short_date(row["run_date"]) for row in recent]
    return Chart(days, [series], says, SHARES[current()], upright=True, legend=False)


def _table(recent: Sequence[Row], pooled: Row) -> Grid:
    begun = say("In {segment} before", segment=pooled["segment"])
    heads = (begun, say("Now in a target"), say("Share"), say("95% interval"))
    rows = [[words(long_date(row["run_date"])), *_numbers(row)] for row in recent]
    total = [words(say("All runs together")), *_numbers(pooled)]
    return Grid([words(say("Run")), *map(figure, heads)], rows, total)


def _numbers(row: Row) -> list[Cell]:
    few = row["few"]
    return [
        number(row["customers"]),
        number(row["in_target"]),
        figure(say("too few") if few else percent(row["share"], short=True)),
        figure(EN_DASH if few else between(row["low"], row["high"])),
    ]
