"""What the dashboard says of runs that are stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.wording import join, long_date

AGAIN = "The newest run is stale; this can be said when it was made again"


def named(dates: Sequence[dt.date], study: str) -> str:
    """Which runs were compared with a run that is no longer there, and what to do; nothing if none."""
    if not dates:
        return ""
    days, one = join([long_date(day) for day in dates]), len(dates) == 1
    who = f"The run of {days} is" if one else f"The runs of {days} are"
    return (
        f"{who} stale: a run before {'it' if one else 'them'} was withdrawn, added or made again since. "
        f"{'Its' if one else 'Their'} sizes are shown, {'its' if one else 'their'} moves and sums over all "
        f"runs are not; segcore backfill {study} --stale makes {'it' if one else 'them'} again."
    )


def left_out(dates: Sequence[dt.date]) -> str:
    """Which runs a picture lacks because they are stale; nothing if none."""
    if not dates:
        return ""
    days, one = join([long_date(day) for day in dates]), len(dates) == 1
    return f"The run{'' if one else 's'} of {days} {'is' if one else 'are'} left out here: stale, see above."
