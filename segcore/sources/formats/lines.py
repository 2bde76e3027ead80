"""Text whose lines are split at a delimiter: CSV, tab-separated text, and whatever is like them.

Lines go to the engine as they are and are split there. Only those with a quote are split here, for
a quote may hold delimiters and line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from segcore.errors import InputError
from segcore.params import Format
from segcore.sources.formats import ROWS, Delivery, Reader
from segcore.sources.formats.decoding import Text, decoded
from segcore.sources.formats.quotes import OpenQuoteError, Split, fields_of, never_closed, split_quoted

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int], np.dtype[Any]]

BLOCK = 1 << 22

DOS = re.compile("[A-Za-z][\u201e\u201d][a-z]")
"""The ä and ö of cp850, read as cp1252: a quotation mark inside a word."""

MIXED = "must be in one encoding (it is in UTF-8, and the file in {encoding})"


def count_lines(delivery: Delivery) -> int:
    """How many lines a text has, counted by their ends while it is decoded."""
    return decoded(delivery).lines


def text_lines(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The lines of a text, not split."""
    first = 1
    for block in _blocks(decoded(delivery)):
        lines = _Lines(block)
        yield lines.batch(first, Split())
        first += lines.number


def delimited_rows(delivery: Delivery) -> Iterator[pa.RecordBatch]:
    """The records of a text; those with quotes are split.

    Raises
    ------
    InputError
        If a quote is never closed.
    """
    text, layout = decoded(delivery), delivery.layout
    first, held = 1, b""
    for block in _blocks(text):
        lines = _Lines(held + block)
        split = _split(lines, layout, delivery.name, first)
        _check_encoding(lines, split, text.encoding, (delivery.name, first))
        done = lines.number if split.unfinished is None else split.unfinished
        held = lines.since(done)
        yield lines.batch(first, split, done)
        first += done
    if held:
        raise _open_at_the_end(held.decode(), layout, delivery.name, first)


class _Lines:
    """A block of whole lines as an Arrow array over its very bytes."""

    def __init__(self, block: bytes) -> None:
        import numpy as np

        self.block = block
        self.data = np.frombuffer(block, dtype=np.uint8)
        self.ends: Array = np.flatnonzero(self.data == ord("\n"))
        self.number = len(self.ends)
        offsets = np.zeros(self.number + 1, dtype=np.int32)
        offsets[1:] = self.ends + 1
        self.offsets = offsets
        whole = pa.Array.from_buffers(
            pa.string(), self.number, [None, pa.py_buffer(offsets), pa.py_buffer(block)]
        )
        self.texts = pc.ascii_rtrim(whole, characters="\n")

    def __getitem__(self, number: int) -> str:
        return self.block[self.offsets[number] : self.ends[number]].decode()

    def with_a(self, character: str) -> list[int]:
        """The lines that hold an ASCII character, ascending."""
        return self._lines_at(self.data == ord(character))

    def beyond_ascii(self) -> list[int]:
        """The lines that hold a letter that is not ASCII, ascending."""
        return self._lines_at(self.data > 127)

    def _lines_at(self, where: Array) -> list[int]:
        import numpy as np

        return list(map(int, np.unique(np.searchsorted(self.ends, np.flatnonzero(where)))))

    def since(self, number: int) -> bytes:
        """The block from a line on."""
        return self.block[self.offsets[number] :]

    def batch(self, first: int, split: Split, done: int | None = None) -> pa.RecordBatch:
        """The lines up to ``done`` as rows, numbered from ``first``."""
        import numpy as np

        done = self.number if done is None else done
        taken = np.ones(done, dtype=np.int32)
        keep = np.ones(done, dtype=bool)
        for number, lines in split.lines.items():
            taken[number] = lines
            keep[number + 1 : number + lines] = False
        texts = self.texts.slice(0, done)
        made = pa.record_batch(
            [
                pa.array(np.arange(first, first + done)),
                pa.array(taken),
                texts,
                _listed(split.fields, done),
                _sparse(split.faults, done),
            ],
            schema=ROWS,
        )
        return made if keep.all() else made.filter(pa.array(keep))


def _listed(fields: dict[int, list[str]], number: int) -> pa.Array:
    """Line → fields as an array of lists, NULL where there are none."""
    import numpy as np

    if not fields:
        return pa.nulls(number, ROWS.field("fields").type)
    at = np.fromiter(fields, dtype=np.int64)
    lengths = np.zeros(number, dtype=np.int32)
    lengths[at] = [len(row) for row in fields.values()]
    offsets = np.zeros(number + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    missing = np.ones(number, dtype=bool)
    missing[at] = False
    values = pa.array([value for row in fields.values() for value in row], pa.string())
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing))


def _sparse(texts: dict[int, str], number: int) -> pa.Array:
    if not texts:
        return pa.nulls(number, pa.string())
    return pa.array([texts.get(line) for line in range(number)], pa.string())


def _split(lines: _Lines, layout: Format, name: str, first: int) -> Split:
    if layout.quote == "none":
        return Split()
    at = lines.with_a(layout.quote)
    if not at:
        return Split()
    how = {"delimiter": layout.delimiter, "quote": layout.quote}
    try:
        split = split_quoted(at, lines.__getitem__, lines.number, **how)
    except OpenQuoteError as error:
        raise never_closed(name, first + error.line, error.column) from None
    for number, (begin, taken, column) in split.swallowed.items():
        split.faults[number] = (
            f"must not stand inside a quote together with other lines (it opens in line {first + begin}, "
            f"field {column}, and closes in line {first + begin + taken - 1})"
        )
    return split


def _check_encoding(lines: _Lines, split: Split, encoding: str, place: tuple[str, int]) -> None:
    """A line of UTF-8 in a file of another encoding reads as other letters."""
    if encoding.startswith("utf"):
        return
    name, first = place
    for number in lines.beyond_ascii():
        if DOS.search(lines[number]):
            raise InputError(
                f"{name}: must be text in {encoding} (line {first + number:,} reads {lines[number][:60]!r}, "
                "as text of DOS does then); set format.encoding to what the export writes, often cp850"
            )
        try:
            lines[number].encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        split.faults.setdefault(number, MIXED.format(encoding=encoding))


def _open_at_the_end(text: str, layout: Format, name: str, first: int) -> InputError:
    try:
        fields_of(text.rstrip("\n"), layout.delimiter, layout.quote)
    except OpenQuoteError as error:
        return never_closed(name, first, error.column)
    raise AssertionError("only a record with an open quote is held back")


def _blocks(text: Text) -> Iterator[bytes]:
    r"""The text in blocks of whole lines; the last line gets an end if it has none."""
    with text.path.open("rb") as file:
        rest = b""
        while piece := file.read(BLOCK):
            block, end, rest = (rest + piece).rpartition(b"\n")
            if end:
                yield block + end
        if rest:
            yield rest + b"\n"


TEXT = Reader(
    endings=(".csv", ".txt", ".tsv", ".tab", ".dat", ".asc"),
    rows=delimited_rows,
    count=count_lines,
    looks=("text", "binary", "empty", "gzip", "zip"),
    lines=True,
)
