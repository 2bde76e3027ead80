"""Who moved since the last run, what they did, and what came into and went out of every segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from segcore import charts, language
from segcore.intervals import FEW
from segcore.report.parts import Cell, Part, Table, chart, customers_who, finding, fragment, note, number
from segcore.sentences import moves as say
from segcore.sentences import segments as of_segments
from segcore.sentences import unshown
from segcore.transitions import GONE, NEW, RETURNED
from segcore.wording import EN_DASH, count, day_and_month, money, percent, short_date

if TYPE_CHECKING:
    from segcore.report.data import Report, Row

NOBODY = {"text": "0", "share": "", "kind": "z", "href": ""}
"""A cell of the matrix without customers."""
ARRIVALS = {NEW: "New customers", RETURNED: "Returned customers"}
WIDEST = 5
"""From so many characters on, counts and percentages of a matrix of many segments stand below each other."""


def parts(report: Report) -> list[Part]:
    """The flow, the matrix, what movers did, and the accounts; or why there are none."""
    if report.moved is None:
        return [finding(say.FIRST_RUN.rstrip("."))]
    movers = report.tables["movers"]
    key, matrix = _matrix(report)
    return [
        finding(say.moved(movers)),
        chart(_flow(report)),
        note(*say.how_to_read(report.moved), say.not_drawn(movers), unshown.NOT_SHOWN["flow"]),
        matrix,
        key,
        _did(report, movers),
        note(say.what_others_did(movers), say.gone(movers, report.study.population.active_within)),
        *_accounts(report),
    ]


def _flow(report: Report) -> charts.TwoWidths:
    assert report.previous is not None
    frame, dates = report.frame("matrix"), (short_date(report.previous), short_date(report.run_date))
    return charts.TwoWidths(
        *(charts.flow(frame, report.palette, dates, phone=phone, link=_ends) for phone in (False, True))
    )


def _ends(before: str, after: str) -> str:
    """Where the customers of a band or, with one of both, of a node are listed."""
    wanted = {"from": before, "segment": after}
    return customers_who(**{end: segment for end, segment in wanted.items() if segment})


def _matrix(report: Report) -> tuple[Part, Part]:
    """The numbers behind the flow, and how to read them."""
    assert report.previous is not None
    rows = [_row(report, name) for name in dict.fromkeys(r["from_segment"] for r in report.tables["matrix"])]
    rows = [row for row in rows if row["total"] or row["from"] != RETURNED]
    table = fragment(
        "body",
        "matrix",
        before=day_and_month(report.previous, report.run_date),
        after=day_and_month(report.run_date, report.previous),
        from_date=short_date(report.previous),
        to_date=short_date(report.run_date),
        columns=[{"name": s, "colour": c} for s, c in report.palette.items()],
        rows=rows,
        totals=[
            *(report.one("accounts", segment=s, part="end")["customers"] for s in report.segments),
            report.moved["gone"] if report.moved else 0,
        ],
        stacked=_is_dense(rows),
    )
    examples = {
        kind: next((c["text"] for row in rows for c in row["cells"] if c["kind"] == kind), "")
        for kind in ("few", "mvd", "st")
    }
    return fragment(
        "note", "matrix_key", examples=examples, few=FEW, unshown=unshown.NOT_SHOWN["matrix"]
    ), table


def _row(report: Report, name: str) -> dict[str, Any]:
    own = {row["to_segment"]: row for row in report.where("matrix", from_segment=name)}
    return {
        "from": name,
        "name": language.say(ARRIVALS[name]) if name in ARRIVALS else name,
        "colour": report.palette.get(name),
        "cells": [_cell(own[there]) if there in own else NOBODY for there in (*report.segments, GONE)],
        "total": next(iter(own.values()))["row_total"],
    }


def _cell(found: Row) -> Mapping[str, str]:
    customers, here, there = found["customers"], found["from_segment"], found["to_segment"]
    if not customers:
        return NOBODY
    cell = {"text": count(customers), "share": "", "kind": "", "href": _who(here, there)}
    if found["few"]:
        return {**cell, "kind": "few"}
    if here in ARRIVALS:
        return cell
    kind = "" if there == GONE else "st" if here == there else "mvd"
    return {**cell, "share": percent(found["share"], short=True), "kind": kind}


def _who(here: str, there: str) -> str:
    """Where the customers of a cell are listed."""
    if here in ARRIVALS:
        return customers_who(segment=there, state="new" if here == NEW else "returned")
    return customers_who(**{"from": here}, **({"state": "gone"} if there == GONE else {"segment": there}))


def _is_dense(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether counts and percentages do not fit side by side into the columns of the matrix."""
    longest = max(len(cell["text"]) for row in rows for cell in row["cells"])
    return longest >= WIDEST or len(rows[0]["cells"]) > 8


