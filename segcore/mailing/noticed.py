"""What whoever sends mails should know of their contents: that they come late, or in two languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from segcore.wording import join, plural

if TYPE_CHECKING:
    from segcore.mail.contents import Source
    from segcore.mailing.composing import Wanted
    from segcore.mailing.ready import Ready


def with_age(ready: Ready, found: Source, wanted: Wanted, today: dt.date) -> Ready:
    """The run with a warning if somebody is to be told today of days that have come.

    Parameters
    ----------
    ready, found
        The run, and what is in it.
    wanted
        Who is to be told.
    today
        The day.
    """
    reps = sorted({one.rep for one, of in wanted.fates if of.edition and one.rep is not None})
    told = _late(found, today, reps) if wanted.told else []
    if not told:
        return ready
    old = plural((today - found.run_date).days, "day")
    warning = f"warning: {ready.places.study} {ready.date} is {old} old: {'; '.join(told)}; its mails say so"
    return replace(ready, told=(*ready.told, warning))


def with_languages(ready: Ready, found: Source, wanted: Wanted) -> Ready:
    """The run with a warning if own accounts go out in another language than the run keeps its words in.

    Reasons of call lists and sentences of rules are words of the run; all else is told in the reader's.
    """
    kept = found.kept.language
    some = [one for one, of in wanted.fates if of.edition and one.rep is not None and one.language != kept]
    if not some:
        return ready
    whom = plural(len(some), "mail")
    others = join(sorted({one.language for one in some}))
    warning = (
        f"warning: {whom} of own accounts in {others}: reasons stay in {kept}, the language of the study, "
        "for the run keeps them as words"
    )
    return replace(ready, told=(*ready.told, warning))


def _late(found: Source, today: dt.date, reps: Sequence[str]) -> list[str]:
    """What has come since the run: days on call lists of these representatives, and that of the next run."""
    told = []
    if reps and found.engine.has("calls"):
        query = """select count(*), min(drop_date) from calls where position is not null and falls
            and drop_date <= $today and trim(rep) in (select unnest($reps::VARCHAR[]))"""
        ((number, first),) = found.engine.rows(query, {"today": today, "reps": reps})
        if number:
            were = plural(number, "customer was", "customers were")
            told.append(f"{were} to fall by now, the first on {first}")
    if found.frame.until <= today:
        told.append(f"the next run was due on {found.frame.until}")
    return told
