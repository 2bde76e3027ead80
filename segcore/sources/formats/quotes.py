"""Lines that hold quotes, split into fields; what spans several lines becomes one record.

A quote opens a field only at its beginning, and closes it only before a delimiter or the end of the
line; two quotes in a quoted field stand for one. Elsewhere a quote is a character like any other.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from segcore.errors import InputError

MOST_LINES = 100
"""Lines in one record before it must be a quote that is closed in the wrong place."""

AFTER = "must have nothing after a closing quote"


class OpenQuoteError(ValueError):
    """A quote is still open at the end of the text.

    ``column`` says in which field, from 0, and ``line`` in which line of the block the record begins.
    """

    def __init__(self, column: int, line: int = 0) -> None:
        super().__init__()
        self.column, self.line = column, line


class AfterQuoteError(ValueError):
    """There is text after the quote that closes a field; ``column`` says which, from 0."""

    def __init__(self, column: int) -> None:
        super().__init__(AFTER)
        self.column = column


@dataclass
class Split:
    """Lines of a block that are not simply to be split at the delimiter; lines are counted from 0.

    Parameters
    ----------
    fields
        First line of a record → its fields.
    lines
        First line of a record → how many lines it takes, where they are more than one.
    faults
        Line → why it cannot be read.
    swallowed
        Line → first line, number of lines and field of a quote that holds line ends and delimiters.
    unfinished
        The line at which a record begins that the block does not hold to its end.
    """

    fields: dict[int, list[str]] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    swallowed: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    unfinished: int | None = None


def fields_of(text: str, delimiter: str, quote: str) -> list[str]:
    """The fields of a record.

    Raises
    ------
    OpenQuoteError
        If a quote is not closed.
    AfterQuoteError
        If there is text after a closing quote.
    """
    if quote == "none":
        return text.split(delimiter)
    fields: list[str] = []
    at, end = 0, len(text)
    while True:
        if text.startswith(quote, at):
            value, at = _quoted(text, at + 1, quote, len(fields))
            while text[at : at + 1] in (" ", "\t") and text[at] != delimiter:
                at += 1
            if at < end and text[at] != delimiter:
                raise AfterQuoteError(len(fields))
        else:
            stop = text.find(delimiter, at)
            stop = end if stop < 0 else stop
            value, at = text[at:stop], stop
        fields.append(value)
        if at >= end:
            return fields
        at += 1


def split_anyhow(text: str, delimiter: str, quote: str) -> list[str]:
    """The fields of a line; one whose quotes do not close where they must is split without regard to them."""
    try:
        return fields_of(text, delimiter, quote)
    except ValueError:
        return text.split(delimiter)


def first_records(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
    """The records at the beginning of a text, each with the line in which it begins.

    A line whose quotes do not close where they must is split without regard to them.
    """
    at = 0
    while at < len(lines):
        taken, fields = _first_record(lines[at : at + MOST_LINES], delimiter, quote)
        yield at + 1, fields
        at += taken


def _first_record(lines: Sequence[str], delimiter: str, quote: str) -> tuple[int, list[str]]:
    for taken in range(1, len(lines) + 1):
        try:
            fields = fields_of("\n".join(lines[:taken]), delimiter, quote)
        except OpenQuoteError:
            continue
        except AfterQuoteError:
            break
        if any("\n" in field and delimiter in field for field in fields):
            break
        return taken, fields
    return 1, lines[0].split(delimiter)


def _quoted(text: str, at: int, quote: str, column: int) -> tuple[str, int]:
    """The text of a field whose quote was opened before ``at``, and where it goes on."""
    value = ""
    while True:
        stop = text.find(quote, at)
        if stop < 0:
            raise OpenQuoteError(column)
        value += text[at:stop]
        if not text.startswith(quote, stop + 1):
            return value, stop + 1
        value, at = value + quote, stop + 2


def split_quoted(
    at: Sequence[int], line: Callable[[int], str], lines: int, *, delimiter: str, quote: str
) -> Split:
    """Split those lines of a block that hold quotes.

    Parameters
    ----------
    at
        The lines with quotes, ascending.
    line
        The text of a line.
    lines
        How many the block has.
    delimiter, quote
        One character each.
    """
    texts = [line(number) for number in at]
    try:
        rows = list(csv.reader(texts, delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error:
        rows = []
    # One row for each line: then every quote is closed where it belongs.
    if len(rows) == len(texts):
        return Split(dict(zip(at, rows, strict=True)))
    return _split_slowly(at, line, lines, delimiter=delimiter, quote=quote)


def _split_slowly(
    at: Sequence[int], line: Callable[[int], str], lines: int, *, delimiter: str, quote: str
) -> Split:
    split, done = Split(), 0
    for first in at:
        if first < done:
            continue
        text, taken = line(first), 1
        while True:
            try:
                split.fields[first] = fields_of(text, delimiter, quote)
            except OpenQuoteError as error:
                if first + taken >= lines:
                    split.unfinished = first
                    return split
                if taken >= MOST_LINES:
                    raise OpenQuoteError(error.column, first) from None
                text = f"{text}\n{line(first + taken)}"
                taken += 1
                continue
            except AfterQuoteError as error:
                if taken > 1:
                    place = (first, taken, error.column + 1)
                    split.swallowed.update(dict.fromkeys(range(first, first + taken), place))
                else:
                    split.faults[first] = str(error)
            break
        done = first + taken
        if taken > 1 and first in split.fields:
            _several_lines(split, first, taken, delimiter)
    return split


def _several_lines(split: Split, first: int, taken: int, delimiter: str) -> None:
    """One record of several lines; or several, if a quote closes in the wrong place."""
    fields = enumerate(split.fields[first], start=1)
    suspect = next((n for n, value in fields if "\n" in value and delimiter in value), 0)
    if not suspect:
        split.lines[first] = taken
        return
    del split.fields[first]
    split.swallowed.update(dict.fromkeys(range(first, first + taken), (first, taken, suspect)))


def never_closed(name: str, record: int, column: int) -> InputError:
    """The error for a quote that swallows what follows it."""
    return InputError(
        f"{name}: every quote must be closed (one in record {record:,}, field {column + 1}, is still open "
        f"{MOST_LINES} lines later or at the end of the file); mend the file, ask for the export again, "
        "or set format.quote to none if quotes are plain characters in it"
    )
