"""The report's last part: how the segments were made, the records, and where everything came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segcore import charts
from segcore.errors import SegcoreError
from segcore.report import sentences as say
from segcore.report.cells import unit_of
from segcore.report.fragment import fragment
from segcore.report.sections import Shown, head, note
from segcore.rules import shown
from segcore.wording import count, join, long_date, money, plural, sentence

if TYPE_CHECKING:
    from segcore.model import ModelVariable
    from segcore.report.data import Report


def how_made(report: Report) -> Shown:
    """The breaks on the variables' histograms, and how they came about."""
    used, today = report.used, report.run_date
    own = used.fitted_as_of == today and not report.moving
    finding = say.made(used.fitted_as_of, today, report.moving)
    key = fragment("key", segments=list(zip(report.segments, report.colours, strict=True)))
    drawn = [charts.Drawn(charts.histogram(bars, report.colours)) for bars in report.bars]
    beyond = sum(bars.beyond for bars in report.bars)
    notes = note(
        "**Solid lines** are the edges between classes in use; the numbers on top are the classes, the "
        "highest the best. Bars have the colours of the segments.",
        ""
        if own
        else "**Dotted lines** are the edges that this run’s own customers would give. They are shown, "
        "not used: as long as the edges stay, only customers move.",
        _origin(report),
        f"“Further right”: {plural(beyond, 'value')} too far out to be drawn." if beyond else "",
    )
    return [head("s4", "How the segments were made", finding), key, *drawn, notes]


def _origin(report: Report) -> str:
    fitted, today = report.used.fitted_as_of, report.run_date
    if report.study.breaks.policy == "refit":
        return "The edges are made anew in every run, so a customer may move because an edge did."
    if fitted > today:
        return (
            f"The breaks are of {long_date(fitted)}, **which is after this run**: this report was made "
            "later, so that all runs can be compared."
        )
    moving = {0: "nobody", 1: "1 customer"}.get(report.moving, f"{count(report.moving)} customers")
    if fitted < today:
        return (
            f"To accept this run’s own breaks, set breaks: from: {today.isoformat()} in the study; "
            f"that moves {moving}."
        )
    return ""


def breaks_and_rules(report: Report) -> Shown:
    """The edges in numbers, and the rules with the customers that each of them takes."""
    rows = [_edges(v, report.candidate.by_name[v.name]) for v in report.used.variables]
    colours = dict(zip(report.segments, report.colours, strict=True))
    rules = [
        {**row, "rule": sentence(row["rule"]), "colour": colours[row["segment"]]}
        for row in report.frames["rules"].to_dict("records")
    ]
    return [
        fragment(
            "breaks", rows=rows, fitted=report.used.fitted_as_of, differs=any(r["differs"] for r in rows)
        ),
        fragment("rules", rows=rules, customers=report.customers(report.run_date)),
    ]


def _edges(used: ModelVariable, candidate: ModelVariable) -> dict[str, Any]:
    ours, theirs = (
        " · ".join(shown(edge, v) for edge in (v.edges if v.better == "low" else reversed(v.edges)))
        for v in (used, candidate)
    )
    same = used.edges == candidate.edges
    return {
        "label": used.label,
        "unit": unit_of(used),
        "used": ours,
        "candidate": "the same" if same else theirs,
        "differs": not same,
    }


def records(report: Report) -> Shown:
    """What became of every record that was read."""
    found = report.records
    words = (
        ("", "records", "records read", "record read"),
        ("=", "loaded", "used", "used"),
        ("+", "duplicates", "duplicates", "duplicate"),
        ("+", "after_run_date", "after the run date", "after the run date"),
        ("+", "excluded", "excluded by rule", "excluded by rule"),
        ("+", "quarantined", "quarantined", "quarantined"),
    )
    # Nothing dated after the run date is the rule, and says nothing; all other zeros are told.
    parts = [
        {"sign": sign, "count": found[name], "words": one if found[name] == 1 else many}
        for sign, name, many, one in words
        if found[name] or name != "after_run_date"
    ]
    return [fragment("records", adds_up=report.adds_up, parts=parts, notes=_record_notes(report))]


def _record_notes(report: Report) -> list[str]:
    frame = report.frames["exclusions"]
    own = frame[frame["source"] == "transactions"]
    by_rule = own.groupby(["position", "rule"], as_index=False)[["records", "amount"]].sum()
    excluded = [
        f"{row['rule']} {count(int(row['records']))} ({money(row['amount'], report.study.currency)})"
        for row in by_rule.sort_values("position").to_dict("records")
    ]
    by_source = report.frames["reconciliation"].groupby("source", as_index=False)[["records", "loaded"]].sum()
    others = [
        f"{count(int(row['loaded']))} of {plural(int(row['records']), 'record')} of {row['source']}"
        for row in by_source.to_dict("records")
        if row["source"] != "transactions"
    ]
    return [
        text
        for text in (
            "Records of transactions. Those in quarantine could not be read; the run’s quarantine.parquet "
            "lists them with the reason.",
            f"Excluded, not netted: {join(excluded)}." if excluded else "",
            f"Also used: {join(others)}." if others else "",
        )
        if text
    ]


def provenance(report: Report) -> Shown:
    """Where everything in the report came from."""
    study, record = report.study, report.record
    model = record.get("model", {})
    kept = "kept" if study.breaks.policy == "keep" else "made anew in every run"
    how = ORIGINS.get(model.get("origin"), "")
    breaks = ", ".join(part for part in (kept, f"of {long_date(report.used.fitted_as_of)}", how) if part)
    population = study.population.active_within
    windows = [f"{v.label}: {v.window}" for v in report.used.variables if v.window]
    facts = [
        ("Run", f"{study.name}, {report.run_date.isoformat()}"),
        ("Previous run", report.previous.isoformat() if report.previous else "none"),
        ("Breaks", breaks),
        ("Rules", study.rules_path.name),
        ("Population", f"ordered within {population}" if population else "everybody who ever ordered"),
        ("Windows", "; ".join(windows) or "none"),
        ("Model SHA-256", model.get("sha256") or "this run’s own, see model.json"),
        ("Report SHA-256", "recorded in the run’s manifest.json"),
    ]
    inputs = list(record.get("inputs", []))
    return [fragment("provenance", facts=facts, inputs=inputs[:INPUTS], more=len(inputs[INPUTS:]))]


INPUTS = 20
"""How many files the report lists: more than a reader looks through, and a page stays a page."""


ORIGINS = {
    "run": "from the published run of that date",
    "fitted-as-of": "fitted from the extracts at hand",
    "this run": "this run’s own",
}


def check_released(report: Report) -> None:
    """Stop the run if the records do not add up, after the page has said so.

    Raises
    ------
    SegcoreError
        With every file whose records are not accounted for.
    """
    if report.adds_up:
        return
    frame = report.frames["reconciliation"]
    parts = ["loaded", "duplicates", "after_run_date", "excluded", "quarantined"]
    raise SegcoreError(
        *(
            f"{row['file']}: every record must be loaded, a duplicate, after the run date, excluded or "
            f"quarantined (got {row['records']} records and {sum(row[p] for p in parts)} outcomes); "
            "the report is not released, make the run again"
            for row in frame.to_dict("records")
            if row["records"] != sum(row[p] for p in parts)
        )
    )
