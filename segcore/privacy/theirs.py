"""Which records of stored extracts are a person's: by the column of numbers, or as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile, is_zipfile

from segcore.engine.sql import quote_name, quote_text
from segcore.errors import SegcoreError
from segcore.privacy import zipped
from segcore.privacy.extracts import FIRST_ROW, Caches, Stored, parsed
from segcore.privacy.patterns import core
from segcore.privacy.person import Person
from segcore.privacy.rows import NUMBERS, as_text, containing, of_numbers
from segcore.privacy.unread import judge
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.packed import chunks
from segcore.sources.gates.records import LONGEST
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine

BLOCK = 1 << 24
TELLING = re.compile(r"\w@\w|[^\W\d]{3}.*\s\S+\s+\S")
"""An address, or three words and more: such a text can hardly stand anywhere for something else."""

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
        Uses of extracts, each with records that could not be read and may have one of the numbers.
    orders
        The numbers of the person's orders, and of nobody else's.
    attributes
        What stands in attributes that could not be read and in nobody else's, and can mean nobody else.
    """

    records: dict[str, frozenset[int]] = field(default_factory=dict)
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)
    bad: list[tuple[Stored, list[Record]]] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)

    @property
    def hashes(self) -> set[str]:
        """The extracts that hold the person."""
        return {*(sha256 for sha256, mine in self.records.items() if mine), *self.unread}

    @property
    def sure(self) -> bool:
        """Whether an extract holds the person, as far as that can be told."""
        return any(self.records.values()) or bool(self.unread - self.computed)


def theirs(found: Mapping[str, Stored], caches: Caches, ids: tuple[str, ...]) -> Theirs:
    """Which records of stored extracts are those of a customer's numbers, as far as they could be read.

    With the customer's orders go their lines in extracts that do not say whose they are.
    """
    made = Theirs()
    for one in _uses(found):
        sha256 = one.extract.sha256
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
    if made.orders:
        _add_lines_of_orders(_uses(found), caches, ids, made)
    for sha256 in {name for name in made.records if found[name].others and not found[name].is_text}:
        if made.records.pop(sha256):  # of which sheet they are cannot be told
            made.unread.add(sha256)
    return made


def _uses(found: Mapping[str, Stored]) -> list[Stored]:
    return [use for one in found.values() for use in one.uses]


def add_unread(caches: Caches, person: Person, made: Theirs) -> None:
    """Add the records that could not be read and have a number of the person."""
    for one, records in made.bad:
        is_theirs = judge(one, caches, person, [text for *_, text in records])
        mine = [(record, lines, text) for record, lines, text in records if is_theirs(text)]
        _add(made, one.extract.sha256, [(record, lines) for record, lines, _ in mine])
        made.quoted |= {part for *_, text in mine for part in (text, text[: LONGEST - 1])}


def add_named(found: Mapping[str, Stored], caches: Caches, person: Person, made: Theirs) -> None:
    """Add the records that could not be read and name the person; others that do are somebody else's."""
    for sha256, one in found.items():
        if sha256 in made.unread:
            continue
        if not one.is_text:
            if _is_named(one, caches, person, made.lines.get(sha256, frozenset())):
                made.beside.add(sha256)
            continue
        hits = _lines_with(one, person) - made.lines.get(sha256, frozenset())
        if not hits:
            continue
        # A record is whose one source reads it as; a source that has no customers knows nobody's.
        uses = [use for use in one.uses if use.says_whose] or one.uses
        _add(made, sha256, set.intersection(*(_nobodys_with(use, caches, hits) for use in uses)))
        if hits - made.lines[sha256]:
            made.beside.add(sha256)


def _nobodys_with(one: Stored, caches: Caches, lines: Iterable[int]) -> set[tuple[int, int]]:
    """The records with some lines of which nobody knows whose they are: where they begin, and their lines."""
    numbers = ", ".join(map(str, sorted(lines)))
    with parsed(one, caches) as (engine, rows):
        asked = (
            f"select distinct record, _lines {rows} join (select unnest([{numbers}]) as hit) "
            f"on hit >= record and hit < record + greatest(_lines, 1) where {_nobodys(engine, rows)}"
        )
        return {(record, more) for record, more in engine.rows(asked)}


