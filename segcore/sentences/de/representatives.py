"""Was auf der Seite eines Betreuers um die eigenen Kunden herum steht."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.de.workbook import WHO_MOVED
from segcore.wording import count, duration, join, long_date, plural, sentence, short_date

MOVED = {
    "up": ("ist aufgestiegen", "sind aufgestiegen"),
    "down": ("ist abgestiegen", "sind abgestiegen"),
    "unranked": (
        "kommt aus einem Segment, das es nicht mehr gibt",
        "kommen aus einem Segment, das es nicht mehr gibt",
    ),
    "new": ("ist neu", "sind neu"),
    "returned": ("ist zurückgekehrt", "sind zurückgekehrt"),
    "gone": ("ist weggefallen", "sind weggefallen"),
}

SHEETS = {
    "calls": "wer vor dem nächsten Lauf anzurufen ist, in der Reihenfolge der Anrufe",
    "moves": WHO_MOVED,
    "customers": "alle eigenen Kunden dieses Laufs, die besten Segmente und die höchsten Bestellwerte zuerst",
}

FIRST_RUN = "Dies ist der erste Lauf: Wechsel gibt es ab dem nächsten"
NOBODY = "In diesem Lauf gibt es keine eigenen Kunden, also ist niemand anzurufen."
NO_FOLLOWUPS = "Kein eigener Kunde war bisher zum Nachfassen vorgesehen, oder es ist nichts davon erfasst"
WHOEVER = (
    "Alle diese Zahlen, auch die erwartete und die Differenz, gelten für die eigenen Kunden, von wem auch "
    "immer sie kontaktiert wurden: Es sind keine Zahlen der eigenen Arbeit."
)
VALUE = "Bestellwert"
BELOW_CALLS = (
    "**Vor dem:** der Tag des Abstiegs, wenn nichts bestellt wird; sonst der nächste "
    "Lauf, wenn der Kunde zum Nachfassen vorgesehen ist. Eine Bestellung vor diesem Tag verschiebt ihn."
)
YOURS_ONLY = (
    "Diese Seite enthält nur die eigenen Kunden. Sie entsteht mit jedem Lauf neu unter derselben Adresse, "
    "ein Lesezeichen bleibt also richtig."
)


def finding(calls: int, until: str) -> str:
    """Wie viele anzurufen sind, als Überschrift."""
    if not calls:
        return f"Vor dem {until} ist niemand anzurufen"
    return f"{plural(calls, 'Kunde', 'Kunden')} vor dem {until} anrufen"


def lead(calls: int, falling: int, first: tuple[str, dt.date] | None) -> str:
    """Was zu tun ist: wie viele ohne Bestellung absteigen und wer zuerst, nur mit Daten."""
    if not calls:
        return "Auf der Anrufliste steht niemand."
    if not falling or first is None:
        return f"**{plural(calls, 'Kunde steht', 'Kunden stehen')} auf der Anrufliste**."
    who, when = first[0], long_date(first[1])
    if calls == 1:
        return f"**1 Kunde steht auf der Anrufliste**: {who} steigt ohne Bestellung am {when} ab."
    told = f"**{count(calls)} Kunden stehen auf der Anrufliste**"
    if falling == 1:
        return f"{told}. Einer steigt ohne Bestellung ab: {who}, am {when}."
    every = "alle" if falling == calls else f"{count(falling)} von ihnen"
    return f"{told}; {every} steigen ohne Bestellung ab. Zuerst steigt {who} ab, am {when}."


def moves(counted: Sequence[tuple[str, int]], last_run: dt.date | None) -> str:
    """Was seit dem letzten Lauf aus den eigenen Kunden geworden ist, als Überschrift."""
    if last_run is None:
        return FIRST_RUN
    there = dict(counted)
    told = [
        f"{count(there[move])} {words[there[move] > 1]}" for move, words in MOVED.items() if there.get(move)
    ]
    return join(told) if told else "Keiner der eigenen Kunden hat das Segment gewechselt"


def followups(followed: int, eligible: int, when: str) -> str:
    """Wie viele der eigenen Kunden irgendjemand kontaktiert hat, als Überschrift."""
    waren = "war" if eligible == 1 else "waren"
    who = f"{waren} {plural(eligible, 'eigener Kunde', 'eigene Kunden')} zum Nachfassen vorgesehen"
    if not followed:
        return f"{sentence(when)} {who}, von niemandem kontaktiert"
    did = f"{count(followed)} davon {'wurde' if followed == 1 else 'wurden'} kontaktiert"
    return f"{sentence(when)} {who}, {did}, von wem auch immer"


def few(least: int) -> str:
    """That so few were followed up that nothing can be said of them."""
    return f"Weniger als {least} wurden kontaktiert: zu wenige für ein Urteil."


def customers(number: int) -> str:
    """Wie viele Kunden die eigenen sind, als Überschrift."""
    return (
        plural(number, "eigener Kunde", "eigene Kunden")
        if number
        else "In diesem Lauf gibt es keine eigenen Kunden"
    )


def more(shown: int, every: int, file: str) -> str:
    """Wie viele nur in der Arbeitsmappe stehen; nichts, wenn alle hier stehen."""
    return f"{plural(every - shown, 'weiterer Kunde', 'weitere Kunden')} in {file}." if every > shown else ""


def since(day: dt.date | None, *, at_least: bool) -> str:
    """Seit welchem Lauf ein Kunde in seinem Segment ist."""
    if day is None:
        return "–"
    told = f"{short_date(day)}{day.year}"
    return f"{told} oder früher" if at_least else told


def to(segment: str | None) -> str:
    """Wohin ein Kunde absteigt."""
    return f"dann {segment}" if segment else "dann in keinem Segment"


def window(window: str | None) -> str:
    """In welcher Zeit der Bestellwert zählt, wie es unter dem Kopf einer Spalte steht."""
    if window is None:
        return "alle Bestellungen"
    return f"letzte {duration(window)}"


def title(name: str, study: str, day: dt.date) -> str:
    """Der Titel einer Seite und einer Arbeitsmappe."""
    return f"{name}: {study}, {long_date(day)}"


def about(name: str) -> str:
    """Wem die Arbeitsmappe gehört."""
    return f"Die Kunden von {name} und keine anderen."
