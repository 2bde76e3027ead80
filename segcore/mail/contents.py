"""What stands in the mails of a run: for each recipient what was asked for, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from segcore import language, representatives
from segcore.errors import MailError
from segcore.mail import reasons
from segcore.mail.source import Source, opened
from segcore.representatives import own
from segcore.sentences import mails as say

if TYPE_CHECKING:
    from segcore.mail.letter import Letter, Recipient
    from segcore.mail.subscriptions import Subscription

__all__ = ["Source", "letters", "missing", "nothing", "opened"]

Made = Iterator[tuple["Recipient", "Letter | None"]]


def letters(source: Source, recipients: Sequence[Recipient]) -> Made:
    """The mail of each recipient, None where nothing is in it; one at a time.

    Parameters
    ----------
    source
        The run.
    recipients
        Who gets one, see :func:`segcore.mail.people.recipients`.

    Raises
    ------
    MailError
        Before the first mail is made, if one would lead nowhere: the secret is missing that names the folders
        of representatives, or a file that somebody wants.
    """
    if problems := missing(source, [one.subscription for one in recipients]):
        raise MailError(*problems)
    return _letters(source, recipients)


def _letters(source: Source, recipients: Sequence[Recipient]) -> Made:
    together = sorted((one for one in recipients if one.rep is None), key=_same)
    for _, some in groupby(together, _same):
        readers = list(some)
        made = readers[0].subscription.kind.letter(source, readers[0], None)
        for one in readers:
            yield one, made and _addressed(source, one, made)
    owners = [one for one in recipients if one.rep is not None]
    if owners:
        yield from _own(source, owners)


def _same(one: Recipient) -> tuple[object, ...]:
    """Those for whom this is equal get the same but for their name."""
    asked = one.subscription
    return (asked.gets, asked.key, one.language, asked.attach, asked.only_if_any)


def _own(source: Source, owners: Sequence[Recipient]) -> Made:
    """The mails of representatives: each share of the run goes to its owner, and is forgotten then."""
    by_rep: dict[str, list[Recipient]] = {}
    for one in owners:
        by_rep.setdefault(one.rep or "", []).append(one)
    representatives.people(source.engine)
    for share in own.shares(source.engine):
        for one in by_rep.get(share.rep, ()):
            made = one.subscription.kind.letter(source, one, share)
            yield one, made and _addressed(source, one, made)


def _addressed(source: Source, one: Recipient, made: Letter) -> Letter:
    """The mail with the name of its reader, and why and how long one gets it."""
    with language.spoken(one.language):
        leave = say.leave(source.mail.unsubscribe or f"mailto:{source.mail.from_}")
        return replace(
            made, greeting=say.greeting(one.name), closing=f"{_why(source, one.subscription)} {leave}"
        )


def _why(source: Source, asked: Subscription) -> str:
    return str(say.why(source.kept.title, asked.kind.why(source, asked), monthly=asked.when != "each run"))


def nothing(source: Source, asked: Subscription) -> str:
    """Why nothing is in a mail that somebody asked for."""
    from segcore.mail.chosen import before_moves

    return reasons.FIRST if before_moves(source, asked.where) else reasons.NOTHING


def missing(source: Source, asked: Sequence[Subscription]) -> list[str]:
    """What is not there that mails to those who asked need, one sentence each."""
    return list(dict.fromkeys(told for one in asked for told in one.kind.missing(source, one)))
