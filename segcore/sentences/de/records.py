"""What was delivered, and what became of every record: „Alle 980 Datensätze … werden verwendet“."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from segcore.sentences.facts.records import Part as Part
from segcore.sentences.facts.records import by_source, monthly
from segcore.sentences.facts.records import measured as measured
from segcore.sentences.rows import Row, rows
from segcore.wording import count, join, money, month, percent, plural

if TYPE_CHECKING:
    import pandas as pd

ORDERS = "transactions"
NAMED = 6
"""How many months without orders are named one by one."""


def delivered(extracts: pd.DataFrame) -> str:
    """How many files were read of which source; extracts: one row per file with its source."""
    files = extracts.groupby("source", sort=False).size()
    of = [f"{count(number)} zu {_named(str(source))}" for source, number in files.items()]
    return f"{plural(len(extracts), 'Datei', 'Dateien')}: {join(of)}."


def equation(table: pd.DataFrame) -> list[Part]:
    """Records of transactions = loaded + duplicates + …; table: the run's ``records``."""
    found = by_source(table, PARTS)[ORDERS]
    # Nothing dated after the run date is the rule, and says nothing; all other zeros are told.
    return [
        Part(sign, found[name], one if found[name] == 1 else many)
        for name, (sign, one, many) in PARTS.items()
        if found[name] or name != "after_run_date"
    ]


def unequal(row: Row, outcomes: Sequence[str]) -> str:
    """That the records of a file do not have one outcome each; nothing if they have.

    Parameters
    ----------
    row
        Of ``reconciliation``.
    outcomes
        The columns of what may become of a record.
    """
    found = sum(row[name] for name in outcomes)
    if row["records"] == found:
        return ""
    return (
        f"{row['file']}: Jeder Datensatz muss verwendet, eine Dublette, nach dem Stichtag, ausgeschlossen "
        f"oder in Quarantäne sein (es sind {row['records']} Datensätze und {found} Ergebnisse); der Bericht "
        "wird nicht freigegeben, der Lauf ist zu wiederholen"
    )


def outcome(table: pd.DataFrame) -> str:
    """What became of the records of transactions."""
    found = by_source(table, PARTS)[ORDERS]
    read, used = found["records"], found["loaded"]
    if used == read:
        every = "Der einzige Datensatz" if read == 1 else f"Alle {plural(read, 'Datensatz', 'Datensätze')}"
        return f"{every} zu {_named(ORDERS)} {_become(read)} verwendet."
    rest = [
        f"{count(part.number)} {_are(part.number)} {_STATES[part.words]}"
        for part in equation(table)[2:]
        if part.number
    ]
    return (
        f"Von {plural(read, 'Datensatz', 'Datensätzen')} zu {_named(ORDERS)} {_become(used)} {count(used)} "
        f"verwendet ({percent(used / read)}); {join(rest)}."
    )


def excluded(table: pd.DataFrame, currency: str) -> str:
    """Which rules took records of transactions, and what these amount to; table: the run's ``excluded``."""
    rules = [
        f"{row['rule']} {count(int(row['records']))} ({money(row['amount'], currency)})"
        for row in table.to_dict("records")
        if row["source"] == ORDERS and row["records"]
    ]
    if not rules:
        return f"Kein Datensatz zu {_named(ORDERS)} wurde durch eine Regel ausgeschlossen."
    return f"Ausgeschlossen, nicht verrechnet: {join(rules)}."


def refused(table: pd.DataFrame) -> str:
    """How many records are in quarantine, of all sources."""
    parts = [
        f"{plural(found['quarantined'], 'Datensatz', 'Datensätze')} zu {_named(source)}"
        for source, found in by_source(table, PARTS).items()
        if found["quarantined"]
    ]
    if not parts:
        return "Kein Datensatz ist in Quarantäne: Alle ließen sich lesen."
    return f"In Quarantäne: {join(parts)}. Die Datei quarantine.parquet des Laufs nennt jeden mit dem Grund."


def gates(table: pd.DataFrame, accepted: Mapping[str, str]) -> list[str]:
    """What the gates found, a sentence each.

    Parameters
    ----------
    table
        The run's ``gates``.
    accepted
        Gate, or source and gate → why it may be passed.
    """
    told = [f"{STATED[row['state']]}{row['told']}." for row in rows(table) if row["told"]]
    return [*_passed(table, accepted), *told] or ["Alle Prüfungen sind bestanden: Es ist nichts auffällig."]


def noted(found: Iterable[Row]) -> list[str]:
    """What gates say that neither warn nor stop, in their English; found: rows of the run's ``gates``."""
    return [f"{row['told']}." for row in found if row["state"] == "ok" and row["told"]]


def unsaid(found: Iterable[Row]) -> list[str]:
    """What of :func:`noted` the page says nowhere else; how many are in quarantine it says in German."""
    return noted(row for row in found if row["gate"] != "quarantine")


