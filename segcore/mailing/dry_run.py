"""What would be sent, as files: each mail as it would go out, and pages that show all of them.

Whoever may read the pages sees what every recipient would; so they lie beside the runs, for the one who
asked alone, and nothing in a mail can do anything there.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.archive import Places
from segcore.archive.places import DRY_RUN
from segcore.errors import MailError
from segcore.files import remove, write_text
from segcore.mail.entries import Mail, Skip
from segcore.wording import count, sentence

if TYPE_CHECKING:
    from markupsafe import Markup

PAGE = "index.html"
A_PAGE = 25
"""So many mails stand on a page, for each has its pictures in it."""

OURS = 0o700

_CID = re.compile(r"""(["'(])cid:([^"')\s]+)""")


@dataclass(frozen=True)
class Shown:
    """One mail as a page shows it.

    Parameters
    ----------
    number
        Its number, from 1 on.
    file
        Its name as a file.
    subject, headers
        Its subject, and all that stands in its header, in order.
    text, html
        Its two parts, with the pictures in the second.
    size, attached
        Its bytes, and what it carries: name and bytes.
    """

    number: int
    file: str
    subject: str
    headers: Sequence[tuple[str, str]]
    text: str
    html: str
    size: int
    attached: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Leaf:
    """One of the pages.

    Parameters
    ----------
    title
        Of all of them.
    number
        Its number, from 1 on.
    mails
        The mails on it.
    skips
        Who would get none; they stand on the last page.
    told
        What whoever looks should know; it stands on every page.
    more
        Whether another page follows.
    """

    title: str
    number: int
    mails: Sequence[Shown]
    skips: Sequence[Skip] = ()
    told: Sequence[str] = ()
    more: bool = False


def write(places: Places, run_date: str, made: Iterable[Mail | Skip], told: Sequence[str] = ()) -> Path:
    """Write the mails of a run, and pages that show them, in the place of what a dry run before left.

    Parameters
    ----------
    places, run_date
        The run.
    made
        Its mails, and who would get none; one at a time, for all together may not fit into memory.
    told
        What whoever looks should know, one sentence each.

    Returns
    -------
    pathlib.Path
        The first page.

    Raises
    ------
    MailError
        If they would be written to another place, by a link.
    """
    folder = places.runs / DRY_RUN / run_date
    for path in (folder.parent, folder):
        if path.is_symlink():
            raise MailError(
                f"{path}: must be a folder (it is a link to another place, where others may read); "
                "remove the link"
            )
    remove(folder)
    for path in (folder.parent, folder):
        path.mkdir(mode=OURS, exist_ok=True)
        path.chmod(OURS)
    title = f"{places.study} {run_date}"
    skips: list[Skip] = []
    waiting: list[Shown] = []
    pages = 0
    for shown in _written(folder, made, skips):
        if len(waiting) == A_PAGE:
            pages += 1
            _page(folder, Leaf(title, pages, waiting, told=told, more=True))
            waiting = []
        waiting.append(shown)
    _page(folder, Leaf(title, pages + 1, waiting, skips, told))
    return folder / PAGE


def _written(folder: Path, made: Iterable[Mail | Skip], skips: list[Skip]) -> Iterator[Shown]:
    number = 0
    for one in made:
        if isinstance(one, Skip):
            skips.append(one)
            continue
        number += 1
        file = f"{number:04}-{re.sub(r'[^a-z0-9]+', '-', one.address.lower()).strip('-')[:60]}.eml"
        (folder / file).write_bytes(one.raw)
        yield shown(number, file, one.raw)


def shown(number: int, file: str, raw: bytes) -> Shown:
    """A mail as a page shows it.

    Parameters
    ----------
    number, file
        Its number, and its name as a file.
    raw
        Its bytes.
    """
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    attached = [
        (part.get_filename() or "", len(part.get_payload(decode=True) or b""))
        for part in mail.iter_attachments()
        if part.get_content_disposition() == "attachment"
    ]
    return Shown(
        number,
        file,
        str(mail["Subject"]),
        [(name, str(value)) for name, value in mail.items()],
        text.get_content() if text else "",
        _with_pictures(html.get_content(), mail) if html else "",
        len(raw),
        attached,
    )


def _with_pictures(html: str, mail: EmailMessage) -> str:
    pictures = {}
    for part in mail.walk():
        name = (part["Content-ID"] or "").strip("<> ")
        held = part.get_payload(decode=True)
        if name and part.get_content_type() == "image/png" and isinstance(held, bytes):
            pictures[name] = f"data:image/png;base64,{base64.b64encode(held).decode()}"
    return _CID.sub(lambda found: f"{found[1]}{pictures.get(found[2], '')}", html)


def _page(folder: Path, leaf: Leaf) -> None:
    from segcore.report.parts import environment
    from segcore.report.written import css, policy

    template = environment().get_template("dry_run.html.j2")
    text = template.render(
        policy=policy(pictures=True),
        css=_markup(css({})),
        title=leaf.title,
        mails=leaf.mails,
        skips=leaf.skips,
        told=[sentence(one.removeprefix("warning: ")) for one in leaf.told],
        before=_name(leaf.number - 1) if leaf.number > 1 else "",
        after=_name(leaf.number + 1) if leaf.more else "",
        kilobytes=lambda size: f"{count(round(size / 1000))} KB" if size >= 1000 else f"{size} B",
    )
    write_text(folder / _name(leaf.number), text)


def _name(page: int) -> str:
    return PAGE if page == 1 else f"page-{page}.html"


def _markup(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)
