"""Who got what, and why not: what an outbox knows, for a terminal and for machines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from segcore.mail.entries import ARRIVED, LOST, SETTLED, Entry, Try


def lines(
    entries: Iterable[Entry], withdrawn: Collection[str] = (), words: Mapping[str, str] | None = None
) -> Iterator[str]:
    """What became of each mail: a line, and one for each answer of a server that was not the last word.

    Parameters
    ----------
    entries
        The mails.
    withdrawn
        The runs that are withdrawn now.
    words
        What a mail is about → the same in words.
    """
    for entry in entries:
        about = _about(entry, words or {})
        gone = "; withdrawn since" if entry.run in withdrawn and entry.state in ARRIVED else ""
        yield f"{entry.run}  {entry.state:<8}  {_moment(entry.changed)}  {who(entry)}  {about}{gone}"
        for one in entry.tries[:-1]:
            yield f"            {_moment(one.at)}  {_answer(one)}"


def lost(entries: Iterable[Entry]) -> list[Entry]:
    """The mails that did not arrive, the last one to each reader, but where a later one was sent."""
    every = list(entries)
    last: dict[tuple[str, str, str], int] = {}
    for entry in every:
        if entry.state == "sent" or entry.state in LOST:
            last[_key(entry)] = max(last.get(_key(entry), 0), entry.edition)
    return [entry for entry in every if entry.state in LOST and entry.edition == last[_key(entry)]]


def settled(entries: Sequence[Entry]) -> list[Entry]:
    """The same, where those that did not arrive are told apart from those in whose place one was sent."""
    left = {id(entry) for entry in lost(entries)}
    return [
        replace(entry, state=SETTLED) if entry.state in LOST and id(entry) not in left else entry
        for entry in entries
    ]


def _key(entry: Entry) -> tuple[str, str, str]:
    return entry.run, entry.what, entry.address.lower()


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
    if not entry.address:  # of a representative
        return f"{entry.name or entry.rep} without an address"
    return f"{entry.name} <{entry.address}>" if entry.name else entry.address


def matter(entry: Entry, words: Mapping[str, str] | None = None) -> str:
    """What a mail is about: what was asked for, and its number if it is not the first."""
    again = f", mail {entry.edition} about this run" if entry.edition > 1 else ""
    return f"{(words or {}).get(entry.what, entry.what)}{again}"


def answered(entry: Entry) -> str:
    """The last word about a mail: the answer of a server, or a reason; "" if there is none."""
    return entry.why or (_answer(entry.tries[-1]) if entry.tries else "")


def _about(entry: Entry, words: Mapping[str, str]) -> str:
    told = [matter(entry, words), entry.subject]
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
