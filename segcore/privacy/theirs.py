"""Which records of stored extracts are a person's: by the column of numbers, or as they stand there."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import SegcoreError
from segcore.privacy.extracts import Caches, Stored, parsed, place_of_numbers
from segcore.privacy.patterns import core
from segcore.privacy.person import Person, raw_form
from segcore.privacy.rows import NUMBERS
from segcore.sources.formats import glue
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.packed import chunks
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine

BLOCK = 1 << 24
SHOWN = 40
"""Characters of a record that messages show at least."""

Record = tuple[int, int, str]
"""The first line of a record that could not be read, how many it has, and what stands there."""


@dataclass
class Theirs:
    """What stored extracts hold of a person.

    Parameters
    ----------
    records
        Hash of an extract → its records that are the person's: their first lines.
    lines
        The same → all their lines.
    names
        Under which names they know the person.
    quoted
        Records that could not be read, as they stand there.
    unread
        Hashes of extracts that hold the person and cannot be told apart into records now.
    computed
        Those of them whose customers' numbers the study computes, so that no number stands in them.
    beside
        Hashes of extracts in which records of others, or what is none, name the person: these stay.
    bad
        Hash of an extract → records that could not be read and may have one of the numbers.
    """

    records: dict[str, frozenset[int]] = field(default_factory=dict)
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    bad: dict[str, list[Record]] = field(default_factory=dict)

    @property
    def hashes(self) -> set[str]:
        """The extracts that hold the person."""
        return {*(sha256 for sha256, mine in self.records.items() if mine), *self.unread}

    @property
    def sure(self) -> bool:
        """Whether an extract holds the person, as far as that can be told."""
        return any(self.records.values()) or bool(self.unread - self.computed)


def theirs(found: Mapping[str, Stored], caches: Caches, ids: tuple[str, ...]) -> Theirs:
    """Which records of stored extracts are those of a customer's numbers, as far as they could be read."""
    made = Theirs()
    for sha256, one in found.items():
        if not (one.is_computed or _may_hold(one, ids)):
            continue
        try:
            unclear = _look(one, caches, ids, made)
        except SegcoreError:  # it cannot be read as the study says any more
            unclear = True
            made.unread.add(sha256)
        if one.is_computed and (unclear or made.records.get(sha256)):
            made.computed.add(sha256)
            made.unread.add(sha256)
    return made


def add_unread(found: Mapping[str, Stored], person: Person, made: Theirs) -> None:
    """Add the records that could not be read and have a number of the person."""
    for sha256, records in made.bad.items():
        is_theirs = judge(found[sha256], person)
        mine = [(record, lines, text) for record, lines, text in records if is_theirs(text)]
        _add(made, sha256, [(record, lines) for record, lines, _ in mine])
        made.quoted |= {part for *_, text in mine for part in (text, text[:SHOWN])}


def add_named(found: Mapping[str, Stored], caches: Caches, person: Person, made: Theirs) -> None:
    """Add the records that could not be read and name the person; others that do are somebody else's."""
    for sha256, one in found.items():
        if sha256 in made.unread or not one.is_text:
            continue
        hits = _lines_with(one, person) - made.lines.get(sha256, frozenset())
        if not hits:
            continue
        numbers = ", ".join(map(str, sorted(hits)))
        with parsed(one, caches) as (engine, rows):
            asked = (
                f"select distinct record, _lines {rows} join (select unnest([{numbers}]) as hit) "
                f"on hit >= record and hit < record + greatest(_lines, 1) where {_nobodys(engine, rows)}"
            )
            _add(made, sha256, engine.rows(asked))
        if hits - made.lines[sha256]:
            made.beside.add(sha256)


