"""Segments today: how large they are and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.charts.colours import INK_3, STAYED
from segcore.language import current, say
from segcore.sentences import drift, unshown
from segcore.sentences import segments as told
from segcore.slides.charts import SHARES, Chart, Series, put_chart
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Cell, Grid, chip, figure, number, put_table, words
from segcore.wording import EN_DASH, money, percent, signed

if TYPE_CHECKING:
    from segcore.report import Report
    from segcore.report.data import Row

CHART = 5.2
"""The width of the chart in inches."""
KEY = 0.3
"""The height of what says above it which bars are which."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide."""
    found = told.two_best(report.frame("segments"))
    value = say("Order value: {window}", window=told.window(report.facts))
    followed = [name for name, segment in report.study.segments.items() if segment.follow_up]
    sure = drift.of_followed(report.tables["segments"], followed)
    actions = [
        f"{name}: {segment.action}."
        for name, segment in report.study.segments.items()
        if segment.action and name in report.segments
    ]
    notes = [found, f"{value}.", sure, *actions, unshown.NOT_SHOWN["segments"]]
    slide = deck.add(say("Segments today"), found.rstrip("."), notes)
    high = BOTTOM - TOP - 0.55
    chart = _chart(report)
    slide.write_key(Box(LEFT, TOP, CHART, KEY), [(series.name, _colours(series)) for series in chart.series])
    put_chart(slide, Box(LEFT, TOP + KEY, CHART, high - KEY), chart)
    left = LEFT + CHART + 0.3
    used = put_table(slide, Box(left, TOP, LEFT + ACROSS - left, high), _table(report)) + 0.2
    slide.write(Box(left, TOP + used, LEFT + ACROSS - left, high - used), [Text(text) for text in actions])
    below = Text(f"{value}. {unshown.NOT_SHOWN['segments']}", colour=INK_3)
    slide.write(Box(LEFT, BOTTOM - 0.5, ACROSS, 0.55), [below])


def _chart(report: Report) -> Chart:
    rows = report.tables["segments"]
    fills = [(report.palette[row["segment"]].fill, report.palette[row["segment"]].outline) for row in rows]
    series = [Series(say("Share of customers"), [row["share"] for row in rows], fills=fills)]
    if any(row["value_share"] is not None for row in rows):
        shares = [row["value_share"] for row in rows]
        series.append(Series(say("Share of order value"), shares, STAYED, INK_3))
    says = "; ".join(
        f"{row['segment']}: {percent(row['share'], short=True)} / {_value_share(row)}" for row in rows
    )
    return Chart([row["segment"] for row in rows], series, says, SHARES[current()], legend=False)


def _colours(series: Series) -> list[tuple[str, str]]:
    """The areas and lines of its bars, from the first to the last."""
    return list(series.fills) or [(series.fill, series.line)]


def _value_share(row: Row) -> str:
    return EN_DASH if row["value_share"] is None else percent(row["value_share"], short=True)


def _table(report: Report) -> Grid:
    heads = [chip(None), words(say("Segment")), figure(say("Customers"))]
    heads += [figure(say("Change"))] if report.previous else []
    heads += [figure(say("Order value")), figure(say("Share"))]
    currency, worth = report.study.currency, report.one("flows", run_date=report.run_date)["value"]
    rows = [
        [
            chip(report.palette[row["segment"]]),
            words(row["segment"]),
            number(row["customers"]),
            *_change(report, row["segment"]),
            figure(money(row["value"], currency) if row["value"] is not None else EN_DASH),
            figure(_value_share(row)),
        ]
        for row in report.tables["segments"]
    ]
    total = [
        chip(None),
        words(say("All customers")),
        number(report.facts["customers"]),
        *_change(report),
        figure(money(worth or 0, currency)),
        figure(percent(1) if worth else EN_DASH),
    ]
    return Grid(heads, rows, total)


def _change(report: Report, segment: str | None = None) -> list[Cell]:
    if report.previous is None:
        return []
    more = report.change(segment)
    return [figure(EN_DASH if more is None else signed(more))]
