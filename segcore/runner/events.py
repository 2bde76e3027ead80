"""What a run tells while it works: to whoever listens, and to its log."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segcore.archive.places import LOG


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Parameters
    ----------
    run_date
        The run that it belongs to.
    what
        The stage or step: "inputs", a notebook's name, "page", "publish".
    done, of
        How far it is.
    seconds
        How long it took; None while it goes on.
    note
        Something that the user should know meanwhile, as a sentence.
    """

    run_date: dt.date
    what: str
    done: int
    of: int
    seconds: float | None = None
    note: str = ""

    @property
    def line(self) -> str:
        """A stage that is over, or a note, in one line; "" for a step on the way."""
        if self.note:
            return f"{self.run_date} {self.note}"
        return "" if self.seconds is None else f"{self.run_date} {self.what} {self.seconds:.1f} s"


Listener = Callable[[Event], None]


def unheard(event: Event) -> None:
    """Tell nobody."""


class Telling:
    """What one run tells.

    Parameters
    ----------
    run_date
        The run.
    listener
        Called with every event.
    folder
        Where its log is written, beside its timings.
    """

    def __init__(self, run_date: dt.date, listener: Listener, folder: Path) -> None:
        self._run_date, self._listener = run_date, listener
        self._log = folder / LOG
        self.timings: dict[str, float] = {}

    def step(self, what: str, done: int, of: int) -> None:
        """Tell how far a stage is."""
        self._listener(Event(self._run_date, what, done, of))

    @contextmanager
    def stage(self, what: str) -> Iterator[None]:
        """Tell that a stage is over, and how long it took, when it is."""
        start = time.perf_counter()
        yield
        self.timings[what] = round(time.perf_counter() - start, 3)
        over = Event(self._run_date, what, 1, 1, self.timings[what])
        self.note(over.line)
        self._listener(over)

    def note(self, text: str) -> None:
        """Write something into the log."""
        if text.strip():
            with self._log.open("a", encoding="utf-8", errors="replace") as file:
                file.write(f"{text.rstrip()}\n")
