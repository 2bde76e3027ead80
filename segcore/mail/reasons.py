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

REASONS = (NOTHING, FIRST, LATEST, THIS_MONTH, NOT_BEFORE, MOVED, ERASED, GONE)
"""Each is kept in English, with a date as 2025-12-31."""


def shown(why: str) -> str:
    """A reason in the language that is spoken; another text, like the answer of a server, as it is."""
    for reason in REASONS:
        found = re.fullmatch(re.escape(reason).replace(r"\{day\}", r"(\d{4}-\d{2}-\d{2})"), why)
        if found:
            days = [long_date(dt.date.fromisoformat(day)) for day in found.groups()]
            return language.say(reason, day=days[0]) if days else language.say(reason)
    return why
