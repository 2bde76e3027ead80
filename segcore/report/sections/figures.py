"""Five figures with their trends, below the top of the report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segcore import charts, language, transitions
from segcore.report.parts import Cell, Part, Table, fragment, number
from segcore.report.sections.segments import worth_of
from segcore.sentences import moves, unshown
from segcore.wording import change, count, long_date, middle_month, money, more, short_date

if TYPE_CHECKING:
    from segcore.report.data import Report

TREND = 8
"""How many runs a trend goes back."""


@dataclass(frozen=True)
class Figure:
    """One headline figure: label, number, what changed, its numbers so far, and what these begin with.

    Where it has two numbers, its trend is that of the first, which ``first`` names.
    """

    label: str
    value: str
    change: str
    trend: Mapping[dt.date, Any]
    begun: str
    second: str | None = None
    first: str = ""

    @property
    def known(self) -> dict[dt.date, Any]:
        """The runs that have the figure."""
        return {day: value for day, value in self.trend.items() if value is not None}


def parts(report: Report) -> list[Part]:
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
        _counted(
            report, language.say("Customers"), {r["run_date"]: r["customers"] for r in report.tables["flows"]}
        ),
        *(_counted(report, s, _sizes(report, s)) for s in dict.fromkeys((report.segments[0], watched))),
        _moved(report),
        _ordered(report),
    ]


def _trend(report: Report, figure: Figure) -> Any:
    import pandas as pd

    frame = pd.DataFrame({"run_date": list(figure.known), "value": [float(v) for v in figure.known.values()]})
    first, *_, last = (_value(report, value).text for value in figure.known.values())
    runs = count(len(frame))
    says = (
        language.say("{figure} over {runs} runs", figure=_trended(figure), runs=runs),
        language.say("From {first} to {last}", first=first, last=last),
    )
    return charts.trend(frame, says=". ".join(says))


def _trended(figure: Figure) -> str:
    """What a trend is of: where a figure has two numbers, of the first."""
    return figure.first or figure.label


def _caption(report: Report) -> str:
    value = worth_of(report)
    dates = report.dates[-TREND:]
    if len(dates) == 1:
        return f"{value} {language.say('Trends appear from the next run on.')}"
    lines = language.say(
        "Trend lines: the {runs} runs from {first} to {last}, each line on its own scale.",
        runs=count(len(dates)),
        first=long_date(dates[0]),
        last=long_date(dates[-1]),
    )
    return f"{lines} {unshown.NOT_SHOWN['figures']} {value}"


def _behind(report: Report, made: Sequence[Figure]) -> list[Part]:
    dates = report.dates[-TREND:]
    if len(dates) < 2:
        return []
    series: dict[str, Mapping[dt.date, Any]] = {}
    for one in made:
        series[_trended(one)] = one.trend
        if one.second:
            series[language.say("Moved down")] = {
                row["run_date"]: row["down"] for row in report.tables["flows"]
            }
    heads = [Cell(language.say("Run")), *(Cell(name, kind="num") for name in series)]
    rows = [
        [Cell(long_date(day)), *(_value(report, one.get(day)) for one in series.values())] for day in dates
    ]
    return [Table(heads, rows).behind(language.say("These figures in every run"), role="loose")]


def _value(report: Report, value: Any) -> Cell:
    if isinstance(value, Decimal):
        return Cell(money(value, report.study.currency), kind="num")
    return number(value)


def _sizes(report: Report, segment: str) -> dict[dt.date, int]:
    return {row["run_date"]: row["customers"] for row in report.where("sizes", segment=segment)}


def _flows(report: Report, what: str) -> dict[dt.date, Any]:
    return {row["run_date"]: row[what] for row in report.tables["flows"]}


def _recent(report: Report, series: Mapping[dt.date, Any]) -> dict[dt.date, Any]:
    return {day: series.get(day) for day in report.dates[-TREND:]}


def _begun(known: Mapping[dt.date, Any], text: Any) -> str:
    first = next(iter(known), None)
    if first is None or len(known) < 2:
        return ""
    return language.say("{value} in {month}", value=text(known[first]), month=middle_month(first))


def _counted(report: Report, label: str, series: Mapping[dt.date, int]) -> Figure:
    recent = _recent(report, series)
    now, before = recent[report.run_date], recent.get(report.previous) if report.previous else None
    said = ""
    if before is not None:
        said = language.say("{change} since {day}", change=_more(now, before), day=_since(report))
    return Figure(label, count(now), said, recent, _begun(recent, count))


def _more(now: int, before: int) -> str:
    return language.say("no change") if now == before else more(now, before)


def _since(report: Report) -> str:
    return short_date(report.previous) if report.previous else ""


def _moved(report: Report) -> Figure:
    label, first = language.say("Moved up / down"), language.say("Moved up")
    recent = _recent(report, _flows(report, "up"))
    now = report.moved
    if now is None:
        return Figure(label, "–", language.say("from the next run on"), {}, "")
    known = {day: value for day, value in recent.items() if value is not None}
    begun = _begun(known, lambda n: language.say("{number} up", number=count(n)))
    said = moves.ordered_shortly(report.tables["movers"])
    return Figure(label, count(now["up"]), said, recent, begun, second=count(now["down"]), first=first)


def _ordered(report: Report) -> Figure:
    recent = _recent(report, _flows(report, "value"))
    currency, now = report.study.currency, recent[report.run_date] or Decimal(0)
    before = recent.get(report.previous) if report.previous else None
    said = language.say("{change} on last run", change=change(now, before)) if before else ""
    known = {day: value for day, value in recent.items() if value is not None}
    begun = _begun(known, lambda value: money(value, currency))
    return Figure(language.say("Order value"), money(now, currency), said, recent, begun)
