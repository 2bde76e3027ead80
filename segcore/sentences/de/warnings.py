"""What a reader must know before acting: „Die neueste Bestellung ist vom 5. März 2026, …“."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row
from segcore.wording import count, join, long_date, percent, plural, sentence


def stale(newest: dt.date, run_date: dt.date, allowed: int) -> str:
    """The newest order is older than the days that the study allows; nothing if it is not."""
    gap = (run_date - newest).days
    if gap <= allowed:
        return ""
    return (
        f"Die neueste Bestellung ist vom {long_date(newest)}, {plural(gap, 'Tag', 'Tage')} vor dem Stichtag. "
        "Allein durch veraltete Daten steigen Kunden ab: Bevor nach diesem Bericht gehandelt wird, bitte "
        "prüfen, ob eine Lieferdatei fehlt."
    )


def other_model(previous: dt.date, again: str | None, *, held_out: bool = False) -> str:
    """The runs that are compared used different rules, breaks, populations or exclusions; see English."""
    told = (
        f"Die Segmente vom {long_date(previous)} beruhen auf anderen Regeln oder Klassengrenzen, auf einem "
        "anderen Kundenkreis oder auf anderen Ausschlüssen. Ein Teil der Wechsel geht also nicht auf die "
        "Kunden zurück; „Warum sie gewechselt haben“ zeigt, welcher."
    )
    if again is None:
        return told
    if not again:
        return f"{told} Das ist in jedem Lauf so, denn die Studie bestimmt ihre Grenzen jedes Mal neu."
    lost = ""
    if held_out:
        lost = (
            " Läufe, die wiederholt werden, verlieren ihre Kontrollgruppen und damit, was diese über die "
            "Wirkung des Nachfassens sagen."
        )
    return f"{told}{lost} Um Gleiches mit Gleichem zu vergleichen, die früheren Läufe wiederholen: {again}"


def missing(dates: Sequence[dt.date], previous: dt.date | None) -> str:
    """Which runs were published and are gone, and with which one this run is compared in their place."""
    if not dates:
        return ""
    days = join([long_date(day) for day in dates])
    one = len(dates) == 1
    instead = (
        f"ist mit dem vom {long_date(previous)} verglichen" if previous else "hat keinen Lauf zum Vergleich"
    )
    gone = f"Der Lauf vom {days} wurde veröffentlicht und fehlt" if one else ""
    gone = gone or f"Die Läufe vom {days} wurden veröffentlicht und fehlen"
    return (
        f"{gone} jetzt: Dieser Lauf {instead}. Bitte {'ihn' if one else 'sie'} aus einer Kopie zurücklegen "
        "und diesen Lauf neu erstellen."
    )


def erased(previous: dt.date) -> str:
    """Somebody was taken out of the run that this one is compared with, after it was made."""
    return (
        f"Aus dem Lauf vom {long_date(previous)} wurden seither Kunden gelöscht. Dieser Bericht vergleicht "
        "mit denen, die noch darin stehen: Seine Zahlen zu diesem Tag können kleiner sein als auf der Seite "
        "jenes Laufs."
    )


def cut_off(share: float) -> str:
    """Years cannot be trusted."""
    return (
        f"{sentence(percent(share))} der Kunden haben in den ersten 30 Tagen der Daten zum ersten Mal "
        "bestellt. Viele "
        "sind also schon länger Kunde, als ihre Jahre sagen. Abhilfe: in der Studie eine Spalte für since: "
        "angeben."
    )


def starved(draw: Sequence[Row], capacity: int | None) -> str:
    """The capacity leaves off so many who are to be followed up that nothing can be said of the others."""
    every, listed = (sum(row[name] for row in draw) for name in ("eligible", "listed"))
    if capacity is None or listed >= min(every, FEW):
        return ""
    stand = f"{f'nur {count(listed)}' if listed else 'keiner'} von {plural(every, 'Kunden', 'Kunden')}"
    return (
        f"Durch die Kürzung auf follow_up.capacity: {count(capacity)} {'steht' if listed < 2 else 'stehen'} "
        f"{stand}, bei denen nachzufassen ist, auf den Anruflisten, weniger als {FEW}: zu wenige, um zu "
        "sagen, was das Nachfassen bewirkt. Die übrigen Plätze gehen an Kunden, denen der Abstieg droht und "
        "die mehr wert sind. Abhilfe: capacity erhöhen."
    )


def gates(found: Iterable[Row]) -> list[tuple[str, str]]:
    """Gates that warn or were passed, each with its name; found: rows of the run's ``gates``."""
    told = []
    for row in found:
        name = f"{row['source']}.{row['gate']}"
        if row["state"] == "warned":
            told.append((f"{NAMES[row['gate']]}.", f"{row['told']}."))
        elif row["state"] == "accepted":
            told.append((f"Einmal zugelassen: {name}.", f"{row['told']}. Begründung: {row['because']}."))
    return told


NAMES = {
    "quarantine": "Zurückgewiesene Datensätze",
    "unread": "Unlesbare Merkmale",
    "match": "Unbekannte Schlüssel",
    "alike": "Schlüssel in zwei Schreibweisen",
    "shrunk": "Eine Lieferung ist geschrumpft",
    "overlap": "Lieferungen ohne Gemeinsamkeiten",
    "copied": "Eine Datei wurde doppelt geliefert",
    "repeated": "Mehrfache Schlüssel",
    "contradicted": "Widersprüche",
    "control": "Summen stimmen nicht überein",
    "months": "Ein Monat ohne Bestellungen",
    "limit": "Eine vielleicht abgeschnittene Datei",
    "missing_file": "Eine Datei fehlt",
    "unmatched_file": "Eine Datei, die niemand liest",
}
"""Gate → how a warning of it begins."""
