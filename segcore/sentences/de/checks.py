"""Follow-ups that cannot be what they say, and what the checks against gaming and mistakes found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby

from segcore.sentences.de.followup import NOT_SHOWN
from segcore.sentences.de.labels import LABELS
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, percent, plural

NOTHING = "Die Prüfungen haben nichts gefunden, wonach zu fragen wäre."

SHOWN = 3
"""How many customers a sentence names."""


def late(table: Table) -> list[str]:
    """What is wrong with follow-ups, one sentence for each kind; nothing where nothing is.

    Parameters
    ----------
    table
        ``late``, one row for each such follow-up.
    """
    found = rows(table)
    told = []
    for kind, words in LATE.items():
        mine = [row for row in found if row["kind"] == kind]
        if mine:
            told.append(f"{_contacts(len(mine))} {words[len(mine) > 1]}{_first(mine)}.")
    return told


def future(reconciliation: Table) -> str:
    """How many follow-ups lie after the run date; nothing if none does."""
    found = sum(row["after_run_date"] for row in rows(reconciliation) if row["source"] == "followups")
    if not found:
        return ""
    lie, count_ = ("liegt", "zählt") if found == 1 else ("liegen", "zählen")
    return f"{_contacts(found)} {lie} nach dem Stichtag und {count_} noch nicht."


def _contacts(number: int) -> str:
    return plural(number, "Kontakt", "Kontakte")


def told(late_ones: Table, reconciliation: Table, found: Table) -> list[str]:
    """What is wrong with follow-ups, and what the checks found or that they found nothing.

    Parameters
    ----------
    late_ones, reconciliation, found
        The run's ``late``, ``reconciliation`` and ``suspicions``.
    """
    texts = [*late(late_ones), future(reconciliation), *(suspicions(found) or [NOTHING])]
    return [text for text in texts if text]


def not_shown(late_ones: Table, found: Table) -> list[str]:
    """What these do not show; nothing where there are none."""
    after = any(row["kind"] == "after the order" for row in rows(late_ones))
    return [*([NOT_SHOWN["late"]] if after else []), *([NOT_SHOWN["suspicions"]] if rows(found) else [])]


LATE: Mapping[str, tuple[str, str]] = {
    "unknown customer": (
        "gehört zu einem Kunden, den weder die Bestellungen noch der Kundenstamm kennen; die Nummer ist zu "
        "berichtigen",
        "gehören zu Kunden, die weder die Bestellungen noch der Kundenstamm kennen; die Nummern sind zu "
        "berichtigen",
    ),
    "before the first order": (
        "liegt vor der ersten Bestellung des Kunden und zählt nirgends",
        "liegen vor der ersten Bestellung des Kunden und zählen nirgends",
    ),
    "logged late": (
        "wurde verspätet erfasst: Der frühere Lauf kannte ihn nicht und hat den Kunden als nicht kontaktiert "
        "gezählt, falls es keinen anderen Kontakt gab; frühere Läufe bleiben, wie sie sind, und niemand "
        "wechselt deshalb die Gruppe",
        "wurden verspätet erfasst: Der frühere Lauf kannte sie nicht und hat die Kunden als nicht "
        "kontaktiert gezählt, falls es keinen anderen Kontakt gab; frühere Läufe bleiben, wie sie sind, und "
        "niemand wechselt deshalb die Gruppe",
    ),
    "unknown representative": (
        "stammt von einem Betreuer, der nicht in der Liste der Betreuer steht; für den Kunden zählt er",
        "stammen von Betreuern, die nicht in der Liste der Betreuer stehen; für die Kunden zählen sie",
    ),
    "twice": (
        "ist mit demselben Kunden, Tag und Betreuer schon einmal erfasst; er zählt einmal",
        "sind mit demselben Kunden, Tag und Betreuer schon einmal erfasst; sie zählen einmal",
    ),
    "after the order": (
        "kam nach der Bestellung des Kunden und wird nicht angerechnet: Die Tage bis zur Bestellung zählen "
        "als Tage ohne Kontakt",
        "kamen nach der Bestellung des Kunden und werden nicht angerechnet: Die Tage bis zur Bestellung "
        "zählen als Tage ohne Kontakt",
    ),
}
"""Kind of follow-up → what is said of one and of several."""


def _first(found: Sequence[Row]) -> str:
    """The first few of them, so that they can be found; there may be very many."""
    named = _some([f"{row['customer_id']} am {_day(row['date'])}" for row in found])
    return f" ({named})"


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - SHOWN
    return "; ".join([*texts[:SHOWN], *([f"{count(more)} weitere"] if more > 0 else [])])


def _day(date: dt.date) -> str:
    return f"{date.day}.{date.month}.{date.year}"


def suspicions(table: Table) -> list[str]:
    """What the checks found, one sentence for each representative and for each kind of fact."""
    found = rows(table)
    told = [_of_book(row) for row in found if row["customer_id"] is None]
    facts = [row for row in found if row["customer_id"] is not None]
    for check, mine in groupby(facts, key=lambda row: str(row["check"])):
        told.append(_of_customers(check, list(mine)))
    return told


def _of_book(row: Row) -> str:
    shares = (
        f"{count(row['hits'])} von {count(row['of'])} Kunden ({percent(row['hits'] / row['of'])}), bei allen "
        f"anderen {count(row['others_hits'])} von {count(row['others_of'])} "
        f"({percent(row['others_hits'] / row['others_of'])})"
    )
    variable = LABELS.get(row["detail"], row["detail"])
    return SIGNS[row["check"]].format(name=row["name"], detail=variable, shares=shares)


SIGNS: Mapping[str, str] = {
    "just above an edge": (
        "**{name}: knapp über einer Grenze.** Von den Kunden nahe an einer Grenze von „{detail}“ liegen "
        "auffällig viele knapp darüber: {shares}. Zu klären ist, ob Bestellungen so zugeschnitten "
        "wurden, dass sie die Grenze überschreiten."
    ),
    "orders on adjacent days": (
        "**{name}: Bestellungen an aufeinanderfolgenden Tagen.** Von den Kunden, die bestellt haben, haben "
        "auffällig viele zwei Bestellungen innerhalb eines Tages: {shares}. Zu klären ist, ob eine "
        "Bestellung als zwei erfasst wurde."
    ),
    "credited afterwards": (
        "**{name}: nachträglich gutgeschrieben.** Von den Kunden, die aufgestiegen sind, haben auffällig "
        "viele mindestens die Hälfte wieder gutgeschrieben bekommen: {shares}. Ihre Bestellungen zählen "
        "weiterhin; zu klären ist, ob sie ernst gemeint waren."
    ),
    "followed up after the order": (
        "**{name}: nach der Bestellung kontaktiert.** Auffällig viele erste Kontakte lagen in der Woche nach "
        "einer Bestellung: {shares}. Sie werden nicht angerechnet; zu klären ist, ob sie erfasst werden, um "
        "als Erfolg zu gelten."
    ),
    "followed up by another": (
        "**{name}: Kunden anderer kontaktiert.** Von den Kunden, die dieser Betreuer kontaktiert hat, "
        "gehören auffällig viele zu einem anderen: {shares}. Sie zählen für den anderen; zu klären ist, wer "
        "sie betreut."
    ),
}
"""Check → what is said of a representative with whom it is not as with all others."""


def _of_customers(check: str, found: Sequence[Row]) -> str:
    listed = _some([f"{row['customer_id']}: {_names(row)}" for row in found])
    one, several = FACTS[check]
    return f"{one if len(found) == 1 else several.format(count(len(found)))} ({listed})."


def _names(row: Row) -> str:
    if row["check"] == "another representative now":
        return f"{row['name']}, jetzt {row['detail']}"
    return join(str(row["detail"]).split(" / "))


FACTS: Mapping[str, tuple[str, str]] = {
    "another representative now": (
        "1 Kunde hat einen anderen Betreuer als beim letzten Lauf und zählt für den damaligen",
        "{} Kunden haben einen anderen Betreuer als beim letzten Lauf und zählen für den damaligen",
    ),
    "in two books": (
        "1 Kunde hat seit dem letzten Lauf Bestellungen von zwei Betreuern und zählt für den, der beim "
        "letzten Lauf zuständig war",
        "{} Kunden haben seit dem letzten Lauf Bestellungen von zwei Betreuern und zählen für den, der beim "
        "letzten Lauf zuständig war",
    ),
}
"""Check → what is said of one and of several customers."""
