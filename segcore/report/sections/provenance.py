"""Where everything in the report came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.report.parts import Part, fragment
from segcore.wording import long_date

if TYPE_CHECKING:
    from segcore.report.data import Report

INPUTS = 20
"""How many files the report lists: more than a reader looks through, and a page stays a page."""

ORIGINS = {
    "run": "from the published run of that date",
    "fitted-as-of": "fitted from the extracts at hand",
    "this run": "this run’s own",
}


def parts(report: Report) -> list[Part]:
    """The run, its model and its inputs by their hashes."""
    study, model = report.study, report.record.get("model", {})
    kept = "kept" if study.breaks.policy == "keep" else "made anew in every run"
    how = ORIGINS.get(model.get("origin"), "")
    windows = [f"{v.label}: {v.window}" for v in report.used.variables if v.window]
    population = study.population.active_within
    facts = [
        ("Run", f"{study.name}, {report.run_date.isoformat()}"),
        ("Previous run", report.previous.isoformat() if report.previous else "none"),
        ("Breaks", ", ".join(p for p in (kept, f"of {long_date(report.used.fitted_as_of)}", how) if p)),
        ("Rules", study.rules_path.name),
        ("Population", f"ordered within {population}" if population else "everybody who ever ordered"),
        ("Windows", "; ".join(windows) or "none"),
        ("Model SHA-256", model.get("sha256") or "this run’s own, see model.json"),
        ("Report SHA-256", "recorded in the run’s manifest.json"),
    ]
    inputs = list(report.record.get("inputs", []))
    return [fragment("loose", "provenance", facts=facts, inputs=inputs[:INPUTS], more=len(inputs[INPUTS:]))]
