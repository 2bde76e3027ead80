"""Segments today: how large they are, what they bring, and what is typical of their customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segcore import language
from segcore import variables as known
from segcore.profile import middle
from segcore.report.parts import Part, customers_who, finding, fragment, text, width
from segcore.sentences import drift, unshown
from segcore.sentences import segments as say
from segcore.wording import EN_DASH, duration, money, percent, signed

if TYPE_CHECKING:
    from segcore.model import ModelVariable
    from segcore.report.data import Report, Row

MISSING = EN_DASH


def parts(report: Report) -> list[Part]:
    """The table of segments, and what is odd about them."""
    rows = report.tables["segments"]
    scale = max(max(row["share"], row["value_share"] or 0.0) for row in rows)
    worth = report.one("flows", run_date=report.run_date)["value"]
    table = fragment(
        "full",
        "segments",
        run_date=report.run_date,
        previous=report.previous,
        variables=[{"label": known.label(v), "unit": unit_of(v)} for v in report.used.variables],
        rows=[_row(report, row, scale) for row in rows],
        customers=report.facts["customers"],
        change=_change(report),
        total_share=percent(1) if worth else MISSING,
        total=f"{money(worth, report.study.currency)}, {say.window(report.facts)}",
        caption=" ".join((worth_of(report), say.MIDDLE_HALF, unshown.NOT_SHOWN["segments"])),
    )
    segments, rules, decides = (report.frame(name) for name in ("segments", "rules", "decides"))
    labels = {variable.name: known.label(variable) for variable in report.used.variables}
    odd = say.to_try(segments, rules, decides.replace({"variable": labels}))
    told = [*odd, *_sure(report)]
    return [finding(say.two_best(segments).rstrip(".")), table, *([text(*told)] if told else [])]


def _sure(report: Report) -> list[str]:
    """How many of those to be followed up may be there by chance, where that is known."""
    followed = [name for name, segment in report.study.segments.items() if segment.follow_up]
    told = drift.of_followed(report.tables["segments"], followed)
    return [told] if told else []


def _row(report: Report, row: Row, scale: float) -> dict[str, Any]:
    segment, value_share = row["segment"], row["value_share"]
    typical = {r["variable"]: r for r in report.where("profile", segment=segment)}
    wanted = report.study.segments.get(segment)
    return {
        "name": segment,
        "colour": report.palette[segment],
        "action": wanted.action if wanted else "",
        "customers": row["customers"],
        "href": customers_who(segment=segment),
        "change": _change(report, segment),
        "share": row["share"],
        "bar": width(row["share"], scale),
        "value_share": MISSING if value_share is None else percent(value_share, short=True),
        "value_bar": width(value_share or 0.0, scale),
        "ranges": [_range(typical[v.name], v) for v in report.used.variables],
    }


def _range(typical: Row, variable: ModelVariable) -> str:
    quarter, three_quarters = typical["quarter"], typical["three_quarters"]
    return MISSING if quarter is None else middle(quarter, three_quarters, variable)


def _change(report: Report, segment: str | None = None) -> str:
    more = report.change(segment)
    return MISSING if more is None else signed(more)


def unit_of(variable: ModelVariable) -> str:
    """What stands below a variable's name: ``days ago``, ``12 months``, ``orders, 12 months``."""
    label, counted = known.label(variable), known.unit_alone(variable)
    unit = "" if counted and label.casefold().endswith(counted.casefold()) else counted
    return ", ".join(part for part in (unit, duration(variable.window)) if part) or language.say("in all")


def worth_of(report: Report) -> str:
    """Over which time order value counts, as a sentence below a table."""
    return language.say("Order value: {window}.", window=say.window(report.facts))
