"""The stored extracts of a study: which of their records are a person's, and the same files without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.engine import open_engine
from segcore.engine.sql import quote_name, quote_text
from segcore.errors import SegcoreError
from segcore.files import is_cached
from segcore.privacy.parquet import NUMBERS
from segcore.privacy.patterns import core
from segcore.privacy.person import Person
from segcore.privacy.unread import judge
from segcore.sources import Extract
from segcore.sources.expressions import working_expressions
from segcore.sources.formats import Delivery
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.packed import chunks
from segcore.sources.formats.table import reader_of
from segcore.sources.parsing import cache_key, header_of, parse_extract
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.params import Format, Study
    from segcore.params.sources import Column

BLOCK = 1 << 24
SHOWN = 40
"""Characters of a record that messages show at least."""


@dataclass(frozen=True)
class Stored:
    """A stored extract, with the study that says how it is read."""

    extract: Extract
    study: Study

    @property
    def is_text(self) -> bool:
        """Whether it is text in lines, so that lines can be taken out of it."""
        with Temporary("erase") as scratch:
            return bool(reader_of(self.delivery(scratch)).lines)

    @property
    def column(self) -> Column | None:
        """What the study says of the customers' numbers in it."""
        return self.study.sources.given()[self.extract.source].columns.get("customer_id")

    @property
    def is_computed(self) -> bool:
        """Whether the study computes a customer's number, so that it does not stand in the extract."""
        return self.column is not None and self.column.from_ is None

    @property
    def layout(self) -> Format:
        """How its text is laid out."""
        return self.study.sources.given()[self.extract.source].layout

    def delivery(self, scratch: Path) -> Delivery:
        """It as readers take it."""
        return Delivery(self.extract.path, self.extract.name, self.layout, scratch)


@dataclass(frozen=True)
class Caches:
    """Where parsed forms are: the study's, and a place for those that are made now."""

    kept: Path
    scratch: Path


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
    """

    records: dict[str, frozenset[int]] = field(default_factory=dict)
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    computed: set[str] = field(default_factory=set)
    beside: set[str] = field(default_factory=set)

    @property
    def hashes(self) -> set[str]:
        """The extracts that hold the person."""
        return {*(sha256 for sha256, mine in self.records.items() if mine), *self.unread}

    @property
    def sure(self) -> bool:
        """Whether an extract holds the person, as far as that can be told."""
        return any(self.records.values()) or bool(self.unread - self.computed)


def stored(places: archive.Places, runs: Iterable[archive.Run]) -> dict[str, Stored]:
    """The extracts that runs name and that are kept, by hash, each with the study of the newest run."""
    found: dict[str, Stored] = {}
    for run in sorted(runs, key=lambda one: one.run_date, reverse=True):
        study = archive.study_of(run.folder, f"{places.study}.yaml")
        for entry in run.inputs:
            extract = Extract.from_json(entry, places.inputs)
            if extract.path.is_file() and extract.source in study.sources.given():
                found.setdefault(entry["sha256"], Stored(extract, study))
    return found


def earlier_numbers(found: Mapping[str, Stored], caches: Caches, number: str) -> tuple[str, ...]:
    """A customer's number, and those that it had before, as the extracts of new numbers say it."""
    ids = [number]
    lists = [one for one in found.values() if one.extract.source == "renumbered"]
    for one in lists:
        with _parsed(one, caches) as (engine, rows):
            for known in ids:
                asked = (
                    f"select distinct customer_id {rows} where becomes = $number and customer_id is not null"
                )
                ids += [old for (old,) in engine.rows(asked, {"number": known}) if old not in ids]
    return tuple(ids)


def theirs(found: Mapping[str, Stored], caches: Caches, person: Person) -> Theirs:
    """Which records of stored extracts are those of a customer's numbers."""
    made = Theirs()
    for sha256, one in found.items():
        if not (one.is_computed or _may_hold(one, person.ids)):
            continue
        try:
            unclear = _look(one, caches, person, made)
        except SegcoreError:  # it cannot be read as the study says any more
            unclear = True
            made.unread.add(sha256)
        if one.is_computed and (unclear or made.records.get(sha256)):
            made.computed.add(sha256)
            made.unread.add(sha256)
    return made


