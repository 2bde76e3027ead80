"""Text → typed columns, as SQL: a strict pattern first, then the cast, and the raw text is kept.

DuckDB's own casts take ``12.34,5`` for a number and the year 25 for a date. So a value is parsed
only if it matches the pattern of its form; otherwise its record is refused with the reason, or, if
nothing depends on it, it is left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import KINDS
from segcore.params import Column, type_of
from segcore.sources.values import Fault, of_fault, told, trimmed
from segcore.sources.values.columns import SOUND, Parsed, Shape, parsed_column, parsed_columns

__all__ = ["Shape", "output", "parse_query", "read_query"]

UNREAD = 'STRUCT("column" VARCHAR, raw VARCHAR, rule VARCHAR)[]'


def parse_query(shape: Shape, rows: str) -> str:
    """The query that types the rows of a file.

    Parameters
    ----------
    shape
        The file.
    rows
        SQL that yields record, _lines, _skip, _fault and the texts c0, c1, … by position.

    Returns
    -------
    str
        Columns out: record, _lines, _skip, _record_key (NULL unless whole records are compared), the
        canonical columns in the order of the study, _bad_column, _bad_raw, _bad_rule, _bad_reason of
        the first text that could not be read, _structural, and _unread: what was left out.
    """
    parsed = parsed_columns(shape)
    others = [place for place in _compared(shape) if not _of(parsed, place)]
    given = "".join(f", {column.given} as {column.raw}" for column in parsed if column.given)
    rows = f"select *{given} from ({rows})" if given else rows
    for step in zip(*(column.steps for column in parsed), strict=True):
        rows = f"select *, {', '.join(step)} from ({rows})"
    steps = [column.step(what) for column in parsed for what in ("value", "text", "trim")]
    texts = [f"{trimmed(f'c{place}')} as {_other(place)}" for place in others]
    finals = [f"{_final(shape, column)} as {quote_name(column.name)}" for column in parsed]
    refused = [column for column in parsed if not column.optional]
    at = " ".join(f"when {column.unread} then {number}" for number, column in enumerate(refused))
    at = f"case when not ({SOUND}) then NULL {at} end::TINYINT as _at"
    kept = ", ".join(("record, _lines, _skip, _fault", at, *steps, *texts, *finals))
    outputs = ", ".join(output(shape.kind, name, column) for name, column in shape.source.columns.items())
    return (
        f"select record, _lines, _skip, {_record_key(shape, parsed)} as _record_key, {outputs}, "
        f"_bad_column, _bad_raw, if(_fault is null, {of_fault('_told', 'rule')}, 'columns') as _bad_rule, "
        f"coalesce(_fault, {of_fault('_told', 'reason')}) as _bad_reason, _fault is not null as _structural, "
        f"{_unread([column for column in parsed if column.optional])} as _unread "
        f"from ({_faulty(refused, f'select {kept} from ({rows})')})"
    )


def read_query(shape: Shape, name: str, texts: str) -> str:
    """The query that reads texts as those of one column.

    Parameters
    ----------
    shape
        A file; its name and its header do not matter.
    name
        The canonical name of the column.
    texts
        SQL that yields the column ``raw``.

    Returns
    -------
    str
        Columns out: what ``texts`` yields, value (NULL if a text cannot be read, or is empty), rule
        and reason (NULL unless it cannot be read).
    """
    column = parsed_column(shape, name, "raw")
    for step in column.steps:
        texts = f"select *, {step} from ({texts})"
    value = f"{column.reading.final(column.step('value'))} as value"
    steps = ", ".join(column.step(what) for what in ("fast", "trim", "clean", "text", "value"))
    fault = f"if({column.unread}, {told(column.reading.faults, column.step('text'))}, NULL) as _told"
    rule, reason = (f"{of_fault('_told', what)} as {what}" for what in ("rule", "reason"))
    read = f"select * exclude ({steps}), {value}, {fault} from ({texts})"
    return f"select * exclude (_told), {rule}, {reason} from ({read})"


def _final(shape: Shape, column: Parsed) -> str:
    value = column.reading.final(column.step("value"))
    # DuckDB keeps a product of two DECIMAL(18, 4) in 18 digits: expressions need wider ones.
    computed = any(other.sql is not None for other in shape.source.columns.values())
    return f"{value}::DECIMAL(38, 4)" if column.held == "number" and computed else value


def _faulty(refused: Sequence[Parsed], rows: str) -> str:
    """SQL of the rows with _bad_column, _bad_raw and _told: the first column that is refused, and why."""

    def chosen(values: Sequence[str]) -> str:
        cases = " ".join(f"when {number} then {value}" for number, value in enumerate(values))
        return (
            f"case when _at is not null then case _at {cases} end end::VARCHAR" if cases else "NULL::VARCHAR"
        )

    found = {
        "_bad_column": chosen([quote_text(column.name) for column in refused]),
        "_bad_raw": chosen([column.step("trim") for column in refused]),
        "_bad_text": chosen([column.step("text") for column in refused]),
    }
    rows = f"select *, {', '.join(f'{sql} as {name}' for name, sql in found.items())} from ({rows})"
    # Columns of one form have the same faults, and what is said once is compiled once.
    alike: dict[tuple[Fault, ...], list[str]] = {}
    for number, column in enumerate(refused):
        alike.setdefault(column.reading.faults, []).append(str(number))
    cases = " ".join(
        f"when _at in ({', '.join(numbers)}) then {told(faults, '_bad_text')}"
        for faults, numbers in alike.items()
    )
    fault = f"case when _at is null then NULL {cases} end" if cases else "NULL"
    return f"select *, {fault}::VARCHAR as _told from ({rows})"


def _unread(optional: Sequence[Parsed]) -> str:
    """SQL of the texts that were left out, as a list."""
    if not optional:
        return f"NULL::{UNREAD}"
    rules = [of_fault(told(column.reading.faults, column.step("text")), "rule") for column in optional]
    raws = [f"'column': {quote_text(c.name)}, raw: {c.step('trim')}" for c in optional]
    entries = ", ".join(
        f"if({column.unread}, {{{raw}, rule: {rule}}}, NULL)"
        for column, raw, rule in zip(optional, raws, rules, strict=True)
    )
    some = " or ".join(f"({column.unread})" for column in optional)
    left_out = f"list_filter([{entries}], lambda it: it is not null)"
    return f"if({SOUND} and ({some}), {left_out}, NULL)::{UNREAD}"


def _compared(shape: Shape) -> Iterator[int]:
    """The columns of the file that make a whole record; by name, for their order must not matter."""
    if shape.source.unique != "record":
        return
    named = sorted((name, place) for place, name in enumerate(shape.names))
    yield from (place for name, place in named if name not in shape.source.ignore)


def _of(parsed: Sequence[Parsed], place: int) -> list[Parsed]:
    return [column for column in parsed if column.raw == f"c{place}"]


def _other(place: int) -> str:
    return quote_name(f"other {place}")


def _record_key(shape: Shape, parsed: Sequence[Parsed]) -> str:
    """SQL of the key of a whole record: 128 bits over its values; what has no value counts as text."""
    ignored = shape.source.ignore
    of_name = [c for c in parsed if shape.source.columns[c.name].file and c.name not in ignored]
    values: list[str] = []
    for place in _compared(shape):
        mine = _of(parsed, place)
        values += [value for column in mine for value in _canonical(column)] or [
            f"nullif({_other(place)}, '')"
        ]
    if not values:
        return "NULL::UUID"
    values += [value for column in of_name for value in _canonical(column)]
    listed = ", ".join(values)
    # Two hashes of 64 bits, each begun with another word, take a third of the time of an MD5.
    key = f"(hash('a', {listed})::UHUGEINT << 64 | hash('b', {listed})::UHUGEINT)::UUID"
    return f"if({SOUND}, {key}, NULL)"


def _canonical(column: Parsed) -> tuple[str, str]:
    """The value of a column, with the time of a date, and its text if it has none."""
    value = column.step("value") if column.held == "date" else quote_name(column.name)
    return value, f"if({column.step('value')} is null, {column.step('text')}, NULL)"


def output(kind: str, name: str, column: Column) -> str:
    """SQL of a canonical column as it leaves the parser, over the parsed columns of its record."""
    quoted = quote_name(name)
    held = type_of(kind, name, column)
    number = held == "number"
    if column.sql is None:
        return f"cast({quoted} as DECIMAL(18, 4)) as {quoted}" if number else quoted
    if held == "date":
        return f"cast(({column.sql}) as DATE) as {quoted}"
    if number:
        # A product of two numbers with four decimals has eight: nothing is rounded before display.
        return f"cast(({column.sql}) as DECIMAL(38, 8)) as {quoted}"
    known = name in KINDS[kind].columns
    return f"cast(({column.sql}) as VARCHAR) as {quoted}" if known else f"({column.sql}) as {quoted}"
