"""A run in a few numbers, for machines and for the list of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.errors import ArchiveError
from segcore.outputs import PAGE

if TYPE_CHECKING:
    from segcore.report.data import Report

FILE = Path("data") / "summary.json"
SCHEMA = 1


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
    from segcore.report.top import warnings

    study, previous, day = report.study, report.previous, report.run_date
    return {
        "schema": SCHEMA,
        "study": study.name,
        "title": study.title,
        "run_date": day.isoformat(),
        "number": len(report.dates),
        "previous": previous.isoformat() if previous else None,
        "customers": report.customers(day),
        "segments": _segments(report),
        "moves": report.flow(day),
        "headline": _headline(report),
        "order_value": {
            "currency": study.currency,
            "window": report.orders.window,
            "amount": str(report.orders.value[day]),
        },
        "newest_order": report.orders.newest.isoformat(),
        "reconciliation": report.records,
        "warnings": [f"{head} {text}" for head, text in warnings(report)],
        "model": {
            "policy": study.breaks.policy,
            "fitted_as_of": report.used.fitted_as_of.isoformat(),
            "origin": report.record.get("model", {}).get("origin"),
            "candidate_would_move": report.moving,
        },
        "report": f"reports/{study.name}/{day.isoformat()}/{PAGE}",
    }


def _segments(report: Report) -> list[dict[str, Any]]:
    told = []
    for segment, colour in zip(report.segments, report.colours, strict=True):
        sizes = list(report.sizes(segment).values())
        change = sizes[-1] - sizes[-2] if len(sizes) > 1 else None
        told.append({"segment": segment, "customers": sizes[-1], "change": change, "colour": vars(colour)})
    return told


def _headline(report: Report) -> dict[str, Any] | None:
    from segcore import transitions
    from segcore.intervals import wilson

    path = transitions.ends(report.study)
    if path is None or report.previous is None:
        return None
    frame = report.frames["headline"]
    customers, reached = int(frame["customers"].sum()), int(frame["reached"].sum())
    rate = wilson(reached, customers)
    known = {name: round(value, 6) if customers else None for name, value in vars(rate).items()}
    return {
        "segment": path[0],
        "targets": list(path[1]),
        "customers": customers,
        "reached": reached,
        **known,
    }