def named_elsewhere(found: Mapping[str, Stored], caches: Caches, person: Person, made: Theirs) -> None:
    """Add the records that could not be read and name the person; others that do are somebody else's."""
    for sha256, one in found.items():
        if sha256 in made.unread or not one.is_text:
            continue
        hits = _lines_with(one, person) - made.lines.get(sha256, frozenset())
        if not hits:
            continue
        numbers = ", ".join(map(str, sorted(hits)))
        with _parsed(one, caches) as (engine, rows):
            asked = (
                f"select distinct record, _lines {rows} join (select unnest([{numbers}]) as hit) "
                f"on hit >= record and hit < record + greatest(_lines, 1) where {_nobodys(engine, rows)}"
            )
            _add(made, sha256, engine.rows(asked))
        if hits - made.lines[sha256]:
            made.beside.add(sha256)


def _look(one: Stored, caches: Caches, person: Person, made: Theirs) -> bool:
    """Note a person's records of an extract; whether it has some of which nobody knows whose they are."""
    sha256 = one.extract.sha256
    listed = ", ".join(map(quote_text, person.ids))
    with _parsed(one, caches) as (engine, rows):
        columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
        mine = [f"{quote_name(name)} in ({listed})" for name in NUMBERS if name in columns]
        if mine:
            _add(made, sha256, engine.rows(f"select record, _lines {rows} where {' or '.join(mine)}"))
            if "name" in columns:
                asked = f"select distinct name {rows} where {' or '.join(mine)}"
                made.names |= {name for (name,) in engine.rows(asked) if name}
        nobodys = _nobodys(engine, rows)
        unclear = bool([*engine.rows(f"select 1 {rows} where {nobodys} limit 1")])
        parts = " or ".join(f"contains(_bad_raw, {quote_text(_bare(number))})" for number in person.ids)
        asked = f"select record, _lines, _bad_raw {rows} where ({parts}) and {nobodys}"
        bad = [*engine.rows(asked)] if unclear else []
    is_theirs = judge(one.column, _place(one), one.layout, person) if bad else None
    for record, lines, text in bad:
        if is_theirs and is_theirs(text):
            _add(made, sha256, [(record, lines)])
            made.quoted |= {text, text[:SHOWN]}
    return unclear


def _nobodys(engine: FileEngine, rows: str) -> str:
    """SQL of the records that could not be read so far that it is known whose they are."""
    columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
    known = [f"{quote_name(name)} is null" for name in NUMBERS if name in columns]
    return " and ".join(["_bad_raw is not null", *known])


def _place(one: Stored) -> int | None:
    """Where in a record the customer's number stands, from 0."""
    origin = one.column.from_ if one.column else None
    if not isinstance(origin, str):
        return None if origin is None else origin - 1
    with Temporary("erase") as scratch, suppress(SegcoreError):
        names = header_of(one.delivery(scratch), one.study.sources.given()[one.extract.source]).names
        decoded.cache_clear()  # what it names goes with the folder
        return names.index(origin) if origin in names else None
    return None


def _bare(number: str) -> str:
    return core(number.lstrip("0")) or number.lstrip("0") or number


def _add(made: Theirs, sha256: str, rows: Iterable[tuple[int, int]]) -> None:
    found = list(rows)
    made.records[sha256] = made.records.get(sha256, frozenset()) | {record for record, _ in found}
    lines = {record + more for record, count in found for more in range(max(count or 1, 1))}
    made.lines[sha256] = made.lines.get(sha256, frozenset()) | lines


@contextmanager
def _parsed(one: Stored, caches: Caches) -> Iterator[tuple[FileEngine, str]]:
    """The parsed form of an extract: an engine, and ``from`` what. Nothing new is kept of it."""
    study, extract = one.study, one.extract
    source = study.sources.given()[extract.source]
    kept = caches.kept / f"{cache_key(extract, source, study.currency)}.parquet"
    folder = caches.kept if is_cached(kept) else caches.scratch
    with open_engine(study, extract.path.parent, folder) as engine:
        with working_expressions(engine, study, f"sources.{extract.source}.columns"):
            path = parse_extract(engine, extract, source, study.currency, folder)
        yield engine, f"from read_parquet({quote_text(str(path))})"


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
