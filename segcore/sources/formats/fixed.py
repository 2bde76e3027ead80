"""Fixed width: each column is so many characters wide, and nothing stands between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from segcore.errors import InputError
from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.lines import count_lines, text_lines
from segcore.sources.formats.lists import lists


def fixed_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The lines of a text, cut into characters as ``format.widths`` says; blank ones are one field.

    A line that is too short or too long has a fault, and is one field as it stands. Blanks at its end may
    be missing where they are of most lines; else a line without them was cut inside its last column.

    Raises
    ------
    InputError
        If the study names no widths.
    """
    widths = delivery.layout.widths
    if not widths:
        raise InputError(
            f"{delivery.name}: must have the widths of its columns in format.widths, like [10, 8, 12] "
            "(got none); count the characters of each column"
        )
    seen = full = 0
    for batch in text_lines(delivery):
        length = pc.utf8_length(batch["text"])
        seen += len(length)
        full += pc.sum(pc.equal(length, sum(widths))).as_py()
        yield _cut(batch, length, widths, padded=2 * full > seen)


def _cut(batch: pa.RecordBatch, length: pa.Array, widths: tuple[int, ...], *, padded: bool) -> pa.RecordBatch:
    text, edges = batch["text"], list(accumulate(widths, initial=0))
    blank = pc.equal(pc.utf8_trim_whitespace(text), "")
    rest = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(text, edges[-1]))
    # Trailing blanks may be gone, but not so many that the last column has no beginning.
    short, long = pc.less(length, edges[-2] + 1), pc.not_equal(rest, "")
    wrong = pc.and_not(pc.or_(short, long), blank)
    faulty = pc.or_(wrong, pc.and_not(pc.less(length, edges[-1]), blank)) if padded else wrong
    told = f"must be {edges[-1]:,} characters long, as format.widths says (it has "
    how = pc.binary_join_element_wise(told, pc.cast(length, pa.string()), ")", "")
    fields = [pc.utf8_slice_codeunits(text, start, stop) for start, stop in pairwise(edges)]
    return pa.record_batch(
        [
            batch["record"],
            batch["lines"],
            pa.nulls(len(text), pa.string()),
            pc.if_else(pc.or_(wrong, blank), lists([text]), lists(fields)),
            pc.if_else(faulty, how, None),
        ],
        schema=ROWS,
    )


READER = Reader(endings=(), rows=fixed_rows, count=count_lines, lines=True)
"""It has no endings of its own: only a study can say that a text is of fixed width."""
