"""The report's sections: each is what a cell of the notebook puts out, in order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from segcore import charts, transitions
from segcore.charts.canvas import text_width
from segcore.intervals import FEW, wilson
from segcore.report import sentences as say
from segcore.report.cells import MISSING, Row, column, column_totals, matrix_rows, middle
from segcore.report.fragment import Fragment, fragment
from segcore.transitions.attention import BECAME, NO_REP
from segcore.wording import (
    count,
    day_and_month,
    in_words,
    join,
    money,
    percent,
    plural,
    short_date,
    signed,
)

if TYPE_CHECKING:
    from segcore.report.data import Report

Shown = list[Any]


def head(anchor: str, label: str, finding: str) -> Fragment:
    """The heading of a section: its label, numbered by its anchor ``s<number>``, and what was found."""
    return fragment("head", anchor=anchor, number=anchor[1:], label=label, finding=finding)


def note(*notes: str) -> Fragment:
    """A side note; empty notes are left out."""
    return fragment("side", notes=[text for text in notes if text])


def attention(report: Report) -> Shown:
    """Of those who needed attention at the last run, how many are better off; by representative."""
    path = transitions.ends(report.study)
    if report.previous is None or path is None:
        return []
    frame = report.frames["headline"]
    totals = {name: int(frame[name].sum()) for name in ("customers", *BECAME)}
    customers, reached = totals["customers"], totals["reached"]
    rate = wilson(reached, customers)
    since = day_and_month(report.previous, report.run_date)
    found = say.headline(*path, (customers, reached), since)
    sure = f" ({say.interval(customers, (rate.share, rate.low, rate.high))})" if customers else ""
    rest = say.others(path[0], totals)
    label = f"Since {since}"
    heading = fragment("head", anchor="s0", number="", label=label, finding=found + sure)
    if not customers:
        return [heading]
    if set(frame["rep"]) <= {NO_REP}:
        return [heading, fragment("text", text=rest), note(CAUTION)]
    total = {"name": f"All {len(frame)}", **totals, **vars(rate), "few": customers < FEW}
    more = (("still", "Still there"), ("rose", "Better"), ("fell", "Fell"), ("gone", "Gone"))
    few = "Hatched: fewer than 20 customers, no judgement." if frame["few"].any() else ""
    table = fragment(
        "attention",
        rows=[*frame.to_dict("records"), total],
        more=[(name, words) for name, words in more if totals[name]],
        previous=report.previous,
        run_date=report.run_date,
        caption=f"Reached: now {join(path[1], 'or')}. The representative is the one of "
        f"{short_date(report.previous)}. {few}".rstrip(),
    )
    return [heading, table, note(rest, CAUTION)]


CAUTION = (
    "**A share is no proof.** Some customers move up by themselves, so these numbers do not show that a "
    "follow-up helped. With few customers each, chance alone sets representatives far apart."
)


def segments_today(report: Report) -> Shown:
    """The table of segments: sizes, shares, the middle half of every variable, actions."""
    today = {segment: report.sizes(segment)[report.run_date] for segment in report.segments}
    total, worth = sum(today.values()), sum(report.values.values(), Decimal(0))
    shares = {segment: n / total for segment, n in today.items()}
    values = {s: float(report.values.get(s, 0) / worth) if worth else 0.0 for s in today}
    scale = max(*shares.values(), *values.values())
    best = report.segments[: 2 if len(report.segments) > 3 else 1]
    finding = say.two_best(
        best, sum(shares[s] for s in best), sum(values[s] for s in best) if worth else None
    )
    rows = [
        {
            "name": segment,
            "colour": colour,
            "action": report.study.segments[segment].action if segment in report.study.segments else "",
            "customers": today[segment],
            "change": _change(report, segment),
            "share": shares[segment],
            "bar": round(100 * shares[segment] / scale, 1),
            "value_share": percent(values[segment], short=True) if worth else MISSING,
            "value_bar": round(100 * values[segment] / scale, 1),
            "ranges": [middle(v, report.halves.get((segment, v.name))) for v in report.used.variables],
        }
        for segment, colour in zip(report.segments, report.colours, strict=True)
    ]
    table = fragment(
        "segments",
        run_date=report.run_date,
        previous=report.previous,
        variables=[column(v) for v in report.used.variables],
        rows=rows,
        customers=total,
        change=signed(total - report.customers(report.previous)) if report.previous else MISSING,
        total_share="100%" if worth else MISSING,
        total=f"{money(worth, report.study.currency)} ordered in {report.orders.window}",
        caption=f"Order value: last {report.orders.window}. "
        "Middle half: a quarter of the segment lies below the range, a quarter above.",
    )
    return [head("s1", "Segments today", finding), table]


def _change(report: Report, segment: str) -> str:
    sizes = list(report.sizes(segment).values())
    return signed(sizes[-1] - sizes[-2]) if len(sizes) > 1 else MISSING


def who_moved(report: Report) -> Shown:
    """The moves since the previous run: flow and matrix, or why there are none."""
    counted, previous = report.flow(report.run_date), report.previous
    if previous is None:
        return [head("s2", "Who moved", say.FIRST_RUN.rstrip("."))]
    if counted is None:
        return [head("s2", "Who moved", say.no_moves(previous).rstrip("."))]
    finding = say.moved(counted["up"], counted["down"])
    drawn = charts.flow(
        report.frames["matrix"], report.colours, (short_date(previous), short_date(report.run_date))
    )
    return [head("s2", "Who moved", finding), drawn, note(*_flow_notes(report, counted))]


def _flow_notes(report: Report, counted: dict[str, int]) -> list[str]:
    frame = report.frames["matrix"]
    arrived = frame[frame["state"].isin(["new", "returned"])].groupby("to_segment")["customers"].sum()
    where = join([f"{count(int(arrived[s]))} {s}" for s in report.segments if arrived.get(s, 0)])
    absent = [
        f"{plural(int(arrived.sum()), 'new or returned customer')} ({where})" if arrived.sum() else "",
        f"{count(counted['gone'])} no longer counted" if counted["gone"] else "",
    ]
    movers = counted["up"] + counted["down"]
    return [
        "**How to read.** Each coloured band is a group of customers that changed segment. It has the colour "
        "of the segment they left; the thicker, the more customers.",
        "Bands rising to the right moved up, falling ones moved down." if movers else "",
        f"Grey bands are the {plural(counted['stayed'], 'customer')} who stayed. They all have the same "
        "thickness so that the movers can be seen.",
        f"{plural(counted['unranked'], 'customer')} came from a segment that no longer exists."
        if counted["unranked"]
        else "",
        f"Not drawn: {join([text for text in absent if text])}." if any(absent) else "",
    ]


def matrix(report: Report) -> Shown:
    """The numbers behind the flow."""
    if report.previous is None or report.flow(report.run_date) is None:
        return []
    previous, today = report.previous, report.run_date
    rows = matrix_rows(report)
    table = fragment(
        "matrix",
        before=day_and_month(previous, today),
        after=day_and_month(today, previous),
        from_date=short_date(previous),
        to_date=short_date(today),
        columns=[{"name": s, "colour": c} for s, c in zip(report.segments, report.colours, strict=True)],
        rows=rows,
        totals=column_totals(report.frames["matrix"], report.segments),
        stacked=_is_dense(rows),
    )
    examples = {
        kind: _example(rows, kind, text) for kind, text in (("few", "7"), ("mvd", "24"), ("st", "183"))
    }
    key = {"few": examples["few"], "moved": examples["mvd"], "stayed": examples["st"]}
    return [table, fragment("matrix_key", examples=key, notes=[])]


def _is_dense(rows: Sequence[Row]) -> bool:
    """Whether counts and percentages do not fit side by side into the columns of the matrix."""
    widest = max(text_width(cell.text, 14) for row in rows for cell in row.cells)
    return widest + 44 > (720 - 168 - 56) / len(rows[0].cells)


def _example(rows: Sequence[Row], kind: str, otherwise: str) -> str:
    return next((cell.text for row in rows for cell in row.cells if cell.kind == kind), otherwise)


def over_runs(report: Report) -> Shown:
    """Every segment over all runs."""
    dates = report.dates
    if len(dates) < 2:
        return [head("s3", "Segments over runs", say.FIRST_RUN.rstrip("."))]
    sizes = {segment: list(report.sizes(segment).values()) for segment in report.segments}
    changed = report.changed
    drawn = charts.history(report.frames["sizes"], report.colours, changed=changed)
    top = charts.nice_ceiling(int(report.frames["sizes"]["customers"].max()))
    gaps = sorted((after - before).days for before, after in pairwise(dates))
    apart = str(gaps[0]) if gaps[0] == gaps[-1] else f"{gaps[0]} to {gaps[-1]}"
    shown = len(set(report.frames["sizes"]["segment"]))
    notes = note(
        f"All {in_words(shown)} charts have the same scale, 0 to {plural(top, 'customer')}, and start at "
        f"zero. Runs are {apart} days apart.",
        "**Dotted line:** segments were made with another model from there on, so part of the step is not "
        "the customers’ doing."
        if changed
        else "",
        "Grey: a segment that no longer exists." if shown > len(report.segments) else "",
    )
    label = f"Segments over {in_words(len(dates)) if len(dates) < 3 else len(dates)} runs"
    return [head("s3", label, say.over_runs(sizes, dates[0])), drawn, notes]
