"""What waits of runs that were withdrawn or made again since: it would tell what is not so.

The ledger says which run stands, and who sends asks it before every mail. So a run that is taken back is
told to nobody from that moment on, whoever takes it back, and whoever is sending meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from segcore import archive
from segcore.archive import Places
from segcore.archive.ledger import LEDGER
from segcore.archive.mail_pages import has_outbox
from segcore.mail.entries import FAILURE, WAITING
from segcore.mail.outbox import Outbox
from segcore.mailing.looking import renew
from segcore.mailing.ready import same
from segcore.wording import plural


def outdated(places: Places, now: dt.datetime) -> list[str]:
    """Take it out of the outbox of a study, if there is one; says what was taken out."""
    if not has_outbox(places):
        return []
    with Outbox.open(places.outbox) as outbox:
        told: list[str] = []
        Watch(places, outbox, lambda: now, told).drop()
    return [*told, *(renew(places) if told else ())]


class Watch:
    """Holds an outbox against the ledger while mails are sent from it.

    Parameters
    ----------
    places, outbox
        The study.
    now
        Says the moment.
    told
        What was taken out is added to it, one sentence for each run.
    """

    def __init__(
        self, places: Places, outbox: Outbox, now: Callable[[], dt.datetime], told: list[str]
    ) -> None:
        self._places, self._outbox, self._now, self._told = places, outbox, now, told
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> bool:
        """Whether anything was decided of any run since the outbox was held against the ledger."""
        return self._ledger() != self._seen

    def drop(self) -> None:
        """Take out what waits and is not so any more."""
        self._seen = self._ledger()
        counts = self._outbox.counts()
        if not any(counts[state] for state in WAITING):
            return
        ledger = archive.read_ledger(self._places.runs)
        waiting = [e for e in self._outbox.log() if e.state in WAITING and e.what != FAILURE]
        for run in sorted({entry.run for entry in waiting}):
            seals = same(ledger, ledger.standing(run))
            if any(entry.seal not in seals for entry in waiting if entry.run == run):
                self._take_out(run, "made again" if seals else "withdrawn")

    def _take_out(self, run: str, gone: str) -> None:
        why = f"the run was {gone} before the mail was sent"
        if dropped := self._outbox.drop_unsent([run], why, self._now()):
            self._told.append(
                f"{self._places.study} {run}: {plural(dropped, 'mail')} not sent, for the run was {gone}"
            )

    def _ledger(self) -> tuple[int, int, int]:
        try:
            told = (self._places.runs / LEDGER).stat()
        except FileNotFoundError:
            return 0, 0, 0
        return told.st_ino, told.st_size, told.st_mtime_ns
