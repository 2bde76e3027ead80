"""What the dashboard says of two runs beside each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from segcore.sentences.de.followup import more
from segcore.wording import count, join, long_date, plural, signed

WENT = "Wo die Kunden des früheren Laufs im späteren sind; was dazwischen war, zählt nicht"
NO_FLOWS = (
    "Wer von welchem Segment in welches gewechselt ist, lässt sich für diese beiden Läufe nicht zeigen: Als "
    "der spätere entstand, hat segcore das für Läufe, die nicht aufeinander folgen, noch nicht gezählt."
)


def stale(study: str) -> str:
    """Why it is not shown who went where if the later run was made after another earlier one."""
    return (
        "Wer von welchem Segment in welches gewechselt ist, lässt sich für diese beiden Läufe nicht zeigen: "
        "Seit der spätere oder einer dazwischen entstand, wurde der Lauf, mit dem er verglichen ist, "
        "zurückgezogen, ergänzt oder neu gemacht; "
        f"segcore backfill {study} --stale macht ihn neu."
    )


def compared(
    dates: tuple[dt.date, dt.date], all_of: tuple[int, int], segments: Mapping[str, tuple[int, int]]
) -> str:
    """What is to be said of two runs: how many customers, and which segment grew and shrank most.

    Parameters
    ----------
    dates
        The earlier and the later run date.
    all_of
        How many customers both have.
    segments
        Segment → how many customers it has in both.
    """
    change = all_of[1] - all_of[0]
    how = f"{count(abs(change))} {'mehr' if change > 0 else 'weniger'} als" if change else "ebenso viele wie"
    who = plural(all_of[1], "Kunde", "Kunden")
    told = f"Am {long_date(dates[1])} waren es {who}, {how} am {long_date(dates[0])}"
    steps = {name: now - before for name, (before, now) in segments.items()}
    ends = (max(steps, key=lambda n: steps[n], default=""), min(steps, key=lambda n: steps[n], default=""))
    parts = [
        f"am stärksten {'gewachsen' if way > 0 else 'geschrumpft'} ist {name} ({signed(steps[name])})"
        for name, way in zip(ends, (1, -1), strict=True)
        if name and steps[name] * way > 0
    ]
    return f"{told}; {join(parts)}." if parts else f"{told}; jedes Segment ist so groß wie zuvor."


def pair(segment: str, day: dt.date, customers: int) -> str:
    """A segment in one of two runs."""
    return f"{segment}, {long_date(day)}: {plural(customers, 'Kunde', 'Kunden')}"


def points(share: float) -> str:
    """How two shares differ: ``+4,2 Punkte``."""
    return f"{more(share * 100)} Punkte"
