"""The rows of an outbox: how moments are kept, how mails are chosen, what is told of them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection

from segcore.mail.entries import Entry, Try

COLUMNS = (
    *("run", "seal", "edition", "what", "address", "name", "rep", "subject", "language", "message_id"),
    *("attachments", "sha256", "size", "state", "why", "queued", "changed", "due"),
)
"""What is told of a mail."""


def text_of(moment: dt.datetime) -> str:
    """A moment as it is kept: UTC, and such that later ones sort after it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> dt.datetime:
    """A moment as it was kept."""
    return dt.datetime.fromisoformat(text)


def chosen(to: Collection[str] | str | None, run: str | None) -> tuple[str, list[str]]:
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


def entry(row: sqlite3.Row, tries: tuple[Try, ...]) -> Entry:
    """What is told of a mail."""
    kept = {name: row[name] for name in COLUMNS}
    kept["attachments"] = tuple(json.loads(row["attachments"]))
    for name in ("queued", "changed", "due"):
        kept[name] = time_of(row[name]) if row[name] else None
    return Entry(**kept, tries=tries)
