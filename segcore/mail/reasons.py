"""Why somebody got no mail, as the outbox keeps it and as pages show it in their language."""

from __future__ import annotations

import datetime as dt
import re

from segcore import language
from segcore.wording import long_date

NOTHING = "nothing is in it"
FIRST = "this is the first run: moves come with the next one"
LATEST = "monthly mails tell of the latest run, that of {day}"
THIS_MONTH = "this month's mail was made on {day}"
NOT_BEFORE = "not due before {day}"
MOVED = "the reps source of today says something else of this number"
ERASED = "somebody was erased from its run"
GONE = "somebody was erased from its run; not asked for since"
NO_PAGE = "the page that the mail would lead to is not there"

AMISS = (MOVED, NO_PAGE)
"""Of somebody who should get a mail: there is something to be mended."""

REASONS = (NOTHING, FIRST, LATEST, THIS_MONTH, NOT_BEFORE, ERASED, GONE, *AMISS)
"""Each is kept in English, with a date as 2025-12-31."""

_PARTS = {"{day}": r"(?P<day>\d{4}-\d{2}-\d{2})"}


def shown(why: str) -> str:
    """A reason in the language that is spoken; another text, like the answer of a server, as it is."""
    for reason in REASONS:
        if (found := _is(reason, why)) is not None:
            return language.say(reason, **{name: _said(name, part) for name, part in found.items()})
    return why


def is_amiss(why: str) -> bool:
    """Whether somebody got no mail who should have got one."""
    return any(_is(reason, why) is not None for reason in AMISS)


def _is(reason: str, why: str) -> dict[str, str] | None:
    """What stands in a reason, part by part; None if it is another one."""
    pattern = re.escape(reason)
    for name, part in _PARTS.items():
        pattern = pattern.replace(re.escape(name), part)
    found = re.fullmatch(pattern, why)
    return found.groupdict() if found else None


def _said(name: str, part: str) -> str:
    return long_date(dt.date.fromisoformat(part)) if name == "day" else part
