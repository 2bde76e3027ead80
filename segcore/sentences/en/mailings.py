"""Mails about what became of runs and of mails: corrections, failures, and who got what."""

from __future__ import annotations

import datetime as dt

from segcore.wording import long_date, plural


def corrected(subject: str) -> str:
    """The subject of a mail that takes the place of an earlier one."""
    return f"Corrected: {subject}"


def failed(study: str, day: dt.date) -> str:
    """The subject of a mail about a run that failed."""
    return f"{study}: the run of {long_date(day)} failed"


def failed_at(notebook: str, cell: int) -> str:
    """Where a run failed."""
    return (
        f"It stopped in {notebook}, cell {cell}. Nothing was published, and no mail was sent to anybody else."
    )


def failed_before() -> str:
    """What is known of a run that failed outside of a notebook."""
    return "It stopped before or after its notebooks. Nobody else was sent a mail."


def look(place: str) -> str:
    """Where to look, seen from the project's folder."""
    return f"What is left of it, with the error, is in {place} of the project."


def look_at_the_log(study: str) -> str:
    """Where to look if nothing is left of it."""
    return f"What it said stands in the log of the timer; segcore status {study} says how the study stands."


def once_mended(study: str, day: dt.date, *, in_notebook: bool) -> str:
    """What to do next: how to look closer, and how to make the run and send its mails."""
    look = f"segcore check {study} --date {day} says what is wrong with what was delivered. "
    then = f"Once it is mended, segcore run {study} --date {day} --send makes the run and sends its mails."
    return then if in_notebook else f"{look}{then}"


def unmade(study: str, day: dt.date) -> str:
    """The subject of a mail about a run of which no mails can be made."""
    return f"{study}: no mails about the run of {long_date(day)}"


def nobody_told() -> str:
    """What has become of the run, and of its readers."""
    return "The run is published. Nobody was sent a mail about it, for none can be made as things are."


def why_unmade(study: str, day: dt.date) -> str:
    """Where it is said why, and what to do next."""
    return (
        f"segcore status {study} says what is in the way. Once it is mended, segcore send {study}/{day} "
        "makes the mails and sends them."
    )


def failure_closing() -> str:
    """Why the reader gets the mail about a failure."""
    return "You get this mail because the study names you under mail: owners. It holds no data of customers."


def summed(sent: int, others: int, nothing: int) -> str:
    """What the page with the mails of a study found."""
    told = [plural(sent, "mail was sent", "mails were sent")]
    if others:
        told.append(plural(others, "was not, or came back", "were not, or came back"))
    if nothing:
        told.append(f"{plural(nothing, 'reader', 'readers')} got nothing, for the reason that stands there")
    return "; ".join(told) + "."


def none() -> str:
    """What is said where no mail was queued yet."""
    return "No mail was queued yet."
