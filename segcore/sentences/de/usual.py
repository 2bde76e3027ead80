"""What is usual: how long customers stay, how fast they move, and what that lets one expect."""

from __future__ import annotations

import datetime as dt

from segcore.intervals import FEW, LEVEL
from segcore.sentences.de.insights import about
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import count, figures, join, long_date, percent, plural, sentence

UNTOLD = (
    "Ob dieser Lauf ungewöhnlich ist, lässt sich noch nicht sagen: Dazu braucht es drei Läufe in Folge, "
    "deren "
    "Segmente aus demselben Modell stammen."
)
HOW_LONG = (
    "Aufenthalte, die schon der erste Lauf vorfand, zählen hier nicht, denn niemand weiß, wann sie begannen; "
    f"– steht, wo seither weniger als {FEW} begannen oder noch keiner beobachtet werden konnte."
)
NO_FORECAST = (
    "Es gibt keine Prognose: Dazu braucht es zwei Läufe in Folge, deren Segmente aus demselben Modell "
    "stammen."
)


def stays(table: Table) -> str:
    """How long customers stay in their segments, one line for each that has any."""
    told = []
    for row in rows(table):
        if row["customers"]:
            clauses = [clause for clause in (lasting(row), *_who(row)) if clause]
            number = plural(row["customers"], "Kunde", "Kunden")
            told.append(f"{row['segment']} ({number}): {sentence('; '.join(clauses))}.")
    return "\n".join(told)


def lasting(row: Row) -> str:
    """How long a stay in one segment lasts; nothing if none that began could be watched yet."""
    if row["median_days"] is None:
        return ""
    number = int(row["median_days"])
    if row["stays"] < FEW:
        return (
            "seit dem ersten Lauf haben zu wenige Aufenthalte begonnen, um zu sagen, wie lange einer dauert "
            f"({row['stays']})"
        )
    if row["at_least"]:
        return f"mehr als die Hälfte aller Aufenthalte dauert länger als {plural(number, 'Tag', 'Tage')}"
    return f"die Hälfte aller Aufenthalte ist nach {plural(number, 'Tag', 'Tagen')} zu Ende"


def _who(row: Row) -> list[str]:
    """Those who have been there since before anybody looked, who came now, came back, or were better."""
    customers, told = row["customers"], []
    if row["since_first"] and row["days_since_first"]:
        least = plural(row["days_since_first"], "Tag", "Tagen")
        who = _part(row["since_first"], customers)
        told.append(f"{who} seit mindestens {least} dort, seit dem ersten Lauf oder länger")
    if row["entered_now"]:
        told.append(f"{_part(row['entered_now'], customers)} in diesem Lauf dazugekommen")
    if row["back_again"]:
        told.append(f"{_part(row['back_again'], customers)} nicht zum ersten Mal dort")
    if row["were_better"]:
        told.append(f"{_part(row['were_better'], customers)} schon einmal in einem besseren Segment gewesen")
    way, took = row["usual_path"], row["took_it"]
    if way and took >= FEW:
        told.append(f"der häufigste Weg dorthin war {way} ({plural(took, 'Kunde', 'Kunden')})")
    return told


def _part(number: int, of: int) -> str:
    """How many of them, and ``ist`` or ``sind``."""
    whole = {1: "er", 2: "beide"}.get(of, f"alle {count(of)}")
    return f"{whole if number == of else count(number)} {'ist' if number == 1 else 'sind'}"


def rates(table: Table) -> str:
    """How long a stay lasts on average if customers go on moving as so far."""
    found = rows(table)
    if not found:
        return "Es gibt noch keine Quoten: Mit dem heutigen Modell wurden noch keine Wechsel beobachtet."
    lasting = {row["from_segment"]: row["sojourn_days"] for row in found}
    told = [
        f"{plural(round(days), 'Tag', 'Tage')} in {name}" for name, days in reversed(lasting.items()) if days
    ]
    for_ever = [segment for segment, days in reversed(lasting.items()) if not days]
    runs = "eines Laufs" if found[0]["runs"] == 1 else f"von {found[0]['runs']} Läufen"
    average = f"Nach den Wechseln {runs} dauert ein Aufenthalt im Durchschnitt {join(told)}." if told else ""
    rest = f"Bisher hat niemand {join(for_ever, 'oder')} verlassen." if for_ever else ""
    return " ".join(filter(None, (average, rest)))


def unusual(table: Table) -> str:
    """Whether customers moved in this run as they did before."""
    found = {row["test"]: row for row in rows(table)}
    if "this run" not in found:
        return UNTOLD
    now, every = found["this run"], found.get("all runs")
    if now["p_value"] is None:
        return "Ein Vergleich ist nicht möglich: Kein Segment hatte in diesem Lauf und zuvor Kunden."
    told = [_compared(now, found.get("usual spread"))]
    if every and every["p_value"] is not None:
        differ = "" if every["p_value"] < LEVEL else "nicht "
        told.append(
            f"Alle {count(every['runs'])} Läufe zusammen unterscheiden sich {differ}stärker, als durch "
            f"Zufall zu erwarten wäre ({_tested(every)})."
        )
    return " ".join(told)


