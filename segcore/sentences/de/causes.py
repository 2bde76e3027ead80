"""Why customers moved: what they did, what time did, and what we did to the ruler."""

from __future__ import annotations

from collections.abc import Sequence

from segcore.sentences.facts import causes as facts
from segcore.sentences.facts.causes import OURS as OURS
from segcore.sentences.facts.causes import OWN as OWN
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, join, plural

MARKS = {
    "earned": "Eigene Bestellungen",
    "aged": "Zeitablauf",
    "corrected": "Korrigiert oder verspätet",
    "boundary": "Grenzen verschoben",
    "rules": "Regeln geändert",
    "model": "Modell geändert",
}
"""Mark → how a key or the head of a table names it, the customers' own first."""
REASONS = {
    **MARKS,
    "new": "Erste Bestellung",
    "returned": "Wieder bestellt",
    "gone": "Nicht mehr im Kundenkreis",
    "unranked": "Segment gibt es nicht mehr",
}
"""Mark, or the state of who has none → why a customer is in another segment."""

NOT_SHOWN = (
    "Das zeigt nicht, warum jemand bestellt hat: „Eigene Bestellungen“ heißt, dass Bestellungen seit dem "
    "letzten Lauf den Ausschlag gegeben haben, nicht, dass ein Kontakt zu ihnen geführt hat."
)
HOW_TO_READ = (
    "**Lesehilfe.** Jeder Balken ist ein Segment des letzten Laufs: nach rechts, wer daraus aufgestiegen "
    "ist, nach links, wer abgestiegen ist. **Ausgefüllt** ist, was Kunden getan oder nicht getan haben. "
    "**Schraffiert und weiß** ist, was wir geändert haben; das zählt weder als Erfolg noch als Verlust."
)
MEANING = {
    "corrected": "**Korrigiert oder verspätet:** Bestellungen bis zum letzten Lauf wurden geändert oder "
    "zurückgenommen oder kamen erst später an.",
    "boundary": "**Grenzen verschoben:** Eine Grenze wird aus den Daten berechnet, und jetzt gilt eine "
    "andere; mit der alten hätten diese Kunden nicht gewechselt.",
    "rules": "**Regeln geändert:** Die Regeltabelle wurde bearbeitet; mit der alten hätten diese Kunden "
    "nicht gewechselt.",
    "model": "**Modell geändert:** Variablen, Klassen oder Segmente sind andere; Grenzen und Regeln lassen "
    "sich deshalb nicht trennen.",
}
WHY: dict[str | tuple[str, str], str] = {
    ("up", "earned"): "durch eigene Bestellungen",
    ("down", "earned"): "durch eigene Bestellungen",
    ("up", "aged"): "durch Zeitablauf",
    ("down", "aged"): "durch Zeitablauf",
    "corrected": "durch korrigierte oder verspätete frühere Bestellungen",
    "boundary": "nur durch verschobene Grenzen",
    "rules": "nur durch geänderte Regeln",
    "model": "nur durch das geänderte Modell",
}
"""Mark, with the direction where it matters → its words."""

_MOVES = {"up": ("aufgestiegen", "Aufstieg"), "down": ("abgestiegen", "Abstieg")}
"""Direction → what customers are, and what one of these moves is called."""


def finding(marks: Table) -> str:
    """How many moves were the customers' own: ``Alle 8 Wechsel gehen …, 3 davon nahe an einer Grenze``."""
    return f"{_whose(marks)}{_near(marks)}"


def _near(marks: Table) -> str:
    n, found = facts.often_fragile(marks), facts.moves(marks)
    if not n:
        return ""
    if found.every == 1:
        return ", nahe an einer Grenze"
    if found.every in (found.own, found.ours, found.corrected):
        return f", {'alle' if n == found.every else count(n)} davon nahe an einer Grenze"
    who = f"alle {count(n)}" if n == found.every else f"{count(n)} der {count(found.every)}"
    return f"; {who} {'lag' if n == 1 else 'lagen'} nahe an einer Grenze"


def _whose(marks: Table) -> str:
    found = facts.moves(marks)
    every, own, ours, corrected = found.every, found.own, found.ours, found.corrected
    if not every:
        return "Niemand hat das Segment gewechselt"
    late = "auf korrigierte oder verspätete Bestellungen"
    if every in (own, ours, corrected):
        what = "auf die Kunden selbst" if own else "auf unsere Methode" if ours else late
        if every == 1:
            return f"Der eine Wechsel geht {what.replace('die Kunden', 'den Kunden')} zurück"
        return f"{'Beide' if every == 2 else f'Alle {count(every)}'} Wechsel gehen {what} zurück"
    first = count(own) if own else "Keiner"
    told = (
        f"{first} von {count(every)} Wechseln {'gehen' if own > 1 else 'geht'} auf die Kunden selbst zurück"
    )
    others = [(ours, "auf unsere Methode"), (corrected, late)]
    return f"{told}, {join([f'{count(number)} {what}' for number, what in others if number])}"


