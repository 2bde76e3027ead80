"""The stored extracts of a study, and how they are read: as the newest run that names one says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.engine import open_engine
from segcore.engine.sql import quote_text
from segcore.errors import SegcoreError
from segcore.files import is_cached
from segcore.privacy.rows import NUMBERS
from segcore.sources import Extract
from segcore.sources.expressions import working_expressions
from segcore.sources.formats import Delivery
from segcore.sources.formats.decoding import decoded
from segcore.sources.formats.table import reader_of
from segcore.sources.parsing import cache_key, header_of, parse_extract
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.params import Format, Study
    from segcore.params.sources import Column

FIRST_ROW = 2
"""The record of the first row of a Parquet file: its header counts as the first."""


@dataclass(frozen=True)
class Stored:
    """A stored extract, with the study that says how it is read.

    Parameters
    ----------
    extract
        The file, as a source of the study.
    study
        The study.
    others
        The same file as other sources of studies read it.
    """

    extract: Extract
    study: Study
    others: tuple[Stored, ...] = ()

    @property
    def uses(self) -> tuple[Stored, ...]:
        """The file as every source that reads it."""
        return (replace(self, others=()), *self.others)

    @property
    def is_text(self) -> bool:
        """Whether it is text in lines, so that lines can be taken out of it."""
        with Temporary("erase") as scratch:
            return bool(reader_of(self.delivery(scratch)).lines)

    @property
    def columns(self) -> Mapping[str, Column]:
        """What the study says of the columns in it."""
        return self.study.sources.given()[self.extract.source].columns

    @property
    def column(self) -> Column | None:
        """What the study says of the customers' numbers in it."""
        return self.columns.get("customer_id")

    @property
    def says_whose(self) -> bool:
        """Whether a column says which customer a record is of."""
        return bool({*NUMBERS} & {*self.columns})

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


def stored(places: archive.Places, runs: Iterable[archive.Run]) -> dict[str, Stored]:
    """The extracts that runs name and that are kept, by hash, each with the study of the newest run."""
    found = []
    for run in sorted(runs, key=lambda one: one.run_date, reverse=True):
        study = archive.study_of(run.folder, f"{places.study}.yaml")
        for entry in run.inputs:
            extract = Extract.from_json(entry, places.inputs)
            if extract.path.is_file() and extract.source in study.sources.given():
                found.append(Stored(extract, study))
    return by_hash(found)


def by_hash(extracts: Iterable[Stored]) -> dict[str, Stored]:
    """Extracts by what is in them: of several uses by one source the first counts."""
    found: dict[str, Stored] = {}
    for one in extracts:
        first = found.setdefault(one.extract.sha256, one)
        if one.extract.source not in {use.extract.source for use in first.uses}:
            found[one.extract.sha256] = replace(first, others=(*first.others, one))
    return found


def renumbered(found: Mapping[str, Stored], caches: Caches) -> list[tuple[str, str]]:
    """Which numbers became which others, as stored extracts say it."""
    pairs: list[tuple[str, str]] = []
    for one in (use for kept in found.values() for use in kept.uses if use.extract.source == "renumbered"):
        with parsed(one, caches) as (engine, rows):
            asked = f"select distinct customer_id, becomes {rows} where customer_id is not null"
            pairs += [(old, new) for old, new in engine.rows(f"{asked} and becomes is not null order by all")]
    return pairs


@contextmanager
def parsed(one: Stored, caches: Caches) -> Iterator[tuple[FileEngine, str]]:
    """The parsed form of an extract: an engine, and ``from`` what. Nothing new is kept of it."""
    study, extract = one.study, one.extract
    source = study.sources.given()[extract.source]
    kept = caches.kept / f"{cache_key(extract, source, study.currency)}.parquet"
    folder = caches.kept if is_cached(kept) else caches.scratch
    with open_engine(study, extract.path.parent, folder) as engine:
        with working_expressions(engine, study, f"sources.{extract.source}.columns"):
            path = parse_extract(engine, extract, source, study.currency, folder)
        yield engine, f"from read_parquet({quote_text(str(path))})"


def place_of_numbers(one: Stored) -> int | None:
    """Where in a record the customer's number stands, from 0."""
    origin = one.column.from_ if one.column else None
    if not isinstance(origin, str):
        return None if origin is None else origin - 1
    with Temporary("erase") as scratch, suppress(SegcoreError):
        names = header_of(one.delivery(scratch), one.study.sources.given()[one.extract.source]).names
        decoded.cache_clear()  # what it names goes with the folder
        return names.index(origin) if origin in names else None
    return None
