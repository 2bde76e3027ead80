"""What a check found, for people and for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from segcore.checking.changes import changes
from segcore.checking.looking import Checked, Row
from segcore.sources.gates.records import shortly
from segcore.sources.raw import place_of
from segcore.wording import count, join, percent, plural, some

if TYPE_CHECKING:
    from segcore.engine import Engine

EXAMPLES = 3
"""How many records, files or values are named."""

FATES = {
    "loaded": "used",
    "duplicates": "duplicates",
    "after_run_date": "after the run date",
    "excluded": "excluded",
    "quarantined": "in quarantine",
}
STATES = {"warned": "warning", "stopped": "stops"}

# Other texts are shown before more records with the same one.
REASONS = """
select "column", rule, reason, count(*) as records,
    list({file: file, record: record, raw: raw} order by nth, file, record)[:$examples] as examples
from (
    select *, row_number() over (partition by "column", rule, reason, raw order by file, record) as nth
    from quarantine where source = $source
) group by "column", rule, reason order by records desc, 1, 2
"""


def told(checked: Checked, engine: Engine) -> Iterator[str]:
    """The check for people: what is useless, a table for each source, gates, and the outcome."""
    yield from (f"stops: {problem}" for problem in checked.problems)
    for row in checked.tables["records"]:
        yield from _source(checked, engine, row)
    for row in checked.tables["gates"]:
        if row["state"] in STATES:
            yield f"{STATES[row['state']]}: {row['told']}"
    yield from (f"warning: {warning}" for warning in checked.warnings)
    yield from (f"mails: {sentence}" for sentence in checked.mails)
    yield _outcome(checked)


def _source(checked: Checked, engine: Engine, row: Row) -> Iterator[str]:
    name = row["source"]
    yield f"{name}: {plural(row['files'], 'file')}, {plural(row['records'], 'record')}"
    details: dict[str, list[tuple[int, str, list[str]]]] = {
        "excluded": [(r["records"], r["rule"], []) for r in checked.of("excluded", name) if r["records"]],
        "quarantined": [_reason(found, engine) for found in reasons(engine, name)],
    }
    for fate, words in FATES.items():
        if row[fate] or fate == "loaded":
            yield f"{row[fate]:>12,}  {words}"
            for number, why, first in details.get(fate, ()):
                yield f"{number:>16,}  {why}"
                yield from (f"{'':>18}{example}" for example in first)
    for head, what in _notes(checked, engine, name):
        yield f"{head:>12}  {what}"


def _reason(found: Row, engine: Engine) -> tuple[int, str, list[str]]:
    first = [f"{place_of(engine, e['file'], e['record'])}{_raw(e['raw'])}" for e in found["examples"]]
    return found["records"], f"{found['column'] or 'the record'} {found['reason']}", first


def _raw(raw: str | None) -> str:
    return "" if raw is None else f" {shortly(raw)}"


def _notes(checked: Checked, engine: Engine, source: str) -> Iterator[tuple[str, str]]:
    """What else is to be said of a source: one line per kind of finding."""
    headers = {e.name: checked.headers[e.name] for e in checked.extracts if e.source == source}
    elsewhere = {name: line for name, line in headers.items() if line != 1}
    if elsewhere:
        lines = sorted(set(elsewhere.values()))
        where = "no line" if lines == [0] else f"line {join([count(line) for line in lines if line], 'or')}"
        yield "header", f"in {where} of {some(list(elsewhere))}"
    skipped: dict[str, int] = {}
    for row in checked.of("skipped", source):
        skipped[row["rule"]] = skipped.get(row["rule"], 0) + row["lines"]
    if skipped.get("header") == len(headers):
        del skipped["header"]
    more = [f"{count(lines)} {rule}" for rule, lines in skipped.items()]
    if more:
        yield "skipped", f"lines that are no records: {join(more)}"
    unread = checked.of("unread", source)
    for column in dict.fromkeys(row["column"] for row in unread):
        mine = sorted((r for r in unread if r["column"] == column), key=lambda r: -r["records"])
        number = sum(row["records"] for row in mine)
        raws = ", ".join(shortly(row["raw"] or "") for row in mine[:EXAMPLES])
        yield "unread", f"{column} of {plural(number, 'record')} is empty now: {raws}"
    gates = checked.of("gates", source)
    for row in gates:
        if row["gate"] == "match":
            yield "match", f"{row['file']} know {percent(row['found'], places=1)} of the records"
    yield from changes(checked, engine, source)
    if gates:
        states = {row["gate"]: row["state"] for row in sorted(gates, key=lambda r: r["state"] != "ok")}
        yield "gates", ", ".join(f"{gate} {state}" for gate, state in states.items())


def reasons(engine: Engine, source: str) -> list[dict[str, Any]]:
    """Why records of a source are refused: column, rule, reason, records and the first examples."""
    columns = ("column", "rule", "reason", "records", "examples")
    found = engine.rows(REASONS, {"source": source, "examples": EXAMPLES})
    return [dict(zip(columns, row, strict=True)) for row in found]


def _outcome(checked: Checked) -> str:
    states = [row["state"] for row in checked.tables["gates"]]
    stops = states.count("stopped") + len(checked.problems)
    warned = plural(states.count("warned") + len(checked.warnings), "warning")
    run = f"{checked.study.name}: a run of {checked.run_date} would"
    return f"{run} stop ({plural(stops, 'reason')}, {warned})" if stops else f"{run} go on ({warned})"


def as_json(checked: Checked, engine: Engine) -> dict[str, Any]:
    """The check for machines."""
    found = {name: [_plain(row) for row in rows] for name, rows in checked.tables.items()}
    names = [row["source"] for row in checked.tables["records"]]
    return {
        "study": checked.study.name,
        "run_date": checked.run_date.isoformat(),
        "previous": checked.previous.name if checked.previous else None,
        "stopped": checked.stopped,
        "problems": list(checked.problems),
        "warnings": list(checked.warnings),
        "mails": list(checked.mails),
        "headers": dict(checked.headers),
        "quarantine": {name: reasons(engine, name) for name in names},
        "changes": {name: [text for _, text in changes(checked, engine, name)] for name in names},
        **found,
    }


def _plain(row: Row) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal | dt.date) else value for name, value in row.items()
    }
