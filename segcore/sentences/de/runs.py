"""What all runs together show: „Promising ist in jedem Lauf gewachsen“."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.sentences.facts.runs import growth, seen
from segcore.sentences.rows import Table, rows
from segcore.wording import count, in_words, join, long_date, month, percent, plural, sentence

STEADY = 3
"""From how many times in a row on growing or shrinking is told as such."""


def over_runs(sizes: Table, changed: Sequence[dt.date] = ()) -> str:
    """The finding about segments over runs: what grows or shrinks steadily, or else most.

    Parameters
    ----------
    sizes
        The table, see :func:`segcore.transitions.sizes`.
    changed
        The runs with another model than the one before; sizes are compared from the last of them on.
    """
    found = growth(sizes, changed, STEADY)
    if found.since and not found.steps:
        return "Das Modell ist ein anderes, deshalb lassen sich die Größen nicht mit früheren vergleichen"
    steady, steps = found.steady[:2], found.steps
    if steady:
        every = found.since and any(abs(streak) == steps for streak, _ in steady)
        hows = [_steadily(streak, steps) for streak, _ in steady]
        first = f"{_are(steady[0][1])} {hows[0]}"
        if every:
            first = f"Seit dem Modellwechsel {_verb(steady[0][1])} {join(steady[0][1])} {hows[0]}"
        others = [f"{_are(names)} {how}" for (_, names), how in zip(steady[1:], hows[1:], strict=True)]
        return "; ".join([first, *others])
    if not found.most:
        return f"Jedes Segment ist so groß wie im {month(found.first)}"
    (change, grown), *others_too = found.most
    each = "je " if len(grown) > 1 else ""
    told = (
        f"{_are(grown)} seit {month(found.first)} am stärksten {_changed(change)}, "
        f"um {each}{plural(abs(change), 'Kunden', 'Kunden')}"
    )
    also = [f"ebenso stark {_verb(names)} {join(names)} {_changed(change)}" for change, names in others_too]
    return "; ".join([told, *also])


def _verb(names: Sequence[str]) -> str:
    return "ist" if len(names) == 1 else "sind"


def _are(names: Sequence[str]) -> str:
    return f"{join(names)} {_verb(names)}"


def _changed(change: int) -> str:
    return "gewachsen" if change > 0 else "geschrumpft"


def _steadily(streak: int, steps: int) -> str:
    if abs(streak) == steps:
        return f"in jedem Lauf {_changed(streak)}"
    number = in_words(abs(streak))
    return f"{number}{'-' if number[0].isdigit() else ''}mal in Folge {_changed(streak)}"


def how_to_read(sizes: Table, changed: Sequence[dt.date] = ()) -> list[str]:
    """How the picture of all runs is read.

    Parameters
    ----------
    sizes
        The table, see :func:`segcore.transitions.sizes`.
    changed
        The dates of runs whose segments were made with another model than in the run before.
    """
    found = seen(sizes)
    if not found.apart:
        return []
    low, high = found.apart
    apart = plural(low, "Tag", "Tage") if low == high else f"{low} bis {high} Tage"
    lie = "liegt" if low == high == 1 else "liegen"
    charts = {1: "Das Diagramm beginnt", 2: "Beide Diagramme haben denselben Maßstab und beginnen"}.get(
        found.segments,
        f"Alle {in_words(found.segments)} Diagramme haben denselben Maßstab und beginnen",
    )
    told = [f"{charts} bei null. Zwischen den Läufen {lie} {apart}."]
    if changed:
        where = "eine gepunktete Linie steht" if len(changed) == 1 else "gepunktete Linien stehen"
        told.append(
            f"**Anderes Modell:** Wo {where}, stammen die Segmente von da an aus einem anderen Modell; ein "
            "Teil des Sprungs geht also nicht auf die Kunden zurück."
        )
    if found.retired:
        told.append("Grau: ein Segment, das es nicht mehr gibt.")
    return told


def flows(table: Table) -> str:
    """How the number of customers and the share of movers compare with earlier runs."""
    found = rows(table)
    first, now = found[0], found[-1]
    customers = plural(now["customers"], "Kunde", "Kunden")
    if len(found) == 1:
        return f"Dies ist der erste Lauf: {customers}."
    more = now["customers"] - first["customers"]
    how = f"{count(abs(more))} {'mehr' if more > 0 else 'weniger'} als" if more else "ebenso viele wie"
    told = [f"{customers}, {how} im ersten Lauf am {long_date(first['run_date'])}."]
    rates = [(row["up"] + row["down"]) / row["both"] for row in found if row["both"]]
    if now["both"] and len(rates) > 1:
        told.append(
            f"Von denen, die in diesem und im letzten Lauf waren, sind {percent(rates[-1])} auf- oder "
            f"abgestiegen; zuvor waren es {_between(rates[:-1])}."
        )
    return sentence(" ".join(told))


def _between(shares: Sequence[float]) -> str:
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"zwischen {low} und {high}"
