"""How extracts are written: one file per format and one entry in :data:`FORMATS`.

A reader gives the rows of a file as text, in batches of :data:`ROWS`, and decides nothing about
their values. What a number, a date or a key is, is one for all formats (:mod:`segcore.sources.parse`).
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from segcore.params import Format

ROWS = pa.schema(
    [
        ("record", pa.int64()),  # the line of the text, or the row of the sheet, in which it begins, from 1
        ("lines", pa.int32()),  # how many lines or rows it takes; together they are all of the file
        ("text", pa.string()),  # the line, if it is still to be split at the delimiter, else NULL
        ("fields", pa.list_(pa.string())),  # its fields, if they are known, else NULL
        ("fault", pa.string()),  # why it cannot be split, as a sentence without subject; or ASIDE; else NULL
    ]
)
"""One row per record, header and everything else that stands in a file, in the order of the file."""

ASIDE = "no record: "
"""How the fault begins of what the reader knows to be no record; the name of the rule follows."""

COVERED = "#MERGED"
"""What stands in the places that a cell covers beside or below its own: nobody knows what holds there."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, and what a text that begins so is written in."""


@dataclass(frozen=True)
class Delivery:
    """A file to be read.

    Parameters
    ----------
    path
        Where it lies now.
    name
        Its name as delivered, for messages.
    layout
        How the study says that it is written.
    scratch
        A folder for what reading needs to write; it is empty at first and goes with the reading.
    """

    path: Path
    name: str
    layout: Format
    scratch: Path


def glue(layout: Format) -> str:
    """What stands between the fields of a line, so that one that was split is told as it stood."""
    return {"fixed": "", "list": "|"}.get(layout.type or "", layout.delimiter)


@dataclass(frozen=True)
class Reader:
    """One format.

    Parameters
    ----------
    endings
        The endings of its files, in lower case, not packed, like ``(".csv", ".txt")``.
    rows
        The rows of a file, in batches. Raises InputError if the file as a whole cannot be read.
    count
        How many lines or rows the file has, counted in another way than by reading them.
    looks
        What :func:`segcore.sources.formats.looks.looks_like` calls its files: the first bytes decide
        upon the reader, not the ending, for both text and web pages are delivered as .xls.
    lines
        Whether it is text in lines, the last of which may lack its end.
    typed
        Whether cells are numbers and dates of their own. Then the reader writes numbers with the
        layout's decimal sign and no thousands, dates as ``2025-12-31`` or ``2025-12-31 13:45:00``.
    serials
        Whether a number in a file may be a day as Excel counts them, in a cell that lost its format.
    """

    endings: tuple[str, ...]
    rows: Callable[[Delivery], Iterator[pa.RecordBatch]]
    count: Callable[[Delivery], int]
    looks: tuple[str, ...] = ()
    lines: bool = False
    typed: bool = False
    serials: Callable[[Delivery], bool] = lambda delivery: False
