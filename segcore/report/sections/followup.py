"""Sales follow-up: who was followed up, what was to be expected, on what evidence, and by representative."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import charts, kpi, language, transitions
from segcore.intervals import FEW
from segcore.report.parts import Cell, Part, Table, chart, finding, fragment, note, number, text
from segcore.report.sections.attention import behind_funnel, by_representative
from segcore.sentences import books, checks, evidence
from segcore.sentences import followup as say
from segcore.wording import EN_DASH, between, join, long_date, percent, short_date, spelling

if TYPE_CHECKING:
    from segcore.report.data import Report, Row


def parts(report: Report) -> list[Part]:
    """What became of those who were to be followed up; one line where there is no follow-up."""
    path = transitions.ends(report.study)
    if path is None:
        return []
    if report.previous is None:
        return [finding(say.FIRST)] if report.one("records", source="followups").get("loaded") else []
    if not report.tables["followed"]:
        return [finding(say.NO_LOG), *by_representative(report, _below(path, report.previous))]
    books_told = _books(report, _below(path, report.previous))
    return [*_overall(report, path, report.previous), *books_told, *_checks(report)]


def _below(path: tuple[str, tuple[str, ...]], previous: dt.date) -> str:
    """What a table of who is now in a target says below it."""
    since = short_date(previous)
    return language.say(
        "Now in a target: {targets}. The representative is the one of {day}.",
        targets=join(path[1], language.say("or")),
        day=since,
    )


def _overall(report: Report, path: tuple[str, tuple[str, ...]], previous: dt.date) -> list[Part]:
    followed, targets = report.tables["followed"], path[1]
    found = {row["what"]: row for row in report.tables["effect"]}
    reached, plan = found.get("reached", {}), found.get("plan", {})
    return [
        finding(evidence.finding(say.pooled(followed), reached, targets)),
        fragment("body", "evidence", evidence=evidence.evidence(reached)),
        text(*say.compared(followed, previous, report.study.currency)),
        _segments(report),
        note(
            evidence.enough(reached, plan),
            evidence.placebo(found.get("placebo", {})),
            *say.beside(followed, targets),
            *say.stay(report.tables["sustained"]),
            say.NOT_SHOWN["effect"],
        ),
        *([_runs(report).behind(language.say("Follow-ups in every run"))] if say.runs(followed) > 1 else []),
    ]


def _heads(first: str) -> list[Cell]:
    return [
        Cell(first),
        *_counted(),
        Cell(language.say("Share"), kind="num xp"),
        Cell(language.say("Reached after a follow-up"), kind="num"),
        Cell(language.say("Expected"), kind="num xp"),
        Cell(language.say("Difference"), language.say("not an effect"), "num"),
    ]


def _counted() -> list[Cell]:
    """The heads of what is counted of somebody's customers."""
    return [
        Cell(language.say("Eligible"), language.say("to be followed up"), "num"),
        Cell(language.say("Followed"), kind="num"),
        Cell(language.say("Reached"), say.WHO_REACHED, "num"),
    ]


def _cells(row: Row) -> list[Cell]:
    few = row["eligible"] < FEW
    known = row["expected"] is not None
    return [
        number(row["eligible"]),
        number(row["followed"]),
        number(row["reached"]),
        Cell(language.say("too few") if few else percent(row["share"], short=True), kind="num xp"),
        number(round(row["after"]) if known else None),
        Cell(say.tenths(row["expected"]) if known else EN_DASH, kind="num xp"),
        Cell(say.more(row["difference"]) if known else EN_DASH, kind="num"),
    ]


def _segments(report: Report) -> Part:
    """The segments apart and together, over all runs."""
    rows = report.where("followed", run_date=None)
    order = [row for name in report.segments for row in rows if row["segment"] == name]
    order += [row for row in rows if row["segment"] not in (None, *report.segments)]
    told = [[Cell(row["segment"]), *_cells(row)] for row in order]
    together = next((row for row in rows if row["segment"] is None), None)
    total = [Cell(language.say("Together")), *_cells(together)] if together else []
    runs = say.over(say.runs(report.tables["followed"]))
    more = say.also(say.times(together or {"runs": 1}))
    caption = f"{language.say('Customers to be followed up')}, {runs}{more}"
    return Table(
        _heads(language.say("Segment")), told, caption, say.NOT_SHOWN["followed"], total=total, kind="rp"
    ).part()


def _runs(report: Report) -> Table:
    rows = [row for row in report.where("followed", segment=None) if row["run_date"] and not row["left_out"]]
    return Table(
        _heads(language.say("Run")), [[Cell(long_date(row["run_date"])), *_cells(row)] for row in rows]
    )