def _did(report: Report, movers: Sequence[Row]) -> Part:
    """Who ordered since the last run and who did not, by what became of them."""
    assert report.previous is not None
    since = language.say("since {day}", day=short_date(report.previous))
    heads = [
        Cell(language.say("Move")),
        Cell(language.say("Customers"), kind="num"),
        Cell(language.say("Ordered"), since, "num"),
        Cell(language.say("Did not order"), since, "num"),
        Cell(language.say("Order value"), of_segments.window(report.facts), "num"),
    ]
    rows = [
        [
            Cell(say.MOVES[row["move"]]),
            number(row["customers"]),
            number(row["ordered"]),
            number(row["idle"]),
            Cell(money(row["value"], report.study.currency), kind="num"),
        ]
        for row in movers
        if row["customers"]
    ]
    lost = report.one("movers", move="gone")["customers"]
    last = short_date(report.previous)
    gone = language.say("Of those who are gone: order value up to {day}.", day=last) if lost else ""
    below = f"{gone} {unshown.NOT_SHOWN['movers']}".lstrip()
    return Table(heads, rows, language.say("What they did"), below, kind="rp").part()


PARTS = {
    "start": "", "up into": "Up into", "down into": "Down into", "other into": "Other into", "new": "New",
    "returned": "Returned", "up out of": "Up out of", "down out of": "Down out of",
    "other out of": "Other out of", "gone": "Gone", "end": "",
}  # fmt: skip
"""The parts of a segment's account → how their columns are headed; both ends are headed by their dates."""


def _accounts(report: Report) -> list[Part]:
    """What came into every segment and went out of it, in customers and in order value."""
    assert report.previous is not None
    ends = {"start": short_date(report.previous), "end": short_date(report.run_date)}
    shown = [
        p for p in PARTS if p in ends or any(row["customers"] for row in report.where("accounts", part=p))
    ]
    heads = [
        Cell(language.say("Segment")),
        *(Cell(ends.get(part) or language.say(PARTS[part]), kind="num") for part in shown),
    ]
    rows = [
        [
            Cell(segment, colour=report.palette.get(segment)),
            *(_flowed(report.one("accounts", segment=segment, part=p), report.study.currency) for p in shown),
        ]
        for segment in dict.fromkeys(row["segment"] for row in report.tables["accounts"])
    ]
    below = language.say(
        "Below the customers what they ordered: {window}; for those who are gone, up to {day}.",
        window=of_segments.window(report.facts),
        day=ends["start"],
    )
    table = Table(
        heads,
        rows,
        language.say("What came into every segment and went out of it"),
        f"{below} {unshown.NOT_SHOWN['accounts']}",
        kind="ac",
    )
    return [table.part("full")]


def _flowed(row: Row, currency: str) -> Cell:
    customers = row["customers"]
    if row["part"] == "start":  # what these customers order now would be taken for what they ordered then
        return Cell(count(customers), kind="num")
    if row["part"] == "end":
        return Cell(count(customers), money(row["value"], currency), "num")
    if not customers:
        return Cell(EN_DASH, kind="num z")
    return Cell(say.flowed(row["part"], customers), money(row["value"], currency), "num")
