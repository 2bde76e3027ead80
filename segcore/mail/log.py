"""Who got what, and why not: what an outbox knows, for a terminal and for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from segcore.mail.entries import Entry, Try


def lines(entries: Iterable[Entry]) -> Iterator[str]:
    """What became of each mail: a line, and one for each answer of a server that was not the last word."""
    for entry in entries:
        yield f"{entry.run}  {entry.state:<8}  {_moment(entry.changed)}  {who(entry)}  {_about(entry)}"
        for one in entry.tries[:-1]:
            yield f"            {_moment(one.at)}  {_answer(one)}"


def as_json(entry: Entry) -> dict[str, Any]:
    """The same for machines; moments are in UTC."""
    told = {key: value for key, value in vars(entry).items() if key != "tries"}
    moments = {
        key: value.astimezone(dt.UTC).isoformat()
        for key, value in told.items()
        if isinstance(value, dt.datetime)
    }
    tries = [{**vars(one), "at": one.at.astimezone(dt.UTC).isoformat()} for one in entry.tries]
    return {**told, **moments, "attachments": list(entry.attachments), "tries": tries}


def who(entry: Entry) -> str:
    """Whom a mail is for, in few words."""
    return f"{entry.name} <{entry.address}>" if entry.name else entry.address


def matter(entry: Entry) -> str:
    """What a mail is about: what was asked for, and its edition if that is not the first."""
    again = f", edition {entry.edition}" if entry.edition > 1 else ""
    return f"{entry.what}{again}"


def answered(entry: Entry) -> str:
    """The last word about a mail: the answer of a server, or a reason; "" if there is none."""
    return entry.why or (_answer(entry.tries[-1]) if entry.tries else "")


def _about(entry: Entry) -> str:
    told = [matter(entry), entry.subject]
    if len(entry.tries) > 1:
        told.append(f"{len(entry.tries)} attempts")
    if entry.state != "queued" or entry.why:
        told.append(answered(entry))
    if entry.state == "queued" and entry.due:
        told.append(f"next attempt {_moment(entry.due)}")
    return "; ".join(text for text in told if text)


def _answer(one: Try) -> str:
    # A server's answer begins with its code, but for lines that were made here.
    code = str(one.code or "")
    return one.answer if one.answer.startswith(code) else f"{code} {one.answer}"


def _moment(at: dt.datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
