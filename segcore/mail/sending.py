"""Sends what is due in an outbox: one mail after the other, on one connection, as fast as it may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from segcore import stopping
from segcore.errors import MailError
from segcore.mail.answers import Answer
from segcore.mail.outbox import Outbox, Waiting
from segcore.mail.outbox_file import alone
from segcore.mail.rate import Limits
from segcore.mail.server import Server
from segcore.mail.smtp import Connection
from segcore.mail.trial import send_copies
from segcore.mail.turns import Ended, Turns

IN_A_ROW = 3
"""So many connections lost one after the other, and all mails wait."""

REFUSED_IN_A_ROW = 10
"""So many mails refused one after the other, and somebody must look why."""

IDLE = 20.0
"""Seconds for which a connection is kept that is not used."""


class Clock(Protocol):
    """What time it is, and how it passes."""

    def now(self) -> dt.datetime:
        """The moment, with its zone."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""


class Watch(Protocol):
    """Whether what waits is still to be sent."""

    def changed(self) -> bool:
        """Whether that may have changed since :meth:`drop`."""

    def drop(self) -> None:
        """Take out of the outbox what is not to be sent any more."""


@dataclass(frozen=True)
class Outcome:
    """What came of sending.

    Parameters
    ----------
    sent, failed
        Mails that the server took, and that it refused or that were given up, in this call.
    waiting, in_doubt
        Mails that wait now, and those of them that may have arrived.
    next_at
        When the next of them is due; None if none waits.
    problems
        Why it ended although more was due; one sentence each.
    """

    sent: int
    waiting: int
    failed: int
    next_at: dt.datetime | None
    in_doubt: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What somebody wants who sends.

    Parameters
    ----------
    tell
        Is called with what somebody who looks on wants to know.
    to
        Only what goes to somebody, see :func:`segcore.mail.who.meant`; None for all.
    what
        Only what is about this; None for all.
    test_to
        Send copies to this address instead; what waits, waits on.
    wait
        Seconds for which what the server put off is waited for, too; without it the next call goes on.
    watch
        Is asked before each mail.
    """

    tell: Callable[[str], None]
    to: str | None = None
    what: str | None = None
    test_to: str | None = None
    wait: float = 0.0
    watch: Watch | None = None


def send(outbox: Outbox, server: Server, limits: Limits, clock: Clock, wish: Wish) -> Outcome:
    """Send until nothing is due.

    Parameters
    ----------
    outbox, server, limits
        What is sent, where to, and how fast.
    clock
        What the time is; the rate is waited for with it.
    wish
        Whose mails, and for how long.

    Raises
    ------
    MailError
        If no connection can be made, or the server takes nothing from this sender; nothing was sent. Once
        something was, that is among the problems of the outcome.
    LockedError
        If another process sends.
    KeyboardInterrupt
        After Ctrl-C or SIGTERM. The mail that was under way is finished, and what came of it is known.
    """
    _check_people(outbox, wish.to)
    connection = Connection(server)
    with alone(outbox.path), stopping.finishing() as stopped:
        try:
            turns = Turns(outbox, limits, wish.to, wish.what)
            if wish.test_to is not None:
                sent = send_copies(turns, connection, clock, test_to=wish.test_to, tell=wish.tell)
                return _outcome(outbox, turns, wish, sent, 0)
            return _Sender(turns, connection, clock, wish, stopped).run(outbox)
        finally:
            connection.close()


def _check_people(outbox: Outbox, to: str | None) -> None:
    if outbox.of(to) == []:
        raise MailError(
            f"{to} must have a mail in {outbox.path} (nobody of this address, number or name has)"
        )


def _outcome(outbox: Outbox, turns: Turns, wish: Wish, sent: int, failed: int) -> Outcome:
    counts = outbox.counts(to=wish.to, what=wish.what)
    waiting = counts["queued"] + counts["in doubt"]
    return Outcome(sent, waiting, failed, turns.next_at(), counts["in doubt"])


class _Sender:
    """One call of :func:`send`."""

    def __init__(
        self,
        turns: Turns,
        connection: Connection,
        clock: Clock,
        wish: Wish,
        stopped: Callable[[], bool],
    ) -> None:
        self.turns, self.connection, self.clock = turns, connection, clock
        self.wish, self.tell, self.stopped = wish, wish.tell, stopped
        self.sent = self.failed = self.lost = self.refused = 0
        self.ended: Ended | None = None

    def run(self, outbox: Outbox) -> Outcome:
        began = self.clock.now()
        if found := self.turns.recover(began):
            self.tell(f"{found} under way when sending was cut off: in doubt, and sent again")
        try:
            self._all(began + dt.timedelta(seconds=self.wish.wait))
            problems: tuple[str, ...] = ()
        except MailError as error:
            if not self.sent:
                raise
            problems = error.problems
        finally:
            self._settle()
        outbox.give_back()
        outcome = replace(_outcome(outbox, self.turns, self.wish, self.sent, self.failed), problems=problems)
        if self.stopped():
            self.tell(f"stopped: {outcome.sent} sent, {outcome.waiting} left; the next call goes on")
        return outcome

    def _all(self, until: dt.datetime) -> None:
        while not self.stopped():
            self._look()
            now = self.clock.now()
            mail = None if self.turns.paused(now) else self.turns.next(now)
            if mail is None:
                self._settle()
                again = self.turns.next_at()
                if again is None or again > until:
                    return
                self._sleep((again - now).total_seconds())
            elif (seconds := self.turns.wait(now)) > 0:
                self._settle()
                self._sleep(seconds)
            else:
                self._send(mail)

    def _look(self) -> None:
        """Take out what is not to be sent any more, if that changed while the others were sent."""
        if self.wish.watch and self.wish.watch.changed():
            self._settle()
            self.wish.watch.drop()

    def _send(self, mail: Waiting) -> None:
        if not self.connection.is_open:
            self._settle()
            self.connection.open()
        self._settle(mail)
        answer = self.connection.hand_over(mail.address, mail.raw)
        self.ended = Ended(mail, answer, self.clock.now())
        self.lost = self.lost + 1 if answer.kind in ("lost", "no answer") else 0
        self.refused = self.refused + 1 if answer.kind == "refused" else 0
        if answer.kind == "taken":
            self.sent += 1  # written down together with the next one's beginning
            return
        self.failed += self._settle() == "failed"
        self._told_off(answer, f"{mail.address}: {answer}")

    def _told_off(self, answer: Answer, what: str) -> None:
        """Say what did not go well, and stop where going on would do harm."""
        self.tell(what)
        server = self.connection.server
        if answer.kind == "not us":
            raise MailError(
                f"the mail server {server} must take mails from {server.sender} (it answered about {what}); "
                f"the mails stay queued{server.wants(answer)}"
            )
        if self.lost >= IN_A_ROW:
            self.turns.pause(f"{server} closed {self.lost} connections in a row", self.clock.now())
            self.lost = 0
        if self.refused >= REFUSED_IN_A_ROW and not self.sent:
            raise MailError(
                f"the mail server {server} must take mails (it refused {self.refused} in a row, the last one "
                f"{what}); the others stay queued: find out why before they fail as well"
            )

    def _settle(self, begun: Waiting | None = None) -> str | None:
        """Write down what became of the last mail, and that another is under way."""
        ended, self.ended = self.ended, None
        return self.turns.step(ended, begun, self.clock.now())

    def _sleep(self, seconds: float) -> None:
        if seconds > IDLE:
            self.connection.close()
        with stopping.obeying():
            self.clock.sleep(max(0.0, seconds))
