"""How large the segments are, what they bring, and what makes a table of segments say little."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segcore.sentences.de.durations import in_the_last, last
from segcore.wording import (
    count,
    day_and_month,
    join,
    long_date,
    month,
    month_name,
    percent,
    plural,
    sentence,
)

if TYPE_CHECKING:
    import pandas as pd


def company(title: str) -> str:
    """Whose customers they are: ``ACME hat`` of "ACME-Kunden", else the title before a colon."""
    name = re.sub(r"( customers|[ -]Kunden)$", "", title)
    return f"{name} hat" if name != title else f"{title}:"


def size(who: str, customers: int, before: int | None, dates: tuple[dt.date, dt.date] | None) -> str:
    """How many customers there are, against the run before (dates: the previous run's and this one's)."""
    one = "Kunde" if who.endswith(":") else "Kunden"
    has = f"{who} **{plural(customers, one, 'Kunden')}**"
    if before is None or dates is None:
        return f"{has}."
    more = customers - before
    if not more:
        return f"{has}, ebenso viele wie {when(*dates)}."
    return f"{has}, {count(abs(more))} {'mehr' if more > 0 else 'weniger'} als {when(*dates)}."


def when(previous: dt.date, run_date: dt.date) -> str:
    """When the previous run was: ``im Februar``, with year or day where that is not clear."""
    if (previous.year, previous.month) == (run_date.year, run_date.month):
        return f"am {day_and_month(previous, run_date)}"
    return f"im {month(previous) if previous.year != run_date.year else month_name(previous)}"


def known(facts: pd.DataFrame) -> str:
    """How many customers a run knows, from when to when orders are, and over which time value counts."""
    row = facts.iloc[0]
    first, newest, window = row["first_order"], row["newest_order"], row["value_window"]
    until = f" bis {long_date(newest)}" if first < newest else ""
    value = (
        f"Als Bestellwert zählt, was {in_the_last(window)} bestellt wurde."
        if isinstance(window, str)
        else "Als Bestellwert zählen alle Bestellungen, denn die Daten reichen nicht weiter zurück."
    )
    customers = plural(int(row["customers"]), "Kunde", "Kunden")
    told = f"{customers}, Bestellungen vom {long_date(first)}{until}. {value}"
    if math.isnan(row["years_cut_off"]):
        return told
    early = sentence(percent(row["years_cut_off"]))
    return f"{told} {early} der Kunden haben in den ersten 30 Tagen der Daten zum ersten Mal bestellt."


MIDDLE_HALF = (
    "Mittlere Hälfte: Höchstens ein Viertel des Segments liegt unter dem Bereich, höchstens ein Viertel "
    "darüber."
)


def window(facts: Mapping[str, Any]) -> str:
    """Over which time order value counts: ``letzte 12 Monate``, or since the first order of shorter data."""
    known = facts["value_window"]
    return last(known) if known else f"alle Bestellungen seit dem {long_date(facts['first_order'])}"


def two_best(segments: pd.DataFrame) -> str:
    """What the best segments are and bring: the two best, but only the best where there are few."""
    best = segments.head(2 if len(segments) > 3 else 1)
    one, both = len(best) == 1, best.iloc[-1]
    who, have, bring = (
        ("Das beste Segment", "umfasst", "bringt")
        if one
        else ("Die beiden besten Segmente", "umfassen", "bringen")
    )
    told = f"{who}, {join(list(best['segment']))}, {have} {percent(float(both['share_to_here']))} der Kunden"
    if segments["value_share"].isna().any():
        return f"{told}; der Bestellwert ergibt in der Summe nichts, was sich aufteilen ließe."
    return f"{told} und {bring} {percent(float(both['value_share_to_here']))} des Bestellwerts."


def largest(segments: pd.DataFrame) -> str:
    """Whether a segment has more than half of all customers, and what to try then."""
    total = int(segments["customers"].sum())
    row = segments.iloc[int(segments["customers"].argmax())]
    number = _of(int(row["customers"]), total, "den einzigen Kunden")
    if 2 * int(row["customers"]) <= total:
        return f"Kein Segment hat mehr als die Hälfte der Kunden; die meisten hat {row['segment']}: {number}."
    return (
        f"{row['segment']} hat {number}, mehr als die Hälfte: Das sagt wenig über den einzelnen Kunden aus. "
        "Mögliche Abhilfe: eine engere Regel für dieses Segment, mehr Klassen oder ein Zeitfenster für die "
        "Variablen, nach denen seine Regeln fragen."
    )


def rules(table: pd.DataFrame) -> str:
    """Which rules take nobody, why, and what to try then; table: line, customers, fits."""
    nobody = table[table["customers"] == 0]
    if nobody.empty:
        return "Jede Regel gilt für mindestens einen Kunden."
    told = []
    for shadowed in (True, False):
        lines = [count(int(line)) for line in nobody.loc[(nobody["fits"] > 0) == shadowed, "line"]]
        if not lines:
            continue
        one = len(lines) == 1
        which = f"Die Regel in Zeile {lines[0]}" if one else f"Die Regeln in den Zeilen {join(lines)}"
        what = f"{which} der Regeltabelle {'gilt' if one else 'gelten'} für niemanden"
        if shadowed:
            would = "würde" if one else "würden"
            why = f"Weiter oben stehende Regeln gelten schon für alle Kunden, auf die sie passen {would}"
            then = "sie nach oben schieben oder streichen"
        else:
            why = f"Sie {'passt' if one else 'passen'} auf keinen Kunden"
            then = "weniger verlangen oder sie streichen"
        told.append(f"{what}: {why}. Mögliche Abhilfe: {then}.")
    return " ".join(told)


def decides(table: pd.DataFrame, customers: int) -> list[str]:
    """Which variables decide most, and which nobody's segment, with what to try then.

    Parameters
    ----------
    table
        variable, customers: who would be in another segment if only this variable's class were another.
    customers
        All of them.
    """
    found = {name: int(number) for name, number in zip(table["variable"], table["customers"], strict=True)}
    most = max(found.values())
    if not most:
        return [
            "Keine Variable entscheidet über ein Segment: Eine andere Klasse in nur einer von ihnen ändert "
            "bei niemandem das Segment."
        ]
    first = [name for name, number in found.items() if number == most]
    those = {1: "nur dieser Variable", 2: "nur einer dieser beiden Variablen"}.get(
        len(first), "nur einer dieser Variablen"
    )
    told = [
        f"Am meisten hängt von {join(first)} ab: Mit einer anderen Klasse {those} "
        f"{'könnte' if most == 1 else 'könnten'} {_of(most, customers, 'der einzige Kunde')} in einem "
        "anderen "
        "Segment sein."
    ]
    return [*told, *_deciding_nothing([name for name, number in found.items() if not number])]


def _deciding_nothing(names: list[str]) -> list[str]:
    if not names:
        return []
    those, asks, out = (
        ("nur dieser Variable", "danach", "die Variable")
        if len(names) == 1
        else ("nur einer dieser Variablen", "nach ihnen", "eine von ihnen")
    )
    return [
        f"Kein Segment hängt von {join(names, 'oder')} ab: Auch mit jeder anderen Klasse {those} bleibt "
        "jeder "
        f"Kunde in seinem Segment. Mögliche Abhilfe: eine Regel, die {asks} fragt, oder {out} aus der Studie "
        "nehmen."
    ]


def to_try(segments: pd.DataFrame, table: pd.DataFrame, deciding: pd.DataFrame) -> list[str]:
    """What makes segments say little, with what to try; nothing if nothing does.

    Parameters
    ----------
    segments, table, deciding
        The run's tables ``segments``, ``rules`` and ``decides``.
    """
    total = int(segments["customers"].sum())
    told = [largest(segments)] if 2 * int(segments["customers"].max()) > total else []
    told += [rules(table)] if (table["customers"] == 0).any() else []
    if not deciding["customers"].any():
        return [*told, *decides(deciding, total)]
    return [*told, *_deciding_nothing(list(deciding.loc[deciding["customers"] == 0, "variable"]))]


def profile(table: pd.DataFrame) -> str:
    """How the middle customers of the best and the worst segment differ, variable by variable.

    Parameters
    ----------
    table
        segment (best first), then a column for each variable with its middle half and, in brackets, its
        median, as :func:`segcore.profile.shown_profile` gives it.
    """
    held = table[table.iloc[:, 1].str.contains("(", regex=False)]
    if len(held) < 2:
        return "Alle Kunden sind in einem Segment."
    best, worst = held.iloc[0], held.iloc[-1]
    pairs = [
        f"{name.split(', ')[0]} {_median(best[name])} und {_median(worst[name])}" for name in held.columns[1:]
    ]
    return f"Mediane von {best['segment']} und {worst['segment']}: {'; '.join(pairs)}."


def _median(cell: str) -> str:
    return cell.rpartition("(")[2].rstrip(")")


def _of(number: int, customers: int, only: str) -> str:
    if number == customers:
        return f"alle {plural(customers, 'Kunden', 'Kunden')}" if customers > 1 else only
    return f"{count(number)} von {plural(customers, 'Kunden', 'Kunden')}"
