"""Whom to call before the next run: how many, and on whose list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import transitions
from segcore.charts.colours import INK_2
from segcore.language import say
from segcore.report.sections.calls import FILE
from segcore.sentences import calls as told
from segcore.sentences import unshown
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Cell, Grid, figure, number, put_table, words
from segcore.wording import money

if TYPE_CHECKING:
    from segcore.report import Report
    from segcore.report.data import Row

TABLE = 6.2
"""The width of the table in inches."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide; none of a run without call lists."""
    total = report.one("call_reps", position=0)
    if not total:
        return
    until = told.day(transitions.next_date(report.study, report.run_date), report.run_date)
    asked = [variable.window for variable in report.used.variables if variable.window]
    currency, falling = report.study.currency, total["falling"]
    title = told.falling(falling, total["value"], until, currency, windowed=bool(asked))
    more = told.to_follow(total, currency)
    last = told.last_list(report.tables["last_list"], report.run_date)
    held = told.held_out(report.tables["draw"], first_run=report.previous is None)
    said = [
        told.lists(total, report.study.follow_up.capacity),
        f"{more}." if more else "",
        *held,
        last,
    ]
    notes = [
        *said,
        told.first(total),
        told.of_nobody(report.tables["call_reps"]),
        told.windows(asked) if falling else "",
        unshown.NOT_SHOWN["calls"],
    ]
    slide = deck.add(say("Whom to call"), title, notes)
    found = [row for row in report.tables["call_reps"] if row["position"] and row["customers"]]
    left = LEFT
    if found:
        put_table(slide, Box(LEFT, TOP, TABLE, BOTTOM - TOP), _table(report, found, total))
        left += TABLE + 0.4
    where = say("Every customer by name: {file}", file=FILE)
    below = Text(unshown.NOT_SHOWN["calls"], colour=INK_2)
    texts = [*(Text(text, 16) for text in (*said[:2], where, *said[2:])), below]
    slide.write(Box(left, TOP, LEFT + ACROSS - left, BOTTOM - TOP), texts)


def _table(report: Report, found: list[Row], total: Row) -> Grid:
    """The lists in alphabetical order, as the run has them: it is no ranking."""
    heads = (say("To call"), say("Would fall"), say("Their order value"))
    rows = [[words(row["name"] or say("No representative")), *_numbers(row, report)] for row in found]
    together = [words(say("Together")), *_numbers(total, report)]
    return Grid([words(say("Representative")), *map(figure, heads)], rows, together)


def _numbers(row: Row, report: Report) -> list[Cell]:
    return [
        number(row["customers"]),
        number(row["falling"]),
        figure(money(row["value"], report.study.currency)),
    ]
