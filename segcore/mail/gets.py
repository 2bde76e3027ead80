"""What somebody may get: one entry for each, and all that depends on it.

The mails themselves are made by modules that take long to import, so each entry asks for its own when it is
needed: who reads subscriptions makes no mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segcore import outputs

if TYPE_CHECKING:
    from segcore.mail.letter import Letter, Recipient
    from segcore.mail.source import Source
    from segcore.mail.subscriptions import Subscription
    from segcore.representatives.own import Own

Name = Literal["report", "own accounts", "customers"]

OWN_PAGE, OWN_BOOK, LIST = "page", "workbook", "list"
"""Files that are no files of a run: a representative's page and workbook, and a list of chosen customers."""


@dataclass(frozen=True)
class Gets:
    """One of the things that somebody may get.

    Parameters
    ----------
    label
        How the page that says who got what calls it, see :func:`segcore.language.say`.
    attach
        The files that may go with it.
    in_place
        That of them with which the mail says all without a link.
    letter
        Makes the mail of a recipient, and of the share of the run that is the recipient's own; None where
        nothing is in it. Those who ask for the same get the same, but for what is somebody's own.
    why
        Why the reader gets it, in the language that is spoken.
    missing
        What is not there that the mail needs, one sentence each.
    own
        Whether it is of a representative, and goes to nobody else.
    filtered
        Whether it is of customers that ``where`` chooses.
    always
        Whether something is in it at every run.
    """

    label: str
    attach: tuple[str, ...]
    in_place: str
    letter: Callable[[Source, Recipient, Own | None], Letter | None]
    why: Callable[[Source, Subscription], str]
    missing: Callable[[Source, Subscription], Iterator[str]]
    own: bool = False
    filtered: bool = False
    always: bool = False


def _report(source: Source, one: Recipient, own: Own | None) -> Letter:
    from segcore.mail import whole

    return whole.letter(source, one.language, one.subscription.attach)


def _own_accounts(source: Source, one: Recipient, own: Own | None) -> Letter | None:
    from segcore.mail import own_accounts

    return own_accounts.letter(source, one, own) if own else None


def _customers(source: Source, one: Recipient, own: Own | None) -> Letter | None:
    from segcore.mail import chosen

    return chosen.letter(source, one)


def _why_report(source: Source, asked: Subscription) -> str:
    from segcore.sentences import mails as say

    return say.WHY_REPORT


def _why_own(source: Source, asked: Subscription) -> str:
    from segcore.sentences import mails as say

    return say.WHY_OWN


def _why_customers(source: Source, asked: Subscription) -> str:
    from segcore.sentences import mails as say

    return str(say.why_customers(say.asked(asked.where.asked, source.names)))


def _no_file(source: Source, asked: Subscription) -> Iterator[str]:
    from segcore.mail import whole

    yield from whole.missing(source, asked.attach)


def _no_secret(source: Source, asked: Subscription) -> Iterator[str]:
    from segcore.representatives import VARIABLE

    if source.secret is None and OWN_PAGE not in asked.attach:
        yield (
            f"{VARIABLE} must be set in the environment, for it names the folders that mails of "
            "representatives lead to (it is not); docs/hosting.md says how to make one; or write "
            f"attach: [{OWN_PAGE}]"
        )


def _nothing(source: Source, asked: Subscription) -> Iterator[str]:
    yield from ()


GETS: Mapping[Name, Gets] = {
    "report": Gets(
        label="whole report",
        attach=(*outputs.OUTPUTS, outputs.PAPER),
        in_place=outputs.PAGE,
        letter=_report,
        why=_why_report,
        missing=_no_file,
        always=True,
    ),
    "own accounts": Gets(
        label="own accounts",
        attach=(OWN_PAGE, OWN_BOOK),
        in_place=OWN_PAGE,
        letter=_own_accounts,
        why=_why_own,
        missing=_no_secret,
        own=True,
    ),
    "customers": Gets(
        label="chosen customers",
        attach=(LIST,),
        in_place=LIST,
        letter=_customers,
        why=_why_customers,
        missing=_nothing,
        filtered=True,
    ),
}
"""What somebody may get."""
