"""The stored extracts of a study: which of their records are a person's, and the same files without them."""

from __future__ import annotations

import re
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
from segcore.privacy.person import Person, raw_form
from segcore.sources import Extract
from segcore.sources.expressions import working_expressions
from segcore.sources.formats import Delivery
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.packed import chunks
from segcore.sources.formats.table import reader_of
from segcore.sources.parsing import cache_key, parse_extract
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.params import Study

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

    def delivery(self, scratch: Path) -> Delivery:
        """It as readers take it."""
        source = self.study.sources.given()[self.extract.source]
        return Delivery(self.extract.path, self.extract.name, source.layout, scratch)


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
    """

    records: dict[str, frozenset[int]] = field(default_factory=dict)
    lines: dict[str, frozenset[int]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    quoted: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)

    @property
    def hashes(self) -> set[str]:
        """The extracts that hold the person."""
        return {*(sha256 for sha256, mine in self.records.items() if mine), *self.unread}


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


def theirs(found: Mapping[str, Stored], caches: Caches, ids: tuple[str, ...]) -> Theirs:
    """Which records of stored extracts are those of a customer's numbers."""
    made = Theirs()
    for sha256, one in found.items():
        if not _may_hold(one, ids):
            continue
        try:
            _look(one, caches, ids, made)
        except SegcoreError:
            made.unread.add(sha256)  # it cannot be read as the study says any more
    return made


def named_elsewhere(found: Mapping[str, Stored], caches: Caches, person: Person, made: Theirs) -> None:
    """Add the records that name the person in some other column, or beside what a record is."""
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
                "on hit >= record and hit < record + greatest(_lines, 1)"
            )
            _add(made, sha256, engine.rows(asked))
        if left := hits - made.lines[sha256]:
            made.lines[sha256] |= left


def _look(one: Stored, caches: Caches, ids: tuple[str, ...], made: Theirs) -> None:
    sha256, source = one.extract.sha256, one.study.sources.given()[one.extract.source]
    column = source.columns.get("customer_id")
    padded, suffix = (column.zero_pad, column.strip_suffix) if column else (None, None)
    raw = re.compile("|".join(raw_form(number, padded=padded, suffix=suffix) for number in ids))
    listed = ", ".join(map(quote_text, ids))
    with _parsed(one, caches) as (engine, rows):
        columns = {row[0] for row in engine.rows(f"describe select * {rows}")}
        mine = [f"{quote_name(name)} in ({listed})" for name in NUMBERS if name in columns]
        if mine:
            _add(made, sha256, engine.rows(f"select record, _lines {rows} where {' or '.join(mine)}"))
            if "name" in columns:
                asked = f"select distinct name {rows} where {' or '.join(mine)}"
                made.names |= {name for (name,) in engine.rows(asked) if name}
        parts = " or ".join(f"contains(_bad_raw, {quote_text(_bare(number))})" for number in ids)
        for record, lines, text in engine.rows(f"select record, _lines, _bad_raw {rows} where {parts}"):
            if raw.search(text):
                _add(made, sha256, [(record, lines)])
                made.quoted |= {text, text[:SHOWN]}


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
