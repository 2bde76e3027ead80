"""The mails of a run, one at a time: who is told, who is not and why, and the bytes of what they get."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from segcore import language
from segcore.errors import MailError
from segcore.mail import reasons
from segcore.mail.contents import letters, missing, nothing, opened
from segcore.mail.entries import Mail, Skip
from segcore.mail.message import Sender, Stamp, message
from segcore.mail.people import recipients
from segcore.mail.who import meant, perhaps
from segcore.mailing.asked import Asked
from segcore.mailing.fates import Fate, by_recipient, fate, not_due
from segcore.mailing.readers import reps_of, without
from segcore.mailing.ready import Ready, settings
from segcore.sentences import mailings as say
from segcore.sentences import mails as of_mails

if TYPE_CHECKING:
    from collections.abc import Callable

    from segcore.mail.contents import Source
    from segcore.mail.entries import Entry
    from segcore.mail.letter import Letter, Recipient
    from segcore.params import Study

    LastSent = Callable[[str, str], dt.date | None]


@dataclass(frozen=True)
class Wanted:
    """Who is to be told about a run.

    Parameters
    ----------
    fates
        Everybody who was asked for, and what becomes of each.
    """

    fates: Sequence[tuple[Recipient, Fate]]

    @property
    def told(self) -> Mapping[tuple[str, str], Fate]:
        """Those who get a mail, by what it is about and their address."""
        return {(one.what, one.address): of for one, of in self.fates if of.edition}

    def had(self, why: str) -> int:
        """How many get none because they have had one."""
        return sum(1 for _, of in self.fates if of.had == why)

    def without(self, held: Container[str]) -> Wanted:
        """The same, but that nobody gets a mail who is a representative of these numbers."""
        skip = Fate(skip=reasons.MOVED)
        return Wanted(
            [
                (one, skip if of.edition and one.rep is not None and one.rep in held else of)
                for one, of in self.fates
            ]
        )


@contextmanager
def source(ready: Ready) -> Iterator[Source]:
    """What the mails are made of: the sealed run, and of its copies only what is printed afterwards."""
    from segcore.representatives import secret

    with opened(ready.study, ready.run.folder, ready.places.reports / ready.date, secret()) as found:
        yield found


def everybody(ready: Ready, found: Source, asked: Asked) -> list[Recipient]:
    """All who get mails about runs of the study, as far as they were asked for.

    Raises
    ------
    MailError
        If an address cannot be used, or somebody was asked for who gets nothing of this study.
    """
    try:
        every = recipients(ready.study, found.engine, ready.subscriptions)
    except MailError as error:
        raise MailError(*error.problems, *missing(found, ready.subscriptions)) from None
    if asked.to is None:
        return every
    if some := meant(asked.to, every):
        return some
    for rep in meant(asked.to, reps_of(found.engine)):
        if why := without(ready.study, rep, ready.subscriptions):
            raise MailError(f"--to must be somebody who gets mails (got {asked.to!r}): {why}")
    close = perhaps(asked.to, every)
    hint = f"did you mean {close}?" if close else "segcore send --dry-run shows who gets mails"
    raise MailError(
        f"--to must be the address, number or name of somebody who gets mails (got {asked.to!r}); {hint}"
    )


def wanted(
    ready: Ready, people: Sequence[Recipient], asked: Asked, entries: Iterable[Entry], last: LastSent
) -> Wanted:
    """What becomes of each of them.

    Parameters
    ----------
    ready, people
        The run, and who was asked for.
    asked
        Which mails somebody wants.
    entries
        What the outbox knows of earlier mails about the run.
    last
        When somebody was last told about something.
    """
    before = by_recipient(entries)
    fates = []
    for one in people:
        if asked.monthly_only and one.subscription.when == "each run":
            continue
        if asked.only is not None and (one.what, one.address.lower()) not in asked.only:
            continue
        mails = before.get((one.what, one.address), [])
        of = fate(mails, ready.seals, again=asked.again)
        if of.edition and not mails and not asked.anyway:
            when = last(one.address, one.what)
            if why := not_due(one, ready.date, ready.latest, when, asked.today):
                of = Fate(skip=why)
        fates.append((one, of))
    return Wanted(fates)


def mails(ready: Ready, found: Source, people: Wanted, asked: Asked) -> Iterator[Mail | Skip]:
    """The mails of those who are told, and the reasons of those who are not; one at a time.

    Parameters
    ----------
    ready, found
        The run, and what is in it.
    people
        Who is told.
    asked
        When.
    """
    told = people.told
    for one, of in people.fates:
        if of.skip:
            yield _skip(ready, one, of.skip)
    some = [one for one, of in people.fates if of.edition]
    latest = dt.date.fromisoformat(ready.latest)
    for one, letter in letters(replace(found, today=asked.today, latest=latest), some):
        if letter is None:
            yield _skip(ready, one, nothing(found, one.subscription))
        elif letter.link and one.rep is not None and not _has_page(ready, found, one.rep):
            yield _skip(ready, one, reasons.NO_PAGE)
        else:
            yield _mail(ready, one, letter, told[one.what, one.address], asked)


def _has_page(ready: Ready, found: Source, rep: str) -> bool:
    """Whether the page is there to which mails of a representative lead: none is made for old runs."""
    from segcore.archive.own_pages import FOLDER
    from segcore.representatives.folder import PAGE

    secret = found.secret
    if secret is None:
        return False
    return (ready.places.reports / FOLDER / secret.folder(ready.study.name, rep) / PAGE).is_file()


def _skip(ready: Ready, one: Recipient, why: str) -> Skip:
    return Skip(ready.date, ready.run.sha256, one.what, one.address, one.name, one.rep, why)


def _mail(ready: Ready, one: Recipient, letter: Letter, of: Fate, asked: Asked) -> Mail:
    if of.corrected:
        with language.spoken(one.language):
            told = [of_mails.replaces(dt.date.fromisoformat(ready.date)), *letter.paragraphs]
            letter = replace(letter, subject=say.corrected(letter.subject), paragraphs=told)
    from_ = sender(ready.study)
    key = (ready.study.name, ready.date, str(of.edition), one.what, one.address)
    stamp = Stamp(message_id(key, from_.host), asked.now)
    return Mail(
        run=ready.date,
        seal=ready.run.sha256,
        edition=of.edition,
        what=one.what,
        address=one.address,
        name=one.name,
        rep=one.rep,
        subject=letter.subject,
        language=one.language,
        message_id=stamp.message_id,
        attachments=tuple(attached.name for attached in letter.attachments),
        customers=letter.customers,
        raw=message(letter, one, from_, stamp),
    )


def sender(study: Study) -> Sender:
    """Whom the mails of a study come from."""
    mail = settings(study)
    host = mail.from_.rpartition("@")[2].lower()
    return Sender(
        address=mail.from_,
        name=mail.name or study.title,
        unsubscribe=mail.unsubscribe or f"mailto:{mail.from_}",
        list_id=f"{study.name.replace('_', '-')}.segcore.{host}",
        host=host,
    )


def message_id(key: Sequence[str], host: str) -> str:
    """The name of a mail in its header: of the same run, edition, matter and address always the same."""
    told = json.dumps(list(key), ensure_ascii=True).encode("ascii")
    return f"<{hashlib.sha256(told).hexdigest()[:40]}@{host}>"
