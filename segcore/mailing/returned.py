"""Mails that came back: reports of servers, and which mails they mark in the outboxes of a project."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcore.archive import Places
from segcore.mail import bounces as reported
from segcore.mail.entries import Entry
from segcore.mail.outbox import Outbox
from segcore.mailing.looking import renew, with_outbox
from segcore.wording import count

NO_REPORT = "no report on a delivery; it marks nothing"


@dataclass(frozen=True)
class Returned:
    """What became of one file with a report on a delivery.

    Parameters
    ----------
    file
        The file.
    mail
        Study, run and address of the mail that came back; None if it is none of ours, or none came back.
    says
        What the report says, or why it marks nothing.
    """

    file: Path
    mail: tuple[str, str, str] | None
    says: str

    @property
    def line(self) -> str:
        """The same in one line."""
        if self.mail is None:
            return f"{self.file}: {self.says}"
        study, run, address = self.mail
        return f"{study} {run}: the mail to {address} came back: {self.says}"

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        study, run, address = self.mail or (None, None, None)
        return {
            "file": self.file.as_posix(),
            "study": study,
            "run": run,
            "address": address,
            "says": self.says,
        }


def bounces(root: Path, named: Sequence[Path], now: dt.datetime) -> list[Returned]:
    """Mark the mails that came back, by reports of servers, in the outboxes of all studies.

    Parameters
    ----------
    root
        The project.
    named
        Files and folders with reports.
    now
        The moment.

    Raises
    ------
    MailError
        If a file is not there, or an outbox cannot be read.
    """
    paths = reported.files(named)
    sent: dict[str, list[tuple[Places, Entry]]] = {}
    for places in with_outbox(root, None):
        with Outbox.open(places.outbox) as outbox:
            for entry in outbox.log():
                sent.setdefault(entry.message_id.strip("<>"), []).append((places, entry))
    found = [_marked(path, report, sent, now) for path, report in reported.reports(paths)]
    for study in {one.mail[0] for one in found if one.mail}:
        renew(Places(root, study))
    return found


def told(found: Sequence[Returned]) -> Iterator[str]:
    """What became of each report; of several mails that are none, how many they are."""
    others = [one for one in found if one.says == NO_REPORT]
    yield from (one.line for one in found if one not in others or len(others) == 1)
    if len(others) > 1:
        yield f"{count(len(others))} mails are no reports on deliveries; they mark nothing"


def _marked(
    path: Path,
    report: reported.Report | None,
    sent: dict[str, list[tuple[Places, Entry]]],
    now: dt.datetime,
) -> Returned:
    if report is None:
        return Returned(path, None, NO_REPORT)
    about = sent.get(report.message_id.strip("<>"), [])
    if not about:
        return Returned(
            path, None, f"is about a mail that no outbox of this project knows ({report.message_id})"
        )
    places, entry = about[0]
    if report.action != reported.GIVEN_UP:
        return Returned(path, None, f"the server of {entry.address} says {report.action}; it marks nothing")
    if entry.state == "bounced":
        return Returned(path, (places.study, entry.run, entry.address), f"{report.why} (marked before)")
    with Outbox.open(places.outbox) as outbox:
        known = outbox.bounced(report.message_id, now, report.why)
    if not known:
        return Returned(
            path, None, f"is about a mail to {entry.address} that is {entry.state}; it marks nothing"
        )
    return Returned(path, (places.study, entry.run, entry.address), report.why)
