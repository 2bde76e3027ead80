"""A run that may be told about: published, whole as it was sealed, and of a study that says whom to tell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Places, Run
from segcore.archive.listing import put_in_order
from segcore.archive.places import ERASING
from segcore.archive.unaltered import unrecorded
from segcore.errors import ArchiveError, MailError

if TYPE_CHECKING:
    from segcore.mail.subscriptions import Subscription
    from segcore.params import Mail, Study


@dataclass(frozen=True)
class Ready:
    """A run that may be told about.

    Parameters
    ----------
    places, study
        The study, as it stands in ``params/`` now: whom to tell is no matter of an old run.
    run
        The run.
    subscriptions
        Who wants what.
    latest
        The date of the study's latest run.
    told
        What a user should know of the run, one sentence each.
    """

    places: Places
    study: Study
    run: Run
    subscriptions: Sequence[Subscription]
    latest: str
    told: Sequence[str] = ()

    @property
    def date(self) -> str:
        """The run's date as text."""
        return self.run.folder.name

    @cached_property
    def seals(self) -> frozenset[str]:
        """The hashes of the run, also of before somebody was taken out of it, for it is the same run."""
        return same(archive.read_ledger(self.places.runs), self.run.sha256)


def same(ledger: archive.Ledger, seal: str | None) -> frozenset[str]:
    """The hashes that a run has had: that of now, and those of before somebody was taken out of it."""
    found = {seal} if seal else set()
    for entry in reversed(ledger.entries):
        if entry.event == "erased" and entry.new in found and entry.old:
            found.add(entry.old)
    return frozenset(found)


def settings(study: Study) -> Mail:
    """What a study says of mails.

    Raises
    ------
    MailError
        If it says nothing.
    """
    if study.mail is None:
        raise MailError(
            f"{study.path}: mail must say whom mails come from (it is missing); add mail: {{from: ADDRESS}}, "
            "see docs/mail.md"
        )
    return study.mail


def ready(places: Places, study: Study, date: dt.date | None = None) -> Ready:
    """Make sure that a run may be told about; every file of it is hashed again.

    What its mails lead to is made first where it is not there, as ``segcore list`` does it.

    Parameters
    ----------
    places, study
        The study.
    date
        The run's date, None for the latest.

    Raises
    ------
    MailError
        If the study says nothing of mails, or not whom to tell, or if somebody is not erased whole.
    ArchiveError
        If there is no such run, or it is not as it was sealed.
    """
    from segcore.mail.subscriptions import load_subscriptions

    settings(study)
    check_erased(places)
    subscriptions = load_subscriptions(study)
    told: list[str] = []
    put_in_order(places, told.append)
    folder = archive.run_of(places.runs, date)
    run = archive.open_run(folder)
    wrong = [*unrecorded(run, archive.read_ledger(places.runs)), *archive.differences(run)]
    if wrong:
        raise ArchiveError(
            *wrong,
            f"{places.study} {folder.name}: must be as it was published to be told about; no mail was queued",
        )
    runs, _ = archive.opened(archive.published(places.runs))
    latest = runs[-1].folder.name if runs else folder.name
    return Ready(
        places, study, run, subscriptions, latest, (*told, *_told(places, runs, folder.name, latest))
    )


def _told(places: Places, runs: Sequence[Run], date: str, latest: str) -> list[str]:
    stale = archive.stale(runs, archive.read_ledger(places.runs).expired).get(date, "")
    told = [f"warning: {places.study} {date} is stale: {stale}"] if stale else []
    if date != latest:
        told.append(f"warning: {places.study} {date} is not the latest run, which is that of {latest}")
    return told


def check_erased(places: Places) -> None:
    """Make sure that nobody is half erased, for mails would tell of who is to be forgotten.

    Raises
    ------
    MailError
        If somebody is being erased, or a command that did so was killed.
    """
    path = places.runs / ERASING
    if path.exists():
        raise MailError(
            f"{path}: must be gone before mails are made or sent (somebody is being erased, or that was "
            "killed, and may stand in files and mails still); wait, or give that command again: "
            f"segcore erase {places.study} CUSTOMER --yes"
        )


def check_still(run: Run) -> None:
    """Make sure that a run is still the one that mails were made of.

    Raises
    ------
    ArchiveError
        If it was made again or taken back meanwhile.
    """
    if archive.manifest_sha256(run.folder) != run.sha256:
        raise ArchiveError(
            f"{run.folder}: must stay as it is while mails are made of it (it was made again or withdrawn "
            "meanwhile); no mail was queued: try again"
        )


def named(text: str, root: Path) -> tuple[str, dt.date | None]:
    """The study and the date that a user named: ``STUDY``, ``STUDY/RUN_DATE``, or a run's folder.

    Raises
    ------
    ArchiveError
        If it is the folder of a run that another one has replaced, or that was withdrawn, or if its date
        is written in another way.
    """
    date = archive.date_of(Path(text).name)
    if "/" in text and (found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", Path(text).name)):
        day, month, year = found.groups()
        raise ArchiveError(
            f"{text!r} must name a run by its date as YYYY-MM-DD; write {Path(text).parent.name}/{year}-"
            f"{int(month):02}-{int(day):02}"
        )
    if date is None and Path(text).name[:10].count("-") != 2:
        return text, None
    _check_not_withdrawn(text, root, date)
    folder = archive.run_folder(text, root)
    study = folder.parent.name
    if date is None or folder.resolve() != Places(root, study).published(date).resolve():
        raise ArchiveError(
            f"{text!r} must name a published run, like demo/2025-12-31, or a study (it is kept aside); "
            "mails tell of published runs only"
        )
    return study, date


def _check_not_withdrawn(text: str, root: Path, date: dt.date | None) -> None:
    places = Places(root, Path(text).parent.name)
    if date is None or places.published(date).is_dir() or not places.runs.is_dir():
        return
    last = archive.read_ledger(places.runs).last(date)
    if last and last.event == "withdrawn":
        raise ArchiveError(
            f"{text!r} must name a published run (it was withdrawn on {last.on}: {last.because}); "
            f"segcore restore {places.study}/{date} publishes it again"
        )
