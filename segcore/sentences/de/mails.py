"""Was in einer Mail um die eigenen Sätze des Laufs herum steht."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row
from segcore.wording import count, day_and_month, join, long_date, percent, plural, signed

MOVED = {
    "up": "aufgestiegen",
    "down": "abgestiegen",
    "stayed": "im Segment geblieben",
    "unranked": "aus einem Segment, das es nicht mehr gibt",
    "new": "mit der ersten Bestellung",
    "returned": "zurückgekehrt",
    "gone": "weggefallen",
}

CAUSED = {
    "earned": "eigener Bestellungen",
    "aged": "vergangener Zeit",
    "corrected": "korrigierter oder verspäteter Daten",
    "boundary": "verschobener Grenzen",
    "rules": "geänderter Regeln",
    "model": "eines geänderten Modells",
}

MASKED = "nur durch das neue Modell ohne Wechsel"
NAMELESS = "Betreuer {}"
FIRST_RUN = "Dies ist der erste Lauf: Wechsel gibt es ab dem nächsten."
ATTACHED_LIST = "Alle stehen in der angehängten Liste."
NO_MOVES_YET = "erster Lauf, noch keine Wechsel"
NO_LIST = "Es hängt keine Liste an, denn niemand stünde darin."
LEFT_ALONE = "Zuerst steht, wer seit dem letzten Lauf in Ruhe gelassen wurde."
WHY_REPORT = "weil Sie wissen möchten, was im Bericht steht"
WHY_OWN = "weil Sie diese Kunden betreuen; sie enthält keine anderen"
OPEN_REPORT = "Bericht öffnen"
OPEN_OWN = "Eigene Seite öffnen"
OPEN_CUSTOMERS = "Diese Kunden nachsehen"
OPEN_MORE = "Seite der Kunden öffnen"


def greeting(name: str) -> str:
    """Die erste Zeile; der Name kann leer sein."""
    return f"Guten Tag {name}," if name else "Guten Tag,"


def subject(finding: str, title: str, day: dt.date) -> str:
    """Der Betreff: was sich ergeben hat, die Studie und der Tag des Laufs."""
    return f"{finding} – {title}, {long_date(day)}"


def attached_page(*, links: bool) -> str:
    """Dass die eigene Seite anhängt; ``links``: ob sie zu anderen Dateien führt."""
    return f"Die eigene Seite hängt an: Sie öffnet sich in jedem Browser{_needs('ihre', links=links)}."


def attached_report(*, links: bool) -> str:
    """Dasselbe vom Bericht."""
    return f"Der Bericht hängt an: Er öffnet sich in jedem Browser{_needs('seine', links=links)}."


def _needs(whose: str, *, links: bool) -> str:
    return (
        f"; nur {whose} Links brauchen Zugang zur Ablage der Berichte"
        if links
        else " und braucht sonst nichts"
    )


def replaces(run_date: dt.date) -> str:
    """Dass eine Mail eine frühere ersetzt."""
    return f"Diese Mail ersetzt die frühere zum {long_date(run_date)}: Der Lauf wurde neu gemacht."


def warned(heads: Sequence[str], newest: dt.date | None) -> str:
    """Was man vor dem Handeln wissen muss, in wenigen Worten."""
    told = f"**Vorab zu beachten:** {' '.join(heads)}"
    if newest is None:
        return told
    return (
        f"{told} Die neueste Bestellung ist vom {long_date(newest)}; Kunden stehen deshalb vielleicht "
        "zu niedrig."
    )


def aged(run_date: dt.date, today: dt.date, past: int, due: dt.date | None) -> str:
    """Wie alt ein Lauf war, als eine Mail dazu entstand."""
    told = []
    if past:
        some = plural(past, "Kunde wäre", "Kunden wären")
        told.append(f"{some} ohne Bestellung bis dahin abgestiegen")
    if due:
        told.append(f"der nächste Lauf war am {long_date(due)} fällig")
    days = plural((today - run_date).days, "Tag", "Tage")
    return (
        f"**Dieser Lauf ist vom {long_date(run_date)}**, {days} bevor diese Mail entstand: {'; '.join(told)}."
    )


def newer(latest: dt.date) -> str:
    """Dass die eigene Seite von einem späteren Lauf ist als die Mail."""
    return f"Die eigene Seite zeigt den neueren Lauf vom {long_date(latest)}, also anderes als diese Mail."


def segments(run_date: dt.date) -> str:
    """Wie die Tabelle der Segmente heißt."""
    return f"Segmente am {long_date(run_date)}"


def headline(now: Row, targets: Sequence[str], previous: dt.date) -> str:
    """Wie viele von denen, die Aufmerksamkeit brauchten, am Tag des Laufs besser standen."""
    customers, there, run_date = now["customers"], now["in_target"], now["run_date"]
    day, segment = day_and_month(previous, run_date), f"im Segment {now['segment']}"
    goal = f"im Segment {join(targets, 'oder')}"
    if not customers:
        return f"Am {day} war kein Kunde {segment}"
    if customers == 1:
        no = "" if there else "nicht "
        return f"Der eine Kunde, der am {day} {segment} war, war am {long_date(run_date)} {no}{goal}"
    done = {0: "keiner", 1: "1"}.get(there, count(there))
    if there == customers:
        done = "beide" if customers == 2 else f"alle {count(customers)}"
    verb = "war" if there < 2 else "waren"
    told = f"Von {count(customers)} Kunden, die am {day} {segment} waren"
    return f"{told}, {verb} am {long_date(run_date)} {done} {goal}"


def reached(now: Row, targets: Sequence[str]) -> str:
    """Wie viele von denen, die Aufmerksamkeit brauchten, beim Lauf besser standen, in einem Betreff."""
    customers, there = now["customers"], now["in_target"]
    if not customers:
        return f"niemand war im Segment {now['segment']}"
    share = percent(now["share"]) if customers >= FEW and there > 1 else count(there) if there else "keiner"
    verb = "hat" if there == 1 or not there else "haben"
    return f"{share} von {count(customers)} aus {now['segment']} {verb} {join(targets, 'oder')} erreicht"


def customers(number: int, change: int | None) -> str:
    """Wie viele Kunden es sind, in einem Betreff."""
    told = plural(number, "Kunde", "Kunden")
    return f"{told} ({signed(change)})" if change else told


def calls(number: int, first: str, until: str) -> str:
    """Wie viele anzurufen sind, in einem Betreff: vor welchem Tag jemand absteigt, sonst der nächste Lauf."""
    if not number:
        return "niemand anzurufen"
    if first and number > 1:
        return f"{count(number)} Kunden anrufen, den ersten vor dem {first}"
    return f"{plural(number, 'Kunde', 'Kunden')} vor dem {first or until} anrufen"


def counted(run_date: dt.date) -> str:
    """Bis zu welchem Tag eine Mail Tage zählt."""
    return f"Tage seit einer Bestellung sind bis zum {long_date(run_date)} gezählt."


def since(told: str, day: dt.date, run_date: dt.date) -> str:
    """Was seit dem letzten Lauf aus den eigenen Kunden geworden ist."""
    return f"Seit dem {day_and_month(day, run_date)}: {told}."


def fit(number: int) -> str:
    """Wie viele Kunden es sind, nach denen gefragt ist, in einem Betreff."""
    return plural(number, "Kunde", "Kunden") if number else "kein Kunde"


def fits(number: int, asked: str) -> str:
    """Wie viele Kunden es sind, nach denen gefragt ist, als Satz."""
    if not number:
        return f"Kein Kunde ist dabei: {asked}."
    return f"Es {'ist' if number == 1 else 'sind'} {fit(number)}: {asked}."


def asked(where: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> str:
    """Nach welchen Kunden jemand gefragt hat: ``im Segment At risk, aus Nord, abgestiegen``."""
    given = {
        **where,
        "rep": [names.get(rep, NAMELESS.format(rep)) for rep in where.get("rep", ())],
        "move": [MOVED[move] for move in where.get("move", ())],
    }
    words = {
        "segment": "im Segment {}",
        "rep": "betreut von {}",
        "region": "aus {}",
        "market": "mit Bestellungen in {}",
        "move": "{}",
    }
    told = [words[key].format(join(list(given[key]), "oder")) for key in words if given.get(key)]
    return ", ".join([*told, *_caused(where.get("cause", ()))])


def _caused(causes: Sequence[str]) -> list[str]:
    told = [CAUSED[cause] for cause in causes if cause in CAUSED]
    parts = [f"gewechselt wegen {join(told, 'oder')}"] if told else []
    parts += [MASKED] if "masked" in causes else []
    return [join(parts, "oder")] if parts else []


def shows(asked: str, *, attached: bool) -> str:
    """Dass die Seite mehr Kunden zeigt als die Mail."""
    told = f"Die Seite zeigt alle Kunden, für die gilt: {asked}" if asked else "Die Seite zeigt alle Kunden"
    return f"{told}; die dieser Mail {'stehen in der Liste' if attached else 'sind darunter'}."


def more(number: int, *, attached: bool, there: bool = True) -> str:
    """Wie viele eine Tabelle weglässt, und wo sie stehen."""
    where = "im Anhang" if attached else "hinter dem Link"
    if not attached and not there:
        where = "ohne Platz in dieser Mail"
    return f"{plural(number, 'weiterer Kunde', 'weitere Kunden')} {where}." if number else ""


def why(study: str, what: str, *, monthly: bool) -> str:
    """Warum jemand die Mail bekommt."""
    often = "einmal im Monat" if monthly else "nach jedem Lauf"
    return f"Diese Mail zur Studie „{study}“ kommt {often}, {what}."


def why_customers(asked: str) -> str:
    """Nach welchen Kunden jemand gefragt hat."""
    return f"weil Sie nach Kunden gefragt haben: {asked}"


def leave(where: str) -> str:
    """Wie man keine Mails mehr bekommt."""
    address = where.removeprefix("mailto:").partition("?")[0]
    if where.startswith("mailto:"):
        return f"Wer keine mehr möchte, schreibt an {address}."
    return f"Wer keine mehr möchte: {where}"
