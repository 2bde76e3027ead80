"""Somebody is taken out of all that a study keeps, and what was sealed is sealed anew.

Whom it is about is noted beside the runs until nothing is left, so that the same command finishes what a
killed one had begun: each file and each run is changed whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segcore import archive
from segcore.archive import Places
from segcore.engine.duckdb import DuckDB
from segcore.errors import ArchiveError, UsageError
from segcore.keeping import Decision
from segcore.privacy import extracts, finding, mails, taking
from segcore.privacy.delivered import delivered
from segcore.privacy.extracts import Caches, Stored
from segcore.privacy.files import Eraser
from segcore.privacy.finding import Sealed
from segcore.privacy.identifying import Known, known, still_known
from segcore.privacy.note import noted, take_off, write_note
from segcore.privacy.person import raw_form
from segcore.privacy.resealing import half_done
from segcore.privacy.theirs import Theirs
from segcore.temporary import Temporary
from segcore.wording import plural


@dataclass(frozen=True)
class Wish:
    """Who is to be erased from which study, when it was decided, and why.

    Parameters
    ----------
    places
        The study.
    customer
        The customer's number, as the runs have it.
    decision
        When, and why if somebody says it.
    """

    places: Places
    customer: str
    decision: Decision


@dataclass(frozen=True)
class Findings:
    """All that holds the person.

    Parameters
    ----------
    eraser
        Takes the person out of files.
    known
        What is known of the person.
    sealed
        The sealed runs, ascending, each with its files that hold the person; those that hold none as well.
    loose
        Files beside them.
    stored
        The stored extracts that runs name, by hash.
    caches
        Parsed forms of extracts, which are made again when they are needed.
    orphans
        Stored extracts that no run names.
    """

    eraser: Eraser
    known: Known
    sealed: tuple[Sealed, ...]
    loose: tuple[Path, ...]
    stored: dict[str, Stored]
    caches: tuple[Path, ...]
    orphans: tuple[Path, ...]

    @property
    def theirs(self) -> Theirs:
        """The person's records in stored extracts."""
        return self.known.theirs

    @property
    def number(self) -> int:
        """How many files hold the person."""
        files = sum(len(one.files) for one in self.sealed)
        return files + len(self.loose) + len(self.caches) + len(self.orphans) + len(self.theirs.hashes)


def erase(wish: Wish, *, yes: bool) -> Iterator[str]:
    """Take a customer out of all that a study keeps, or say what that would do.

    Parameters
    ----------
    wish
        Who, from which study, when and why.
    yes
        Whether to do it.

    Yields
    ------
    str
        What is or would be done, and what the user must do, one sentence each.

    Raises
    ------
    ArchiveError
        If the study does not know the customer, a run is damaged, the reason names the person, another
        erasure is not finished, or something of the person is left.
    MailError
        If the outbox cannot be opened; nothing was changed.
    LockedError
        If a run of the study is under way.
    """
    places = wish.places
    if not places.runs.is_dir():
        raise ArchiveError(
            f"{places.study!r} must be a study that has runs in {places.runs.parent} (it has none)"
        )
    with archive.locked(places):
        mails.check(places)
        if yes:
            yield from archive.heal(places)
            for folder in half_done(places):
                archive.discard(folder)
        with _found(wish) as found:
            if not yes:
                yield from told(found, places)
                return
            write_note(places, wish.customer, found.known.person)
            yield from taking.done(found, places, wish.decision)
            yield from _nothing_left(wish, found)
        yield from archive.finish(places)
        yield from archive.noted(places)
        take_off(places)  # so that the command that finishes a killed one knows whom it is about
        yield from after(found, places)


@contextmanager
def _found(wish: Wish, before: Findings | None = None) -> Iterator[Findings]:
    """All that holds the person; after an erasure, all that still does: what was written is read again."""
    places = wish.places
    runs = whole_runs(places)
    with Temporary("erase") as scratch, DuckDB(folders=[places.root, scratch]) as engine:
        stored = extracts.stored(places, runs)
        caches = Caches(places.inputs / "parsed", scratch)
        if before:
            held = before.theirs.hashes
            written = {name: one for name, one in stored.items() if name in held or name not in before.stored}
            about = still_known(before.known, (written, caches))
            eraser = Eraser(engine, about.person, clean=before.eraser.clean)
        else:
            about = known(engine, places, wish.customer, (stored, caches), noted(places, wish.customer))
            _check_reason(wish.decision, about)
            eraser = Eraser(engine, about.person, rows=about.rows)
        sealed = [finding.in_run(run, finding.of_run(run, eraser, about.theirs)) for run in runs]
        loose = tuple(finding.loose(places, sealed, eraser, about.theirs))
        yield Findings(
            eraser,
            about,
            tuple(sealed),
            loose,
            stored,
            tuple(finding.caches(places, eraser)),
            tuple(finding.orphans(places, stored, eraser)),
        )


