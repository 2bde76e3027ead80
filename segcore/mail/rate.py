"""How fast mails may go, and how long one waits that was put off."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from segcore.params.mail import Mail as Settings

PUT_OFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long a mail waits that the server put off for the first, second, … time; then always the last."""

GIVE_UP = dt.timedelta(days=5)
"""How long after its first attempt a mail is tried again."""

PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (5, 15, 60))
"""How long all mails wait after the server asked for it once, twice, … in a row."""


@dataclass(frozen=True)
class Limits:
    """How fast mails may go, and to which domains.

    Parameters
    ----------
    per_minute
        Mails a minute; None for no limit.
    burst
        How many may go at once after a rest.
    allowed
        Domains that may get copies for a test.
    """

    per_minute: int | None = 30
    burst: int = 30
    allowed: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of a study."""
        return cls(settings.per_minute, settings.burst, settings.allowed)

    @property
    def _each(self) -> dt.timedelta:
        return dt.timedelta(minutes=1 / (self.per_minute or 1))

    def _known(self, used: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """Until when the rate is used up; a clock that was put back must not stop all mails."""
        return now if used is None or used > now + (self.burst + 1) * self._each else used

    def wait(self, used: dt.datetime | None, now: dt.datetime) -> float:
        """Seconds until the next mail may go.

        Parameters
        ----------
        used
            Until when the mails that went use up the rate: each its share of a minute, one after the other.
        now
            The moment.
        """
        if self.per_minute is None:
            return 0.0
        return max(0.0, (self._known(used, now) - (self.burst - 1) * self._each - now).total_seconds())

    def after(self, used: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """Until when the rate is used up after one more mail."""
        return now if self.per_minute is None else max(self._known(used, now), now) + self._each


def put_off(delays: int) -> dt.timedelta:
    """How long a mail waits that was put off so many times before."""
    return PUT_OFF[min(delays, len(PUT_OFF) - 1)]


def pause(pauses: int) -> dt.timedelta:
    """How long all mails wait after so many pauses in a row."""
    return PAUSES[min(pauses, len(PAUSES) - 1)]
