"""What only the values of a file together show: numbers in two styles, and keys that were all rounded.

Where a column has ``1,234`` beside ``1,234.56``, or nothing but such numbers, either may be meant.

A text that only the other style can read is refused by itself. But it shows that the file mixes both,
and then nobody knows what the texts mean that both can read: such a file is refused as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import InputError
from segcore.sources.values import matches, trimmed
from segcore.sources.values.columns import SOUND, Parsed, Shape, keys_of, parsed_columns, style_of
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.engine import FileEngine

Stream = Callable[[], AbstractContextManager[None]]

ENOUGH = 10
"""Numbers with two decimals from which one without any is odd."""

FEW = 3
"""Numbers with the decimal sign from which on it is odd that each has three digits behind it."""

SAMPLE = 50_000
"""Records in which that is looked for."""

COUNTS = 9
"""How many values are counted of each column in which that is looked for."""

ROUNDED = 3
"""Different keys from which on it is no accident that all end in zeros."""

MIXED = "decimal sign"
"""The rule by which texts are refused that only the other style can read."""


def doubtful(keys: Sequence[str]) -> str:
    """SQL of whether a row of a parsed form shows two styles, or has one of the ``keys`` that long."""
    unread = f"len(list_filter(_unread, lambda it: it.rule = {quote_text(MIXED)})) > 0"
    long = "".join(f" or coalesce(strlen({quote_name(name)}) in (16, 17), false)" for name in keys)
    return f"coalesce(_bad_rule = {quote_text(MIXED)}, false) or coalesce({unread}, false){long}"


def check_styles(
    engine: FileEngine, shape: Shape, rows: str, stream: Stream, *, doubt: Path | None = None
) -> None:
    """Refuse a file in which a column has texts that only the other style can read, and texts that both can;
    and one whose long keys were rounded.

    Parameters
    ----------
    engine
        Where SQL runs.
    shape
        The file.
    rows
        SQL that yields its rows, as for :func:`segcore.sources.parse.parse_query`.
    stream
        Makes the rows readable, for one statement.
    doubt
        Its parsed form, if that has a row that is :func:`doubtful`. Without one only the first records
        are read again.

    Raises
    ------
    InputError
        With a sentence for each such column.
    """
    numbers = [c for c in parsed_columns(shape) if c.held == "number" and not c.given]
    problems = [*_written(engine, shape, rows, (stream, numbers))]
    if doubt is not None:
        for column in numbers:
            with stream():
                problems += _told(shape, column, engine.rows(mixed_styles(shape, column, rows))[0])
        parsed = f"read_parquet({quote_text(str(doubt))})"
        for name in keys_of(shape.kind, shape.source):
            problems += _rounded(shape.file, name, engine.rows(_long(quote_name(name), parsed))[0])
    if problems:
        raise InputError(*problems)


def _written(
    engine: FileEngine, shape: Shape, rows: str, how: tuple[Stream, Sequence[Parsed]]
) -> Iterator[str]:
    """What is wrong with the forms of the first numbers of columns."""
    stream, numbers = how
    if not numbers:
        return
    with stream():
        counted = engine.rows(_without_decimals(shape, numbers, rows))[0]
    for place, column in enumerate(numbers):
        found = counted[place * COUNTS : (place + 1) * COUNTS]
        yield from _grouped(shape, column, found[:5])
        yield from _either(shape, column, found[5:])


def _long(name: str, parsed: str) -> str:
    """The query that counts the different keys of 16 and 17 digits, and those that end in zeros; one."""
    long, zeros = (matches(name, pattern) for pattern in (r"[1-9]\d{15,16}", r"[1-9]\d{14}00?"))
    counts = f"count(distinct {name}), count(distinct {name}) filter ({zeros}), min({name})"
    return f"select {counts} from {parsed} where {long}"


def _rounded(file: str, name: str, found: tuple[object, ...]) -> Iterator[str]:
    long, zeros, first = found
    if isinstance(long, int) and long >= ROUNDED and long == zeros:
        yield (
            f"{file}: {name} must have all its digits (each of {long:,} keys of 16 or 17 digits ends in "
            f"zeros, like {first}, for a spreadsheet keeps 15); export it as text"
        )


def _told(shape: Shape, column: Parsed, found: tuple[object, ...]) -> Iterator[str]:
    other, other_record, other_text, either, either_record, either_text = found
    if not (isinstance(other, int) and isinstance(either, int) and other and either):
        return
    style = style_of(shape, column.name)
    yield (
        f"{shape.file}: {column.name} must be written in one form ({plural(other, 'number')} can only be "
        f"read with the decimal sign {style.other.decimal!r}, first record {other_record:,} {other_text!r}; "
        f"{plural(either, 'number')} with either sign, first record {either_record:,} {either_text!r}); "
        "ask for an export in one form, or mend decimal and thousands of the column"
    )


def _without_decimals(shape: Shape, columns: Sequence[Parsed], rows: str) -> str:
    """The query that counts the forms of the first numbers of columns; see _counts."""
    texts = [f"nullif({trimmed(column.raw)}, '') as text_{place}" for place, column in enumerate(columns)]
    first = f"select record, {', '.join(texts)} from ({rows}) where {SOUND} limit {SAMPLE}"
    counts = [_counts(shape, column, f"text_{place}") for place, column in enumerate(columns)]
    return f"select {', '.join(counts)} from ({first})"


def _counts(shape: Shape, column: Parsed, text: str) -> str:
    """SQL of what is counted of a column's texts, :data:`COUNTS` values; see _grouped and _either."""
    style = style_of(shape, column.name)
    point = re.escape(style.decimal)
    signs = re.escape("".join({style.decimal, style.thousands or ""} & {".", ","}))
    forms = {
        "grouped": rf"[+-]?[0-9]{{1,3}}[{signs}][0-9]{{3}}-?",
        "two": rf"[^{point}]*{point}[0-9]{{2}}[^0-9]*",
        "three": rf"[^0-9]*[1-9][0-9]{{0,2}}{point}[0-9]{{3}}[^0-9]*",
    }
    grouped, two, three = (matches(text, form) for form in forms.values())
    return (
        f"count(*) filter ({grouped}), min(record) filter ({grouped}), "
        f"arg_min({text}, record) filter ({grouped}), count(*) filter ({two}), count({text}), "
        f"count(*) filter ({three}), min(record) filter ({three}), arg_min({text}, record) filter ({three}), "
        f"count(*) filter (contains({text}, {quote_text(style.decimal)}))"
    )


