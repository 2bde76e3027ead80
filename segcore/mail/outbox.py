"""What is to be sent, what was sent, and what became of it: one SQLite file beside the runs of a study.

A mail is removed from it as soon as it is sent, and so are the numbers of the customers who stood in it:
who got what, when, and what the server answered stay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from segcore.errors import MailError
from segcore.mail.entries import STATES, Added, Entry, Mail, Skip, Try, Waiting
from segcore.mail.outbox_file import SCHEMA, alone, connected, told, transaction
from segcore.params.mail import ADDRESS

__all__ = ["SCHEMA", "STATES", "Added", "Entry", "Mail", "Outbox", "Skip", "Try", "Waiting", "alone"]

UNSENT = ("queued", "sending", "in doubt", "failed")
"""States in which the mail itself is still there."""

_COLUMNS = (
    "run seal edition what address name rep subject language message_id attachments sha256 size "
    "state why queued changed due"
).split()


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
        with told(self.path, "nothing was queued"), transaction(self.connection):
            for mail in mails:
                before["queued" if self._queue(mail, text_of(now)) else "already"] += 1
            for skip in skips:
                self._skip(skip, text_of(now))
        return Added(**before)

    def _queue(self, mail: Mail, now: str) -> bool:
        if not ADDRESS.fullmatch(mail.address):
            raise MailError(f"an address must be like name@acme.example (got {mail.address!r})")
        values = {
            **{name: getattr(mail, name) for name in _COLUMNS if hasattr(mail, name)},
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
        told_of = {"seal": skip.seal, "name": skip.name, "why": skip.why, "rep": None, "attachments": "[]"}
        state = {"edition": 0, "size": 0, "state": "skipped", "queued": now, "changed": now, "due": None}
        self._insert({**key, **nothing, **told_of, **state})

    def _insert(self, values: dict[str, Any]) -> int | None:
        marks = ", ".join(f":{name}" for name in _COLUMNS)
        made = self.connection.execute(
            f"INSERT INTO mail ({', '.join(_COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING", values
        )
        return made.lastrowid if made.rowcount == 1 else None

    def known(self, run: str) -> set[tuple[int, str, str]]:
        """Edition, what and address of every mail of a run, whatever became of it."""
        rows = self._rows(
            "SELECT edition, what, address FROM mail WHERE run = ? AND state != 'skipped'", (run,)
        )
        return {(row["edition"], row["what"], row["address"]) for row in rows}

    def last_sent(self, address: str, what: str) -> dt.date | None:
        """The day on which the newest mail of a subscription was queued that did not fail; None for none.

        The day of the clock that stands here: a mail that waits for a server until the next month counts
        for the month in which it was due.
        """
        rows = self._rows(
            "SELECT max(queued) AS day FROM mail WHERE address = ? AND what = ?"
            " AND state NOT IN ('skipped', 'failed')",
            (address, what),
        )
        return time_of(rows[0]["day"]).astimezone().date() if rows[0]["day"] else None

    def log(self, *, to: Collection[str] | str | None = None, run: str | None = None) -> list[Entry]:
        """What became of every mail, and who got none and why, by run, address and what it is about.

        Parameters
        ----------
        to
            Only of these: addresses, names or representatives.
        run
            Only of this run.
        """
        where, values = _chosen(to, run)
        order = "ORDER BY run, address, what, edition, id"
        rows = self._rows(f"SELECT * FROM mail WHERE {where} {order}", values)
        tries: dict[int, list[Try]] = {}
        chosen = f"SELECT id FROM mail WHERE {where}"
        for row in self._rows(f"SELECT * FROM attempt WHERE mail IN ({chosen}) ORDER BY id", values):
            one = Try(time_of(row["at"]), row["state"], row["code"], row["answer"])
            tries.setdefault(row["mail"], []).append(one)
        return [_entry(row, tuple(tries.get(row["id"], ()))) for row in rows]

    def counts(self, *, to: Collection[str] | str | None = None, run: str | None = None) -> dict[str, int]:
        """How many mails there are of every state."""
        where, values = _chosen(to, run)
        rows = self._rows(f"SELECT state, count(*) AS mails FROM mail WHERE {where} GROUP BY state", values)
        found = Counter({row["state"]: row["mails"] for row in rows})
        return {state: found[state] for state in STATES}

    def bounced(self, message_id: str, at: dt.datetime, why: str) -> bool:
        """Note that a mail came back; False if no mail that was sent has this Message-ID."""
        with told(self.path), transaction(self.connection):
            rows = self._rows(
                "SELECT id FROM mail WHERE message_id IN (?, ?) AND state IN ('sent', 'in doubt', 'bounced')",
                (f"<{message_id.strip().strip('<>')}>", message_id.strip().strip("<>")),
            )
            for row in rows:
                self.connection.execute(
                    "UPDATE mail SET state = 'bounced', why = ?, changed = ?, due = NULL WHERE id = ?",
                    (why, text_of(at), row["id"]),
                )
                self.connection.execute(
                    "INSERT INTO attempt (mail, at, state, answer) VALUES (?, ?, 'bounced', ?)",
                    (row["id"], text_of(at), why),
                )
                self.connection.execute("DELETE FROM body WHERE mail = ?", (row["id"],))
                self.connection.execute("DELETE FROM customer WHERE mail = ?", (row["id"],))
        return bool(rows)

    def _rows(self, statement: str, values: Collection[Any] = ()) -> list[sqlite3.Row]:
        with told(self.path):
            return self.connection.execute(statement, tuple(values)).fetchall()


def text_of(moment: dt.datetime) -> str:
    """A moment as it is kept: UTC, and such that later ones sort after it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> dt.datetime:
    """A moment as it was kept."""
    return dt.datetime.fromisoformat(text)


def _chosen(to: Collection[str] | str | None, run: str | None) -> tuple[str, list[str]]:
    """A condition on mails, and its values."""
    where, values = ["1"], []
    if to is not None:
        people = (to,) if isinstance(to, str) else tuple(to)
        marks = ", ".join("?" * len(people))
        where.append(f"(address IN ({marks}) OR name IN ({marks}) OR rep IN ({marks}))")
        values += [*people] * 3
    if run is not None:
        where.append("run = ?")
        values.append(run)
    return " AND ".join(where), values


def _entry(row: sqlite3.Row, tries: tuple[Try, ...]) -> Entry:
    kept = {name: row[name] for name in _COLUMNS}
    kept["attachments"] = tuple(json.loads(row["attachments"]))
    for name in ("queued", "changed", "due"):
        kept[name] = time_of(row[name]) if row[name] else None
    return Entry(**kept, tries=tries)
