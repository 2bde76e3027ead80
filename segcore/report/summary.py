"""A run in a few numbers, for machines and for the list of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.errors import ArchiveError
from segcore.outputs import PAGE
from segcore.transitions import MOVES, ends

if TYPE_CHECKING:
    from segcore.report.data import Report

FILE = Path("data") / "summary.json"
SCHEMA = 2


def summary(run_dir: Path) -> dict[str, Any]:
    """The summary that the report notebook wrote into a run's folder.

    Raises
    ------
    ArchiveError
        If there is none.
    """
    path = run_dir / FILE
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArchiveError(
            f"{path}: the run must have a summary (no such file); its report notebook must call "
            "report.write_summary, then make the run again with --force"
        ) from None
    return found


def write_summary(report: Report, run_dir: Path) -> None:
    """Write ``data/summary.json``; the same run gives the same bytes."""
    text = json.dumps(made(report), indent=1, ensure_ascii=False) + "\n"
    (run_dir / FILE).write_text(text, encoding="utf-8", newline="\n")


def made(report: Report) -> dict[str, Any]:
    """The summary of a report: customers, segments, moves, headline, records, warnings, model."""
    from segcore.report.sections import records, top
    from segcore.sentences import records as of_records

    study, previous, day, facts = report.study, report.previous, report.run_date, report.facts
    read = report.one("records", source="transactions")
    return {
        "schema": SCHEMA,
        "study": study.name,
        "title": study.title,
        "language": study.language,
        "run_date": day.isoformat(),
        "number": len(report.dates),
        "previous": previous.isoformat() if previous else None,
        "customers": facts["customers"],
        "change": report.change(),
        "segments": [
            {"segment": row["segment"], "customers": row["customers"], "colour": vars(colour)}
            for row, colour in zip(report.tables["segments"], report.palette.values(), strict=True)
        ],
        "moves": {name: report.moved[name] for name in MOVES} if report.moved else None,
        "headline": _headline(report),
        "order_value": {
            "currency": study.currency,
            "window": facts["value_window"],
            "amount": str(report.one("flows", run_date=day)["value"]),
        },
        "newest_order": facts["newest_order"].isoformat(),
        "reconciliation": {name: read[name] for name in ("records", *records.OUTCOMES)},
        "warnings": [f"{head} {text}" for head, text in top.warnings(report)],
        "notes": of_records.noted(report.tables["gates"]),
        "accepted": report.record.get("accepted", {}),
        "model": {
            "policy": study.breaks.policy,
            "fitted_as_of": report.used.fitted_as_of.isoformat(),
            "origin": report.record.get("model", {}).get("origin"),
            "candidate_would_move": report.moving,
        },
        "report": f"reports/{study.name}/{day.isoformat()}/{PAGE}",
    }


def _headline(report: Report) -> dict[str, Any] | None:
    path, row = ends(report.study), report.one("headline", run_date=report.run_date)
    if path is None or not row:
        return None
    rates = {name: round(row[name], 6) if row["customers"] else None for name in ("share", "low", "high")}
    counts = {name: row[name] for name in ("segment", "customers", "in_target")}
    return {**counts, "targets": list(path[1]), **rates}
