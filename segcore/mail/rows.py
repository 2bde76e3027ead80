"""The rows of an outbox: how moments are kept, how mails are chosen, what is told of them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection
from typing import NamedTuple

from segcore.mail.entries import Entry, Try

COLUMNS = (
    *("run", "seal", "edition", "what", "address", "name", "rep", "subject", "language", "message_id"),
    *("attachments", "sha256", "size", "state", "why", "queued", "changed", "due"),
)
"""What is told of a mail."""


class To(NamedTuple):
    """A mail, and whom it goes to."""

    id: int
    address: str
    name: str
    rep: str | None


def text_of(moment: dt.datetime) -> str:
    """A moment as it is kept: UTC, and such that later ones sort after it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> dt.datetime:
    """A moment as it was kept."""
    return dt.datetime.fromisoformat(text)


def chosen(
    mails: Collection[int] | None, run: str | None = None, what: str | None = None
) -> tuple[str, list[str]]:
    """A condition on mails, and its values: their numbers, their run, and what they are about."""
    where, values = ["1"], []
    if mails is not None:
        where.append("id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps([*mails]))
    for name, value in (("run", run), ("what", what)):
        if value is not None:
            where.append(f"{name} = ?")
            values.append(value)
    return " AND ".join(where), values


def entry(row: sqlite3.Row, tries: tuple[Try, ...]) -> Entry:
    """What is told of a mail."""
    kept = {name: row[name] for name in COLUMNS}
    kept["attachments"] = tuple(json.loads(row["attachments"]))
    for name in ("queued", "changed", "due"):
        kept[name] = time_of(row[name]) if row[name] else None
    return Entry(**kept, tries=tries)
