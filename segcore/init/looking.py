"""A look at an extract of which nothing is known yet: how it is written, its header, and its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from segcore.engine import FileEngine
from segcore.engine.sql import quote_text
from segcore.errors import InputError
from segcore.init.layout import Layout, layouts_of
from segcore.params import Format
from segcore.sources.formats import ROWS, Delivery
from segcore.sources.formats.table import reader_of
from segcore.sources.marking import TOTALS
from segcore.sources.values import trimmed

MOST_RECORDS = 1_000_000
SAMPLE = 2_000
PART = 100_000
ASIDE = "_aside"  # behind the name of a file's table: what was taken out of it
THREE = 3  # values that are shown wherever something is doubtful
MONEY = r"(?:EUR|USD|CHF|GBP|[€$£])?"
NUMBER = re.compile(
    rf"{MONEY} ?[+(-]?{MONEY} ?[\d.,'’ \u00a0\u202f]*\d[\d.,'’ \u00a0\u202f]*-?\)? ?{MONEY}%?"
)


@dataclass(frozen=True)
class Seen:
    """One column of a file as it was seen.

    Parameters
    ----------
    name
        Its name in the header; "" if it has none.
    key
        How a study names it: as the header does, or by its position, from 1.
    sql
        The column of the look's table that holds its text, trimmed, NULL if it is empty.
    table
        That table.
    filled
        How many records have a value.
    different
        Different values per value, from 0 to 1.
    values
        Different values from all over the file, in the order of the file.
    step
        Every so many records are enough to tell the form of the values.
    typed
        Whether it is the column of a workbook, whose cells are numbers and dates of their own.
    """

    name: str
    key: str | int
    sql: str
    table: str
    filled: int
    different: float
    values: tuple[str, ...]
    step: int
    typed: bool = False

    @property
    def unique(self) -> bool:
        """Whether every record has a value of its own, give or take a few."""
        return self.different >= 0.99

    @cached_property
    def numeric(self) -> bool:
        """Whether the values look like numbers in some form."""
        matching = sum(NUMBER.fullmatch(value) is not None for value in self.values)
        return bool(self.values) and matching >= 0.9 * len(self.values)

    @property
    def shown(self) -> str:
        """Its name or its place, and three of its values, for sentences."""
        name = self.name.replace("\n", " ") or f"column {self.key}"
        return f"{name} ({self.three})"

    @property
    def three(self) -> str:
        """Three of its values, for sentences."""
        return " · ".join(value[:30] for value in self.values[:THREE])


@dataclass(frozen=True)
class Look:
    """A file that was looked at; its records are a table of the engine with the columns c0, c1, …

    Parameters
    ----------
    path, written, header
        The file, how it is written, and its header.
    columns
        Its columns.
    records
        How many records it holds, without totals.
    above
        How many rows stand above the header.
    aside
        Texts of totals and footers that are no records.
    """

    path: Path
    written: Format
    header: tuple[str, ...]
    columns: tuple[Seen, ...]
    records: int
    above: int = 0
    aside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its folder, with its sheets if not all are read, for sentences."""
        sheets = f" ({', '.join(self.written.sheets)})" if self.written.sheets else ""
        return f"{self.path.name}{sheets}"

    @property
    def table(self) -> str:
        """The table of its records."""
        return self.columns[0].table

    @cached_property
    def by_key(self) -> dict[str | int, Seen]:
        """The columns by what a study calls them."""
        return {column.key: column for column in self.columns}


def looks_at(engine: FileEngine, path: Path, table: str, scratch: Path) -> list[Look]:
    """Look at a file; a workbook may hold several tables, which are called alike in the engine.

    Raises
    ------
    InputError
        If it is no table, or holds no records.
    """
    (own := scratch / table).mkdir()
    layouts = layouts_of(path, own)
    found = [_look(engine, path, layout, own / f"{table}_{n}") for n, layout in enumerate(layouts)]
    looks = [look for look in found if look]
    if not looks:
        raise InputError(f"{path}: must hold records below its header (it holds none)")
    return looks


def _look(engine: FileEngine, path: Path, layout: Layout, scratch: Path) -> Look | None:
    """One table of a file; None if it holds no records."""
    scratch.mkdir()
    table, header = scratch.name, layout.header
    delivery = Delivery(path, str(path), layout.written, scratch)
    _load(engine, delivery, layout, table)
    aside = _set_aside(engine, table, layout)
    records = int(engine.rows(f"select count(*) from {table}")[0][0])
    if not records:
        return None
    columns = _seen(engine, table, header.names, records, typed=reader_of(delivery).typed)
    return Look(path, layout.written, header.names, columns, records, header.record, aside)


