"""Where everything in the report came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import language, variables
from segcore.report.parts import Part, fragment
from segcore.wording import duration, long_date

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
    say, none = language.say, language.say("none")
    kept = say("kept") if study.breaks.policy == "keep" else say("made anew in every run")
    how = say(ORIGINS[model["origin"]]) if model.get("origin") in ORIGINS else ""
    fitted = say("of {day}", day=long_date(report.used.fitted_as_of))
    windows = [f"{variables.label(v)}: {duration(v.window)}" for v in report.used.variables if v.window]
    facts = [
        (say("Run"), f"{study.name}, {report.run_date.isoformat()}"),
        (say("Previous run"), report.previous.isoformat() if report.previous else none),
        (say("Breaks"), ", ".join(p for p in (kept, fitted, how) if p)),
        (say("Rules"), study.rules_path.name),
        (say("Population"), _population(study.population.active_within)),
        (say("Windows"), "; ".join(windows) or none),
        (say("Model SHA-256"), model.get("sha256") or say("this run’s own, see model.json")),
        (say("Report SHA-256"), say("recorded in the run’s manifest.json")),
    ]
    inputs = list(report.record.get("inputs", []))
    return [fragment("loose", "provenance", facts=facts, inputs=inputs[:INPUTS], more=len(inputs[INPUTS:]))]


def _population(within: str | None) -> str:
    if within is None:
        return language.say("everybody who ever ordered")
    return language.say("ordered within {time}", time=duration(within, behind=True))
