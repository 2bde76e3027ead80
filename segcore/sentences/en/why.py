"""The card of one customer, line by line: what, why, until when, and what would lift it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from segcore.wording import join, long_date, money, ordinal, plural, singular

Given = Mapping[str, Any]


def value(number: str, unit: str, window: str | None) -> str:
    """A value with its unit and window: ``7 orders in 12 months``."""
    within = f" in {window}" if window else ""
    return f"{number} {singular(unit) if number == '1' else unit}".rstrip() + within


def near(edge: str, low: str, high: str) -> str:
    """Between which values an edge could lie."""
    return f"the limit of {edge} could lie anywhere from {low} to {high}"


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
    yield f"{who}, {one['study']} on {long_date(day)}"
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
        yield "segment", gone(one["history"])
        yield from _history(one)
        return
    yield "segment", join([text for text in (one["segment"], one["action"]) if text], "–")
    if one["rule"]:
        yield "because", f"{one['rule']['says']} (line {one['rule']['line']} of the rule table)"
    yield "representative", one["representative"] or "not recorded"
    yield "order value", worth(one, currency)
    for variable in one["variables"]:
        yield variable["label"], in_class(variable)
    yield "near an edge", fragile(one["fragile"], one["variables"])
    windowed = [v["says"] for v in one["variables"] if " in " in v["says"]]
    yield "falls", falls(one["drop"], day, windowed)
    yield "lifts", lifts(one["lift"], windowed, best=one["best"])
    yield from _history(one)
    if one["call"]:
        yield "call list", call(one["call"])


def gone(history: Given) -> str:
    """Where somebody was who is not in the run."""
    last = history.get("last_run")
    if last is None or history.get("previous_segment") is None:
        return "in none: not in this run, and in no run before it"
    return (
        f"in none: no order within the time that the run looks at; last in "
        f"{history['previous_segment']}, on {long_date(dt.date.fromisoformat(last))}"
    )


def worth(one: Given, currency: str) -> str:
    """What a customer ordered, and when last."""
    window = f"in the last {one['value_window']}" if one["value_window"] else "in all orders"
    told = f"{money(Decimal(one['order_value']), currency)} {window}"
    if one["last_order"] is None:
        return told
    return f"{told}, the last order on {long_date(dt.date.fromisoformat(one['last_order']))}"


def in_class(variable: Given) -> str:
    """A value, its class, and the values of that class in words."""
    return f"{variable['says']}: class {variable['class']} of {variable['classes']}, {variable['interval']}"


def fragile(found: bool | None, variables: Sequence[Given]) -> str:
    """Whether a small shift of an edge would give another segment, and which edges."""
    if found is None:
        return "not known: the model does not say how far its edges could lie elsewhere"
    if not found:
        return "no: no edge could lie so that the segment were another"
    told = [f"{v['label'].lower()}: {text}" for v in variables for text in v["near"]]
    return "fragile: with other customers to fit on, the segment could be another" + (
        f"; {'; '.join(told)}" if told else ""
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
    earlier = "; orders that leave a window before may let it fall earlier" if windowed else ""
    if drop is None:
        return f"not by days alone{earlier}" if windowed else "never by waiting alone"
    when = dt.date.fromisoformat(drop["drop_date"])
    on = f"on {long_date(when)}, in {plural((when - day).days, 'day')}"
    if drop["falls_to"] is None:
        return f"not by days alone, but without an order it is not counted any more {on}{earlier}"
    told = f"{drop['label'].lower()} would be more than {drop['limit']}"
    return f"to {drop['falls_to']} {on}, if nothing is ordered: {told}{earlier}"


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
        return "nothing: it is in the best segment"
    if lift is None:
        return "no orders would: nothing better can be reached by ordering"
    told = plural(lift["orders"], "order")
    if lift["markets"]:
        told += f" in {plural(lift['markets'], 'new market')}"
    if lift["needs"]:
        told += f", which must bring {join(lift['needs'])},"
    told += f" would lift to {lift['lift_to']} today"
    return f"{told}; what leaves a window before the next run is not foreseen" if windowed else told


def _history(one: Given) -> Iterator[tuple[str, str]]:
    history, move = one["history"], one["move"]
    if move["state"]:
        yield "last move", moved(move)
    if history.get("path"):
        yield "path", history["path"]
    if history.get("since"):
        yield "here", stay(history)


def moved(move: Given) -> str:
    """What became of the customer since the previous run, and its mark."""
    told = str(move["state"])
    if move["from_segment"] and move["from_segment"] != move["to_segment"]:
        told += f", from {move['from_segment']}"
    return f"{told}; {move['mark']}" if move["mark"] else told


def stay(history: Given) -> str:
    """How long a customer has been in the segment, how often, and the best that it ever was."""
    since = long_date(dt.date.fromisoformat(history["since"]))
    least = "at least " if history["at_least"] else ""
    told = f"since the run of {since}, {least}{plural(history['days_in_segment'], 'day')}"
    if history["times_entered"] > 1:
        told += f", for the {ordinal(history['times_entered'])} time"
    return f"{told}; best ever: {history['best_segment']}" if history["best_segment"] else told


def call(found: Given) -> str:
    """Where a customer stands on the call list."""
    if found["held_out"]:
        return "left alone on purpose until the next run: drawn by lot, so please do not call"
    if not found["listed"]:
        return "not on it: the list is cut to what the representative can do"
    first = ", first because left alone since the last run" if found["first"] else ""
    return f"no. {found['position']}{first}"
