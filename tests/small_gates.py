"""Gates over small deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from small_sources import Change, ingest_files

from segcore.engine import DuckDB
from segcore.sources import check_gates, collect

COLUMNS = ("source", "gate", "file", "state", "told")
Gate = dict[str, Any]


def gates(
    engine: DuckDB,
    folder: Path,
    files: Mapping[str, str | bytes],
    *changes: Change,
    accepted: Mapping[str, str] | None = None,
    previous: Path | None = None,
) -> list[Gate]:
    """What the gates find in some deliveries."""
    study = ingest_files(engine, folder, files, *changes)
    extracts = collect(study, folder / "data", folder / "inputs")
    frame = check_gates(engine, study, extracts, str(previous or ""), accepted=accepted)
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def told(found: list[Gate], gate: str) -> list[tuple[str, str]]:
    """State and sentence of each row of a gate that has a sentence."""
    return [(row["state"], row["told"]) for row in found if row["gate"] == gate and row["told"]]
