"""Lists as SAP prints them: columns between pipes, lines of dashes, a header on every page."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from segcore.sources.formats import ASIDE, ROWS, Delivery, Reader
from segcore.sources.formats.lines import count_lines, text_lines
from segcore.sources.formats.lists import lists

WIDEST = 255
"""Characters after which SAP's spool cuts a line, without a word."""

RULE = r"^[-|=+ \t]*[-=|+][-|=+ \t]*$"
CUT = f" characters, as lists that are wider than {WIDEST} are)"


def list_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The lines of a list, split at the pipes; a line of dashes has no fields and is no record.

    A line that was cut has a fault, and is one field as it stands.
    """
    for batch in text_lines(delivery):
        yield _split(batch)


def _split(batch: pa.RecordBatch) -> pa.RecordBatch:
    text = batch["text"]
    bare, length = pc.utf8_trim_whitespace(text), pc.utf8_length(text)
    begins, ends = pc.starts_with(bare, "|"), pc.ends_with(bare, "|")
    rule = pc.match_substring_regex(text, RULE)
    full = pc.and_(pc.equal(length, WIDEST), pc.match_substring(text, "|"))
    cut = pc.and_not(pc.and_not(pc.or_(begins, full), ends), rule)
    split = pc.split_pattern(pc.if_else(begins, pc.utf8_slice_codeunits(bare, 1, -1), bare), "|")
    split = pa.ListArray.from_arrays(split.offsets, pc.utf8_trim_whitespace(split.values))
    fields = pc.if_else(cut, lists([bare]), split)
    fields = pc.if_else(rule, pa.scalar([], split.type), fields)
    told = pc.binary_join_element_wise(
        "must end with a pipe (it is cut after ", pc.cast(length, pa.string()), CUT, ""
    )
    fault = pc.if_else(rule, f"{ASIDE}rule line", pc.if_else(cut, told, None))
    nothing = pa.nulls(len(text), pa.string())
    return pa.record_batch([batch["record"], batch["lines"], nothing, fields, fault], schema=ROWS)


READER = Reader(endings=(), rows=list_rows, count=count_lines, lines=True)
"""It has no endings of its own: only a study can say that a text is a list."""
