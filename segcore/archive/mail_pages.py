"""``reports/STUDY/mail.html``: who got which mails about the runs of a study, as its outbox tells it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive.copies import keep_aside
from segcore.archive.finding import published
from segcore.archive.ledger import read_ledger
from segcore.archive.marked import is_ours, marked, there
from segcore.archive.places import Places
from segcore.errors import SegcoreError
from segcore.files import flush, make_folder, remove_partial, write_text
from segcore.report.site import MAILS

if TYPE_CHECKING:
    from segcore.mail.page import Page


def missing(places: Places) -> list[Path]:
    """The page, if it is not what the outbox makes it; one of an outbox that cannot be read stays."""
    path = path_of(places)
    text = there(path)
    if not has_outbox(places):
        return [path] if is_ours(text) else []
    try:
        page = _page(places)
    except SegcoreError:
        return []
    from segcore.mail.page import source, source_of

    return [] if is_ours(text) and source_of(text) == source(page) else [path]


def write(places: Places) -> list[str]:
    """Write the page from what the outbox knows now; says where it kept an edited one."""
    path, told = path_of(places), []
    if not has_outbox(places):
        if is_ours(there(path)):
            path.unlink()
            flush(path.parent)
        return []
    from segcore.mail.page import render, source, source_of

    try:
        page = _page(places)
    except SegcoreError as error:
        return [f"warning: {path} stays as it is: {problem}" for problem in error.problems]
    old, made_of = there(path), source(page)
    if is_ours(old) and source_of(old) == made_of:
        return []
    if os.path.lexists(path) and not is_ours(old):
        told.append(keep_aside(path, places.edited / path.name))
    make_folder(path.parent)
    remove_partial(path.parent)
    # It names whoever gets mails, as the outbox does, which is no more open.
    write_text(path, marked(render(page, made_of)), durable=True, closed=True)
    return told


def edited(places: Places) -> list[str]:
    """What to say of a page that somebody edited: nothing if nobody did."""
    path = path_of(places)
    if not os.path.lexists(path) or is_ours(there(path)):
        return []
    return [f"{path}: must be as it was written (it was edited); a right one is written in its place"]


def unread(places: Places) -> list[str]:
    """What is wrong with the outbox: nothing if it can be read, or there is none."""
    if not has_outbox(places):
        return []
    from segcore.mail.outbox import Outbox

    try:
        with Outbox.open(places.outbox):
            return []
    except SegcoreError as error:
        return list(error.problems)


def readers(places: Places, date: str) -> int:
    """How many addresses were sent a mail about a run, or may have been; none if that cannot be read."""
    if not has_outbox(places):
        return 0
    from segcore.mail.entries import ARRIVED, FAILURE
    from segcore.mail.outbox import Outbox

    try:
        with Outbox.open(places.outbox) as outbox:
            some = outbox.log(run=date)
    except SegcoreError:
        return 0
    return len({entry.address for entry in some if entry.state in ARRIVED and entry.what != FAILURE})


def has_outbox(places: Places) -> bool:
    """Whether a mail of the study was ever queued."""
    from segcore.mail.outbox_file import is_there

    return is_there(places.outbox)


def path_of(places: Places) -> Path:
    """Where the page is."""
    return places.reports / MAILS


def _page(places: Places) -> Page:
    """What the page says; title and language are those of the newest run."""
    from segcore import language
    from segcore.mail.outbox import Outbox
    from segcore.mail.page import Page
    from segcore.report.summary import summary

    with Outbox.open(places.outbox) as outbox:
        entries = outbox.log()
    newest = published(places.runs)[-1:]
    try:
        told = dict(summary(newest[0])) if newest else {}
    except (SegcoreError, OSError, ValueError, TypeError):
        told = {}
    spoken = str(told.get("language", "en"))
    title = str(told.get("title", places.study))
    withdrawn = {e.run_date or "": e.on or "" for e in read_ledger(places.runs).withdrawn}
    return Page(places.study, title, spoken if spoken in language.LANGUAGES else "en", entries, withdrawn)
