"""Files of the user that still hold somebody: the study, and data that would bring them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive import Places
from segcore.errors import InputError, SegcoreError
from segcore.files import sha256_of
from segcore.params.file import load_study
from segcore.privacy import foreign, theirs
from segcore.privacy.excerpts import excerpt
from segcore.privacy.extracts import Caches, Stored, by_hash
from segcore.sources import Extract
from segcore.sources.extracts import Found, data_folder, find_source
from segcore.sources.formats.decoding import decoded
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.privacy.erasing import Findings


def delivered(found: Findings, places: Places) -> Iterator[str]:
    """What to say of files in the data folder, as the study of today reads them."""
    try:
        study = load_study(places.root / "params" / f"{places.study}.yaml")
    except SegcoreError:
        yield f"{places.study}: its study cannot be read, so nobody looked into the data folder; look there"
        return
    for path in (study.path, study.rules_path, study.subscriptions_path):
        if path.is_file() and foreign.may_hold(Path(path.name), path.read_bytes(), found.known.person):
            yield f"{path}: names the customer, also if only in a comment; take the customer out"
    files: list[Found] = []
    for kind in study.sources.given():
        try:
            files += find_source(study, kind, data_folder(study, root=places.root))
        except InputError as error:
            yield f"files of {kind}: nobody looked into them, for {'; '.join(error.problems)}"
    for file in files:
        if file.query is not None:
            yield f"{file.name}: is asked of a database; take the customer out there"
    yield from _of_files(found, places, study, [file for file in files if file.query is None])


def _of_files(found: Findings, places: Places, study: Study, files: Iterable[Found]) -> Iterator[str]:
    paths: dict[str, dict[Path, None]] = {}
    new: list[Stored] = []
    for file in files:
        extract = _as_extract(file)
        paths.setdefault(extract.sha256, {})[file.path] = None
        if extract.sha256 not in found.stored:
            new.append(Stored(extract, study))
    person = found.known.person
    with Temporary("erase") as scratch:
        caches = Caches(places.inputs / "parsed", scratch)
        surely = _surely(by_hash(new), caches, person.ids)
        known = {sha256: one for sha256, one in by_hash(new).items() if sha256 not in surely}
        made = theirs.theirs(known, caches, person.ids)
        with suppress(SegcoreError):  # what cannot be parsed holds the person until somebody has looked
            theirs.add_unread(caches, person, made)
            theirs.add_named(known, caches, person, made)
    held = found.theirs.hashes | made.hashes | surely
    for sha256, path in ((sha256, path) for sha256, some in paths.items() for path in some):
        if sha256 in held:
            yield f"{path}: still holds the customer, whom the next run brings back; take the customer out"
        elif sha256 in made.beside:
            yield f"{path}: names the customer in what is no record of the customer; look there"


def _surely(known: Mapping[str, Stored], caches: Caches, ids: tuple[str, ...]) -> set[str]:
    """Hashes of the files whose lines with the number, read by themselves, are the customer's records.

    What these hold is not asked then: files with lines of orders that say of no customer must know it.
    """
    if any("order_id" in one.columns and not one.says_whose for one in known.values()):
        return set()
    held = set()
    for sha256, one in known.items():
        with Temporary("erase") as folder, suppress(SegcoreError):
            few = excerpt(one, ids, folder)
            if few and any(theirs.theirs({few.extract.sha256: few}, caches, ids).records.values()):
                held.add(sha256)
        decoded.cache_clear()  # what it names goes with the folder
    return held


def _as_extract(file: Found) -> Extract:
    size, sha256 = file.path.stat().st_size, sha256_of(file.path)
    return Extract(file.source, file.pattern, file.name, file.delivered, size, sha256, file.path)