def _passed(table: pd.DataFrame, accepted: Mapping[str, str]) -> list[str]:
    """Which gates are passed with which reason, and which did not need it."""
    used = {name for row in rows(table) if row["state"] == "accepted" for name in _names(row)}
    needless = " Das war nicht nötig: Die Prüfung hat den Lauf nicht angehalten."
    return [
        f"Zugelassen: {name}; Begründung: {because}.{'' if name in used else needless}"
        for name, because in accepted.items()
    ]


def _names(row: Row) -> tuple[str, str]:
    """How ``--accept`` may name the gate of a row."""
    return row["gate"], f"{row['source']}.{row['gate']}"


def disagreed(conflicts: pd.DataFrame) -> str:
    """Where extracts contradict each other; conflicts: source, column, times."""
    if conflicts.empty:
        return "Keine zwei Lieferdateien widersprechen sich zum selben Datensatz."
    parts = [
        f"{plural(int(row['times']), 'Wert', 'Werten')} von {row['column']} (zu {_named(row['source'])})"
        for row in conflicts.to_dict("records")
    ]
    return f"Eine spätere Lieferdatei sagt etwas anderes bei {join(parts)}. Die spätere gilt."


def others(table: pd.DataFrame) -> list[str]:
    """What is used beside the transactions; nothing where there is nothing else."""
    found = [
        f"{_of(n['loaded'], n['records'])} zu {_named(source)}"
        for source, n in by_source(table, PARTS).items()
        if source != ORDERS
    ]
    return [f"Außerdem verwendet: {join(found)}."] if found else []


def notes(table: pd.DataFrame, exclusions: pd.DataFrame, currency: str) -> list[str]:
    """What to say below :func:`equation`, a sentence each."""
    return [excluded(exclusions, currency), refused(table), *others(table)]


def months(frame: pd.DataFrame, run_date: dt.date) -> str:
    """What the orders of the months say of the deliveries; frame: month (its first day), orders."""
    found = monthly(frame)
    orders, first, last = found.orders, found.first, found.last
    if first == last:
        if orders[first] == 1:
            return f"Die einzige Bestellung ist vom {month(first)}."
        return f"Alle {count(orders[first])} Bestellungen sind vom {month(first)}."
    told = [
        f"Die Bestellungen reichen von {month(first)} bis {month(last)}; die meisten sind vom "
        f"{_month(found.most, orders)}."
    ]
    if found.least:
        told.append(
            f"Zwischen dem ersten und dem letzten Monat sind die wenigsten vom {_month(found.least, orders)}."
        )
    if last < run_date.replace(day=1):
        told.append(f"Keine Bestellung ist vom {month(run_date)}, dem Monat des Stichtags.")
    missing = found.missing
    if len(missing) > NAMED:
        told.append(
            f"{count(len(missing))} Monate sind ohne Bestellung; der letzte davon ist {month(missing[-1])}."
        )
    elif missing:
        named = join([month(day) for day in missing], "oder")
        told.append(f"Keine Bestellung ist vom {named}: Fehlt eine Lieferung?")
    else:
        told.append("Dazwischen fehlt kein Monat.")
    return " ".join(told)


def _are(number: int) -> str:
    return "ist" if number == 1 else "sind"


def _become(number: int) -> str:
    return "wird" if number == 1 else "werden"


def _of(number: int, records: int) -> str:
    if not records:
        return "kein Datensatz"
    if number == records > 1:
        return f"alle {plural(records, 'Datensatz', 'Datensätze')}"
    return f"{count(number)} von {plural(records, 'Datensatz', 'Datensätzen')}"


def _month(day: dt.date, orders: dict[dt.date, int]) -> str:
    return f"{month(day)} ({count(orders[day])})"


def _named(source: str) -> str:
    return NAMES.get(source, source)


NAMES = {
    "transactions": "Bestellungen",
    "customers": "Kunden",
    "followups": "Kontakten",
    "reps": "Betreuern",
}
"""Source → its name in a sentence, behind „zu“."""

STATED = {"ok": "", "warned": "Warnung: ", "stopped": "Angehalten: ", "accepted": "Einmal zugelassen: "}
"""The state of a gate → how its sentence begins."""

PARTS = {
    "records": ("", "Datensatz gelesen", "Datensätze gelesen"),
    "loaded": ("=", "verwendet", "verwendet"),
    "duplicates": ("+", "Dublette", "Dubletten"),
    "after_run_date": ("+", "nach dem Stichtag", "nach dem Stichtag"),
    "excluded": ("+", "durch Regel ausgeschlossen", "durch Regel ausgeschlossen"),
    "quarantined": ("+", "in Quarantäne", "in Quarantäne"),
}
"""The parts of the equation: column → sign, words for one record, words for several."""

_STATES = {
    "Dublette": "eine Dublette",
    "Dubletten": "Dubletten",
    "nach dem Stichtag": "nach dem Stichtag datiert",
    "durch Regel ausgeschlossen": "durch eine Regel ausgeschlossen",
    "in Quarantäne": "in Quarantäne",
}
"""What a part of the equation is in a sentence."""