def _grouped(shape: Shape, column: Parsed, found: tuple[object, ...]) -> Iterator[str]:
    """Numbers like 461.390 where all others have two decimals: 461,390, or 461.39 with a zero behind?"""
    grouped, record, text, two, whole = found
    if not (isinstance(grouped, int) and isinstance(two, int)):
        return
    if grouped and two >= ENOUGH and grouped + two == whole:
        yield (
            f"{shape.file}: {column.name} must be written in one form ({plural(grouped, 'number')} like "
            f"{text!r}, first record {record:,}, may be thousands or have three decimals, where all others "
            "have two); ask for an export in one form"
        )


def _either(shape: Shape, column: Parsed, found: tuple[object, ...]) -> Iterator[str]:
    """An amount of which all numbers with the decimal sign are like 1,234, unless the column says it."""
    said, (three, record, text, signed) = shape.source.columns[column.name], found
    if column.name != "amount" or said.decimal or said.thousands or shape.typed:
        return
    if isinstance(three, int) and three >= FEW and three == signed:
        style = style_of(shape, column.name)
        sign, other = style.decimal, style.other.decimal
        whole = re.sub("[^0-9]", "", str(text))
        yield (
            f"{shape.file}: amount must show what {sign!r} means in it (each of {three:,} numbers with it "
            f"has three digits behind it, like {text!r}, first record {record:,}: {whole} or "
            f"{whole[:-3]}.{whole[-3:]}?); write at the column decimal: {other!r}, thousands: {sign!r} if "
            f"they are thousands, or decimal: {sign!r} if they are decimals"
        )


def mixed_styles(shape: Shape, column: Parsed, rows: str) -> str:
    """The query that finds in which style the numbers of a column are written.

    Parameters
    ----------
    shape, column
        The file, and one of its columns of numbers.
    rows
        SQL that yields the rows of the file, as for :func:`segcore.sources.parse.parse_query`.

    Returns
    -------
    str
        One row: how many texts only the style with the two signs exchanged can read, the first such
        record, its text; how many both can (each reads another number), the first such record, its
        text.
    """
    style = style_of(shape, column.name)
    own, other = (matches("text", pattern) for pattern in (style.signed, style.other.signed))
    parts = ", ".join(
        f"count(*) filter ({which}), min(record) filter ({which}), arg_min(text, record) filter ({which})"
        for which in ("other and not own", "other and own")
    )
    return (
        f"select {parts} from (select record, text, {own} as own, {other} as other from "
        f"(select record, {column.reading.clean(trimmed(column.raw))} as text from ({rows}) where {SOUND}) "
        "where contains(text, '.') or contains(text, ','))"
    )
