"""The top of the report: warnings, facts, what happened in one paragraph, and five figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from segcore import charts, transitions
from segcore.dates import next_due
from segcore.outputs import NOTEBOOKS, OUTPUTS, PAGE
from segcore.report.parts import Cell, Part, Table, fragment, number, styles
from segcore.sentences import attention, calls, causes, drift, evidence, moves, segments, unshown
from segcore.sentences import warnings as warn
from segcore.wording import (
    change,
    count,
    day_and_month,
    long_date,
    middle_month,
    money,
    more,
    ordinal,
    sentence,
    short_date,
)

if TYPE_CHECKING:
    from segcore.report.data import Report

TREND = 8
"""How many runs a trend goes back."""


def header(report: Report) -> list[Part]:
    """The styles, which come first; title, warnings, facts and the lead paragraph."""
    previous, today = report.previous, report.run_date
    facts = [
        ("Study", report.study.title),
        ("Run", f"{long_date(today)}, {ordinal(len(report.dates))} run"),
        ("Compared with", long_date(previous) if previous else "nothing, first run"),
        ("Data until", long_date(report.facts["newest_order"])),
        ("Next run", long_date(next_due(today, report.study.run_every))),
    ]
    top = fragment(
        "loose",
        "header",
        label=report.study.report.title,
        title=report.study.title,
        run_date=today,
        warnings=warnings(report),
        facts=facts,
        lead=lead(report),
        links=links(report),
        notebooks=NOTEBOOKS,
    )
    return [styles(report.palette), top]


def links(report: Report) -> list[tuple[str, str, str]]:
    """What belongs to the report: its text, where it lies beside the page, and what it is."""
    beside = {name: output for name, output in OUTPUTS.items() if name not in (PAGE, *NOTEBOOKS.values())}
    files = [(name, quote(name), output.what) for name, output in beside.items()]
    before = f"../{report.previous.isoformat()}/{PAGE}" if report.previous else ""
    last = [(f"The report of {long_date(report.previous)}", before, "")] if report.previous else []
    # The list is made anew with every run, so it has the next one too; this page does not change.
    return [*files, *last, ("All runs", f"../../index.html#{quote(report.study.name)}", "")]


def warnings(report: Report) -> list[tuple[str, str]]:
    """What a reader must know before acting, each with its name."""
    facts = report.facts
    found = []
    if told := warn.stale(facts["newest_order"], report.run_date, report.study.max_gap_days):
        found.append(("Old data.", told))
    # It is so in every run until the study is mended: the first one says it.
    if report.previous is None and (facts["years_cut_off"] or 0) > 0.1:
        found.append(("Years are cut off.", warn.cut_off(facts["years_cut_off"])))
    if report.previous and report.run_date in report.changed:
        changed = warn.other_model(report.dates[-2], _again(report), held_out=_held_out(report))
        found.append(("Rules, breaks or population changed.", changed))
    if told := warn.retired(report.tables["accounts"]):
        found.append(("A segment no longer exists.", told))
    return [*found, *warn.gates(report.tables["gates"])]


def _again(report: Report) -> str | None:
    """The command that makes all earlier runs with the rules and breaks of today, if one can."""
    if report.study.breaks.policy == "refit":
        return ""
    kept = report.study.breaks
    if report.previous and kept.at(report.previous) != kept.at(report.run_date):
        return None
    earlier = report.dates[:-1]
    return f"segcore backfill {report.study.name} --from {earlier[0]} --to {earlier[-1]} --force"


def _held_out(report: Report) -> bool:
    """Whether earlier runs may have held customers out: the study asks for it, or some were compared."""
    effect = report.tables["effect"]
    counted = any(row["evidence"] == "randomised" or row["why"] == "few_held_out" for row in effect)
    return report.study.follow_up.holdout > 0 or counted


def lead(report: Report) -> str:
    """The paragraph that says what happened."""
    previous, path = report.previous, transitions.ends(report.study)
    dates = (previous, report.run_date) if previous else None
    who = segments.company(report.study.title)
    told = [
        segments.size(who, *report.counted(), dates),
        segments.two_best(report.frame("segments")),
    ]
    if path:
        told.append(f"{sentence(attention.attention(path[0], *report.counted(path[0])))}.")
    watched = dict.fromkeys((report.segments[0], *(path[:1] if path else ())))
    told.append(causes.resized(report.tables["bridge"], list(watched)))
    if previous is None:
        return " ".join(text for text in [*told, _fragile(report), moves.FIRST_RUN] if text)
    movers, now = report.tables["movers"], report.one("headline", run_date=report.run_date)
    since = day_and_month(previous, report.run_date)
    told += [f"{moves.moved(movers, since=since)}."]
    if report.run_date in report.changed:
        told.append(causes.told_apart(report.tables["marks"]))
    told.append(moves.came_and_went(movers))
    if path and now:
        told.append(f"{attention.headline(now, path[1], previous)}.")
    if path:
        told.append(_followed(report, path[1]))
    return " ".join(text for text in [*told, _calls(report), _fragile(report)] if text)


def _followed(report: Report, targets: Sequence[str]) -> str:
    """What the section on follow-ups has found, where there are any."""
    pooled = report.one("followed", run_date=None, segment=None)
    if not pooled:
        return ""
    return evidence.lead(pooled, report.one("effect", what="reached"), targets)


def _calls(report: Report) -> str:
    """How many are going to fall before the next run unless they order, and how many to follow up."""
    total = report.one("call_reps", position=0)
    if not total:
        return ""
    until = calls.day(next_due(report.run_date, report.study.run_every), report.run_date)
    falling, currency = total["falling"], report.study.currency
    windowed = any(variable.window for variable in report.used.variables)
    told = [
        calls.falling(falling, total["value"], until, currency, windowed=windowed) if falling else "",
        calls.to_follow(total["to_follow"], total["follow_value"], currency, more=falling > 0),
    ]
    said = "; ".join(part for part in told if part)
    return f"{said}." if said else ""


def _fragile(report: Report) -> str:
    """How many may be in their segment by chance, where that is known."""
    told = drift.of_all(report.tables["segments"])
    return "" if told == drift.UNKNOWN else told


@dataclass(frozen=True)
class Figure:
    """One headline figure: label, number, what changed, its numbers so far, and what these begin with."""

    label: str
    value: str
    change: str
    trend: Mapping[dt.date, Any]
    begun: str
    second: str | None = None

    @property
    def known(self) -> dict[dt.date, Any]:
        """The runs that have the figure."""
        return {day: value for day, value in self.trend.items() if value is not None}


def figures(report: Report) -> list[Part]:
    """Five headline figures with trends of up to eight runs, and the numbers behind these."""
    made = headline(report)
    drawn = [_trend(report, one) for one in made if len(one.known) > 1]
    places = iter(range(len(drawn)))
    shown = [(one, next(places) if len(one.known) > 1 else None) for one in made]
    top = fragment(
        "loose", "figures", figures=shown, trends=bool(drawn), caption=_caption(report), drawn=drawn
    )
    return [top, *_behind(report, made)]


def headline(report: Report) -> list[Figure]:
    """The headline figures, five at most."""
    path = transitions.ends(report.study)
    watched = path[0] if path else report.segments[-1]
    return [
        _counted(report, "Customers", {r["run_date"]: r["customers"] for r in report.tables["flows"]}),
        *(_counted(report, s, _sizes(report, s)) for s in dict.fromkeys((report.segments[0], watched))),
        _moved(report),
        _ordered(report),
    ]


def _trend(report: Report, figure: Figure) -> Any:
    import pandas as pd

    frame = pd.DataFrame({"run_date": list(figure.known), "value": [float(v) for v in figure.known.values()]})
    first, *_, last = (_value(report, value).text for value in figure.known.values())
    says = f"{_trended(figure)} over {len(frame)} runs. From {first} to {last}"
    return charts.trend(frame, says=says)


def _trended(figure: Figure) -> str:
    """What a trend is of: where a figure has two numbers, of the first."""
    return figure.label.partition(" / ")[0]


def _caption(report: Report) -> str:
    value = f"Order value: {segments.window(report.facts)}."
    dates = report.dates[-TREND:]
    if len(dates) == 1:
        return f"{value} Trends appear from the next run on."
    span = f"the {len(dates)} runs from {long_date(dates[0])} to {long_date(dates[-1])}"
    return f"Trend lines: {span}, each line on its own scale. {unshown.NOT_SHOWN['figures']} {value}"


def _behind(report: Report, made: Sequence[Figure]) -> list[Part]:
    dates = report.dates[-TREND:]
    if len(dates) < 2:
        return []
    series: dict[str, Mapping[dt.date, Any]] = {}
    for one in made:
        series[_trended(one)] = one.trend
        if one.second:
            series["Moved down"] = {row["run_date"]: row["down"] for row in report.tables["flows"]}
    heads = [Cell("Run"), *(Cell(name, kind="num") for name in series)]
    rows = [
        [Cell(long_date(day)), *(_value(report, one.get(day)) for one in series.values())] for day in dates
    ]
    return [Table(heads, rows).behind("These figures in every run", role="loose")]


def _value(report: Report, value: Any) -> Cell:
    if isinstance(value, Decimal):
        return Cell(money(value, report.study.currency), kind="num")
    return number(value)


def _sizes(report: Report, segment: str) -> dict[dt.date, int]:
    return {row["run_date"]: row["customers"] for row in report.where("sizes", segment=segment)}


def _recent(report: Report, series: Mapping[dt.date, Any]) -> dict[dt.date, Any]:
    return {day: series.get(day) for day in report.dates[-TREND:]}


def _begun(known: Mapping[dt.date, Any], text: Any) -> str:
    first = next(iter(known), None)
    return f"{text(known[first])} in {middle_month(first)}" if first and len(known) > 1 else ""


def _counted(report: Report, label: str, series: Mapping[dt.date, int]) -> Figure:
    recent = _recent(report, series)
    now, before = recent[report.run_date], recent.get(report.previous) if report.previous else None
    said = "" if before is None else f"{_more(now, before)} since {_since(report)}"
    return Figure(label, count(now), said, recent, _begun(recent, count))


def _more(now: int, before: int) -> str:
    return "no change" if now == before else more(now, before)


def _since(report: Report) -> str:
    return short_date(report.previous) if report.previous else ""


def _moved(report: Report) -> Figure:
    label = "Moved up / down"
    recent = _recent(report, {row["run_date"]: row["up"] for row in report.tables["flows"]})
    now = report.moved
    if now is None:
        return Figure(label, "–", "from the next run on", {}, "")
    known = {day: value for day, value in recent.items() if value is not None}
    begun = _begun(known, lambda n: f"{count(n)} up")
    said = moves.ordered_shortly(report.tables["movers"])
    return Figure(label, count(now["up"]), said, recent, begun, second=count(now["down"]))


def _ordered(report: Report) -> Figure:
    recent = _recent(report, {row["run_date"]: row["value"] for row in report.tables["flows"]})
    currency, now = report.study.currency, recent[report.run_date] or Decimal(0)
    before = recent.get(report.previous) if report.previous else None
    said = f"{change(now, before)} on last run" if before else ""
    known = {day: value for day, value in recent.items() if value is not None}
    return Figure(
        "Order value", money(now, currency), said, recent, _begun(known, lambda v: money(v, currency))
    )
