"""How it was made, and what no slide shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.charts.colours import INK_2
from segcore.language import say
from segcore.sentences import drift, followup, records, slides, unshown
from segcore.sentences import model as told
from segcore.sentences import workbook as of_workbook
from segcore.slides.deck import ACROSS, BOTTOM, LEFT, TOP, Box, Deck, Text
from segcore.slides.tables import Grid, chip, figure, number, put_table, words
from segcore.wording import sentence

if TYPE_CHECKING:
    from segcore.report import Report

TABLE = 7.6
"""The width of the table in inches."""


def add(report: Report, deck: Deck) -> None:
    """Add the slide."""
    made = told.made(report.used.fitted_as_of, report.run_date, report.moving)
    outcome = records.outcome(report.frame("records"))
    known = report.facts
    facts = of_workbook.counted(known["customers"], known["value_window"], report.study.currency)
    unlogged = "" if report.tables["followed"] or report.previous is None else followup.NO_LOG
    sure = drift.of_all(report.tables["segments"])
    shown = [unshown.NOT_SHOWN[name] for name in ("segments", "matrix", "rules")]
    notes = [made, facts, outcome, sure, unlogged, *shown, slides.NO_NAMES]
    slide = deck.add(say("How the segments were made"), made.rstrip("."), notes)
    put_table(slide, Box(LEFT, TOP, TABLE, BOTTOM - TOP), _rules(report))
    left = LEFT + TABLE + 0.4
    texts = [
        *(Text(text) for text in (outcome, unlogged)),
        Text(say("What these slides do not show"), bold=True),
        *(Text(text, colour=INK_2) for text in (*shown, slides.NO_NAMES)),
    ]
    slide.write(Box(left, TOP, LEFT + ACROSS - left, BOTTOM - TOP), texts)


def _rules(report: Report) -> Grid:
    rows = [
        [
            chip(report.palette[row["segment"]]),
            words(row["segment"]),
            words(sentence(row["rule"])),
            number(row["customers"]),
        ]
        for row in report.tables["rules"]
    ]
    heads = [chip(None), words(say("Segment")), words(say("Rule: the first that fits decides"))]
    return Grid([*heads, figure(say("Customers"))], rows)
