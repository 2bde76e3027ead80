"""The top of the report: warnings, facts, and what happened in one paragraph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from segcore import language, transitions
from segcore.dates import next_due
from segcore.outputs import NOTEBOOKS, OUTPUTS, PAGE
from segcore.report.parts import Part, fragment, styles
from segcore.sentences import attention, calls, causes, drift, evidence, moves, segments
from segcore.sentences import warnings as warn
from segcore.wording import day_and_month, long_date, ordinal, sentence

if TYPE_CHECKING:
    from segcore.report.data import Report


def header(report: Report) -> list[Part]:
    """The styles, which come first; title, warnings, facts and the lead paragraph."""
    previous, today, say = report.previous, report.run_date, language.say
    facts = [
        (say("Study"), report.study.title),
        (say("Run"), say("{day}, {number} run", day=long_date(today), number=ordinal(len(report.dates)))),
        (say("Compared with"), long_date(previous) if previous else say("nothing, first run")),
        (say("Data until"), long_date(report.facts["newest_order"])),
        (say("Next run"), long_date(next_due(today, report.study.run_every))),
    ]
    top = fragment(
        "loose",
        "header",
        label=report.study.heading,
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
    files = [(name, quote(name), language.say(output.what)) for name, output in beside.items()]
    before = f"../{report.previous.isoformat()}/{PAGE}" if report.previous else ""
    last = []
    if report.previous:
        last.append((language.say("The report of {day}", day=long_date(report.previous)), before, ""))
    # The list is made anew with every run, so it has the next one too; this page does not change.
    return [*files, *last, (language.say("All runs"), f"../../index.html#{quote(report.study.name)}", "")]


def warnings(report: Report) -> list[tuple[str, str]]:
    """What a reader must know before acting, each with its name."""
    facts = report.facts
    found = []
    if told := warn.stale(facts["newest_order"], report.run_date, report.study.max_gap_days):
        found.append((language.say("Old data."), told))
    gone = [dt.date.fromisoformat(date) for date in report.record.get("missing", [])]
    if told := warn.missing(gone, report.previous):
        found.append((language.say("An earlier run is missing."), told))
    if report.previous and report.record.get("erased"):
        found.append((language.say("Somebody was erased."), warn.erased(report.previous)))
    # It is so in every run until the study is mended: the first one says it.
    if report.previous is None and (facts["years_cut_off"] or 0) > 0.1:
        found.append((language.say("Years are cut off."), warn.cut_off(facts["years_cut_off"])))
    if report.previous and report.run_date in report.changed:
        changed = warn.other_model(report.dates[-2], _again(report), held_out=_held_out(report))
        found.append((language.say("Rules, breaks or population changed."), changed))
    if told := warn.starved(report.tables["draw"], report.study.follow_up.capacity):
        found.append((language.say("Call lists are too short."), told))
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
        told += [to_call(report), _fragile(report), moves.FIRST_RUN]
        return " ".join(text for text in told if text)
    movers, now = report.tables["movers"], report.one("headline", run_date=report.run_date)
    since = day_and_month(previous, report.run_date)
    told += [f"{moves.moved(movers, since=since)}."]
    if report.run_date in report.changed:
        told.append(causes.told_apart(report.tables["marks"]))
    told.append(moves.came_and_went(movers))
    if path and now:
        told.append(f"{attention.headline(now, path[1], previous)}.")
    if path:
        told.append(followed(report, path[1]))
    return " ".join(text for text in [*told, to_call(report), _fragile(report)] if text)


def followed(report: Report, targets: Sequence[str]) -> str:
    """What the section on follow-ups has found, where there are any."""
    pooled = report.one("followed", run_date=None, segment=None)
    if not pooled:
        return ""
    return evidence.lead(pooled, report.one("effect", what="reached"), targets)


def to_call(report: Report) -> str:
    """How many are going to fall before the next run unless they order, and how many to follow up."""
    total = report.one("call_reps", position=0)
    if not total:
        return ""
    until = calls.day(next_due(report.run_date, report.study.run_every), report.run_date)
    falling, currency = total["falling"], report.study.currency
    windowed = any(variable.window for variable in report.used.variables)
    told = [
        calls.falling(falling, total["value"], until, currency, windowed=windowed) if falling else "",
        calls.to_follow(total, currency),
    ]
    said = "; ".join(part for part in told if part)
    return f"{said}." if said else ""


def _fragile(report: Report) -> str:
    """How many may be in their segment by chance, where that is known."""
    told = drift.of_all(report.tables["segments"])
    return "" if told == drift.UNKNOWN else told
