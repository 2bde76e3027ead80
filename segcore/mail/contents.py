"""What stands in the mails of a run: for each recipient what was asked for, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from segcore import language, representatives
from segcore.errors import MailError
from segcore.mail import chosen, own_accounts, whole
from segcore.mail.source import Source, opened
from segcore.mail.subscriptions import OWN_PAGE, Subscription
from segcore.representatives import own
from segcore.sentences import mails as say

if TYPE_CHECKING:
    from segcore.mail.letter import Letter, Recipient

__all__ = ["Source", "letters", "opened"]

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
    if problems := list(dict.fromkeys(_missing(source, recipients))):
        raise MailError(*problems)
    return _letters(source, recipients)


def _letters(source: Source, recipients: Sequence[Recipient]) -> Made:
    together = sorted((one for one in recipients if one.rep is None), key=_same)
    for _, some in groupby(together, _same):
        readers = list(some)
        made = _made(source, readers[0])
        for one in readers:
            yield one, made and _addressed(source, one, made)
    owners = [one for one in recipients if one.rep is not None]
    if owners:
        yield from _own(source, owners)


def _same(one: Recipient) -> tuple[object, ...]:
    """Those for whom this is equal get the same but for their name."""
    asked = one.subscription
    return (asked.gets, asked.key, one.language, asked.attach, asked.only_if_any)


def _made(source: Source, one: Recipient) -> Letter | None:
    asked = one.subscription
    if asked.gets == "report":
        return whole.letter(source, one.language, asked.attach)
    return chosen.letter(source, one.language, asked.where, asked.attach, only_if_any=asked.only_if_any)


def _own(source: Source, owners: Sequence[Recipient]) -> Made:
    """The mails of representatives: each share of the run goes to its owner, and is forgotten then."""
    by_rep: dict[str, list[Recipient]] = {}
    for one in owners:
        by_rep.setdefault(one.rep or "", []).append(one)
    representatives.people(source.engine)
    for share in own.shares(source.engine):
        for one in by_rep.get(share.rep, ()):
            made = own_accounts.letter(source, one, share)
            yield one, made and _addressed(source, one, made)


def _addressed(source: Source, one: Recipient, made: Letter) -> Letter:
    """The mail with the name of its reader, and why and how long one gets it."""
    with language.spoken(one.language):
        leave = say.leave(source.mail.unsubscribe or f"mailto:{source.mail.from_}")
        return replace(
            made, greeting=say.greeting(one.name), closing=f"{_why(source, one.subscription)} {leave}"
        )


def _why(source: Source, asked: Subscription) -> str:
    because = {
        "report": lambda: say.WHY_REPORT,
        "own accounts": lambda: say.WHY_OWN,
        "customers": lambda: say.why_customers(say.asked(asked.where.asked)),
    }
    return str(say.why(source.kept.title, because[asked.gets](), monthly=asked.when != "each run"))


def _missing(source: Source, recipients: Sequence[Recipient]) -> Iterator[str]:
    for one in recipients:
        asked = one.subscription
        if asked.gets == "report":
            yield from whole.missing(source, asked.attach)
        if asked.gets == "own accounts" and source.secret is None and OWN_PAGE not in asked.attach:
            yield (
                f"{representatives.VARIABLE} must be set in the environment, for it names the folders that "
                "mails of representatives lead to (it is not); docs/hosting.md says how to make one; or "
                f"write attach: [{OWN_PAGE}]"
            )
