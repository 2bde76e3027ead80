"""What the dashboard says of runs that are stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.wording import join, long_date

AGAIN = "Der neueste Lauf ist überholt; das lässt sich erst sagen, wenn er neu gemacht ist"


def named(dates: Sequence[dt.date], study: str) -> str:
    """Which runs were compared with a run that is no longer there, and what to do; nothing if none."""
    if not dates:
        return ""
    days, one = join([long_date(day) for day in dates]), len(dates) == 1
    who = f"Der Lauf vom {days} ist" if one else f"Die Läufe vom {days} sind"
    return (
        f"{who} überholt: Ein Lauf davor wurde seither zurückgezogen, ergänzt oder neu gemacht. "
        f"{'Seine' if one else 'Ihre'} Größen stehen hier, {'seine' if one else 'ihre'} Wechsel und Summen "
        f"über alle Läufe nicht; segcore backfill {study} --stale macht {'ihn' if one else 'sie'} neu."
    )


def left_out(dates: Sequence[dt.date]) -> str:
    """Which runs a picture lacks because they are stale; nothing if none."""
    if not dates:
        return ""
    days, one = join([long_date(day) for day in dates]), len(dates) == 1
    who = f"Der Lauf vom {days} fehlt" if one else f"Die Läufe vom {days} fehlen"
    return f"{who} hier: überholt, siehe oben."
