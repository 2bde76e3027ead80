"""The outbox of a study, opened to queue mails; one that is lost is not begun anew without a word.

Who had which mail stands in the outbox alone. So a mark beside it says that there was one.
"""

from __future__ import annotations

from pathlib import Path

from segcore.archive import Places
from segcore.archive.mail_pages import has_outbox
from segcore.errors import MailError
from segcore.files import write_text
from segcore.mail.outbox import Outbox
from segcore.mail.outbox_file import BEGUN

TEXT = "Mails were queued in outbox.sqlite beside this file. Without both of them all mails go out again.\n"


def opened(places: Places) -> Outbox:
    """The outbox, to queue mails in it; made for the first ones.

    Raises
    ------
    MailError
        If there was one, or if the file is none.
    """
    check_there(places)
    outbox = Outbox.open(places.outbox, make=True)
    try:
        if not _mark(places).exists():
            write_text(_mark(places), TEXT, durable=True)
    except BaseException:
        outbox.close()
        raise
    return outbox


def check_there(places: Places) -> None:
    """Make sure that the outbox is there if mails were ever queued in it.

    Raises
    ------
    MailError
        If it is gone.
    """
    if told := lost(places):
        raise MailError(told)


def lost(places: Places) -> str:
    """What to do about an outbox that was there and is gone; "" if it is there, or never was."""
    # The mark is looked for first: another process may just be making both.
    if not _mark(places).exists() or has_outbox(places):
        return ""
    return (
        f"{places.outbox} must be there, for it knows who had which mail (it is gone); put it back from "
        f"a copy, or remove {_mark(places)} to begin anew: all mails that are asked for go out again"
    )


def _mark(places: Places) -> Path:
    return places.runs / BEGUN