def _books(report: Report, below: str) -> list[Part]:
    """The funnel, and the representatives in alphabetical order, with one verdict.

    Who of them is now in a target stands behind it: the headline's number by representative.
    """
    found = [row for row in report.tables["books"] if row["recorded"]]
    if not found:
        return [text(language.say("No representative is recorded for any of them."))]
    verdict = books.verdict(report.one("verdict"))
    unrecorded = books.unrecorded(report.tables["books"], report.tables["followed"])
    first = [f"**{verdict}**" if verdict else "", unrecorded]
    told = [text(*first)] if any(first) else []
    moved = books.credited(report.tables["credited"])
    return [*told, *_funnel(report), _table(found, moved), *behind_funnel(report, below)]


def _funnel(report: Report) -> list[Part]:
    limits, frame = report.frame("limits"), report.frame("books")
    if not len(limits):
        return []
    drawn = kpi.drawn(frame)
    if not len(drawn):
        return []
    both = charts.TwoWidths(*(charts.funnel(drawn, limits, phone=phone) for phone in (False, True)))
    told = books.funnel(report.tables["books"], report.tables["followed"])
    return [chart(both), note(*told)]


def _table(found: Sequence[Row], moved: str) -> Part:
    known = any(row["expected"] is not None for row in found)
    heads = [
        Cell(language.say("Representative")),
        *_counted(),
        Cell(language.say("Shrunken share"), language.say("of eligible, 90% interval"), "num xp"),
        Cell(language.say("Colleagues' rate"), language.say("own book left out"), "num xp"),
    ]
    if known:
        heads += [
            Cell(language.say("Reached after a follow-up"), kind="num"),
            Cell(language.say("Expected"), language.say("of these"), "num xp"),
            Cell(language.say("Difference"), language.say("not an effect"), "num"),
            Cell(language.say("95% limits"), kind="num xp"),
            Cell(language.say("Against limits")),
        ]
    rows = [[Cell(row["name"], kind="few" if row["few"] else ""), *_book(row, known)] for row in found]
    few = language.say("Hatched: fewer than {few} followed up, no judgement.", few=FEW)
    few = f"{few} " if any(row["few"] for row in found) else ""
    moved = f"{moved} " if moved else ""
    below = f"{few}{books.COUNTED_HOW if known else ''}{moved}{say.NOT_SHOWN['books']}"
    caption = language.say("Representatives in alphabetical order; the table is not a ranking")
    return Table(heads, rows, caption, below, kind="rp").part("full")


def _book(row: Row, known: bool) -> list[Cell]:
    shrunken = row["shrunken"] is not None
    cells = [
        *(number(row[name]) for name in ("eligible", "followed", "reached")),
        Cell(
            percent(row["shrunken"], short=True) if shrunken else EN_DASH,
            between(row["shrunken_low"], row["shrunken_high"]) if shrunken else "",
            "num xp",
        ),
        Cell(
            percent(row["colleagues"], short=True) if row["colleagues"] is not None else EN_DASH,
            kind="num xp",
        ),
    ]
    if known:
        there = row["expected"] is not None
        cells += [
            number(round(row["after"]) if there else None),
            Cell(say.tenths(row["expected"]) if there else EN_DASH, kind="num xp"),
            Cell(say.more(row["difference"]) if there else EN_DASH, kind="num"),
            Cell(
                f"{say.more(row['low95'])} {spelling().to} {say.more(row['high95'])}" if there else EN_DASH,
                kind="num xp",
            ),
            Cell(books.against(row)),
        ]
    return cells


def _checks(report: Report) -> list[Part]:
    """What is wrong with follow-ups, and what the checks found."""
    late, found = report.tables["late"], report.tables["suspicions"]
    told = text(*checks.told(late, report.tables["reconciliation"], found))
    unshown = checks.not_shown(late, found)
    return [told, *_credited(report), *([note(*unshown)] if unshown else [])]


def _credited(report: Report) -> list[Part]:
    """Everybody whose representative changed inside the period, one click away."""
    found = report.tables["credited"]
    if not found:
        return []
    by = {"order": language.say("the order's own"), "validity": language.say("by validity")}
    rows = [
        [
            Cell(row["customer_id"]),
            Cell(row["rep_name"]),
            Cell(row["rep_now_name"]),
            Cell(row["credit_name"] or EN_DASH, by.get(row["credit_by"], "")),
        ]
        for row in found
    ]
    heads = [
        Cell(language.say("Customer")),
        Cell(language.say("At the last run")),
        Cell(language.say("Now")),
        Cell(language.say("By the order")),
    ]
    return [Table(heads, rows).behind(language.say("Whose representative changed since the last run"))]
