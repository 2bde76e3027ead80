"""Why customers moved: what they did, what time did, and what we did by changing the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import charts, language
from segcore.report.parts import Cell, Part, Table, chart, finding, note, number, text
from segcore.sentences import causes as say
from segcore.sentences import insights as of_insights
from segcore.sentences import segments as of_segments
from segcore.sentences import unshown
from segcore.wording import count, decimals, money, more, short_date

if TYPE_CHECKING:
    from segcore.report.data import Report, Row


WAYS = {"up": "{segment}, up", "down": "{segment}, down"}
"""Direction → the row of those who left a segment that way."""


def parts(report: Report) -> list[Part]:
    """The causes in words, as one bar for each segment, and as numbers; the bridge after a change."""
    marks = report.tables["marks"]
    if report.moved is None or not marks:
        return []
    told = [say.moved(marks, "up"), say.moved(marks, "down"), say.masked(marks), say.fragile(marks)]
    made = [finding(say.finding(marks)), text(" ".join(t for t in told if t))]
    if not any(row["customers"] for row in marks if row["direction"] != "masked"):
        return [*made, *_bridge(report)]
    frame = report.frame("causes")
    drawn = (charts.causes(frame, report.palette, phone=phone) for phone in (False, True))
    return [
        *made,
        chart(charts.TwoWidths(*drawn)),
        note(say.HOW_TO_READ, say.meaning(marks), say.NOT_SHOWN),
        _numbers(report),
        *_bridge(report),
        *_insights(report),
    ]


def _numbers(report: Report) -> Part:
    """The numbers behind the bars: of those who left a segment, why, and what they order."""
    heads = [
        Cell(language.say("Moved out of")),
        Cell(language.say("Customers"), kind="num"),
        Cell(language.say("Ordered"), _since(report), "num"),
        Cell(language.say("Did not order"), kind="num"),
    ]
    shown = [m for m in say.MARKS if any(r["customers"] for r in report.where("marks", mark=m))]
    heads += [Cell(say.MARKS[mark], kind="num") for mark in shown]
    heads.append(Cell(language.say("Order value"), of_segments.window(report.facts), "num"))
    rows = [
        [
            Cell(language.say(WAYS[way], segment=segment), colour=report.palette.get(segment)),
            *_did(report.one("accounts", segment=segment, part=f"{way} out of")),
            *(
                number(report.one("causes", segment=segment, direction=way, mark=m)["customers"])
                for m in shown
            ),
            Cell(money(_left(report, segment, way)["value"], report.study.currency), kind="num"),
        ]
        for segment in report.segments
        for way in ("up", "down")
        if _left(report, segment, way)["customers"]
    ]
    return Table(heads, rows, language.say("The same in numbers"), kind="rp").behind(
        language.say("These bars as numbers")
    )


def _since(report: Report) -> str:
    return language.say("since {day}", day=short_date(report.previous)) if report.previous else ""


def _left(report: Report, segment: str, way: str) -> Row:
    return report.one("accounts", segment=segment, part=f"{way} out of")


def _did(row: Row) -> list[Cell]:
    return [number(row[name]) for name in ("customers", "ordered", "idle")]


def _bridge(report: Report) -> list[Part]:
    """The sizes of all segments by the model before and by the new one."""
    rows = report.tables["bridge"]
    if not rows:
        return []
    before = {row["from_segment"] for row in rows if row["from_segment"]}
    names = [*report.segments, *sorted(name for name in before if name not in report.segments)]
    return [text(say.bridge(rows, report.segments)), _sizes(report, names)]


def _sizes(report: Report, names: list[str]) -> Part:
    heads = [
        Cell(language.say("Segment today")),
        Cell(language.say("By the model before"), kind="num"),
        Cell(language.say("By the new one"), kind="num"),
        Cell(language.say("Difference"), kind="num"),
    ]
    rows = []
    for name in names:
        old = report.one("bridge", from_segment=name, to_segment=None).get("customers", 0)
        new = report.one("bridge", from_segment=None, to_segment=name).get("customers", 0)
        rows.append(
            [
                Cell(name, colour=report.palette.get(name)),
                *(Cell(t, kind="num") for t in (count(old), count(new), more(new, old))),
            ]
        )
    caption = language.say("The customers of today by both models")
    return Table(heads, rows, caption, unshown.NOT_SHOWN["bridge"], kind="rp").part()


def _insights(report: Report) -> list[Part]:
    """What those who moved have in common; nothing from a run that did not ask."""
    found = report.tables["insights"]
    if not found:
        return []
    told = text(*of_insights.headed(found))
    standing = of_insights.standing(found)
    if not standing:
        return [told]
    heads = [
        Cell(language.say("Who")),
        Cell(language.say("Moved")),
        Cell(language.say("Customers"), kind="num"),
        Cell(language.say("Of them moved"), kind="num"),
        Cell(language.say("Expected"), kind="num"),
        Cell(language.say("Lift"), language.say("95% interval"), "num"),
    ]
    rows = [
        [
            Cell(of_insights.name(row)),
            Cell(language.say(row["direction"])),
            number(row["customers"]),
            number(row["movers"]),
            Cell(of_insights.about(row["expected"]), kind="num"),
            Cell(decimals(row["lift"], 2), of_insights.interval(row), "num"),
        ]
        for row in standing
    ]
    caption = language.say("Levels that moved more, or less, often than their segments")
    table = Table(heads, rows, caption, kind="rp").behind(language.say("All that stands out, in numbers"))
    return [told, table, note(of_insights.NOT_SHOWN)]
