"""Whom to call before the next run, by when, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from segcore.sentences.de.unshown import NOT_SHOWN
from segcore.sentences.rows import Row, Table, date, rows
from segcore.wording import count, day_and_month, duration, in_words, join, money, percent, plural, sentence

NOT_AHEAD = (
    "In diesem Lauf wird niemand bewusst zurückgehalten: Er ist nachträglich entstanden (rückwirkend, noch "
    "einmal oder aus Lieferdateien mit späteren Datensätzen), und eine Liste, die nicht vorher vorlag, lässt "
    "sich nicht vergleichen."
)
NO_LIST_BEFORE = (
    "Der Lauf davor hat keine Liste erstellt; deshalb steht niemand an erster Stelle, weil er zurückgehalten "
    "wurde."
)

_ONE = {"Tage": "Tag", "Jahre": "Jahr", "Jahren": "Jahr"}
"""A word of a unit → its singular."""


def limit(label: str, now: str, unit: str, at_most: str) -> str:
    """How far a variable is from its edge: ``Letzte Bestellung 131 Tage her, Grenze 135``."""
    word, _, rest = unit.partition(" ")
    counted = f"{_ONE.get(word, word)} {rest}" if now == "1" else unit
    said = f"{label} {now}" if unit == label else f"{label} {now} {counted}"
    return f"{said.rstrip()}, Grenze {at_most}"


def reason(why: str, segment: str, near: str) -> str:
    """Why a customer stands on a call list.

    Parameters
    ----------
    why
        ``held out``, ``falls`` or ``follow_up``.
    segment
        The customer's.
    near
        How far the variable that counts is from its edge, see :func:`limit`; empty for nothing near.
    """
    if why == "held out":
        return f"Seit dem letzten Lauf zurückgehalten{f'; {near}' if near else ''}"
    return near or f"Nachfassen im Segment {segment}"


def to_do(days: int, segment: str, action: str) -> str:
    """Why somebody who does not fall is to be followed up.

    Parameters
    ----------
    days
        Since the last order.
    segment, action
        The customer's, and what the study says is to be done with it; may be empty.
    """
    ago = f"Letzte Bestellung vor {plural(days, 'Tag', 'Tagen')}" if days else "Letzte Bestellung heute"
    return f"{ago}; {segment}: {action}" if action else f"{ago}; Nachfassen im Segment {segment}"


def falling(customers: int, value: Decimal, until: str, currency: str, *, windowed: bool = False) -> str:
    """How many fall until the next run unless they order.

    Parameters
    ----------
    customers, value
        How many they are, and what they are worth.
    until
        The date of the next run, see :func:`day`.
    windowed
        Whether orders may leave a window until then, so that more may fall.
    """
    if not customers:
        alone = "allein durch Zeitablauf " if windowed else ""
        return f"Vor dem Lauf am {until} steigt {alone}kein Kunde ab"
    worth = f"mit einem Bestellwert von {money(value, currency)}"
    if customers == 1:
        who = "Mindestens ein Kunde" if windowed else "Ein Kunde"
        return f"{who} {worth} steigt vor dem Lauf am {until} ab, wenn er nicht bestellt"
    who = f"{'Mindestens ' if windowed else ''}{count(customers)} Kunden"
    return f"{who} {worth} steigen vor dem Lauf am {until} ab, wenn sie nicht bestellen"


def to_follow(total: Row, currency: str) -> str:
    """How many are to be followed up beside those who fall, and their worth, by the total of a list."""
    customers = total["to_follow"]
    if not customers:
        return ""
    one, several = ("weiterer Kunde", "weitere Kunden") if total["falling"] else ("Kunde", "Kunden")
    are = "ist" if customers == 1 else "sind"
    told = (
        f"{plural(customers, one, several)} mit einem Bestellwert von "
        f"{money(total['follow_value'], currency)} {are} zum Nachfassen vorgesehen"
    )
    return told + _left_off(customers, total.get("follow_cut", 0))


def _left_off(customers: int, cut: int) -> str:
    """How many of them the capacity leaves off; older runs counted none of these."""
    if not cut:
        return ""
    if cut == customers:
        return f", {'passt' if cut == 1 else 'passen'} aber auf keine Liste"
    return f"; {count(cut)} davon {'passt' if cut == 1 else 'passen'} auf keine Liste mehr"


def day(until: dt.date, run_date: dt.date) -> str:
    """A coming day as sentences write it."""
    return day_and_month(until, run_date)


def in_file(customers: int, shown: int, file: str) -> str:
    """How many of a list stand in the file only; empty if all are shown."""
    more = customers - shown
    return f"{plural(more, 'weiterer Kunde', 'weitere Kunden')} in {file}." if more else ""


BECAME = {
    "fell": ("ist abgestiegen", "sind abgestiegen"),
    "ordered": ("hat bestellt und ist nicht abgestiegen", "haben bestellt und sind nicht abgestiegen"),
    "gone": ("ist weggefallen", "sind weggefallen"),
    "others": ("blieb ohne Bestellung und ohne Abstieg", "blieben ohne Bestellung und ohne Abstieg"),
}
"""What became of somebody who was named → of one and of several."""


def last_list(table: Table, run_date: dt.date) -> str:
    """What became of those who the last run said would fall; nothing where it said nothing.

    Parameters
    ----------
    table
        The run's ``last_list``.
    run_date
        Of this run.
    """
    found = rows(table)
    if not found:
        return ""
    row, named = found[0], found[0]["named"]
    run = f"Der Lauf vom {day_and_month(date(row['run_date']), run_date)}"
    there = [(row[name], words) for name, words in BECAME.items() if row[name]]
    if named == 1:
        he = f"Er {there[0][1][0]}"
        told = f"{run} hatte einem Kunden den Abstieg vorhergesagt, falls er nicht bestellt: {he}."
    elif named:
        parts = [f"{count(number)} {words[number > 1]}" for number, words in there]
        told = (
            f"{run} hatte {count(named)} Kunden den Abstieg vorhergesagt, falls sie nicht bestellen: "
            f"{join(parts)}."
        )
    else:
        told = f"{run} hatte niemandem den Abstieg vorhergesagt."
    return f"**Was aus der letzten Liste wurde:** {told} {_unnamed(row)} {NOT_SHOWN['last_list']}"


def no_last_list(last_run: dt.date, run_date: dt.date) -> str:
    """Warum über die letzte Liste nichts gesagt wird."""
    return (
        f"**Was aus der letzten Liste wurde:** Der Lauf vom {day_and_month(last_run, run_date)} hat keine "
        "aufbewahrt (eine ältere Version hat ihn erstellt)."
    )


def _unnamed(row: Row) -> str:
    """Who fell and had not been named."""
    number, ordered = row["unnamed"], row["unnamed_ordered"]
    if not number:
        return f"{'Sonst ist niemand' if row['named'] else 'Niemand ist'} abgestiegen."
    one, several = ("anderer Kunde", "andere Kunden") if row["named"] else ("Kunde", "Kunden")
    who = f"{plural(number, one, several)} {'ist' if number == 1 else 'sind'}"
    if ordered == number:
        return f"{who} trotz einer Bestellung abgestiegen."
    whose = f", {count(ordered)} davon trotz einer Bestellung" if ordered else ""
    return f"{who} abgestiegen{whose}."


def named(shown: int, falling: int) -> tuple[str, str]:
    """Which of those who fall a table names: its heading, and what stands below it."""
    if shown == falling:
        return "Wer absteigt, nach Datum", "Nach Datum sortiert."
    which = "der" if shown == 1 else f"die {in_words(shown)}"
    return (
        f"{sentence(which)} mit dem höchsten Bestellwert, nach Datum",
        f"Nach Datum sortiert: von {count(falling)} Kunden, die absteigen, {which} mit dem höchsten "
        "Bestellwert. Andere können früher absteigen.",
    )


def lists(total: Row, capacity: int | None) -> str:
    """How long the lists are, and who was left off."""
    if not total["customers"]:
        return "Niemand ist anzurufen."
    stand = "steht" if total["customers"] == 1 else "stehen"
    told = f"{plural(total['customers'], 'Kunde', 'Kunden')} {stand} auf Anruflisten"
    if total["cut"]:
        more = "1 weiterer käme" if total["cut"] == 1 else f"{count(total['cut'])} weitere kämen"
        told += f"; {more} hinzu, aber jede Liste ist auf {count(capacity or 0)} gekürzt"
    return f"{told}."


def held_out(draw: Table, *, first_run: bool) -> list[str]:
    """Who is left alone on purpose, and where the study asks for it, why nobody is.

    Parameters
    ----------
    draw
        The rows of the table ``draw``.
    first_run
        Whether there is no run before this one.
    """
    drawn = rows(draw)
    if not drawn or not drawn[0]["share"]:
        return []
    if not drawn[0]["published_ahead"]:
        return [NOT_AHEAD]
    held, listed = (sum(row[name] for row in drawn) for name in ("held_out", "listed"))
    where = join([row["segment"] for row in drawn], "oder")
    who = f"{count(held)} von {plural(listed, 'Kunden', 'Kunden')}"
    told = [
        f"**{who} {'werden' if held > 1 else 'wird'} bis zum nächsten Lauf zurückgehalten.** Das "
        f"betrifft Kunden der Anruflisten im Segment {where}; in jedem Segment entscheidet das Los, damit "
        "der nächste Bericht sagen kann, ob Anrufe helfen. Wer zurückgehalten wird, steht jetzt auf keiner "
        "Liste und auf der nächsten an erster Stelle."
        if held
        else "**Bis zum nächsten Lauf wird niemand zurückgehalten**; über die Wirkung von Anrufen lässt sich "
        f"aus diesem Lauf also nichts erfahren. Auf den Anruflisten im Segment {where}: "
        f"{plural(listed, 'Kunde', 'Kunden')}, zu wenige, um in jedem Segment {percent(drawn[0]['share'])} "
        "zurückzuhalten."
    ]
    if not first_run and not drawn[0]["listed_before"]:
        told.append(NO_LIST_BEFORE)
    return told


def first(total: Row) -> str:
    """Who stands first for having been left alone; empty for nobody."""
    if not total["first"]:
        return ""
    if total["first"] == 1:
        return "1 Kunde steht an erster Stelle, weil er seit dem letzten Lauf bewusst zurückgehalten wurde."
    return (
        f"{count(total['first'])} Kunden stehen an erster Stelle, weil sie seit dem letzten Lauf bewusst "
        "zurückgehalten wurden."
    )


def of_nobody(lists: Sequence[Row]) -> str:
    """How many have no representative who could call; empty if all have."""
    unknown = sum(row["customers"] for row in lists if row["position"] and not row["recorded"])
    if not unknown:
        return ""
    if unknown == 1:
        return "1 Kunde hat keinen Betreuer; er steht am Ende der Datei."
    return f"{count(unknown)} Kunden haben keinen Betreuer; sie stehen am Ende der Datei."


def windows(asked: Sequence[str]) -> str:
    """What the dates do not foresee.

    Parameters
    ----------
    asked
        The windows of the variables that have one.
    """
    moves = "Eine Bestellung vor dem Datum verschiebt es."
    if not asked:
        return moves
    lengths = [duration(length, behind=True) for length in dict.fromkeys(asked)]
    which = "aus dem Zeitraum" if len(lengths) == 1 else "aus den Zeiträumen"
    return (
        f"{moves} Nicht berücksichtigt sind Bestellungen, die bis dahin {which} von {join(lengths)} "
        "herausfallen: Ein Kunde kann deshalb auch früher absteigen."
    )


def of_one(row: Row) -> str:
    """The list of one representative in a line."""
    name = row["name"] or "Ohne Betreuer"
    return (
        f"{name}: {plural(row['customers'], 'Kunde', 'Kunden')} anzurufen, "
        f"{count(row['would_fall'])} mit drohendem Abstieg"
    )
