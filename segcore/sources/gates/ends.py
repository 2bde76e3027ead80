"""Gates on how files end: in the middle of a record, or where a program cuts them off."""

from __future__ import annotations

from collections.abc import Iterator

from segcore.sources.cut import BROKEN
from segcore.sources.gates.finding import Finding, Looked
from segcore.wording import count, plural

SHEETS = (65_536, 1_048_576)
"""How many rows old and new spreadsheets have, with the header."""

ROUND = {digits * 10**zeros for digits in (1, 5) for zeros in range(3, 9)} | {90_000}
"""Limits that queries and reports are given."""


def limit(look: Looked) -> Iterator[Finding]:
    """Files that end in the middle of a record, or after as many as a program or a report lets through."""
    yield from _cut_off(look)
    for source, file, records, lines in look.engine.rows(
        "select source, file, records, lines from reconciliation order by source, file"
    ):
        # Lines above the header, blank ones and totals take rows of a sheet, too.
        near = {"record": (records, records + 1), "line": (lines - 1, lines, lines + 1)}
        what, rows = next(((w, n) for w, some in near.items() for n in SHEETS if n in some), ("record", 0))
        if not (rows or records in ROUND):
            continue
        why = (
            f"spreadsheets end after {count(rows)} rows" if rows else "reports are often cut at such a number"
        )
        yield Finding(
            source,
            "limit",
            1.0,
            "a file must hold everything",
            f"it has exactly {plural(lines if what == 'line' else records, what)}, and {why}",
            "ask for the export as text, or without a limit of rows",
            file=file,
            mild=not rows,
        )


def _cut_off(look: Looked) -> Iterator[Finding]:
    """Files that end in the middle of a record: nobody knows how many are missing."""
    found = look.engine.rows(
        "select source, file, record from quarantine where reason = $reason order by source, file",
        {"reason": BROKEN},
    )
    for source, file, record in found:
        yield Finding(
            source,
            "limit",
            1.0,
            "a file must hold everything",
            f"it ends in the middle of record {count(record)}, so all that followed is missing",
            "ask for the export again",
            file=file,
        )
