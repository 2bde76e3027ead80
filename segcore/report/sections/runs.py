"""Segments over all runs, all on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts, language
from segcore.intervals import FEW
from segcore.report.parts import Cell, Part, Table, chart, finding, note, number, text
from segcore.sentences import runs as say
from segcore.sentences import unshown, usual
from segcore.wording import EN_DASH, count, long_date, percent, plural

if TYPE_CHECKING:
    from segcore.report.data import Report, Row


def parts(report: Report) -> list[Part]:
    """The history of every segment, and its numbers; nothing in a first run."""
    if report.previous is None:
        return []
    frame, changed = report.frame("sizes"), report.changed
    drawn = [charts.history(frame, report.palette, changed=changed, phone=phone) for phone in (False, True)]
    return [
        finding(say.over_runs(report.tables["sizes"], changed)),
        chart(charts.TwoWidths(*drawn)),
        _numbers(report).behind(language.say("Customers of every segment in every run")),
        *_usual(report),
        note(*say.how_to_read(report.tables["sizes"], changed), unshown.NOT_SHOWN["sizes"]),
    ]


def _usual(report: Report) -> list[Part]:
    """Whether this run is unusual, what the next one is going to show, and how long stays last.

    Nothing where the run was made before it kept these tables.
    """
    ahead = report.tables["forecast"]
    told = [
        usual.unusual(report.tables["unusual"]) if ahead else "",
        usual.held(ahead, report.run_date),
        usual.forecast(ahead) if ahead else "",
    ]
    shown = [text(*told)] if any(told) else []
    if report.tables["stays"] and "since_first" in report.tables["stays"][0]:
        shown.append(_stays(report).behind(language.say("How long customers stay")))
    if ahead:
        shown.append(_ahead(report).behind(language.say("Sizes expected at the next run")))
    return shown


def _stays(report: Report) -> Table:
    rows = report.tables["stays"]
    first = language.say("at least {days}", days=_days(rows[0]["days_since_first"]))
    heads = [
        Cell(language.say("Segment")),
        Cell(language.say("Half of all stays over"), language.say("after"), "num"),
        Cell(language.say("Came"), language.say("in this run"), "num"),
        Cell(language.say("There since the first run"), first, "num"),
        Cell(language.say("Not for the first time"), kind="num"),
        Cell(language.say("Were better once"), kind="num"),
    ]
    table = [
        [
            Cell(row["segment"], colour=report.palette.get(row["segment"])),
            Cell(_lasting(row), kind="num"),
            *(number(row[name]) for name in ("entered_now", "since_first", "back_again", "were_better")),
        ]
        for row in rows
    ]
    return Table(heads, table, below=f"{usual.HOW_LONG} {unshown.NOT_SHOWN['stays']}")


def _lasting(row: Row) -> str:
    if row["median_days"] is None or row["stays"] < FEW:
        return EN_DASH
    days = _days(int(row["median_days"]))
    return language.say("over {days}", days=days) if row["at_least"] else days


def _days(number: int) -> str:
    return plural(number, language.say("day"), language.say("days"))


def _ahead(report: Report) -> Table:
    rows = [row for row in report.tables["forecast"] if row["actual"] is None]
    past = {row["segment"]: row for row in report.tables["forecast"] if row["actual"] is not None}
    heads = [
        Cell(language.say("Segment")),
        Cell(language.say("Now"), kind="num"),
        Cell(language.say("Forecast for now"), language.say("by the last run"), "num"),
        Cell(language.say("Next"), long_date(rows[0]["run_date"]) if rows else "", "num"),
        Cell(language.say("In the end"), language.say("if it went on so"), "num"),
    ]
    table = [
        [
            Cell(row["segment"], colour=report.palette.get(row["segment"])),
            number(report.counted(row["segment"])[0]),
            Cell(usual.band(past[row["segment"]]) if row["segment"] in past else EN_DASH, kind="num"),
            Cell(count(round(row["expected"])), usual.band(row), "num"),
            Cell(EN_DASH if row["in_the_end"] is None else percent(row["in_the_end"]), kind="num"),
        ]
        for row in rows
    ]
    return Table(heads, table, below=unshown.NOT_SHOWN["forecast"])


def _numbers(report: Report) -> Table:
    sizes = {(row["run_date"], row["segment"]): row["customers"] for row in report.tables["sizes"]}
    retired = {segment for _, segment in sizes if segment not in report.segments}
    named = [*report.segments, *sorted(retired)]
    heads = [
        Cell(language.say("Run")),
        *(Cell(s, kind="num") for s in named),
        Cell(language.say("All"), kind="num"),
    ]
    rows = [
        [
            Cell(long_date(row["run_date"])),
            *(number(sizes.get((row["run_date"], s))) for s in named),
            number(row["customers"]),
        ]
        for row in report.tables["flows"]
    ]
    return Table(heads, rows)
