"""Who a customer is, from all that a study keeps: tables of its runs, and extracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.places import FAILED
from segcore.errors import ArchiveError
from segcore.privacy import extracts, who
from segcore.privacy.extracts import Caches, Stored, Theirs
from segcore.privacy.person import MARKERS, Person, joined

if TYPE_CHECKING:
    from segcore.engine import FileEngine


@dataclass(frozen=True)
class Known:
    """What is known of somebody.

    Parameters
    ----------
    person
        By what the customer is found.
    theirs
        The records in stored extracts.
    names
        All names, also those that are not looked for by themselves.
    warnings
        What is not done for that, one sentence each.
    """

    person: Person
    theirs: Theirs
    names: frozenset[str]
    warnings: tuple[str, ...]


def known(
    engine: FileEngine,
    places: Places,
    customer: str,
    store: tuple[Mapping[str, Stored], Caches],
    note: Mapping[str, Any],
) -> Known:
    """Who a customer is.

    Parameters
    ----------
    engine
        Where SQL runs.
    places, customer
        The study, and the customer's number.
    store
        The stored extracts, and where their parsed forms are.
    note
        What a killed command noted.

    Raises
    ------
    ArchiveError
        If the study does not know the number.
    """
    folders = [*archive.published(places.runs), *places.asides(), *(places.runs / FAILED).glob("*")]
    tables = who.tables(folders)
    ids = extracts.earlier_numbers(*store, customer)
    ids = tuple(dict.fromkeys((*ids, *note.get("ids", ()))))
    person = Person(ids, shared=who.shared(engine, tables, ids), marker=_marker(places))
    theirs = extracts.theirs(*store, person)
    if not (note or theirs.sure or who.is_known(engine, tables, ids)):
        raise ArchiveError(
            f"{customer!r} must be the number of a customer of {places.study}, as its runs have it, with "
            f"zeros in front (none of them knows it); segcore why {places.study} NUMBER says whether one does"
        )
    names = {*theirs.names, *who.names(engine, tables, ids), *who.earlier_names(engine, folders, ids)}
    told = [*tables, *who.of_the_study(folders)]
    telling = who.telling(engine, sorted(names), told, ids, who.words(folders))
    person = joined(replace(person, names=telling, lines=tuple(sorted(theirs.quoted))), note)
    extracts.named_elsewhere(*store, person, theirs)
    warnings = [
        *_warnings(person, names),
        *_of_extracts(theirs, store[0]),
        *_of_studies(who.is_in_a_study(folders, person.names)),
    ]
    return Known(person, theirs, frozenset(names), tuple(warnings))


def _marker(places: Places) -> str:
    """What stands where somebody stood, in the language of the newest run."""
    runs = archive.published(places.runs)
    language = archive.study_of(runs[-1], f"{places.study}.yaml").language if runs else "en"
    return MARKERS.get(language, MARKERS["en"])


def _warnings(person: Person, names: set[str]) -> list[str]:
    told = []
    if unlike := sorted(names - set(person.names)):
        told.append(
            f"the name {unlike[0]!r} is also that of others, a word of the study or an everyday word: it "
            "goes where the number stands beside it, and nowhere else"
        )
    if person.common:
        number = person.common[0]
        why = (
            "also stands in rows of others" if number in person.shared else "may also be an amount or a count"
        )
        told.append(
            f"the number {number!r} {why}: it goes from columns of customers' numbers, and from texts where "
            "they say that it is a customer's; look through the pages"
        )
    return told


def _of_extracts(theirs: Theirs, found: Mapping[str, Stored]) -> Iterator[str]:
    """What to say of extracts in which the person cannot be told, or stands in records of others."""
    for sha256 in sorted(theirs.computed):
        yield f"the customer's number is computed: {found[sha256].extract.name} goes whole"
    for source in sorted({found[sha256].extract.source for sha256 in theirs.computed}):
        yield (
            f"the customer's number is computed: files of {source} in the data folder may hold the customer, "
            "which nobody can tell; look there"
        )
    for sha256 in sorted(theirs.beside):
        yield (
            f"{found[sha256].extract.name}: names the customer in what is no record of the customer, and "
            "stays as it is there"
        )


def _of_studies(named: bool) -> Iterator[str]:
    if named:
        yield "the study that runs keep names the customer, in a comment: it stays as it is"
