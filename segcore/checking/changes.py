"""What changed since the last run, and since the delivery before the newest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from segcore.checking.looking import Checked
from segcore.engine.sql import quote_text
from segcore.wording import count, plural, some

if TYPE_CHECKING:
    from segcore.engine import Engine


def changes(checked: Checked, engine: Engine, source: str) -> Iterator[tuple[str, str]]:
    """What is new about a source, each with what it is compared with."""
    if text := _since_run(checked, engine, source):
        yield "since then", text
    if text := _since_delivery(checked, engine, source):
        yield "newest", text


def _since_run(checked: Checked, engine: Engine, source: str) -> str:
    """Files and used records, against the run before."""
    if checked.previous is None:
        return ""
    record, path = checked.previous / "run.json", checked.previous / "data" / "records.parquet"
    if not (record.exists() and path.exists()):
        return ""
    inputs = json.loads(record.read_text(encoding="utf-8"))["inputs"]
    old = {entry["name"]: entry["sha256"] for entry in inputs if entry["source"] == source}
    new = {e.name: e.sha256 for e in checked.extracts if e.source == source}
    files = {
        "new": [name for name in new if name not in old],
        "changed": [name for name in new if name in old and old[name] != new[name]],
        "gone": [name for name in old if name not in new],
    }
    told = [f"{how}: {some(names)}" for how, names in files.items() if names]
    before = engine.rows(
        f"select loaded from read_parquet({quote_text(str(path))}) where source = $source", {"source": source}
    )
    now = [row["loaded"] for row in checked.of("records", source)]
    if before and now and before[0][0] != now[0]:
        told.append(f"{count(now[0])} records are used where {count(before[0][0])} were")
    return f"the run of {checked.previous.name}: {'; '.join(told) or 'nothing is new'}"


def _since_delivery(checked: Checked, engine: Engine, source: str) -> str:
    """How much of the newest file was there before."""
    mine = [e.name for e in checked.extracts if e.source == source]
    rows = [row for row in checked.of("reconciliation", source) if mine and row["file"] == mine[-1]]
    if len(mine) < 2 or not rows:
        return ""
    ((known, other),) = engine.rows(
        "select (select coalesce(sum(duplicates), 0)::BIGINT from reconciliation where source = $source "
        "and file <> $file), (select count(distinct key) from conflicts where source = $source "
        "and kept_file = $file and dropped_file <> $file)",
        {"source": source, "file": mine[-1]},
    )
    told = f"{mine[-1]}: {plural(rows[0]['records'], 'record')}"
    if other:
        told += f"; {plural(other, 'record')} of earlier files {'says' if other == 1 else 'say'} otherwise"
    return told + (f"; {count(known)} in earlier files are replaced by later ones" if known else "")
