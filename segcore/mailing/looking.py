"""What outboxes know: who got what, what waits and what went wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import MailError
from segcore.mail import log as of_mails
from segcore.mail.entries import FAILURE, Entry
from segcore.mail.outbox import Outbox
from segcore.mail.who import meant
from segcore.mailing.opening import check_there
from segcore.mailing.readers import in_words
from segcore.mailing.why_not import nothing_of

NONE = "no mail was queued yet"


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
        If ``run`` is none, ``to`` is nobody, or an outbox is lost or cannot be read.
    """
    of_study, _, date = (run or "").rpartition("/")
    if run and archive.date_of(date) is None:
        raise MailError(f"--run must be a run, like demo/2025-12-31, or its date (got {run!r})")
    if of_study and study and Path(of_study).name != study:
        raise MailError(f"--run must be a run of {study} (got {run!r}); leave one of them out")
    studies = list(looked_at(root, study or (Path(of_study).name if of_study else None)))
    for places in studies:
        check_there(places)
    found, told = {}, {}
    for places in filter(has_outbox, studies):
        with Outbox.open(places.outbox) as outbox:
            entries = outbox.log(run=date or None)
        told[places.study] = any(entry.what != FAILURE for entry in entries)
        found[places.study] = entries if to is None else meant(to, entries)
    facts = []
    if not any(found.values()) or (date and not to and not any(told.values())):
        facts = nothing_of(studies, told if date else {}, to, date or None) if (to or date) else [NONE]
    there = [places for places in studies if found.get(places.study)]
    return Log(
        found,
        {p.study: {e.run_date or "" for e in archive.read_ledger(p.runs).withdrawn} for p in there},
        {p.study: in_words(p) for p in there},
        facts,
    )


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
    return filter(has_outbox, looked_at(root, study))


def looked_at(root: Path, study: str | None) -> Iterator[Places]:
    """The studies with runs, or one of them.

    Raises
    ------
    MailError
        If there is no such study.
    """
    runs = root / "runs"
    names = sorted(path.name for path in runs.iterdir() if path.is_dir()) if runs.is_dir() else []
    if study is not None and study not in names and not (root / "params" / f"{study}.yaml").is_file():
        raise MailError(f"{study!r} must be a study of this project (there is no such folder in {runs})")
    yield from (Places(root, name) for name in ([study] if study else names))