def _load(engine: FileEngine, delivery: Delivery, layout: Layout, table: str) -> None:
    """Make the table of a file's records."""
    names = layout.header.names
    fields = f"coalesce(fields, string_split(text, {quote_text(layout.written.delimiter)}))"
    texts = ", ".join(f"nullif({trimmed(f'f[{i + 1}]')}, '') as c{i}" for i in range(len(names)))
    rows = f"select record, {fields} as f from delivered where fault is null"
    filled = "len(list_filter(f, lambda x: trim(x) <> '')) as _filled"
    with engine.stream("delivered", reader_of(delivery).rows(delivery), ROWS):
        engine.execute(
            f"create or replace temp table {table} as select record as _record, {texts}, {filled} "
            f"from ({rows}) where len(f) > 0 and record > {layout.header.record} limit {MOST_RECORDS + 1}"
        )
    header = " and ".join(
        f"c{i} is not distinct from {quote_text(name) if name else 'NULL'}" for i, name in enumerate(names)
    )
    engine.execute(f"delete from {table} where ({header}) or _filled = 0")


def _set_aside(engine: FileEngine, table: str, layout: Layout) -> tuple[str, ...]:
    """Take totals and footers out of the table, and say by which texts a study skips them."""
    texts = [f"c{i}" for i in range(len(layout.header.names))]
    (shares,) = engine.rows(f"select {', '.join(map('count({}) / count(*)'.format, texts))} from {table}")
    usual = [text for text, share in zip(texts, shares, strict=True) if share and share >= 0.9]
    gap = " or ".join(f"{text} is null" for text in usual) or "false"
    total = f"list_filter([{', '.join(texts)}], lambda x: regexp_full_match(x, {quote_text(TOTALS)}))"
    footer = f"if(_filled = 1, list_filter([{', '.join(texts)}], lambda x: x is not null), [])"
    found = engine.rows(
        f"select distinct list_concat({total}, {footer})[1], _record from {table} "
        f"where ({gap}) and len(list_concat({total}, {footer})) > 0 order by 2"
    )
    if not found:
        return ()
    rows = ", ".join(str(record) for _, record in found)
    engine.execute(
        f"create or replace temp table {table}{ASIDE} as from {table} where _record in ({rows}); "
        f"delete from {table} where _record in ({rows})"
    )
    return tuple(_patterns(dict.fromkeys(text for text, _ in found)))


def _patterns(texts: Sequence[str] | dict[str, None]) -> list[str]:
    """Texts with a * for what changes from export to export."""
    made = dict.fromkeys(re.sub(r"[*\d].*\d|\d", "*", text) if text.strip("*") else text for text in texts)
    first = Counter(text.split()[0] for text in made)
    shorter = (f"{text.split()[0]} *" if first[text.split()[0]] > 2 else text for text in made)
    return list(dict.fromkeys(shorter))


def _seen(
    engine: FileEngine, table: str, header: Sequence[str], records: int, *, typed: bool
) -> tuple[Seen, ...]:
    texts = [f"c{i}" for i in range(len(header))]
    (filled,) = engine.rows(f"select {', '.join(map('count({})'.format, texts))} from {table}")
    # Different values are counted over a part of a large file, which tells as much in a tenth of the time.
    part = f"(from {table} limit {PART})"
    ratios = map("count(distinct {0}) / greatest(count({0}), 1)".format, texts)
    (different,) = engine.rows(f"select {', '.join(ratios)} from {part}")
    step = max(1, records // SAMPLE)
    sample = engine.rows(
        f"select {', '.join(texts)} from {table} where _record % {step} = 0 order by _record limit {SAMPLE}"
    )
    made, often = [], Counter(header)
    for i, (name, column) in enumerate(zip(header, zip(*sample, strict=True), strict=True)):
        key = name if name and often[name] == 1 else i + 1
        values = tuple(dict.fromkeys(value for value in column if value is not None))
        counts, every = (filled[i], different[i]), max(1, records // PART)
        made.append(Seen(name, key, texts[i], table, *counts, values, every, typed))
    return tuple(made)
