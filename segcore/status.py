"""How a study stands: what is published, due, delivered, edited, unfinished. Nothing is changed or locked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore import archive, sources
from segcore.archive import Places, Run
from segcore.archive.copies import edited as edited_copies
from segcore.archive.places import FAILED, dated
from segcore.archive.unaltered import unrecorded
from segcore.dates import next_due
from segcore.errors import ArchiveError, InputError
from segcore.files import sha256_of
from segcore.privacy.expiry import Expiry
from segcore.runner.due import Due, when_due
from segcore.wording import count

if TYPE_CHECKING:
    from segcore.params import Study
    from segcore.sources.extracts import Found

FRESH = "no run is published yet"


@dataclass(frozen=True)
class Status:
    """How a study stands.

    Parameters
    ----------
    study
        Its name.
    published
        The run dates of its published runs, ascending.
    stale
        Run date → why it should be made again.
    withdrawn
        Run date → when it was withdrawn and why.
    due
        The date of the run to make now, None if there is nothing to do.
    why
        Why, in the words of ``segcore run --if-due``.
    next
        The date on which the next run will be due, None before the first run.
    delivered
        Names of delivered files that no published run has read.
    faults
        What is wrong with the deliveries, one sentence each.
    edited
        What is not as it was published, one sentence each.
    unfinished
        What was begun and not finished, one sentence each.
    mails
        Which mails wait, are in doubt, were refused or came back, one sentence for each run.
    expired
        The runs that are past the retention of the study: run dates, and folders of those kept aside.
    retention
        How long its runs are kept, "" for always.
    later
        Name → date of those delivered files that were delivered after the date of the last run.
    """

    study: str
    published: Sequence[str]
    stale: dict[str, str]
    withdrawn: dict[str, str]
    due: dt.date | None
    why: str
    next: dt.date | None
    delivered: Sequence[str]
    faults: Sequence[str]
    edited: Sequence[str]
    unfinished: Sequence[str]
    mails: Sequence[str] = ()
    expired: Sequence[str] = ()
    retention: str = ""
    later: Mapping[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """The status as a terminal shows it."""
        last = f", the last one {self.published[-1]}" if self.published else ""
        told = [f"published   {len(self.published)}{last}" if self.published else f"published   {FRESH}"]
        told += [f"stale       {date}: {why}" for date, why in self.stale.items()]
        told += [f"withdrawn   {date} {why}" for date, why in self.withdrawn.items()]
        command = f": segcore run {self.study} --date {self.due}" if self.due else ""
        told.append(f"due         {self.why}{command}")
        told += [f"delivered   {name}: {self._unread(name)}" for name in self.delivered]
        told += [f"delivered   {what}" for what in self.faults]
        told += [f"edited      {what}" for what in self.edited]
        told += [f"unfinished  {what}" for what in self.unfinished]
        told += [f"mails       {what}" for what in self.mails]
        if self.expired:
            runs = "1 run is" if len(self.expired) == 1 else f"{count(len(self.expired))} runs are"
            past = f"{runs} past the retention of {self.retention}"
            told.append(f"expired     {past}: segcore prune {self.study} --expired")
        return told

    def _unread(self, name: str) -> str:
        """Why no run has read a delivered file."""
        day, last = self.later.get(name), self.published[-1] if self.published else ""
        if day is None or not last:
            return "no published run has read it"
        return f"is of {day}, after the last run's date; a run of {day} or later reads it"

    def as_json(self) -> dict[str, Any]:
        """The status for machines."""
        days = {name: str(day) if (day := vars(self)[name]) else None for name in ("due", "next")}
        lists = {
            name: list(vars(self)[name])
            for name in ("published", "delivered", "faults", "edited", "unfinished", "mails", "expired")
        }
        return {**vars(self), **days, **lists}


def status(study: Study, *, root: Path, today: dt.date) -> Status:
    """How a study stands on a day.

    Parameters
    ----------
    study
        The study.
    root
        The project's folder.
    today
        The day on which somebody asks.

    Raises
    ------
    ArchiveError
        If the study's ledger cannot be read.
    """
    places = Places(root, study.name)
    runs, damaged = archive.opened(archive.published(places.runs))
    ledger = archive.read_ledger(places.runs)
    dates = [run.manifest["run_date"] for run in runs]
    last = runs[-1].run_date if runs else None
    unread, faults = _unread(study, runs, root)
    delivered = [file.name for file in unread]
    due = _due(study, root, today)
    return Status(
        study=study.name,
        published=dates,
        stale=archive.stale(runs, ledger.expired),
        withdrawn={e.run_date or "": f"on {e.on}: {e.because}" for e in ledger.withdrawn},
        due=due.run_date,
        why=due.told.removeprefix(f"{study.name}: "),
        next=next_due(last, study.run_every) if last else None,
        delivered=delivered,
        faults=faults,
        edited=[*ledger.faults, *damaged, *_edited(places, runs)],
        unfinished=_unfinished(places),
        mails=_mails(places),
        expired=Expiry(study, places, today).past() if study.retention else [],
        retention=study.retention or "",
        later={f.name: str(f.delivered) for f in unread if last and f.delivered and f.delivered > last},
    )


def _due(study: Study, root: Path, today: dt.date) -> Due:
    try:
        return when_due(study, today, root=root)
    except (InputError, ArchiveError, OSError):
        return Due(None, "not known before what stands below is mended")  # as a delivery, or as edited


def _unread(study: Study, runs: Sequence[Run], root: Path) -> tuple[list[Found], list[str]]:
    """The delivered files that no run has read, and what is wrong with deliveries."""
    read = {entry["sha256"] for run in runs for entry in run.read}
    try:
        found = sources.find(study, sources.data_folder(study, root=root))
        return [file for file in found if sha256_of(file.path) not in read], []
    except InputError as error:
        return [], list(error.problems)
    except OSError as error:
        return [], [f"{error.filename}: must be a file that can be read ({error.strerror})"]


def _edited(places: Places, runs: Sequence[Run]) -> list[str]:
    ledger = archive.read_ledger(places.runs)
    told = [
        text for run in runs for text in (*archive.differences(run, quick=True), *unrecorded(run, ledger))
    ]
    told += [f"{path}: is not as it was published" for path in edited_copies(places, thorough=False)]
    gone = [date for date in ledger.dates if ledger.standing(date) and not places.published(date).is_dir()]
    pending = {date for date, _ in places.stagings()}
    return [*told, *(f"{places.published(date)}: is gone" for date in gone if date not in pending)]


def _mails(places: Places) -> Sequence[str]:
    """What there is to say of mails; nothing is read where none was ever asked for."""
    from segcore.archive.promised import promised
    from segcore.mail.outbox_file import BEGUN

    if not (places.outbox.exists() or (places.runs / BEGUN).exists() or promised(places)):
        return []
    from segcore.mailing.standing import standing_of

    return standing_of(places).wrong


def _unfinished(places: Places) -> list[str]:
    told = [f"{folder}: a run is under way, or was killed" for _, folder in places.stagings()]
    for folder in dated(places.runs / FAILED):
        told.append(f"{folder}: what is left of a run that failed; see the notebooks in it")
    return [*told, *archive.half_erased(places)]
