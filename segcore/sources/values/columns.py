"""A canonical column: which of the readings is its own, and the steps from the file's text to its value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import InputError
from segcore.kinds import KINDS
from segcore.params import Column, Source, describing, key_of, type_of
from segcore.sources.values import Fault, Reading, trimmed
from segcore.sources.values.dates import HIGH, INITIAL, LOW, Dates, dates
from segcore.sources.values.numbers import Style, numbers
from segcore.sources.values.texts import EMPTY, NOBODY, PLAIN_KEY, keys, names

KEYS = ("product", "rep", "item", "market")
"""Texts that are keys wherever they stand, like those whose names end in ``_id``."""

SOUND = "_skip is null and _fault is null"


@dataclass(frozen=True)
class Shape:
    """A file whose rows are to be typed.

    Parameters
    ----------
    kind, source
        The kind of source, and what the study says about it.
    currency
        The study's currency, which may stand beside numbers.
    names
        The names in its header, by position.
    typed
        Whether its cells have types of their own.
    serials
        Whether numbers in it may be dates, as in spreadsheets.
    file
        Its name as delivered.
    """

    kind: str
    source: Source
    currency: str
    names: tuple[str, ...]
    typed: bool = False
    serials: bool = False
    file: str = ""


@dataclass(frozen=True)
class Parsed:
    """A canonical column that comes from the file.

    Parameters
    ----------
    name, held
        Its name and type.
    raw
        SQL of its text as delivered.
    reading
        How the text is read.
    empty
        Texts that stand for nothing.
    optional
        Whether it is left out if it cannot be read, where otherwise its record is refused.
    given
        SQL of the text, if it is no column of the file.
    """

    name: str
    held: str
    raw: str
    reading: Reading
    empty: tuple[str, ...] = ()
    optional: bool = False
    given: str = ""

    def step(self, what: str) -> str:
        """The SQL name of one of the steps on the way to its value."""
        return quote_name(f"{what} {self.name}")

    @property
    def steps(self) -> Iterator[str]:
        """SQL of the steps; each is a column over those before it."""
        fast, trim, clean, text = map(self.step, ("fast", "trim", "clean", "text"))
        first = self.reading.fast(self.raw)
        if plain := self.plain_empty:
            first = f"if({_among(self.raw, plain)}, NULL, {first})"
        yield f"{first} as {fast}"
        # A column may be empty in most records, and what follows takes long.
        yield f"if({fast} is null and {self.raw} <> '', {trimmed(self.raw)}, NULL) as {trim}"
        yield f"{self.reading.clean(trim)} as {clean}"
        yield f"if({clean} is null or {_among(clean, ('', *self.empty))}, NULL, {clean}) as {text}"
        slow = f"when {text} is not null then {self.reading.slow(text)}"
        yield f"case when {fast} is not null then {fast} {slow} end as {self.step('value')}"

    @property
    def plain_empty(self) -> tuple[str, ...]:
        """Texts that stand for nothing although they look like a plain value."""
        if self.empty not in (EMPTY, NOBODY):
            return self.empty
        return tuple(text for text in self.empty if self.held == "text" and re.fullmatch(PLAIN_KEY, text))

    @property
    def unread(self) -> str:
        """SQL of whether its text could not be read."""
        return f"{self.step('value')} is null and {self.step('text')} is not null"


def _among(text: str, texts: Sequence[str]) -> str:
    # DuckDB makes a join of IN and of list_contains: that takes longer to plan than to run.
    return f"list_position([{', '.join(map(quote_text, texts))}], {text}) is not null"


def parsed_columns(shape: Shape) -> list[Parsed]:
    """How the canonical columns that are not computed are made from the columns of the file."""
    return [
        _from_name(shape, name, column.file)
        if column.file
        else parsed_column(shape, name, _raw(shape, column))
        for name, column in shape.source.columns.items()
        if column.sql is None
    ]


def _raw(shape: Shape, column: Column) -> str:
    if isinstance(column.from_, int) and column.from_ <= len(shape.names):
        return f"c{column.from_ - 1}"
    if column.from_ in shape.names:
        return f"c{shape.names.index(column.from_)}"
    raise InputError(
        f"{shape.file}: must have the column {column.from_!r} (got {', '.join(shape.names)}); "
        "ask for the export again"
    )


def _from_name(shape: Shape, name: str, pattern: str) -> Parsed:
    """A column that is one and the same text for all records, from the name of their file.

    The engine looks for it, whose patterns take no longer than the name is long.
    """
    file = quote_text(shape.file)
    found = f"nullif(regexp_extract({file}, {quote_text(_of_all_letters(pattern))}, 1), '')"
    parsed = parsed_column(shape, name, quote_name(f"name {name}"))
    read = parsed.reading
    why = f"must stand in the file's name, as {pattern} says"
    fault = Fault(lambda text: f"{found} is null", "file", why)
    reading = replace(
        read,
        fast=lambda text: f"if({found} is null, NULL, {read.fast(text)})",
        slow=lambda text: f"if({found} is null, NULL, {read.slow(text)})",
        faults=(fault, *read.faults),
    )
    return replace(parsed, given=f"if({SOUND}, coalesce({found}, {file}), NULL)", reading=reading)


def _of_all_letters(pattern: str) -> str:
    r"""The same pattern where ``\w`` stands for letters like ü, too, as in Python."""
    parts, inside = [], False
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        inside = part == "[" or (inside and part != "]")
        word = r"\p{L}\p{N}_" if inside else r"[\p{L}\p{N}_]"
        parts.append(word if part == r"\w" else part)
    return "".join(parts)


def parsed_column(shape: Shape, name: str, raw: str) -> Parsed:
    """How a canonical column is read; ``raw`` is the SQL of the file's text."""
    source = shape.source
    column, layout = source.columns[name], source.layout
    held = type_of(shape.kind, name, column)
    own = column.empty if column.empty is not None else layout.empty
    key = name in keys_of(shape.kind, source)
    nothing = NOBODY if name == "customer_id" else EMPTY
    empty = own if own is not None else nothing if key or held != "text" else ()
    optional = name in describing(shape.kind, source)
    return Parsed(name, held, raw, _reading(shape, name, held, key=key), empty, optional)


