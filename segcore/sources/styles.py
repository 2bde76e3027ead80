"""Columns whose numbers are written in two styles: ``1,234`` beside ``1,234.56`` may be either.

A text that only the other style can read is refused by itself. But it shows that the file mixes both,
and then nobody knows what the texts mean that both can read: such a file is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.sources.values import matches, trimmed
from segcore.sources.values.columns import SOUND, Parsed, Shape, parsed_columns, style_of
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.engine import FileEngine

MIXED = "decimal sign"
"""The rule by which texts are refused that only the other style can read."""


def doubtful(made: str) -> str:
    """SQL of the records of parsed forms that show two styles: their columns ``record`` and _bad_rule."""
    unread = f"len(list_filter(_unread, lambda it: it.rule = {quote_text(MIXED)})) > 0"
    return f"select record from {made} where _bad_rule = {quote_text(MIXED)} or coalesce({unread}, false)"


def check_styles(
    engine: FileEngine,
    shape: Shape,
    rows: str,
    *,
    made: Path,
    stream: Callable[[], AbstractContextManager[None]],
) -> None:
    """Refuse a file in which a column has texts that only the other style can read, and texts that both can.

    Parameters
    ----------
    engine
        Where SQL runs.
    shape
        The file.
    rows
        SQL that yields its rows, as for :func:`segcore.sources.parse.parse_query`.
    made
        Its parsed form. Without a record that shows two styles nothing is read again.
    stream
        Makes the rows readable, for one statement.

    Raises
    ------
    InputError
        With a sentence for each such column.
    """
    if not engine.rows(f"{doubtful(f'read_parquet({quote_text(str(made))})')} limit 1"):
        return
    problems: list[str] = []
    for column in parsed_columns(shape):
        if column.held == "number" and not column.given:
            with stream():
                problems += _told(shape, column, engine.rows(mixed_styles(shape, column, rows))[0])
    if problems:
        raise InputError(*problems)


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
