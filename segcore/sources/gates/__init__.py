"""Gates: what stops a run or warns although every record has its outcome.

A gate measures, after judging, something that no single record shows: too many refused, a lookup
that knows nobody, a delivery that shrank. Its limits stand in :data:`segcore.params.gates.GATES`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import language
from segcore.errors import InputError
from segcore.params import Study
from segcore.sources.gates import deliveries, ends, files, keys, lookups, overlap, records
from segcore.sources.gates.finding import Finding, Looked, limits_of, sentence_of, state_of

if TYPE_CHECKING:
    import pandas as pd

    from segcore.engine import Engine
    from segcore.sources.extracts import Extract

__all__ = ["MEASURES", "Finding", "Looked", "accepted_in", "check_gates", "stop_at"]

CREATE = """
create or replace table gates (source VARCHAR, gate VARCHAR, file VARCHAR, found DOUBLE, "limit" DOUBLE,
    state VARCHAR, because VARCHAR, customers BIGINT, amount DECIMAL(38, 2), told VARCHAR)
"""


def check_gates(
    engine: Engine,
    study: Study,
    extracts: Sequence[Extract],
    previous_run_dir: str = "",
    *,
    run_dir: Path | None = None,
) -> pd.DataFrame:
    """Measure every gate, and make the table ``gates`` of what was found.

    Parameters
    ----------
    engine
        Has the tables that :func:`segcore.sources.ingest` leaves.
    study, extracts
        What was ingested.
    previous_run_dir
        The folder of the published run before; "" if there is none.
    run_dir
        The run's own folder, whose ``run.json`` says what may be passed and what lay beside the extracts.

    Returns
    -------
    DataFrame
        The table: source, gate, file (or the lookup, or "" for all of the source), found, limit,
        state (ok, warned, stopped or accepted), because, customers, amount, told.
    """
    previous, planned = Path(previous_run_dir) if previous_run_dir else None, _planned(run_dir)
    look = Looked(engine, study, extracts, previous, planned.get("beside", ()))
    measure(look, planned.get("accepted", {}))
    return engine.frame("from gates order by source, gate, file")


def measure(look: Looked, accepted: Mapping[str, str]) -> None:
    """Make the table ``gates``; see :func:`check_gates`. It tells the analyst what to mend, in English."""
    with language.spoken("en"):
        findings = [finding for gate in MEASURES.values() for finding in gate(look)]
        findings.sort(key=lambda finding: (finding.source, finding.gate, finding.file))
        rows = [_row(look.study, finding, accepted) for finding in findings]
    look.engine.execute(CREATE)
    for row in rows:
        look.engine.execute(f"insert into gates values ({', '.join(f'${name}' for name in row)})", row)


def _row(study: Study, finding: Finding, accepted: Mapping[str, str]) -> dict[str, object]:
    limits = limits_of(study, finding.source, finding.gate)
    state = state_of(finding, limits)
    told = sentence_of(finding, limits, state, study.currency)
    limit = {"stopped": limits.stop, "warned": limits.warn or limits.stop}.get(state, limits.stop)
    key = f"{finding.source}.{finding.gate}"
    because = accepted.get(key, accepted.get(finding.gate, "")) if state == "stopped" else ""
    if because:
        state, told = "accepted", sentence_of(finding, limits, "accepted", study.currency)
    measured = {name: getattr(finding, name) for name in ("source", "gate", "file", "found")}
    concerned = {"customers": finding.customers, "amount": finding.amount}
    return {**measured, "limit": limit, "state": state, "because": because, **concerned, "told": told}


def stop_at(gates: pd.DataFrame) -> None:
    """Stop if a gate does.

    Raises
    ------
    InputError
        With the sentence of every gate that stops, and what passes it once.
    """
    stopped = gates[gates["state"] == "stopped"]
    if len(stopped):
        raise InputError(*stopped["told"])


def accepted_in(run_dir: Path) -> dict[str, str]:
    """The gates that a run may pass, as its ``run.json`` has them; none for a notebook on its own."""
    return dict(_planned(run_dir).get("accepted", {}))


def _planned(run_dir: Path | None) -> Mapping[str, Any]:
    record = run_dir / "run.json" if run_dir else None
    return json.loads(record.read_text(encoding="utf-8")) if record and record.exists() else {}


def _match(look: Looked) -> Iterator[Finding]:
    yield from records.match(look)
    yield from keys.nobody(look)


def _shrunk(look: Looked) -> Iterator[Finding]:
    yield from deliveries.shrunk(look)
    yield from files.shrunk_since(look)
    yield from lookups.fewer(look)


MEASURES: dict[str, Callable[[Looked], Iterator[Finding]]] = {
    "quarantine": records.quarantine,
    "unread": records.unread,
    "match": _match,
    "alike": keys.alike,
    "shrunk": _shrunk,
    "overlap": overlap.overlap,
    "copied": deliveries.copied,
    "repeated": deliveries.repeated,
    "contradicted": deliveries.contradicted,
    "control": files.control,
    "months": files.months,
    "limit": ends.limit,
    "missing_file": files.missing_file,
    "unmatched_file": files.unmatched_file,
}
"""Gate → what measures it; those of :data:`segcore.params.gates.GATES`."""
