"""What is to be done with mails, and on which day."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive import Places
from segcore.mailing.asked import Asked

if TYPE_CHECKING:
    from segcore.params import Study


@dataclass(frozen=True)
class Clock:
    """A clock that goes before the computer's, or behind: on another day, if a user gave one."""

    ahead: dt.timedelta

    def now(self) -> dt.datetime:
        """The moment, in UTC."""
        return dt.datetime.now(dt.UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


@dataclass(frozen=True)
class Job:
    """Mails to be sent.

    Parameters
    ----------
    root, study
        The project, and the study as it stands in ``params/`` now.
    asked
        Which mails.
    test_to
        Send them to this address in the place of the recipients'; none counts as sent.
    wait
        Seconds to go on with mails that the server puts off.
    wish
        The wish to tell about the run, see :mod:`segcore.archive.promised`; taken back when its mails are
        queued.
    tell
        Called with a sentence while it works.
    """

    root: Path
    study: Study
    asked: Asked
    test_to: str | None = None
    wait: float = 0
    wish: Path | None = None
    tell: Callable[[str], None] = lambda sentence: print(sentence, file=sys.stderr, flush=True)

    @cached_property
    def clock(self) -> Clock:
        """The clock of this computer, put to the moment at which the mails were asked for."""
        return Clock(self.asked.now - dt.datetime.now(dt.UTC))

    @cached_property
    def places(self) -> Places:
        """The study's folders."""
        return Places(self.root, self.study.name)


def moment(today: dt.date | None) -> dt.datetime:
    """Now, or the same time of a day that a user gave."""
    now = dt.datetime.now().astimezone()
    return now if today is None else dt.datetime.combine(today, now.timetz())