def whole_runs(places: Places) -> list[archive.Run]:
    """All sealed runs of a study, published and kept aside, ascending.

    Raises
    ------
    ArchiveError
        If a published one is not as it was sealed: what is sealed anew must be what was sealed.
    """
    runs: list[archive.Run] = []
    ledger = archive.read_ledger(places.runs)
    problems = [*ledger.faults, *archive.gone(places, ledger)]
    for folder in archive.published(places.runs):
        try:
            run = archive.open_run(folder)
        except ArchiveError as error:
            problems += error.problems
            continue
        runs.append(run)
        problems += [*archive.unrecorded(run, ledger), *archive.differences(run, quick=True)]
    if problems:
        raise ArchiveError(*problems)
    for folder in places.asides():
        sha256 = archive.manifest_sha256(folder)
        if sha256 and not ledger.was_damaged(folder.name[:10], sha256):
            run = archive.open_run(folder)
            problems += archive.differences(run, quick=True)
            runs.append(run)
    if problems:
        raise ArchiveError(*problems)
    return runs


def told(found: Findings, places: Places) -> Iterator[str]:
    """What would be done, file by file."""
    for sealed in found.sealed:
        for name in sealed.files:
            path = sealed.run.folder / name
            yield f"{path}: {found.eraser.what(path)}"
    for path in found.loose:
        yield f"{path}: {taking.done_to_loose(path, found, places)}"
    for sha256 in sorted(found.theirs.hashes):
        one = found.stored[sha256]
        lines = plural(len(found.theirs.lines.get(sha256, ())), "line")
        what = f"{lines} of {one.extract.name} go" if taking.can_filter(one, found) else "is removed"
        yield f"{one.extract.path}: {what}"
    yield from (f"{path}: is removed" for path in (*found.orphans, *found.caches))
    runs = sum(1 for sealed in found.sealed if sealed.files)
    yield from unlooked(found)
    yield (
        f"{plural(found.number, 'file')} with the customer, {plural(runs, 'run')} to be sealed anew, beside "
        "the copies in reports/; to do it, which cannot be undone, say --yes"
    )
    yield from after(found, places)


def after(found: Findings, places: Places) -> Iterator[str]:
    """What segcore does not do, and the user must."""
    yield from found.known.warnings
    yield from delivered(found, places)
    yield (
        "later deliveries: whoever is in one is in the next run; take the customer out where they are made. "
        "Copies of the project, mails that were sent and files that others have saved are not reached"
    )


def _nothing_left(wish: Wish, found: Findings) -> Iterator[str]:
    """Look through everything again; files that held nobody and are still the same are not read twice.

    Raises
    ------
    ArchiveError
        With every file that still holds the person.
    """
    with _found(wish, found) as left:
        files = [one.run.folder / name for one in left.sealed for name in one.files]
        files += [*left.loose, *left.caches, *left.orphans]
        files += [left.stored[sha256].extract.path for sha256 in left.theirs.hashes]
    if files:
        raise ArchiveError(
            *(
                f"{path}: must hold nothing of the customer any more (it does); remove it by hand"
                for path in files
            ),
            "what was done stays; give the same command again when that is mended",
        )
    yield from unlooked(left)
    if number := len(left.eraser.unlooked):
        verb = "it" if number == 1 else "them"
        yield (
            f"{wish.places.study}: nothing of the customer is left in what can be looked into; "
            f"beside that there {'is' if number == 1 else 'are'} {plural(number, 'file')}: look at {verb}"
        )
    else:
        yield f"{wish.places.study}: nothing of the customer is left in runs and reports"


def unlooked(found: Findings) -> Iterator[str]:
    """The files that nobody could look into."""
    for path in sorted(found.eraser.unlooked):
        yield f"{path}: nobody can tell whether it holds the customer; look, or remove it"


def _check_reason(decision: Decision, about: Known) -> None:
    """Refuse a reason that says who it is: it stands in the ledger for good."""
    because = decision.because or ""
    numbers = (raw_form(number, padded=len(number)) for number in about.person.ids)
    if any(re.search(number, because) for number in numbers) or any(
        name.casefold() in because.casefold() for name in about.names
    ):
        raise ArchiveError(
            "--because must not name the person (it does), for it stays in the ledger; say why without it"
        )


def as_wish(root: Path, study: str, customer: str, today: dt.date, because: str | None) -> Wish:
    """A wish as it was given at the command line."""
    if not customer.strip() or not customer.isprintable():
        raise UsageError(f"CUSTOMER must be a customer's number (got {customer!r})")
    return Wish(Places(root, study), customer.strip(), Decision(today, because))
