"""Lists as SAP prints them: columns between pipes, lines of dashes, a header on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa

from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.lines import count_lines, text_lines

WIDEST = 255
"""Characters after which SAP's spool cuts a line, without a word."""

RULE = re.compile(r"[-|=+ \t]*[-=|+][-|=+ \t]*")


def list_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The lines of a list, split at the pipes; a line of dashes has no fields, a blank one has one.

    A line that was cut has a fault, and is one field as it stands.
    """
    for batch in text_lines(delivery):
        split = [_split(line) for line in batch["text"].to_pylist()]
        yield pa.record_batch(
            [
                batch["record"],
                batch["lines"],
                pa.nulls(len(split), pa.string()),
                pa.array([fields for fields, _ in split], ROWS.field("fields").type),
                pa.array([fault for _, fault in split], pa.string()),
            ],
            schema=ROWS,
        )


def _split(line: str) -> tuple[list[str], str | None]:
    bare = line.strip()
    if RULE.fullmatch(line):
        return [], None
    begins, ends = bare.startswith("|"), bare.endswith("|")
    if (begins and not ends) or (len(line) == WIDEST and "|" in line and not ends):
        return [bare], _cut(line)
    inner = bare.removeprefix("|").removesuffix("|") if begins else bare
    return [field.strip() for field in inner.split("|")], None


def _cut(line: str) -> str:
    return (
        f"must end with a pipe (it is cut after {len(line):,} characters, as lists that are wider than "
        f"{WIDEST} are)"
    )


READER = Reader(endings=(), rows=list_rows, count=count_lines)
"""It has no endings of its own: only a study can say that a text is a list."""
