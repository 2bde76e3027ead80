"""What a check found, for people and for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segcore.checking.looking import Checked, Row
from segcore.wording import count, plural

if TYPE_CHECKING:
    from segcore.engine import Engine

EXAMPLES = 3
"""How many records a reason names."""

FATES = {
    "loaded": "used",
    "duplicates": "duplicates",
    "after_run_date": "after the run date",
    "excluded": "excluded",
    "quarantined": "in quarantine",
}
STATES = {"ok": "note", "warned": "warning", "stopped": "stops", "accepted": "passed once"}

REASONS = """
select "column", rule, reason, count(*) as records,
    list({file: file, record: record, raw: raw} order by file, record)[:$examples] as examples
from quarantine where source = $source group by "column", rule, reason order by records desc, 1, 2
"""


def told(checked: Checked, engine: Engine) -> Iterator[str]:
    """The check for people: problems first, then a table for each source, gates and the outcome."""
    yield from (f"unusable: {problem}" for problem in checked.problems)
    for row in checked.tables["records"]:
        yield from _source(checked, engine, row)
    gates = [row for row in checked.tables["gates"] if row["told"]]
    yield from (f"{STATES[row['state']]}: {row['told']}" for row in gates)
    yield _outcome(checked)


def _source(checked: Checked, engine: Engine, row: Row) -> Iterator[str]:
    name = row["source"]
    yield f"{name}: {plural(row['files'], 'file')}, {plural(row['records'], 'record')}"
    for fate, words in FATES.items():
        if row[fate] or fate == "loaded":
            yield f"{row[fate]:>12,}  {words}"
        if fate == "excluded":
            yield from _rules(checked, name)
        if fate == "quarantined":
            yield from _refused(engine, name)


def _rules(checked: Checked, source: str) -> Iterator[str]:
    for row in checked.tables["excluded"]:
        if row["source"] == source and row["records"]:
            yield f"{row['records']:>16,}  {row['rule']}"


def _refused(engine: Engine, source: str) -> Iterator[str]:
    for found in reasons(engine, source):
        yield f"{found['records']:>16,}  {found['column'] or 'the record'} {found['reason']}"
        for example in found["examples"]:
            raw = "" if example["raw"] is None else f" {example['raw']!r}"
            yield f"{'':>18}{example['file']} record {count(example['record'])}{raw}"


def reasons(engine: Engine, source: str) -> list[dict[str, Any]]:
    """Why records of a source are refused: column, rule, reason, records and the first examples."""
    columns = ("column", "rule", "reason", "records", "examples")
    found = engine.rows(REASONS, {"source": source, "examples": EXAMPLES})
    return [dict(zip(columns, row, strict=True)) for row in found]


def _outcome(checked: Checked) -> str:
    states = [row["state"] for row in checked.tables["gates"]]
    stops = states.count("stopped") + len(checked.problems)
    warned = plural(states.count("warned"), "warning")
    if stops:
        return f"{checked.study.name}: a run would stop ({plural(stops, 'reason')}, {warned})"
    return f"{checked.study.name}: a run would not be stopped ({warned})"


def as_json(checked: Checked, engine: Engine) -> dict[str, Any]:
    """The check for machines."""
    told = {name: [_plain(row) for row in rows] for name, rows in checked.tables.items()}
    refused = {row["source"]: reasons(engine, row["source"]) for row in checked.tables["records"]}
    return {
        "study": checked.study.name,
        "run_date": checked.run_date.isoformat(),
        "previous": checked.previous.name if checked.previous else None,
        "stopped": checked.stopped,
        "problems": list(checked.problems),
        "quarantine": refused,
        **told,
    }


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal | dt.date) else value for name, value in row.items()
    }
