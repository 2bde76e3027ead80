"""What became of mails, for a terminal and for machines, and as an error if not all are sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore.errors import PartlySentError
from segcore.wording import count, plural

if TYPE_CHECKING:
    from segcore.mail.sending import Outcome
    from segcore.mailing.queueing import Queued


@dataclass(frozen=True)
class Sent:
    """What became of mails.

    Parameters
    ----------
    study
        Its name.
    queued
        What was queued, run by run.
    outcome
        What was sent; None if nothing waited.
    told
        What a user should know, one sentence each.
    """

    study: str
    queued: Sequence[Queued] = ()
    outcome: Outcome | None = None
    told: Sequence[str] = ()

    @property
    def lines(self) -> Iterator[str]:
        """The same as a terminal shows it."""
        yield from self.told
        for one in self.queued:
            yield from _queued(self.study, one)
        if self.outcome is None:
            if not self.queued:
                yield f"{self.study}: nothing is due, and no mail waits"
            return
        yield f"{self.study}: {plural(self.outcome.sent, 'mail')} sent"

    @property
    def ended(self) -> list[str]:
        """Why sending ended although more was due, one sentence each."""
        return [f"{self.study}: {why}" for why in self.outcome.problems] if self.outcome else []

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        out = self.outcome
        return {
            "study": self.study,
            "runs": [vars(one) for one in self.queued],
            "sent": out.sent if out else 0,
            "waiting": out.waiting if out else 0,
            "failed": out.failed if out else 0,
            "next": out.next_at.astimezone(dt.UTC).isoformat() if out and out.next_at else None,
            "told": list(self.told),
        }

    @property
    def _again(self) -> str:
        """How to try once more, where mails about one run went out."""
        runs = [one.run for one in self.queued]
        return f", segcore send {self.study}/{runs[0]} --again tries once more" if len(runs) == 1 else ""

    def check(self) -> None:
        """Say it as an error if not all is sent.

        Raises
        ------
        PartlySentError
            If mails wait or were refused, with why sending ended early, or if somebody gets none who
            should.
        """
        out = self.outcome
        problems = [*self.ended]
        for one in self.queued:
            if one.amiss:
                who = "1 reader gets" if one.amiss == 1 else f"{count(one.amiss)} readers get"
                problems.append(
                    f"{self.study} {one.run}: {who} no mail for a reason that can be mended; "
                    f"segcore mail log {self.study} --run {one.run} says who, and why"
                )
        if out and out.waiting:
            at = f"; the next attempt is due {out.next_at.astimezone():%Y-%m-%d %H:%M}" if out.next_at else ""
            wait = "mail waits" if out.waiting == 1 else "mails wait"
            problems.append(
                f"{self.study}: {count(out.waiting)} {wait}{at}; segcore send {self.study} goes on"
            )
        if out and out.failed:
            were = "mail was refused" if out.failed == 1 else "mails were refused"
            problems.append(
                f"{self.study}: {count(out.failed)} {were}; "
                f"segcore mail log {self.study} says why{self._again}"
            )
        if problems:
            raise PartlySentError(*problems)


def _queued(study: str, one: Queued) -> Iterator[str]:
    title = f"{study} {one.run}"
    parts = [f"{plural(one.queued, 'mail')} queued"]
    if one.had:
        parts.append(f"{count(one.had)} queued or sent before")
    if one.skipped:
        parts.append(f"{plural(one.skipped, 'reader')} {'gets' if one.skipped == 1 else 'get'} nothing")
    yield from one.told
    yield f"{title}: {', '.join(parts)}"
    if one.lost:
        were = "mail about it was" if one.lost == 1 else "mails about it were"
        yield (
            f"{title}: {count(one.lost)} {were} refused or came back; segcore send {study}/{one.run} --again "
            "tries once more"
        )
    if one.made_again:
        yield (
            f"{title}: {plural(one.made_again, 'reader')} had a mail about it before it was made again; "
            f"segcore send {study}/{one.run} --again sends a corrected one"
        )
