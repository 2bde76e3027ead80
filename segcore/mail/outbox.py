"""What is to be sent, what was sent, and what became of it: one SQLite file beside the runs of a study.

A mail is removed from it as soon as it is sent, or never will be, and so are the numbers of the customers
who stood in it: who got what, when, and what the server answered stay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from segcore.errors import MailError
from segcore.mail.entries import EVERYBODY, FAILURE, LOST, STATES, Added, Entry, Mail, Skip, Try, Waiting
from segcore.mail.outbox_file import SCHEMA, alone, connected, told, transaction
from segcore.mail.reasons import ERASED, GONE
from segcore.mail.rows import COLUMNS, To, chosen, entry, text_of, time_of
from segcore.mail.who import meant
from segcore.params.mail import ADDRESS

__all__ = ["SCHEMA", "STATES", "Added", "Entry", "Mail", "Outbox", "Skip", "Try", "Waiting", "alone"]


class Outbox:
    """An outbox that is open; use it in a ``with``, or close it.

    Parameters
    ----------
    path
        Where it lies: ``runs/STUDY/outbox.sqlite``. Nothing is left beside it once everybody has closed it.
    make
        Whether it is made if it is not there.

    Raises
    ------
    MailError
        If there is none, or if the file is something else or of another version.
    """

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self.path = path
        self.connection = connected(path, make=make)

    @classmethod
    def open(cls, path: Path, *, make: bool = False) -> Outbox:
        """Open an outbox: the same as calling the class."""
        return cls(path, make=make)

    def __enter__(self) -> Outbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Put everything into the one file."""
        self.connection.close()

    def add(self, mails: Iterable[Mail], skips: Iterable[Skip], now: dt.datetime) -> Added:
        """Queue mails and note who gets none; all of it or nothing, and never the same mail twice.

        Parameters
        ----------
        mails, skips
            Taken one by one: however many they are, one is held at a time. A mail takes the place of a
            note that there is none; such a note says nothing where a mail is known.
        now
            When they are queued; they are due at once.

        Raises
        ------
        MailError
            If an address is none, or if the disk is full. Nothing was queued.
        """
        before = {"queued": 0, "already": 0}
        with self.changing("nothing was queued"):
            for mail in mails:
                before["queued" if self._queue(mail, text_of(now)) else "already"] += 1
            for skip in skips:
                self._skip(skip, text_of(now))
        return Added(**before)

    def _queue(self, mail: Mail, now: str) -> bool:
        if not ADDRESS.fullmatch(mail.address):
            raise MailError(f"an address must be like name@acme.example (got {mail.address!r})")
        values = {
            **{name: getattr(mail, name) for name in COLUMNS if hasattr(mail, name)},
            "attachments": json.dumps(mail.attachments, ensure_ascii=False),
            "sha256": hashlib.sha256(mail.raw).hexdigest(),
            "size": len(mail.raw),
            **{"state": "queued", "why": "", "queued": now, "changed": now, "due": now},
        }
        # Of what is known only a note that there is no mail gives way.
        self.connection.execute(
            "DELETE FROM mail WHERE run = ? AND what = ? AND address = ? AND state = 'skipped'",
            (mail.run, mail.what, mail.address),
        )
        number = self._insert(values)
        if number is None:
            return False
        self.connection.execute("INSERT INTO body VALUES (?, ?)", (number, zlib.compress(mail.raw)))
        customers = ((customer, number) for customer in sorted(mail.customers))
        self.connection.executemany("INSERT INTO customer VALUES (?, ?)", customers)
        return True

    def _skip(self, skip: Skip, now: str) -> None:
        key = {"run": skip.run, "what": skip.what, "address": skip.address}
        where = "run = :run AND what = :what AND address = :address"
        found = self.connection.execute(f"SELECT state FROM mail WHERE {where}", key).fetchall()
        if any(row["state"] != "skipped" for row in found):
            return
        self.connection.execute(f"DELETE FROM mail WHERE {where}", key)
        nothing = dict.fromkeys(("subject", "language", "message_id", "sha256"), "")
        told_of = {name: getattr(skip, name) for name in ("seal", "name", "rep", "why")}
        state = {"edition": 0, "size": 0, "state": "skipped", "queued": now, "changed": now, "due": None}
        self._insert({**key, **nothing, **told_of, **state, "attachments": "[]"})

    def _insert(self, values: dict[str, Any]) -> int | None:
        marks = ", ".join(f":{name}" for name in COLUMNS)
        made = self.connection.execute(
            f"INSERT INTO mail ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING", values
        )
        return made.lastrowid if made.rowcount == 1 else None

    def last_sent(self, address: str, what: str) -> dt.date | None:
        """The day on which the newest mail of a subscription was queued that is not lost; None for none.

        The day of the clock that stands here: a mail that waits for a server until the next month counts
        for the month in which it was due. What corrects a mail is no new one.
        """
        gone = ("skipped", *LOST)
        # Beside min() SQLite gives the other columns of the row that has it.
        rows = self._rows(
            "SELECT max(queued) AS day FROM (SELECT min(edition), queued FROM mail"
            f" WHERE address = ? AND what = ? AND state NOT IN ({', '.join('?' * len(gone))}) GROUP BY run)",
            (address, what, *gone),
        )
        return time_of(rows[0]["day"]).astimezone().date() if rows[0]["day"] else None

    def of(self, who: str | None) -> list[int] | None:
        """The numbers of the mails to somebody, see :func:`segcore.mail.who.meant`; None for everybody's."""
        if who is None:
            return None
        rows = self._rows("SELECT id, address, name, rep FROM mail ORDER BY id")
        return [one.id for one in meant(who, (To(*row) for row in rows))]

    def log(self, *, to: str | None = None, run: str | None = None) -> list[Entry]:
        """What became of every mail, and who got none and why, by run, address and what it is about.

        Parameters
        ----------
        to
            Only what goes to somebody: an address, a representative's number, or a name.
        run
            Only of this run.
        """
        where, values = chosen(self.of(to), run)
        order = "ORDER BY run, address, what, edition, id"
        rows = self._rows(f"SELECT * FROM mail WHERE {where} {order}", values)
        tries: dict[int, list[Try]] = {}
        theirs = f"mail IN (SELECT id FROM mail WHERE {where})"
        for row in self._rows(f"SELECT * FROM attempt WHERE {theirs} ORDER BY id", values):
            one = Try(time_of(row["at"]), row["state"], row["code"], row["answer"])
            tries.setdefault(row["mail"], []).append(one)
        return [entry(row, tuple(tries.get(row["id"], ()))) for row in rows]

    def counts(self, *, to: str | None = None, what: str | None = None) -> dict[str, int]:
        """How many mails there are of every state; only to somebody, or about this."""
        where, values = chosen(self.of(to), what=what)
        rows = self._rows(f"SELECT state, count(*) AS mails FROM mail WHERE {where} GROUP BY state", values)
        found = Counter({row["state"]: row["mails"] for row in rows})
        return {state: found[state] for state in STATES}

    def bounced(self, message_id: str, at: dt.datetime, why: str) -> bool:
        """Note that a mail came back; False if no mail that was sent has this Message-ID."""
        with self.changing():
            rows = self._rows(
                "SELECT id FROM mail WHERE message_id IN (?, ?) AND state IN ('sent', 'in doubt', 'bounced')",
                (f"<{message_id.strip().strip('<>')}>", message_id.strip().strip("<>")),
            )
            for row in rows:
                self._end(row["id"], "bounced", why, at)
        return bool(rows)

    def forget(
        self,
        customers: Collection[str],
        why: str = ERASED,
        now: dt.datetime | None = None,
    ) -> int:
        """Take out every mail in which one of these customers stands; gives how many those are.

        A mail that was sent is not there any more, nor who stood in it. What was taken out can be queued
        again, unless it may have reached the server: then it counts as failed.
        """
        some = [*customers, *EVERYBODY]
        marks = ", ".join("?" * len(some))
        return self._take_out(
            f"id IN (SELECT mail FROM customer WHERE customer IN ({marks}))", some, why, now
        )

    def give_back(self) -> None:
        """Give the room of mails that were removed back to the disk."""
        with told(self.path):
            # A step for each page: where no rows are expected, execute() ends with the first one.
            self.connection.executescript("PRAGMA incremental_vacuum")

    def drop_unsent(
        self, runs: Collection[str], why: str = "its run is not as it was", now: dt.datetime | None = None
    ) -> int:
        """Take out every mail of these runs that was not sent, as :meth:`forget` does.

        What tells that a run failed stays: it is of none of the runs that were made.
        """
        marks = ", ".join("?" * len(runs))
        return self._take_out(f"run IN ({marks}) AND what <> '{FAILURE}'", runs, why, now)

    def owed(self) -> list[tuple[str, str, str, str]]:
        """Run, seal, matter and address of each mail that was taken out when somebody was erased, and was
        not queued again."""
        taken = "SELECT run, seal, what, address FROM mail WHERE state = 'skipped' AND why = ? ORDER BY id"
        return [(run, seal, what, address) for run, seal, what, address in self._rows(taken, [ERASED])]

    def settle(self, run: str) -> None:
        """Owe no mail about a run any more: those that are left are not asked for."""
        with self.changing():
            self.connection.execute(
                "UPDATE mail SET why = ? WHERE state = 'skipped' AND why = ? AND run = ?", (GONE, ERASED, run)
            )

    def older(self, before: dt.date) -> int:
        """How many mails, and notes that there is none, are of runs before a day."""
        return int(
            self._rows("SELECT count(*) AS mails FROM mail WHERE run < ?", (before.isoformat(),))[0]["mails"]
        )

    def expire(self, before: dt.date) -> int:
        """Remove all that is known of mails of runs before a day; gives how many those are."""
        with self.changing():
            made = self.connection.execute("DELETE FROM mail WHERE run < ?", (before.isoformat(),))
        self._shrink()
        return made.rowcount

    def _take_out(self, where: str, values: Collection[str], why: str, now: dt.datetime | None) -> int:
        now = now or dt.datetime.now(dt.UTC)
        with self.changing():
            rows = self._rows(
                f"SELECT id, doubtful OR state = 'sending' AS doubtful FROM mail"
                f" WHERE {where} AND id IN (SELECT mail FROM body)",
                values,
            )
            for row in rows:
                self._end(row["id"], "failed" if row["doubtful"] else "skipped", why, now)
        self._shrink()
        return len(rows)

    def _end(self, number: int, state: str, why: str, at: dt.datetime) -> None:
        """Nothing more is sent of a mail; it is removed, and what is known of it stays."""
        self.connection.execute(
            "UPDATE mail SET state = ?, why = ?, changed = ?, due = NULL WHERE id = ?",
            (state, why, text_of(at), number),
        )
        self.connection.execute(
            "INSERT INTO attempt (mail, at, state, answer) VALUES (?, ?, ?, ?)",
            (number, text_of(at), state, why),
        )
        for table in ("body", "customer"):
            self.connection.execute(f"DELETE FROM {table} WHERE mail = ?", (number,))

    def _shrink(self) -> None:
        """Leave no byte in the file of what was removed."""
        with told(self.path):
            # It would be made in memory; a file of the system's is for what may be large.
            self.connection.execute("PRAGMA temp_store = FILE")
            self.connection.execute("VACUUM")
            self.connection.execute("PRAGMA temp_store = MEMORY")
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def changing(self, then: str = "") -> Iterator[None]:
        """All changes in the block are made or none, and what SQLite says against them is a sentence."""
        with told(self.path, then), transaction(self.connection):
            yield

    def _rows(self, statement: str, values: Collection[Any] = ()) -> list[sqlite3.Row]:
        with told(self.path):
            return self.connection.execute(statement, tuple(values)).fetchall()