def keys_of(kind: str, source: Source) -> list[str]:
    """The texts that tell records apart or join them."""
    known, unique = KINDS[kind], key_of(source)
    named = {*known.required, *(key for some in (known.key, unique) if some != "record" for key in some)}
    return [
        name
        for name, column in source.columns.items()
        if type_of(kind, name, column) == "text" and (is_named_key(name) or name in named)
    ]


def is_named_key(name: str) -> bool:
    """Whether a text tells records apart or joins them, in whatever kind of source."""
    return name in KEYS or name.endswith("_id")


def _reading(shape: Shape, name: str, held: str, *, key: bool) -> Reading:
    column = shape.source.columns[name]
    if held == "number":
        return numbers(style_of(shape, name))
    if held == "date":
        kind, layout = KINDS[shape.kind], shape.source.layout
        nothing = [INITIAL]
        if name not in (*kind.required, kind.day, "order_date", "date", "valid_from"):
            nothing.append(HIGH)
        nothing += [LOW] if name == "valid_from" else []
        how = Dates(
            column.date or layout.date,
            layout.century,
            typed=shape.typed,
            serials=shape.serials,
            nothing="|".join(nothing),
            suspect=name == "since",
        )
        return dates(how)
    return keys(column) if key else names(column)


def style_of(shape: Shape, name: str) -> Style:
    """How the numbers of a column are written."""
    column, layout = shape.source.columns[name], shape.source.layout
    decimal = column.decimal or layout.decimal
    thousands = column.thousands or layout.thousands
    return Style(decimal, thousands if thousands != decimal else None, shape.currency)
