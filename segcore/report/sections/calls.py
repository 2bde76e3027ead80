"""Whom to call before the next run: the ten of highest value who fall, and every representative's list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import language, transitions
from segcore.report.parts import Cell, Part, Table, finding, note, number
from segcore.sentences import calls as say
from segcore.sentences import customers, unshown
from segcore.transitions.calls import MOST
from segcore.wording import EN_DASH, duration, money, short_date

if TYPE_CHECKING:
    from segcore.report.data import Report, Row

FILE = "call_list.csv"


def parts(report: Report) -> list[Part]:
    """What will fall, the ten of highest value among them, and the lists; nothing of a run without them."""
    total = report.one("call_reps", position=0)
    if not total:
        return []
    until = say.day(transitions.next_date(report.study, report.run_date), report.run_date)
    asked = [variable.window for variable in report.used.variables if variable.window]
    first_ten = [row for row in report.tables["call_first"] if row["top"]]
    currency, falling = report.study.currency, total["falling"]
    more = say.to_follow(total, currency)
    stand = language.say("All of them stand in {file} beside this page.", file=FILE)
    told = [
        f"{more}." if more else "",
        say.lists(total, report.study.follow_up.capacity),
        say.first(total),
        *say.held_out(report.tables["draw"], first_run=report.previous is None),
        say.of_nobody(report.tables["call_reps"]),
        stand if total["customers"] else "",
        unshown.NOT_SHOWN["calls"] if total["customers"] else "",
    ]
    return [
        finding(say.falling(falling, total["value"], until, currency, windowed=bool(asked))),
        *([_ten(report, first_ten, *say.named(len(first_ten), falling))] if first_ten else []),
        *_lists(report),
        note(
            say.last_list(report.tables["last_list"], report.run_date) or _no_list(report),
            *told,
            say.windows(asked) if total["falling"] else "",
        ),
    ]


def _no_list(report: Report) -> str:
    """What to say where the run before kept no list, as those of older versions did."""
    if report.previous is None or report.tables["last_list"]:
        return ""
    return say.no_last_list(report.previous, report.run_date)


def _ten(report: Report, rows: Sequence[Row], heading: str, below: str) -> Part:
    by_value = sorted(rows, key=lambda row: row["value"], reverse=True)
    heads = [
        Cell(language.say("Falls on")),
        *_heads(report),
        Cell(language.say("Falls to")),
        Cell(language.say("Reason")),
        Cell(language.say("Representative")),
    ]
    told = [
        [
            Cell(customers.day(row["drop_date"])),
            *_who(report, row),
            Cell(row["falls_to"], colour=report.palette.get(row["falls_to"])),
            Cell(row["says"]),
            Cell(row["rep_name"] or EN_DASH),
        ]
        for row in sorted(by_value, key=lambda row: row["drop_date"])
    ]
    return Table(heads, told, heading, below, kind="cl").part("full")


def _lists(report: Report) -> list[Part]:
    """A list for each representative, one click away; only their sizes where there are too many."""
    found = [row for row in report.tables["call_reps"] if row["position"]]
    listed = [row for row in report.tables["call_first"] if row["position"]]
    if not found:
        return []
    if len(found) > MOST:
        return [_sizes(found).behind(language.say("How long every representative's list is"))]
    return [
        _list(report, row, [one for one in listed if one["rep"] == row["rep"]]).behind(say.of_one(row))
        for row in found
        if row["customers"]
    ]


def _list(report: Report, of: Row, rows: Sequence[Row]) -> Table:
    heads = [*_heads(report), Cell(language.say("Falls on")), Cell(language.say("Reason"))]
    told = [
        [*_who(report, row), _falls(row), Cell(row["says"])]
        for row in sorted(rows, key=lambda row: row["position"])
    ]
    return Table(heads, told, below=say.in_file(of["customers"], len(rows), FILE), kind="cl")


def _falls(row: Row) -> Cell:
    return (
        Cell(short_date(row["drop_date"]), language.say("to {segment}", segment=row["falls_to"]))
        if row["falls"]
        else Cell(EN_DASH)
    )


def _sizes(found: Sequence[Row]) -> Table:
    heads = [
        Cell(language.say("Representative")),
        Cell(language.say("To call"), kind="num"),
        Cell(language.say("Would fall"), kind="num"),
    ]
    rows = [
        [Cell(row["name"] or EN_DASH), number(row["customers"]), number(row["would_fall"])] for row in found
    ]
    return Table(heads, rows)


def _heads(report: Report) -> list[Cell]:
    window = duration(report.facts["value_window"]) or language.say("all orders")
    return [
        Cell(language.say("Customer")),
        Cell(language.say("Value"), window, "num"),
        Cell(language.say("Segment")),
    ]


def _who(report: Report, row: Row) -> list[Cell]:
    known = language.say("no. {number}", number=row["customer_id"]) if row["name"] else ""
    near = language.say("near an edge") if row["fragile"] else ""
    return [
        Cell(row["name"] or row["customer_id"], known),
        Cell(money(row["value"], report.study.currency), kind="num"),
        Cell(row["segment"], near, colour=report.palette.get(row["segment"])),
    ]
