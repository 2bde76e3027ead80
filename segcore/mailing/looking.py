"""What outboxes know: who got what, what waits and what went wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import MailError
from segcore.mail import log as of_mails
from segcore.mail.entries import Entry
from segcore.mail.outbox import Outbox
from segcore.wording import count

NONE = "no mail was queued yet"
RUNS = 3
"""Of so many runs, the latest ones, it is told what was refused or came back."""


@dataclass(frozen=True)
class Log:
    """What became of mails, study by study."""

    found: Mapping[str, Sequence[Entry]]

    @property
    def lines(self) -> Iterator[str]:
        """One mail a line; the study before it where there are several."""
        for study, entries in self.found.items():
            for line in of_mails.lines(entries):
                yield f"{study}  {line}" if len(self.found) > 1 else line
        if not any(self.found.values()):
            yield NONE

    def as_json(self) -> list[dict[str, Any]]:
        """The same for machines."""
        return [
            {"study": study, **of_mails.as_json(entry)}
            for study, some in self.found.items()
            for entry in some
        ]


def log(root: Path, study: str | None, *, to: str | None = None, run: str | None = None) -> Log:
    """Who got what, and why not.

    Parameters
    ----------
    root, study
        The project, and a study of it; None for all.
    to
        Only what went to this address, or to the representative of this number or name.
    run
        Only about this run: its date, or STUDY/RUN_DATE.

    Raises
    ------
    MailError
        If ``run`` is none, or an outbox cannot be read.
    """
    of_study, _, date = (run or "").rpartition("/")
    if run and archive.date_of(date) is None:
        raise MailError(f"--run must be a run, like demo/2025-12-31, or its date (got {run!r})")
    if of_study and study and Path(of_study).name != study:
        raise MailError(f"--run must be a run of {study} (got {run!r}); leave one of them out")
    found = {}
    for places in with_outbox(root, study or (Path(of_study).name if of_study else None)):
        with Outbox.open(places.outbox) as outbox:
            entries = outbox.log(run=date or None)
        found[places.study] = [entry for entry in entries if to is None or _is_of(entry, to)]
    return Log(found)


def _is_of(entry: Entry, to: str) -> bool:
    """Whether a mail is of somebody: by address, name or number; of who got none, by what was wanted."""
    mine = {entry.address.lower(), entry.name.lower(), (entry.rep or "").lower()} - {""}
    return to.lower() in mine or entry.what.lower().endswith(f" {to.lower()}")


@dataclass(frozen=True)
class Standing:
    """How the mails of a study stand.

    Parameters
    ----------
    study
        Its name.
    counts
        How many mails there are of every state.
    next
        When the next one is tried; None if none waits.
    troubles
        Run date → state → mails, of those that wait, are in doubt, were refused or came back.
    unread
        What is wrong with the outbox.
    """

    study: str
    counts: dict[str, int]
    next: dt.datetime | None = None
    troubles: dict[str, dict[str, int]] | None = None
    unread: Sequence[str] = ()

    @property
    def lines(self) -> list[str]:
        """The same as a terminal shows it."""
        if self.unread:
            return [f"{self.study}: {problem}" for problem in self.unread]
        if not any(self.counts.values()):
            return [f"{self.study}: {NONE}"]
        parts = [f"{count(number)} {state}" for state, number in self.counts.items() if number]
        waits = f"; the next attempt is due {self.next.astimezone():%Y-%m-%d %H:%M}" if self.next else ""
        return [f"{self.study}: {', '.join(parts)}{waits}", *(f"  {line}" for line in self.wrong)]

    @property
    def wrong(self) -> list[str]:
        """What somebody should look at, one line for each run; nothing if all is well."""
        if self.unread:
            return list(self.unread)
        return [
            f"{run}: {', '.join(f'{count(number)} {state}' for state, number in states.items())}; "
            f"segcore mail log {self.study} --run {run} says more"
            for run, states in (self.troubles or {}).items()
        ]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        when = self.next.astimezone(dt.UTC).isoformat() if self.next else None
        return {"counts": self.counts, "next": when, "runs": self.troubles or {}, "faults": list(self.unread)}


WAITING = ("queued", "sending", "in doubt")
LOST = ("failed", "bounced")


def standing_of(places: Places) -> Standing:
    """How the mails of a study stand; an outbox that cannot be read is told, not raised."""
    if not has_outbox(places):
        return Standing(places.study, {})
    try:
        with Outbox.open(places.outbox) as outbox:
            entries, counts = outbox.log(), outbox.counts()
    except MailError as error:
        return Standing(places.study, {}, unread=error.problems)
    newest = sorted({entry.run for entry in entries}, reverse=True)[:RUNS]
    troubles: dict[str, dict[str, int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.run, reverse=True):
        if entry.state in WAITING or (entry.state in LOST and entry.run in newest):
            of_run = troubles.setdefault(entry.run, {})
            of_run[entry.state] = of_run.get(entry.state, 0) + 1
    due = [entry.due for entry in entries if entry.due and entry.state in WAITING]
    return Standing(places.study, counts, min(due, default=None), troubles)


def standing(root: Path, study: str | None) -> dict[str, Standing]:
    """How the mails of a study stand, or of all studies with an outbox."""
    return {places.study: standing_of(places) for places in with_outbox(root, study)}


def renew(places: Places) -> list[str]:
    """Make the page that says who got what as the outbox is now, and the list of runs that leads there.

    If a run is under way it does so itself, at its end.
    """
    from segcore.errors import LockedError

    try:
        with archive.locked(places, wait=5):
            return [*archive.AFTER["mail"].do(places), *archive.AFTER["index"].do(places)]
    except LockedError:
        return []
    except OSError as error:
        return [
            f"warning: {places.reports} must be writable ({error.strerror}); segcore verify writes its pages"
        ]


def with_outbox(root: Path, study: str | None) -> Iterator[Places]:
    """The studies that have an outbox, or one of them.

    Raises
    ------
    MailError
        If there is no such study.
    """
    runs = root / "runs"
    names = sorted(path.name for path in runs.iterdir() if path.is_dir()) if runs.is_dir() else []
    if study is not None and study not in names and not (root / "params" / f"{study}.yaml").is_file():
        raise MailError(f"{study!r} must be a study of this project (there is no such folder in {runs})")
    for name in [study] if study else names:
        if has_outbox(places := Places(root, name)):
            yield places