def _is_named(one: Stored, caches: Caches, person: Person, mine: frozenset[int]) -> bool:
    """Whether a Parquet file or a workbook names the person elsewhere than in the person's records."""
    path = one.extract.path
    if path.suffix != ".parquet":
        with suppress(OSError, ValueError, BadZipFile):
            return not mine and (
                zipped.holds(path, person) if is_zipfile(path) else _is_said_in(path, person)
            )
        return False
    with parsed(one, caches) as (engine, _):
        source = f"read_parquet({quote_text(str(path))}, file_row_number = true)"
        shown = as_text({row[0]: row[1] for row in engine.rows(f"describe from {source}")})
        near = " or ".join(containing(shown, person.told)) or "false"
        found = engine.rows(f"select file_row_number, {', '.join(shown)} from {source} where {near}")
        return any(
            row + FIRST_ROW not in mine and any(text and person.is_in(text) for text in texts)
            for row, *texts in found
        )


def _is_said_in(path: Path, person: Person) -> bool:
    """Whether a web page or a workbook of old has a number or a name of the person."""
    data = path.read_bytes()
    return any(person.is_in(data.decode(how, "replace")) for how in ("utf-8", "cp1252", "utf-16-le"))


def _look(one: Stored, caches: Caches, ids: tuple[str, ...], made: Theirs) -> bool:
    """Note a person's records of an extract; whether it has some of which nobody knows whose they are."""
    sha256 = one.extract.sha256
    with parsed(one, caches) as (engine, rows):
        columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
        if mine := " or ".join(of_numbers(columns, ids)):
            _add(made, sha256, engine.rows(f"select record, _lines {rows} where {mine}"))
            if "name" in columns:
                asked = f"select distinct name {rows} where {mine}"
                made.names |= {name for (name,) in engine.rows(asked) if name}
            if "order_id" in columns:
                asked = f"select distinct order_id {rows} where ({mine}) and order_id is not null"
                made.orders |= {order for (order,) in engine.rows(asked)}
            asked = (
                f"select one.raw from (select unnest(_unread) as one, coalesce({mine}, false) as mine {rows} "
                "where _unread is not null) where one.raw is not null group by 1 having bool_and(mine)"
            )
            made.attributes |= {raw for (raw,) in engine.rows(asked) if TELLING.search(raw)}
        nobodys = _nobodys(engine, rows)
        unclear = bool([*engine.rows(f"select 1 {rows} where {nobodys} limit 1")])
        parts = " or ".join(f"contains(_bad_raw, {quote_text(bare(number))})" for number in ids)
        asked = f"select record, _lines, _bad_raw {rows} where ({parts}) and {nobodys}"
        if unclear and (bad := [*engine.rows(asked)]):
            made.bad.append((one, bad))
    return unclear


def _add_lines_of_orders(uses: Sequence[Stored], caches: Caches, ids: tuple[str, ...], made: Theirs) -> None:
    """Add the lines of the person's orders, where an extract has no column that says whose they are."""
    with_orders = [one for one in uses if "order_id" in one.columns]
    whose = [one for one in with_orders if one.says_whose]
    lines = [one for one in with_orders if one not in whose]
    if not lines:
        return
    listed = "order_id in (select unnest($orders::VARCHAR[]))"
    for one in whose:  # numbers of orders may be given anew
        with suppress(SegcoreError), parsed(one, caches) as (engine, rows):
            mine = " or ".join(of_numbers(one.columns, ids))
            asked = f"select distinct order_id {rows} where {listed} and not ({mine})"
            made.orders -= {order for (order,) in engine.rows(asked, {"orders": sorted(made.orders)})}
    for one in lines:
        with suppress(SegcoreError), parsed(one, caches) as (engine, rows):
            asked = f"select record, _lines {rows} where {listed}"
            _add(made, one.extract.sha256, engine.rows(asked, {"orders": sorted(made.orders)}))


def _nobodys(engine: FileEngine, rows: str) -> str:
    """SQL of the records that could not be read so far that it is known whose they are."""
    columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
    known = [f"{quote_name(name)} is null" for name in NUMBERS if name in columns]
    return " and ".join(["_bad_raw is not null", *known])


def bare(number: str) -> str:
    """What of a number stands in a text, however the text writes it."""
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
    parts = [bare(number).encode() for number in ids]
    wide = [bare(number).encode("utf-16-le") for number in ids]
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
        for first, block in blocks(text.path):
            if person.may_be_in(block):
                hits |= {first + block.count(b"\n", 0, place) for place in person.places(block)}
        decoded.cache_clear()  # what it names goes with the folder
    return hits


def blocks(path: Path) -> Iterator[tuple[int, bytes]]:
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
