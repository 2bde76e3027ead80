"""Who a customer is, from all that a study keeps: tables of its runs, and extracts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.places import FAILED
from segcore.errors import ArchiveError
from segcore.privacy import extracts, finding, theirs, who
from segcore.privacy.extracts import Caches, Stored
from segcore.privacy.files import Eraser
from segcore.privacy.person import MARKERS, Person, joined
from segcore.privacy.rows import Rows
from segcore.privacy.theirs import Theirs

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
    rows
        Where the person may stand in Parquet files that were read for that.
    """

    person: Person
    theirs: Theirs
    names: frozenset[str]
    warnings: tuple[str, ...]
    rows: Rows


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
    published = archive.published(places.runs)
    folders = [*published, *places.asides(), *(places.runs / FAILED).glob("*")]
    tables = who.tables(folders)
    pairs = [*extracts.renumbered(*store), *who.renumbered(engine, folders)]
    if not note:
        newest = [path for path in who.tables(published[-1:]) if path.stem != "renumbered"]
        _check_today(places, customer, pairs, who.is_known(engine, newest, [customer]))
    ids = tuple(dict.fromkeys((*_earlier(customer, pairs), *note.get("ids", ()))))
    found = theirs.theirs(*store, ids)
    names = {*found.names, *who.names(engine, tables, ids), *who.earlier_names(engine, folders, ids)}
    sought = who.sought({*names, *found.attributes}, who.words(folders))
    rows = Rows(engine, ids, tuple(dict.fromkeys((*sought, *note.get("names", ())))))
    person = Person(ids, shared=who.shared(rows, tables), marker=_marker(places))
    theirs.add_unread(store[1], person, found)
    if not (
        note or found.sure or who.is_known(engine, tables, ids) or _is_left(engine, places, store[0], person)
    ):
        raise ArchiveError(
            f"{customer!r} must be the number of a customer of {places.study}, as its runs have it, with "
            f"zeros in front (none of them knows it); segcore why {places.study} NUMBER says whether one does"
        )
    telling = who.telling(rows, sought, [*tables, *who.of_the_study(folders)])
    person = joined(replace(person, names=telling, lines=tuple(sorted(found.quoted))), note)
    theirs.add_named(*store, person, found)
    warnings = [
        *_warnings(person, names),
        *_of_extracts(found, store[0]),
        *_of_studies(who.is_in_a_study(folders, person.names)),
    ]
    return Known(person, found, frozenset(names), tuple(warnings), rows)


def _is_left(engine: FileEngine, places: Places, found: Mapping[str, Stored], person: Person) -> bool:
    """Whether an extract that no run reads, or the parsed form of one, may hold the person."""
    eraser = Eraser(engine, person)
    left = chain(finding.orphans(places, found, eraser), finding.caches(places, eraser))
    return next(left, None) is not None


def still_known(before: Known, store: tuple[Mapping[str, Stored], Caches]) -> Known:
    """The same of who was taken out, with what extracts hold that were written or should have been."""
    found = theirs.theirs(*store, before.person.ids)
    theirs.add_unread(store[1], before.person, found)
    theirs.add_named(*store, before.person, found)
    return replace(before, theirs=found)


def _earlier(number: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """A customer's number, and those that it had before."""
    before: dict[str, list[str]] = {}
    for old, new in pairs:
        before.setdefault(new, []).append(old)
    ids = [number]
    for known in ids:
        ids += [old for old in dict.fromkeys(before.get(known, ())) if old not in ids]
    return ids


def _check_today(places: Places, number: str, pairs: Iterable[tuple[str, str]], is_of_today: bool) -> None:
    """Refuse a number that was given up: who has another one today would be erased by half."""
    today = next((new for old, new in pairs if old == number != new), None)
    if today and not is_of_today:
        raise ArchiveError(
            f"{number!r} must be the customer's number of today (it became {today!r}); with that the earlier "
            f"ones go as well: segcore erase {places.study} {today}"
        )


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


def _of_extracts(made: Theirs, found: Mapping[str, Stored]) -> Iterator[str]:
    """What to say of extracts in which the person cannot be told, or stands in records of others."""
    for sha256 in sorted(made.computed):
        yield f"the customer's number is computed: {found[sha256].extract.name} goes whole"
    for source in sorted({found[sha256].extract.source for sha256 in made.computed}):
        yield (
            f"the customer's number is computed: files of {source} in the data folder may hold the customer, "
            "which nobody can tell; look there"
        )
    for sha256 in sorted(made.beside):
        yield (
            f"{found[sha256].extract.name}: names the customer in what is no record of the customer, and "
            "stays as it is there"
        )


def _of_studies(named: bool) -> Iterator[str]:
    if named:
        yield "the study that runs keep names the customer, in a comment: it stays as it is"
