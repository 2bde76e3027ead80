"""The stored extracts of a study, and how they are read: as the newest run that names one says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.engine import open_engine
from segcore.engine.sql import quote_text
from segcore.errors import SegcoreError
from segcore.files import is_cached
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
        with parsed(one, caches) as (engine, rows):
            for known in ids:
                asked = (
                    f"select distinct customer_id {rows} where becomes = $number and customer_id is not null"
                )
                ids += [old for (old,) in engine.rows(asked, {"number": known}) if old not in ids]
    return tuple(ids)


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