def _compared(now: Row, spread: Row | None) -> str:
    ins, off = ("im Lauf", "vom Lauf") if now["runs"] == 2 else (
        f"{of} den {count(now['runs'] - 1)} Läufen" for of in ("in", "von")
    )  # fmt: skip
    if now["p_value"] >= LEVEL:
        return (
            f"Dieser Lauf ist nicht ungewöhnlich: Die Kunden haben, vom Zufall abgesehen, so gewechselt wie "
            f"{ins} davor ({_tested(now)})."
        )
    away = (
        f"Dieser Lauf ist ungewöhnlich: Die Kunden haben anders gewechselt als {ins} davor, und zwar "
        f"stärker, als durch Zufall zu erwarten wäre ({_tested(now)})"
    )
    if spread is not None and spread["p_value"] >= LEVEL:
        away = (
            "Dieser Lauf ist nicht ungewöhnlich: Hier gleicht kein Lauf dem anderen. Er unterscheidet sich "
            f"{off} davor stärker, als durch Zufall zu erwarten wäre ({_tested(now)}), aber so, wie sich "
            f"auch jene voneinander unterscheiden ({_chance(spread['p_value'])})"
        )
    elif spread:
        away += f", und stärker, als sich jene voneinander unterscheiden ({_chance(spread['p_value'])})"
    return (
        f"{away}. Am weitesten weicht der Weg von {now['from_segment']} nach {now['to_segment']} ab: "
        f"{plural(now['customers'], 'Kunde', 'Kunden')}, zu erwarten waren {about(now['expected'])}."
    )


def _tested(row: Row) -> str:
    freedom = plural(row["degrees"], "Freiheitsgrad", "Freiheitsgrade")
    statistic = figures(f"{row['statistic']:.1f}")
    return f"Chi-Quadrat {statistic}, {freedom}, {_chance(row['p_value'])}"


def _chance(p: float) -> str:
    return figures("p unter 0.001" if p < 0.001 else f"p = {p:.2f}" if p >= 0.095 else f"p = {p:.3f}")


def forecast(table: Table) -> str:
    """What the next run is expected to show, and how the last forecast did."""
    found = [row for row in rows(table) if row["actual"] is None]
    if not found:
        return NO_FORECAST
    sizes = [f"{count(round(row['expected']))} {row['segment']} ({band(row)})" for row in found]
    came = sum(row["arrivals"] for row in found)
    return (
        "Wenn Kunden weiter so wechseln, kommen und gehen wie bisher, sind am "
        f"{long_date(found[0]['run_date'])} zu erwarten: {join(sizes)}; {count(round(came))} davon neu oder "
        "zurückgekehrt."
    )


NOT_JUDGED = (
    "Der letzte Lauf hat für diese Segmente keine Prognose für einen Tag nahe diesem Stichtag erstellt."
)


def held(table: Table, run_date: dt.date) -> str:
    """How the forecast of the run before did; nothing if it made none."""
    found = [row for row in rows(table) if row["actual"] is not None]
    if not found:
        return ""
    missed = [row for row in found if not row["low"] <= row["actual"] <= row["high"]]
    day = found[0]["run_date"]
    made = f"Die letzte Prognose, für den {long_date(day)},"
    # In a frame the day has a time, so that it is not equal to any date.
    late = (
        "" if f"{day:%Y-%m-%d}" == f"{run_date:%Y-%m-%d}" else f" Dieser Lauf ist vom {long_date(run_date)}."
    )
    if not missed:
        return f"{made} ist für {'alle Segmente' if len(found) > 1 else 'das Segment'} eingetroffen.{late}"
    off = [f"{row['segment']} hat {count(row['actual'])}, vorhergesagt waren {band(row)}" for row in missed]
    right = f"{count(len(found) - len(missed))} von {count(len(found))} Segmenten"
    return f"{made} ist für {right} eingetroffen: {'; '.join(off)}.{late}"


def band(row: Row) -> str:
    """The band of a forecast: ``63 bis 90``."""
    return f"{count(row['low'])} bis {count(row['high'])}"


def in_the_end(table: Table) -> str:
    """At which shares segments settle; nothing where that cannot be said."""
    found = [row for row in rows(table) if row["actual"] is None and row["in_the_end"] is not None]
    if not found:
        return ""
    shares = [f"{percent(row['in_the_end'])} {row['segment']}" for row in found]
    return f"Ginge es immer so weiter, wären am Ende von allen Kunden {join(shares)}."
