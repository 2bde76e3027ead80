"""Reads a case the way a run does, and says whether what became of it is what had to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcore import sources
from segcore.engine import Engine
from segcore.errors import SegcoreError
from segcore.params import Study
from segcore.params.file import load_study

from .builder import CANONICAL, RUN_DATE, Case, Expected

RIGHT = "right"
SILENT = "silently wrong"
STRICT = "too strict"
UNTOLD = "not told as it must be"


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery: either the sentences that refused it, or its tables."""

    sentences: tuple[str, ...] = ()
    rows: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    quarantined: tuple[tuple[str, int, str | None, str], ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    gates: dict[str, str] = field(default_factory=dict)
    tables: dict[str, tuple[tuple[Any, ...], ...]] = field(default_factory=dict)


def outcome_of(engine: Engine, case: Case, folder: Path) -> Outcome:
    """Write the case's files and study into ``folder``, and read them."""
    data = folder / "data"
    data.mkdir(parents=True)
    for name, content in case.files.items():
        (data / name).write_bytes(content)
    path = folder / "acme.yaml"
    path.write_text(json.dumps(case.study, ensure_ascii=False), encoding="utf-8")
    try:
        study = load_study(path)
        extracts = sources.keep(sources.check(engine, study, data), folder / "inputs")
        sources.ingest(engine, study, RUN_DATE, extracts, folder / "inputs")
        gates = _gates(engine, study, extracts)
    except SegcoreError as error:
        return Outcome(tuple(error.problems))
    counts = _counts(engine)
    tables = {table: tuple(engine.rows(table)) for table in case.expected.tables}
    return Outcome((), _loaded(engine), _quarantined(engine), counts, gates, tables)


def _loaded(engine: Engine) -> Counter[tuple[Any, ...]]:
    return Counter(engine.rows(f"select {', '.join(CANONICAL)} from transactions"))


def _quarantined(engine: Engine) -> tuple[tuple[str, int, str | None, str], ...]:
    query = "select file, record, \"column\", rule from quarantine where source = 'transactions'"
    return tuple(engine.rows(query))  # type: ignore[arg-type]


def _counts(engine: Engine) -> dict[str, int]:
    found = engine.frame("from reconciliation where source = 'transactions'").drop(columns=["source", "file"])
    return {str(name): int(found[name].sum()) for name in found}


def _gates(engine: Engine, study: Study, extracts: Sequence[sources.Extract]) -> dict[str, str]:
    """Gate → its worst state."""
    found = sources.check_gates(engine, study, extracts)
    worst = ("ok", "accepted", "warned", "stopped")
    states = sorted(zip(found["gate"], found["state"], strict=True), key=lambda g: worst.index(g[1]))
    return dict(states)


def verdict(expected: Expected, outcome: Outcome) -> tuple[str, str]:
    """Whether an outcome is right, and if not in which way, with what differs."""
    if outcome.sentences:
        return _refused(expected, outcome)
    if expected.refused is not None:
        return SILENT, f"must be refused with {expected.refused!r}"
    told = {name for name, state in outcome.gates.items() if state == "stopped"}
    if expected.stopped:
        return (RIGHT, "") if expected.stopped in told else (SILENT, f"{expected.stopped} must stop")
    if told and told <= set(expected.or_stopped):
        return RIGHT, ""
    if told:
        return STRICT, f"must not stop at {', '.join(sorted(told))}"
    return _read(expected, outcome)


def _refused(expected: Expected, outcome: Outcome) -> tuple[str, str]:
    said = " / ".join(outcome.sentences)
    if expected.refused is None:
        return (RIGHT, "") if expected.or_refused else (STRICT, f"must be read (got {said})")
    if expected.refused not in said:
        return UNTOLD, f"must say {expected.refused!r} (got {said})"
    return RIGHT, ""


def _read(expected: Expected, outcome: Outcome) -> tuple[str, str]:
    wanted = Counter(tuple(getattr(order, column) for column in CANONICAL) for order in expected.rows)
    extra, missing = outcome.rows - wanted, wanted - outcome.rows
    if extra:
        return SILENT, f"must not load {_some(extra)}; must load {_some(missing)}"
    told = {record for _, record, _, _ in outcome.quarantined}
    wanted_there = {refusal.record for refusal in expected.quarantined}
    optional = told & set(expected.or_quarantined) - wanted_there
    if missing.total() > len(told - wanted_there):
        return SILENT, f"must load {_some(missing)}; quarantined {outcome.quarantined}"
    if missing.total() > len(optional):
        return STRICT, f"must load {_some(missing)}; quarantined {outcome.quarantined}"
    return _told(expected, outcome, len(optional))


def _some(rows: Counter[tuple[Any, ...]]) -> str:
    shown = "; ".join(", ".join(map(str, row)) for row in list(rows)[:3])
    return f"{rows.total()} orders ({shown})" if rows else "nothing else"


def _told(expected: Expected, outcome: Outcome, optional: int) -> tuple[str, str]:
    for refusal in expected.quarantined:
        fits = [
            found
            for found in outcome.quarantined
            if found[1] == refusal.record
            and (not refusal.file or found[0] == refusal.file)
            and (refusal.column == "" or found[2] == refusal.column)
            and (not refusal.rule or found[3] == refusal.rule)
        ]
        if not fits:
            return UNTOLD, f"must quarantine {refusal} (got {outcome.quarantined})"
    if len(outcome.quarantined) != len(expected.quarantined) + optional:
        return UNTOLD, f"must quarantine {expected.quarantined} (got {outcome.quarantined})"
    names = {
        "skipped": "skipped",
        "duplicates": "duplicates",
        "after": "after_run_date",
        "excluded": "excluded",
    }
    for ours, theirs in names.items():
        wanted = getattr(expected, ours)
        if wanted is not None and outcome.counts[theirs] != wanted:
            return UNTOLD, f"must count {wanted} {ours} (got {outcome.counts})"
    for table, rows in expected.tables.items():
        if Counter(outcome.tables[table]) != Counter(rows):
            return SILENT, f"{table} must be {rows} (got {outcome.tables[table]})"
    if expected.warned and outcome.gates.get(expected.warned) != "warned":
        return UNTOLD, f"{expected.warned} must warn (got {outcome.gates})"
    return RIGHT, ""
