"""A few lines of a large text as an extract of its own: what is in them need not wait for all others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from segcore.files import sha256_of
from segcore.privacy.extracts import Stored
from segcore.privacy.theirs import bare, blocks
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.table import reader_of, splits_lines

START = 1 << 18
"""Bytes at the beginning in which a header is found."""

MOST = 10_000
"""Lines with a number; where there are more, all of the text is read as soon."""


def excerpt(one: Stored, ids: Collection[str], folder: Path) -> Stored | None:
    """The beginning of a text and its lines with one of some numbers; None if lines do not stand alone.

    Parameters
    ----------
    one
        The extract.
    ids
        The numbers, as tables have them.
    folder
        An empty folder, which must stay as long as the excerpt is read.

    Raises
    ------
    SegcoreError
        If it is no text.
    """
    delivery, quote = one.delivery(folder), one.layout.quote
    if one.others or one.is_computed or not splits_lines(reader_of(delivery)):
        return None
    made, lines, parts = folder / "excerpt", 0, [bare(number).encode() for number in ids]
    with made.open("wb") as file:
        for first, block in blocks(decoded(delivery).path):
            if quote != "none" and quote.encode() in block:  # a record may go over several lines
                return None
            begun = (block.find(b"\n", START) + 1 or len(block)) if first == 1 else 0
            found = [block[:begun], *islice(_lines_with(block, parts, begun), MOST)]
            lines += len(found)
            if lines > MOST:
                return None
            file.writelines(found)
    return replace(
        one, extract=replace(one.extract, bytes=made.stat().st_size, sha256=sha256_of(made), path=made)
    )


def _lines_with(block: bytes, parts: Collection[bytes], begun: int) -> Iterator[bytes]:
    """The lines of a block, from a place on, in which one of some texts stands."""
    while hits := [hit for part in parts if (hit := block.find(part, begun)) >= 0]:
        start = block.rfind(b"\n", begun, min(hits)) + 1 or begun
        begun = block.find(b"\n", min(hits)) + 1 or len(block)
        yield block[start:begun]
