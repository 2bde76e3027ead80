"""The card of one customer, line by line: what, why, until when, and what would lift it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from segcore.sentences.de import causes, units
from segcore.sentences.de.durations import in_the_last, within
from segcore.wording import join, long_date, money, ordinal, plural

Given = Mapping[str, Any]

_MOVES = {
    "up": "aufgestiegen",
    "down": "abgestiegen",
    "stayed": "geblieben",
    "new": "neu",
    "returned": "zurückgekehrt",
    "gone": "weggefallen",
    "unranked": "aus einem aufgelösten Segment",
}
"""State of a customer → its words within a line."""
_AWAY = {"away": "abwesend"}
"""What a path says of an absence."""


def value(number: str, unit: str, window: str | None) -> str:
    """A value with its unit and window: ``7 Bestellungen in 12 Monaten``."""
    return units.counted(number, unit) + (f" {within(window)}" if window else "")


def near(edge: str, low: str, high: str) -> str:
    """Between which values an edge could lie."""
    return f"die Grenze {edge} könnte überall zwischen {low} und {high} liegen"


def card(one: Given, currency: str) -> Iterator[str]:
    """The lines of a card.

    Parameters
    ----------
    one
        The card as :meth:`segcore.why.Card.as_json` gives it.
    currency
        Of the order value.
    """
    day = dt.date.fromisoformat(one["run_date"])
    who = f"{one['name']} ({one['customer_id']})" if one["name"] else one["customer_id"]
    yield f"{who}, {one['study']} am {long_date(day)}"
    found = list(lines(one, currency, day))
    apart = max(len(head) for head, _ in found) + 2
    yield from (f"  {head:<{apart}}{told}" for head, told in found)


def lines(one: Given, currency: str, day: dt.date) -> Iterator[tuple[str, str]]:
    """The head and the text of every line, after the one that names the customer.

    Parameters
    ----------
    one, currency
        As for :func:`card`.
    day
        The run date.
    """
    if one["segment"] is None:
        yield "Segment", gone(one["history"])
        yield from _history(one)
        return
    yield "Segment", join([text for text in (one["segment"], one["action"]) if text], "–")
    if one["rule"]:
        yield "Grund", f"{one['rule']['says']} (Zeile {one['rule']['line']} der Regeltabelle)"
    yield "Betreuer", one["representative"] or "nicht erfasst"
    yield "Bestellwert", worth(one, currency)
    for variable in one["variables"]:
        yield variable["label"], in_class(variable)
    yield "Nahe einer Grenze", fragile(one["fragile"], one["variables"])
    windowed = [v["says"] for v in one["variables"] if " in " in v["says"]]
    yield "Steigt ab", falls(one["drop"], day, windowed)
    yield "Steigt auf", lifts(one["lift"], windowed, best=one["best"])
    yield from _history(one)
    if one["call"]:
        yield "Anrufliste", call(one["call"])


def gone(history: Given) -> str:
    """Where somebody was who is not in the run."""
    last = history.get("last_run")
    if last is None or history.get("previous_segment") is None:
        return "in keinem: weder in diesem Lauf noch in einem davor"
    return (
        "in keinem: keine Bestellung in der Zeit, die der Lauf betrachtet; zuletzt im "
        f"Segment {history['previous_segment']}, am {long_date(dt.date.fromisoformat(last))}"
    )


def worth(one: Given, currency: str) -> str:
    """What a customer ordered, and when last."""
    window = in_the_last(one["value_window"]) if one["value_window"] else "aus allen Bestellungen"
    told = f"{money(Decimal(one['order_value']), currency)} {window}"
    if one["last_order"] is None:
        return told
    return f"{told}, letzte Bestellung am {long_date(dt.date.fromisoformat(one['last_order']))}"


def in_class(variable: Given) -> str:
    """A value, its class, and the values of that class in words."""
    return f"{variable['says']}: Klasse {variable['class']} von {variable['classes']}, {variable['interval']}"


def fragile(found: bool | None, variables: Sequence[Given]) -> str:
    """Whether a small shift of an edge would give another segment, and which edges."""
    if found is None:
        return "nicht bekannt: Das Modell sagt nicht, wie weit seine Grenzen anders liegen könnten"
    if not found:
        return "nein: Keine Grenze könnte so liegen, dass sich ein anderes Segment ergäbe"
    told = [f"{v['label']}: {text}" for v in variables for text in v["near"]]
    return (
        "unsicher zugeordnet: Wären die Grenzen aus anderen Kunden bestimmt, könnte das Segment ein "
        "anderes sein" + (f"; {'; '.join(told)}" if told else "")
    )


def falls(drop: Given | None, day: dt.date, windowed: Sequence[str]) -> str:
    """On which day the segment falls if nothing is ordered, and why.

    Parameters
    ----------
    drop
        Of the card, None if waiting alone never lets it fall.
    day
        The run date.
    windowed
        Values that count within a window, whose orders leave it with time.
    """
    earlier = "; fallen vorher Bestellungen aus ihrem Zeitfenster, auch früher" if windowed else ""
    if drop is None:
        return f"nicht allein durch Zeitablauf{earlier}" if windowed else "nie durch Abwarten allein"
    when = dt.date.fromisoformat(drop["drop_date"])
    on = f"{long_date(when)} (in {plural((when - day).days, 'Tag', 'Tagen')})"
    if drop["falls_to"] is None:
        return (
            f"nicht allein durch Zeitablauf, zählt aber ohne Bestellung ab dem {on} nicht mehr mit{earlier}"
        )
    label, limit = drop["label"], drop["limit"]
    told = f"Dann gilt: {label} mehr als {limit}"
    if label.startswith("Letzte "):
        told = f"Dann wäre die {label.replace('L', 'l', 1)} mehr als {limit}"
    return f"am {on} ins Segment {drop['falls_to']}, wenn nichts bestellt wird: {told}{earlier}"


def lifts(lift: Given | None, windowed: Sequence[str], *, best: bool = False) -> str:
    """The cheapest change that lifts.

    Parameters
    ----------
    lift
        Of the card, None if nothing lifts.
    windowed
        Values that count within a window.
    best
        Whether the segment is the best one.
    """
    if best:
        return "gar nicht: schon im besten Segment"
    if lift is None:
        return "durch keine Bestellung: Durch Bestellen ist nichts Besseres zu erreichen"
    told = f"heute mit {plural(lift['orders'], 'Bestellung', 'Bestellungen')}"
    if lift["markets"]:
        told += f" in {plural(lift['markets'], 'neuen Markt', 'neuen Märkten')}"
    told += f" ins Segment {lift['lift_to']}"
    if lift["needs"]:
        told += f", wenn damit erreicht wird: {join(lift['needs'])}"
    later = "was bis zum nächsten Lauf aus dem Zeitfenster fällt, ist nicht berücksichtigt"
    return f"{told}; {later}" if windowed else told


def _history(one: Given) -> Iterator[tuple[str, str]]:
    history, move = one["history"], one["move"]
    if move["state"]:
        yield "Letzter Wechsel", moved(move)
    if history.get("path"):
        yield "Weg", " > ".join(_AWAY.get(part, part) for part in history["path"].split(" > "))
    if history.get("since"):
        yield "Hier", stay(history)


def moved(move: Given) -> str:
    """What became of the customer since the previous run, and its mark."""
    told = _MOVES.get(move["state"], str(move["state"]))
    if move["from_segment"] and move["from_segment"] != move["to_segment"]:
        told += f", aus dem Segment {move['from_segment']}"
    return f"{told}; {_MARKS.get(move['mark'], move['mark'])}" if move["mark"] else told


_MARKS = {
    **{mark: causes.WHY[mark] for mark in ("corrected", "boundary", "rules", "model")},
    **{mark: causes.WHY["up", mark] for mark in ("earned", "aged")},
    "masked": "durch das neue Modell verdeckt",
}
"""Mark → why, within a line."""


def stay(history: Given) -> str:
    """How long a customer has been in the segment, how often, and the best that it ever was."""
    since = long_date(dt.date.fromisoformat(history["since"]))
    least = "mindestens " if history["at_least"] else ""
    told = f"seit dem Lauf vom {since}, {least}{plural(history['days_in_segment'], 'Tag', 'Tage')}"
    if history["times_entered"] > 1:
        told += f", zum {ordinal(history['times_entered'])} Mal"
    return f"{told}; bestes Segment bisher: {history['best_segment']}" if history["best_segment"] else told


def call(found: Given) -> str:
    """Where a customer stands on the call list."""
    if found["held_out"]:
        return "bis zum nächsten Lauf bewusst zurückgehalten: durch Los bestimmt, bitte nicht anrufen"
    if not found["listed"]:
        return "nicht darauf: Die Liste ist auf das gekürzt, was der Betreuer schaffen kann"
    first = ", zuerst, weil seit dem letzten Lauf zurückgehalten" if found["first"] else ""
    return f"Nr. {found['position']}{first}"
