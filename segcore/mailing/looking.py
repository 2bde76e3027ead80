"""What outboxes know: who got what, what waits and what went wrong."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import MailError
from segcore.mail import log as of_mails
from segcore.mail.entries import FAILURE, SETTLED, STATES, WAITING, Entry
from segcore.mail.outbox import Outbox
from segcore.mail.who import meant
from segcore.mailing.readers import in_words, is_published
from segcore.mailing.why_not import nothing_of
from segcore.wording import count

NONE = "no mail was queued yet"
RUNS = 3
"""Of so many runs, the latest ones, it is told what was refused or came back."""


@dataclass(frozen=True)
class Log:
    """What became of mails, study by study.

    Parameters
    ----------
    found
        Study → its mails.
    withdrawn
        Study → the runs that are withdrawn now.
    words
        Study → what a mail is about, as the outbox has it → the same in words.
    facts
        Why there is none, one sentence each.
    """

    found: Mapping[str, Sequence[Entry]]
    withdrawn: Mapping[str, Collection[str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    facts: Sequence[str] = ()

    @property
    def lines(self) -> Iterator[str]:
        """One mail a line; the study before it where there are several."""
        for study, entries in self.found.items():
            told = of_mails.lines(entries, self.withdrawn.get(study, ()), self.words.get(study, {}))
            for line in told:
                yield f"{study}  {line}" if len(self.found) > 1 else line
        yield from self.facts

    def as_json(self) -> list[dict[str, Any]]:
        """The same for machines."""
        return [
            {
                "study": study,
                **of_mails.as_json(entry),
                "withdrawn": entry.run in self.withdrawn.get(study, ()),
            }
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
        Only what went to somebody, see :func:`segcore.mail.who.meant`.
    run
        Only about this run: its date, or STUDY/RUN_DATE.

    Raises
    ------
    MailError
        If ``run`` is none, ``to`` is nobody, or an outbox cannot be read.
    """
    of_study, _, date = (run or "").rpartition("/")
    if run and archive.date_of(date) is None:
        raise MailError(f"--run must be a run, like demo/2025-12-31, or its date (got {run!r})")
    if of_study and study and Path(of_study).name != study:
        raise MailError(f"--run must be a run of {study} (got {run!r}); leave one of them out")
    studies = list(_studies(root, study or (Path(of_study).name if of_study else None)))
    found, told = {}, {}
    for places in filter(has_outbox, studies):
        with Outbox.open(places.outbox) as outbox:
            entries = outbox.log(run=date or None)
        told[places.study] = bool(entries)
        found[places.study] = entries if to is None else meant(to, entries)
    facts = []
    if not any(found.values()):
        facts = nothing_of(studies, told if date else {}, to, date or None) if (to or date) else [NONE]
    there = [places for places in studies if found.get(places.study)]
    return Log(
        found,
        {p.study: {e.run_date or "" for e in archive.read_ledger(p.runs).withdrawn} for p in there},
        {p.study: in_words(p) for p in there},
        facts,
    )


@dataclass(frozen=True)
class Standing:
    """How the mails of a study stand.

    Parameters
    ----------
    study
        Its name.
    counts
        How many mails there are of every state; those that never arrived, but a later one did, apart.
    next
        When the next one is tried; None if none waits.
    troubles
        Run date → state → mails, of those that wait, are in doubt, were refused or came back.
    unread
        What is wrong with the outbox.
    again
        The runs of which mails were refused or came back that can be sent again.
    """

    study: str
    counts: dict[str, int]
    next: dt.datetime | None = None
    troubles: dict[str, dict[str, int]] | None = None
    unread: Sequence[str] = ()
    again: Collection[str] = ()

    def _again(self, run: str) -> str:
        return f", segcore send {self.study}/{run} --again tries once more" if run in self.again else ""

    @property
    def lines(self) -> list[str]:
        """The same as a terminal shows it."""
        if self.unread:
            return [f"{self.study}: {problem}" for problem in self.unread]
        if not any(self.counts.values()):
            return [f"{self.study}: {NONE}"]
        words = {SETTLED: "sent again later"}
        parts = [f"{count(n)} {words.get(state, state)}" for state, n in self.counts.items() if n]
        waits = f"; the next attempt is due {self.next.astimezone():%Y-%m-%d %H:%M}" if self.next else ""
        return [f"{self.study}: {', '.join(parts)}{waits}", *(f"  {line}" for line in self.wrong)]

    @property
    def wrong(self) -> list[str]:
        """What somebody should look at, one line for each run; nothing if all is well."""
        if self.unread:
            return list(self.unread)
        return [
            f"{run}: {', '.join(f'{count(number)} {state}' for state, number in states.items())}; "
            f"segcore mail log {self.study} --run {run} says more{self._again(run)}"
            for run, states in (self.troubles or {}).items()
        ]

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        when = self.next.astimezone(dt.UTC).isoformat() if self.next else None
        return {"counts": self.counts, "next": when, "runs": self.troubles or {}, "faults": list(self.unread)}


def standing_of(places: Places) -> Standing:
    """How the mails of a study stand; an outbox that cannot be read is told, not raised."""
    if not has_outbox(places):
        return Standing(places.study, {})
    try:
        with Outbox.open(places.outbox) as outbox:
            entries = of_mails.settled(outbox.log())
    except MailError as error:
        return Standing(places.study, {}, unread=error.problems)
    found = Counter(entry.state for entry in entries)
    counts = {state: found[state] for state in (*STATES, SETTLED)}
    newest = sorted({entry.run for entry in entries}, reverse=True)[:RUNS]
    lost = [entry for entry in of_mails.lost(entries) if entry.run in newest]
    troubles: dict[str, dict[str, int]] = {}
    waiting = [entry for entry in entries if entry.state in WAITING]
    for entry in sorted([*waiting, *lost], key=lambda entry: entry.run, reverse=True):
        of_run = troubles.setdefault(entry.run, {})
        of_run[entry.state] = of_run.get(entry.state, 0) + 1
    due = [entry.due for entry in waiting if entry.due]
    again = {e.run for e in lost if e.what != FAILURE and is_published(places, e.run)}
    return Standing(places.study, counts, min(due, default=None), troubles, again=again)


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
    return filter(has_outbox, _studies(root, study))


def _studies(root: Path, study: str | None) -> Iterator[Places]:
    """The studies with runs, or one of them."""
    runs = root / "runs"
    names = sorted(path.name for path in runs.iterdir() if path.is_dir()) if runs.is_dir() else []
    if study is not None and study not in names and not (root / "params" / f"{study}.yaml").is_file():
        raise MailError(f"{study!r} must be a study of this project (there is no such folder in {runs})")
    yield from (Places(root, name) for name in ([study] if study else names))