def moved(marks: Table, direction: str) -> str:
    """Why those who moved up, or down, did so: ``Von 142 Aufstiegen kamen 97 durch … zustande``.

    Parameters
    ----------
    marks
        The table, see :func:`segcore.transitions.causes`; or the rows of one segment.
    direction
        up or down.
    """
    found, (did, move) = facts.moved(marks, direction), _MOVES[direction]
    every = sum(row["customers"] for row in found)
    if not found:
        return f"Niemand ist {did}."
    if every == 1:
        return f"Der eine {move} kam {_why(found[0])} zustande."
    if len(found) == 1:
        who = "Beide" if every == 2 else f"Alle {count(every)}"
        return f"{who} {move}e kamen {_why(found[0])} zustande."
    parts = [f"{count(row['customers'])} {_why(row)}" for row in found]
    return f"Von {count(every)} {move}en kamen {join(parts)} zustande."


def told_apart(marks: Table) -> str:
    """After a change of the model: what is the customers' own, up and down; nothing if nobody moved."""
    return " ".join(moved(marks, way) for way in facts.ways(marks))


def _why(row: Row) -> str:
    words = WHY.get((row["direction"], row["mark"])) or WHY[row["mark"]]
    if row["mark"] != "aged" or row["direction"] == "up":
        return words
    if not row["ordered"]:
        return f"{words} ohne neue Bestellung"
    if row["ordered"] == row["customers"]:
        return f"{words} trotz einer Bestellung"
    return f"{words} ({count(row['ordered'])} davon trotz einer Bestellung)"


def meaning(marks: Table) -> str:
    """What the marks say that are not the customers' own, as far as there are any."""
    there = {row["mark"] for row in rows(marks) if row["customers"]}
    return " ".join(words for mark, words in MEANING.items() if mark in there)


def resized(found: Table, names: Sequence[str]) -> str:
    """By how much the new model alone made segments larger or smaller; nothing without a bridge.

    Parameters
    ----------
    found
        The table ``bridge``, see :func:`segcore.transitions.causes`.
    names
        The segments that are spoken of.
    """
    told = [f"{name} {_more(more)}" for name, more in facts.resized(found, names)]
    return f"Allein durch das neue Modell hat {join(told)}." if told else ""


def _more(customers: int) -> str:
    who = "einen" if abs(customers) == 1 else count(abs(customers))
    return f"{who} Kunden {'mehr' if customers > 0 else 'weniger'}"


def masked(marks: Table) -> str:
    """Whose change the new model hides; nothing if nobody's."""
    n = sum(row["customers"] for row in rows(marks) if row["mark"] == "masked")
    if not n:
        return ""
    who = "1 Kunde, der geblieben ist, hätte" if n == 1 else f"{count(n)} Kunden, die geblieben sind, hätten"
    return f"{who} mit dem vorherigen Modell gewechselt: Das neue verdeckt es."


def fragile(marks: Table) -> str:
    """How many movers are so near to a boundary that chance decides; nothing where that is not known."""
    found = facts.fragile(marks)
    if not found:
        return ""
    n, every = found
    if not n:
        who = "Keiner dieser Kunden ist" if every > 1 else "Der Kunde ist nicht"
        return f"{who} unsicher zugeordnet."
    who = "Der Kunde ist"
    if every > 1:
        who = f"Von diesen {count(every)} Kunden {'ist' if n == 1 else 'sind'} {count(n)}"
    lay = "lag er" if n == 1 else "lagen sie"
    return (
        f"{who} unsicher zugeordnet: Bei diesem oder beim letzten Lauf {lay} so nahe an einer Grenze, dass "
        "der Zufall entschieden haben kann."
    )


def bridge(found: Table, segments: Sequence[str]) -> str:
    """How many customers the new model places elsewhere than the one before; nothing without a bridge.

    Parameters
    ----------
    found
        The table ``bridge``, see :func:`segcore.transitions.causes`.
    segments
        The segments of this run, best first.
    """
    placed = facts.placed(found, segments)
    if not placed:
        return ""
    if not placed.most:
        return "Das neue Modell ordnet jeden Kunden so ein wie das vorherige."
    ways = [(placed.better, "in ein besseres"), (placed.worse, "in ein schlechteres")]
    split = join([way if k == placed.elsewhere else f"{count(k)} {way}" for k, way in ways if k])
    who = f"{count(placed.elsewhere)} von {plural(placed.customers, 'Kunden', 'Kunden')}"
    most = placed.most
    named = f"von {most['from_segment']} nach {most['to_segment']}"
    largest = f"Alle {named}" if placed.only else f"Die meisten, {count(most['customers'])}, {named}"
    if placed.elsewhere == 1:
        largest = f"Es geht {named}"
    return (
        f"Das neue Modell ordnet {who} in ein anderes Segment ein als das vorherige"
        f"{f': {split}' if split else ''}. {largest}."
    )
