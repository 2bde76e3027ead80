"""Whose turn it is, and what becomes of a mail by what the server answered; all of it on disk."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from typing import Any

from segcore.mail.answers import Answer
from segcore.mail.outbox import Outbox, Waiting
from segcore.mail.outbox_file import told
from segcore.mail.rate import GIVE_UP, Limits, pause, put_off
from segcore.mail.rows import chosen, text_of, time_of

STOPPED = "segcore was stopped while it was under way"


@dataclass(frozen=True)
class Ended:
    """A mail that was handed over, what the server answered, and when."""

    mail: Waiting
    answer: Answer
    at: dt.datetime


class Turns:
    """An outbox as who sends from it sees it; :func:`~segcore.mail.outbox_file.alone` comes first.

    Parameters
    ----------
    outbox
        The outbox.
    limits
        How fast mails may go.
    to
        Only mails to somebody: an address, a representative's number, or a name; None for all.
    what
        Only mails about this; None for all.
    """

    def __init__(
        self, outbox: Outbox, limits: Limits, to: str | None = None, what: str | None = None
    ) -> None:
        self._outbox = outbox
        self._connection = outbox.connection
        self.limits = limits
        self._where, self._values = chosen(outbox.of(to), what=what)

    def recover(self, now: dt.datetime) -> int:
        """Put in doubt what was under way when a process ended without a word; gives how many mails."""
        with self._outbox.changing():
            rows = self._connection.execute("SELECT id FROM mail WHERE state = 'sending'").fetchall()
            for row in rows:
                self._note(row["id"], now, ("in doubt", None, STOPPED))
                self._set(row["id"], now, state="in doubt", why=STOPPED, due=text_of(now), doubtful=1)
        return len(rows)

    def next(self, now: dt.datetime) -> Waiting | None:
        """The mail that is due for the longest time."""
        with told(self._outbox.path):
            row = self._connection.execute(
                "SELECT * FROM mail JOIN body ON body.mail = mail.id"
                f" WHERE due IS NOT NULL AND due <= ? AND {self._where} ORDER BY due, id LIMIT 1",
                (text_of(now), *self._values),
            ).fetchone()
        if row is None:
            return None
        first = time_of(row["first_tried"]) if row["first_tried"] else None
        raw = zlib.decompress(row["raw"])
        return Waiting(
            row["id"], row["address"], row["message_id"], raw, row["delays"], bool(row["doubtful"]), first
        )

    def next_at(self) -> dt.datetime | None:
        """When the next mail is due, or the pause over; None if no mail waits."""
        with told(self._outbox.path):
            due = self._connection.execute(
                f"SELECT min(due) AS due FROM mail WHERE due IS NOT NULL AND {self._where}", self._values
            ).fetchone()["due"]
        pace = self._pace()
        return time_of(max(due, pace["until"] or "")) if due else None

    def paused(self, now: dt.datetime) -> str:
        """Why all mails wait; "" if they do not."""
        pace = self._pace()
        return pace["why"] if pace["until"] and pace["until"] > text_of(now) else ""

    def wait(self, now: dt.datetime) -> float:
        """Seconds until the rate lets another mail go."""
        used = self._pace()["next"]
        return self.limits.wait(time_of(used) if used else None, now)

    def use(self, now: dt.datetime) -> None:
        """Count one more mail that goes, as its own change."""
        with self._outbox.changing():
            self._use(now)

    def step(self, ended: Ended | None, begun: Waiting | None, now: dt.datetime) -> str | None:
        """Write down what became of one mail, and that the next one is under way: one change on disk.

        Gives the state of the one that ended.
        """
        if ended is None and begun is None:
            return None
        state = None
        with self._outbox.changing():
            if ended is not None:
                state = self._end(ended)
            if begun is not None:
                self._use(now)
                first = text_of(begun.first_tried or now)
                self._set(begun.id, now, state="sending", due=None, first_tried=first)
        return state

    def _end(self, ended: Ended) -> str:
        mail, answer, at = ended.mail, ended.answer, ended.at
        state, changes = self._becomes(mail, answer, at)
        now = self._connection.execute("SELECT state FROM mail WHERE id = ?", (mail.id,)).fetchone()
        if now is None:
            return state  # its run has expired meanwhile, and all that was known of it
        self._note(mail.id, at, (state, answer.code, answer.text))
        if state != "sent" and now["state"] != "sending":
            return state  # it was taken out meanwhile, and there is nothing to send again
        self._set(mail.id, at, state=state, **changes)
        if answer.kind in ("taken", "refused", "later"):
            self._connection.execute("UPDATE pace SET pauses = 0 WHERE pauses > 0")
        if state == "sent":
            for table in ("body", "customer"):
                self._connection.execute(f"DELETE FROM {table} WHERE mail = ?", (mail.id,))
        return state

    def _becomes(self, mail: Waiting, answer: Answer, at: dt.datetime) -> tuple[str, dict[str, Any]]:
        """The state of a mail after an answer, and what else changes of it."""
        doubtful = mail.doubtful or answer.kind == "no answer"
        waits = "in doubt" if doubtful else "queued"
        perhaps = "; it may have arrived all the same" if doubtful else ""
        if answer.kind == "taken":
            return "sent", {"why": "", "due": None}
        if answer.kind == "refused":
            return "failed", {"why": f"{answer}{perhaps}", "due": None}
        if answer.kind == "not us":
            return waits, {"why": str(answer), "due": text_of(at)}
        changes: dict[str, Any] = {"why": str(answer), "doubtful": int(doubtful)}
        if at - (mail.first_tried or at) >= GIVE_UP:
            why = f"given up after {GIVE_UP.days} days: {answer}{perhaps}"
            return "failed", {**changes, "why": why, "due": None}
        if answer.kind == "lost":
            return waits, {"why": str(answer), "due": text_of(at)}
        if answer.kind == "pause":
            return waits, {**changes, "due": self.pause(str(answer), at)}
        return waits, {**changes, "due": text_of(at + put_off(mail.delays)), "delays": mail.delays + 1}

    def pause(self, why: str, now: dt.datetime) -> str:
        """Let all mails wait; gives until when, as it is kept."""
        pauses = self._pace()["pauses"]
        until = text_of(now + pause(pauses))
        with told(self._outbox.path):
            self._connection.execute(
                "UPDATE pace SET until = ?, why = ?, pauses = ?", (until, why, pauses + 1)
            )
        return until

    def unsent(self) -> list[int]:
        """The numbers of all mails that are still there, oldest first."""
        with told(self._outbox.path):
            rows = self._connection.execute(
                f"SELECT id FROM mail WHERE id IN (SELECT mail FROM body) AND {self._where} ORDER BY id",
                self._values,
            ).fetchall()
        return [row["id"] for row in rows]

    def letter(self, number: int) -> tuple[str, bytes]:
        """Who gets a mail, and the mail itself."""
        with told(self._outbox.path):
            row = self._connection.execute(
                "SELECT address, raw FROM mail JOIN body ON body.mail = mail.id WHERE id = ?", (number,)
            ).fetchone()
        return row["address"], zlib.decompress(row["raw"])

    def _use(self, now: dt.datetime) -> None:
        used = self._pace()["next"]
        after = self.limits.after(time_of(used) if used else None, now)
        self._connection.execute("UPDATE pace SET next = ?", (text_of(after),))

    def _pace(self) -> Any:
        with told(self._outbox.path):
            return self._connection.execute("SELECT * FROM pace").fetchone()

    def _note(self, number: int, at: dt.datetime, said: tuple[str, int | None, str]) -> None:
        self._connection.execute(
            "INSERT INTO attempt (mail, at, state, code, answer) VALUES (?, ?, ?, ?, ?)",
            (number, text_of(at), *said),
        )

    def _set(self, number: int, at: dt.datetime, **values: Any) -> None:
        marks = ", ".join(f"{name} = :{name}" for name in values)
        self._connection.execute(
            f"UPDATE mail SET changed = :changed, {marks} WHERE id = :id",
            {**values, "changed": text_of(at), "id": number},
        )