def _look(one: Stored, caches: Caches, ids: tuple[str, ...], made: Theirs) -> bool:
    """Note a person's records of an extract; whether it has some of which nobody knows whose they are."""
    sha256 = one.extract.sha256
    listed = ", ".join(map(quote_text, ids))
    with parsed(one, caches) as (engine, rows):
        columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
        mine = [f"{quote_name(name)} in ({listed})" for name in NUMBERS if name in columns]
        if mine:
            _add(made, sha256, engine.rows(f"select record, _lines {rows} where {' or '.join(mine)}"))
            if "name" in columns:
                asked = f"select distinct name {rows} where {' or '.join(mine)}"
                made.names |= {name for (name,) in engine.rows(asked) if name}
        nobodys = _nobodys(engine, rows)
        unclear = bool([*engine.rows(f"select 1 {rows} where {nobodys} limit 1")])
        parts = " or ".join(f"contains(_bad_raw, {quote_text(_bare(number))})" for number in ids)
        asked = f"select record, _lines, _bad_raw {rows} where ({parts}) and {nobodys}"
        if unclear and (bad := [*engine.rows(asked)]):
            made.bad[sha256] = bad
    return unclear


def _nobodys(engine: FileEngine, rows: str) -> str:
    """SQL of the records that could not be read so far that it is known whose they are."""
    columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
    known = [f"{quote_name(name)} is null" for name in NUMBERS if name in columns]
    return " and ".join(["_bad_raw is not null", *known])


def _bare(number: str) -> str:
    return core(number.lstrip("0")) or number.lstrip("0") or number


def _add(made: Theirs, sha256: str, rows: Iterable[tuple[int, int]]) -> None:
    found = list(rows)
    made.records[sha256] = made.records.get(sha256, frozenset()) | {record for record, _ in found}
    lines = {record + more for record, count in found for more in range(max(count or 1, 1))}
    made.lines[sha256] = made.lines.get(sha256, frozenset()) | lines


def _may_hold(one: Stored, ids: tuple[str, ...]) -> bool:
    """Whether a text has the digits of a number in it somewhere; of other files nobody knows."""
    if not one.is_text:
        return True
    parts = [_bare(number).encode() for number in ids]
    wide = [_bare(number).encode("utf-16-le") for number in ids]
    rest = b""
    with suppress(SegcoreError):
        for piece in chunks(one.extract.path, name=one.extract.name):
            data = rest + piece
            if any(part in data for part in (*parts, *wide)):
                return True
            rest = data[-200:]
        return False
    return True


def _lines_with(one: Stored, person: Person) -> set[int]:
    """The lines of a text that hold what is told of the person alone."""
    hits: set[int] = set()
    with Temporary("erase") as scratch:
        text = decoded(one.delivery(scratch))
        for first, block in _blocks(text.path):
            if person.may_be_in(block):
                hits |= {first + block.count(b"\n", 0, place) for place in person.places(block)}
        decoded.cache_clear()  # what it names goes with the folder
    return hits


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """A text in UTF-8 in blocks of whole lines, each with the number of its first line."""
    first, rest = 1, b""
    with path.open("rb") as file:
        while piece := file.read(BLOCK):
            block, end, rest = (rest + piece).rpartition(b"\n")
            if end:
                yield first, block + end
                first += block.count(b"\n") + 1
    if rest:
        yield first, rest


def judge(one: Stored, person: Person) -> Callable[[str], bool]:
    """What says of a record that could not be read, as it stands there, whether it is the person's.

    It is if it has a number that is nobody else's, or a common one where the column of numbers stands.
    """
    column, place, mark = one.column, place_of_numbers(one), glue(one.layout)
    padded, suffix = (column.zero_pad, column.strip_suffix) if column else (None, None)
    own = [raw_form(number, padded=padded, suffix=suffix) for number in person.ids]
    told = re.compile(
        "|".join(form for form, one in zip(own, person.ids, strict=True) if one not in person.common)
        or "(?!)"
    )
    whole = re.compile("|".join(own))

    def is_theirs(text: str) -> bool:
        if told.search(text):
            return True
        fields = next(csv.reader([text], delimiter=mark), []) if len(mark) == 1 else [text]
        cell = fields[place].strip() if place is not None and place < len(fields) else ""
        return whole.fullmatch(cell) is not None or whole.fullmatch(text.strip()) is not None

    return is_theirs
