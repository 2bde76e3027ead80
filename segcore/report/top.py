"""The top of the report: header with the lead paragraph, and the headline figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segcore import charts, transitions
from segcore.report import sentences as say
from segcore.report.data import TREND
from segcore.report.fragment import Fragment, figure, fragment, styles
from segcore.wording import (
    change,
    count,
    day_and_month,
    long_date,
    middle_month,
    money,
    ordinal,
    sentence,
    short_date,
    signed,
)

if TYPE_CHECKING:
    from segcore.report.data import Report


def begin(report: Report) -> list[Fragment]:
    """The styles, which come first, and the header."""
    return [styles(report.colours), header(report)]


def header(report: Report) -> Fragment:
    """Title, warnings, facts and the lead paragraph."""
    previous, today = report.previous, report.run_date
    number = f", {ordinal(len(report.dates))} run"
    facts = [
        ("Study", report.study.title),
        ("Run", f"{long_date(today)}{number}"),
        ("Compared with", long_date(previous) if previous else "nothing, first run"),
        ("Data until", long_date(report.orders.newest)),
        ("Next run", long_date(next_run(today, report.study.run_every))),
    ]
    return fragment(
        "header",
        label=report.study.report.title,
        title=report.study.title,
        run_date=today,
        warnings=warnings(report),
        facts=facts,
        lead=lead(report),
    )


def warnings(report: Report) -> list[tuple[str, str]]:
    """What a reader must know before acting, each with its name."""
    found = []
    if report.is_stale:
        found.append(("Old data.", say.stale(report.orders.newest, report.run_date)))
    if report.cut_off is not None and report.cut_off > 0.1:
        found.append(("Years are cut off.", say.cut_off(report.cut_off)))
    if report.previous and report.run_date in report.changed:
        found.append(("Rules or breaks changed.", say.other_model(report.previous)))
    return found


def next_run(run_date: dt.date, every: str) -> dt.date:
    """When the next run is due."""
    import pandas as pd

    number, unit = every.split()
    length: dict[str, Any] = {unit.rstrip("s") + "s": int(number)}
    step = pd.DateOffset(**length)
    due: dt.date = (pd.Timestamp(run_date) + step).date()
    return due


def lead(report: Report) -> str:
    """The paragraph that says what happened."""
    previous, today = report.previous, report.run_date
    sizes = {segment: list(report.sizes(segment).values()) for segment in report.segments}
    now = {segment: numbers[-1] for segment, numbers in sizes.items()}
    best = report.segments[: 2 if len(report.segments) > 3 else 1]
    worth = sum(report.values.values(), Decimal(0))
    bought = sum((report.values.get(s, Decimal(0)) for s in best), Decimal(0))
    size = say.size(
        say.company(report.study.title),
        sum(now.values()),
        report.customers(previous) if previous else None,
        (previous, today) if previous else None,
    )
    bring = say.best(best, sum(now[s] for s in best), float(bought / worth) if worth else None)
    path = transitions.ends(report.study)
    if path:
        before = sizes[path[0]][-2] if previous else None
        bring += f"; {say.attention(path[0], now[path[0]], before)}"
    parts = [size, f"{bring}.", *_moves(report)]
    return " ".join(part for part in parts if part)


def _moves(report: Report) -> list[str]:
    previous = report.previous
    if previous is None:
        return [say.FIRST_RUN]
    counted = report.flow(report.run_date)
    if counted is None:
        return [say.no_moves(previous)]
    since = day_and_month(previous, report.run_date)
    told = [
        say.moves(counted["up"], counted["down"], since),
        say.came_and_went(counted["new"], counted["returned"], counted["gone"]),
    ]
    path, frame = transitions.ends(report.study), report.frames["headline"]
    if path:
        customers, reached = int(frame["customers"].sum()), int(frame["reached"].sum())
        told.append(f"{say.headline(*path, (customers, reached), since)}.")
    return told


@dataclass(frozen=True)
class Figure:
    """One headline figure: label, number, change, trend, and what the trend begins with."""

    label: str
    value: str
    change: str
    trend: Any
    note: str
    second: str | None = None


def figures(report: Report) -> list[Fragment]:
    """Five headline figures with trends of up to eight runs."""
    dates = report.dates[-TREND:]
    best = report.segments[0]
    path = transitions.ends(report.study)
    watched = path[0] if path else report.segments[-1]
    counts = [("Customers", {day: report.customers(day) for day in dates})]
    counts += [(s, {day: n for day, n in report.sizes(s).items() if day in dates}) for s in (best, watched)]
    made = [_counted(label, series, report) for label, series in counts]
    made += [_moved(report, dates), _ordered(report, dates)]
    trends = any(one.trend for one in made)
    return [fragment("figures", figures=made, trends=trends, caption=_caption(report, dates))]


def _caption(report: Report, dates: Sequence[dt.date]) -> str:
    value = f"Order value: last {report.orders.window}."
    if len(dates) == 1:
        return f"{value} Trends appear from the next run on."
    span = f"the {len(dates)} runs from {long_date(dates[0])} to {long_date(dates[-1])}"
    return f"Trend lines: {span}, each line on its own scale. Net: moved up minus moved down. {value}"


def _counted(label: str, series: Mapping[dt.date, int], report: Report) -> Figure:
    days, numbers = list(series), list(series.values())
    since = f"{signed(numbers[-1] - numbers[-2])} since {_since(report)}" if len(numbers) > 1 else ""
    begun = f"{count(numbers[0])} in {middle_month(days[0])}" if len(numbers) > 1 else ""
    return Figure(label, count(numbers[-1]), since, _trend(label, numbers), begun)


def _since(report: Report) -> str:
    return short_date(report.previous) if report.previous else ""


def _moved(report: Report, dates: Sequence[dt.date]) -> Figure:
    label = "Moved up / down"
    flows = {day: report.flow(day) for day in dates}
    net = {day: found["up"] - found["down"] if found else None for day, found in flows.items()}
    now = flows[dates[-1]]
    if now is None:
        return Figure(label, "–", "from the next run on" if len(dates) == 1 else "not recorded", None, "")
    known = [(day, number) for day, number in net.items() if number is not None]
    said = f"net {signed(known[-1][1])}" + (f", was {signed(known[-2][1])}" if len(known) > 1 else "")
    begun = f"net {signed(known[0][1])} in {middle_month(known[0][0])}" if len(known) > 1 else ""
    drawn = _trend(label, list(net.values()), zero=True)
    return Figure(label, count(now["up"]), said, drawn, begun, second=count(now["down"]))


def _ordered(report: Report, dates: Sequence[dt.date]) -> Figure:
    values = [report.orders.value.get(day) for day in dates]
    currency, now = report.study.currency, values[-1] or Decimal(0)
    before = values[-2] if len(values) > 1 else None
    said = f"{change(now, before)} on last run" if before else ""
    known = [(day, value) for day, value in zip(dates, values, strict=True) if value is not None]
    begun = f"{money(known[0][1], currency)} in {middle_month(known[0][0])}" if len(known) > 1 else ""
    drawn = _trend("Order value", [None if v is None else float(v) for v in values])
    return Figure("Order value", money(now, currency), said, drawn, begun)


def _trend(label: str, values: Sequence[float | None], *, zero: bool = False) -> Any:
    """The sparkline, or nothing where there is but one run."""
    known = sum(value is not None for value in values)
    says = f"{sentence(label)} over {len(values)} runs"
    return figure(charts.sparkline(values, says=says, zero=zero)) if known > 1 else None
