"""What was kept as long as its study says goes: runs with their reports, and what lies beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Entry
from segcore.archive.places import date_of
from segcore.errors import ParamsError, UsageError
from segcore.mail.outbox import Outbox
from segcore.params.file import load_study
from segcore.privacy.beside import beside
from segcore.privacy.expiry import Expiry
from segcore.project import STUDIES
from segcore.pruning import Old, discard, size_of
from segcore.wording import plural

if TYPE_CHECKING:
    from segcore.params import Study

LINE = "retention: 36 months"
"""What a study says for it."""


def expired(root: Path, study: str | None, today: dt.date, *, remove: bool) -> Iterator[str]:
    """List what is past the retention of studies, or remove it.

    Parameters
    ----------
    root
        The project's folder.
    study
        Only this study; None for all that say ``retention``.
    today
        The day from which it is counted.
    remove
        Whether to remove it.

    Yields
    ------
    str
        One line for everything that goes, as soon as it is gone; what stays nevertheless, and why; what
        was done with it.

    Raises
    ------
    ParamsError
        If the study, or none of all, says ``retention``.
    ArchiveError
        If a run that stays cannot be opened, for then nobody knows which inputs it names.
    LockedError
        If a run of the study is under way.
    """
    sizes = []
    for expiry in _studies(root, study, today):
        for date in expiry.staying:
            yield f"{expiry.places.published(date)}: stays, {_why_it_stays(expiry.study)}"
        for size, line in _removed(expiry) if remove else _listed(expiry):
            sizes.append(size)
            yield line
    total = f"{sum(sizes) / 1e6:,.1f} MB"
    if not sizes:
        yield "nothing is past its retention"
    else:
        yield f"removed {total}" if remove else f"{total} can be removed; to remove all of it, say --yes"


def _studies(root: Path, study: str | None, today: dt.date) -> list[Expiry]:
    found, without = [], []
    for places in archive.studies_in(root / "runs", study):
        path = root / STUDIES / f"{places.study}.yaml"
        loaded = load_study(path) if path.is_file() else None
        if loaded and loaded.retention:
            found.append(Expiry(loaded, places, today))
        else:
            without.append(path)
    if not found:
        if not without:
            raise UsageError(f"{root / 'runs'}: there must be runs of a study (there are none)")
        told = f"must say how long runs are kept (it does not); add a line like {LINE}"
        raise ParamsError(*(f"{path}: {told}" for path in without))
    return found


def _why_it_stays(study: Study) -> str:
    return (
        "for no later run holds the breaks that breaks.from names; it can go when a run was made with them, "
        f"or when {study.path.name} names another date"
    )


def past(expiry: Expiry) -> list[Old]:
    """What is past the retention of a study."""
    return [*_published(expiry), *_aside(expiry), *beside(expiry), *_mails(expiry)]


def _listed(expiry: Expiry) -> Iterator[tuple[int, str]]:
    for old in past(expiry):
        yield old.size, old.line


def _removed(expiry: Expiry) -> Iterator[tuple[int, str]]:
    places, on = expiry.places, expiry.today
    with archive.locked(places):
        archive.heal(places)
        for old in past(replace(expiry)):  # what was known of the study before it was healed may be wrong
            date = old.entry and date_of(old.entry.run_date or "")
            if date and old.path == places.published(date):
                archive.expire(places, date, on=on)
            elif old.path == places.outbox:
                with Outbox.open(old.path) as outbox:
                    outbox.expire(expiry.limit)
            else:
                discard(places, old, on)
            yield old.size, old.line
        for sentence in archive.finish(places):
            yield 0, sentence


def _mails(expiry: Expiry) -> Iterator[Old]:
    """What the outbox knows of mails about runs of such dates; its file stays."""
    path = expiry.places.outbox
    if not path.is_file():
        return
    with Outbox.open(path) as outbox:
        old = outbox.older(expiry.limit)
    if old:
        yield Old(path, f"what is known of {plural(old, 'mail')}, {expiry.why}", 0)


def _published(expiry: Expiry) -> Iterator[Old]:
    for date in expiry.runs():
        there, run = archive.belonging(expiry.places, date), expiry.places.published(date)
        gone = "" if run in there else " that is gone already"
        report = " with its report" if set(there) - {run} else ""
        why = f"a run{gone}{report}, {expiry.why}"
        yield Old(run, why, sum(map(size_of, there)), Entry("expired", str(date)))


def _aside(expiry: Expiry) -> Iterator[Old]:
    """The superseded and withdrawn runs; where the published one of a date stays, they are pruned only."""
    stay, places = {str(date) for date in expiry.staying}, expiry.places
    lost = {(date, sha256) for date, sha256 in expiry.ledger.aside if expiry.takes(date_of(date))}
    found = []
    for folder in (path for path in places.asides() if expiry.takes(date_of(path.name[:10]))):
        date, short = folder.name[:10], folder.name[11:19]
        of_ledger = (known for known in lost if known[0] == date and known[1].startswith(short))
        sha256 = next((known[1] for known in of_ledger), archive.manifest_sha256(folder))
        lost -= {(date, sha256 or "")}
        found.append((folder, f"a run that was {folder.parent.name[1:]}, {expiry.why}", date, sha256))
    for date, sha256 in sorted(lost):
        found.append((places.runs / f"{date}-{sha256[:8]}", f"gone already; {expiry.why}", date, sha256))
    for folder, why, date, sha256 in found:
        event = "pruned" if date in stay else "expired"
        yield Old(folder, why, size_of(folder), Entry(event, date, old=sha256))
