"""Gates over small deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from small_sources import Change, ingest_files

from segcore.engine import DuckDB
from segcore.sources import collect
from segcore.sources.gates import Looked, measure

COLUMNS = ("source", "gate", "file", "state", "told")
Gate = dict[str, Any]


def gates(
    engine: DuckDB,
    folder: Path,
    files: Mapping[str, str | bytes],
    *changes: Change,
    accepted: Mapping[str, str] | None = None,
    previous: Path | None = None,
    beside: Sequence[str] = (),
) -> list[Gate]:
    """What the gates find in some deliveries."""
    study = ingest_files(engine, folder, files, *changes)
    extracts = collect(study, folder / "data", folder / "inputs")
    measure(Looked(engine, study, extracts, previous, beside), accepted or {})
    frame = engine.frame("from gates order by source, gate, file")
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def told(found: list[Gate], gate: str) -> list[tuple[str, str]]:
    """State and sentence of each row of a gate that has a sentence."""
    return [(row["state"], row["told"]) for row in found if row["gate"] == gate and row["told"]]
