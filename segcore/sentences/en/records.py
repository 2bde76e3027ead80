"""What was delivered, and what became of every record."""

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
    of = [f"{count(number)} of {_named(str(source))}" for source, number in files.items()]
    return f"{plural(len(extracts), 'file')}: {join(of)}."


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
        f"{row['file']}: every record must be loaded, a duplicate, after the run date, excluded or "
        f"quarantined (got {row['records']} records and {found} outcomes); "
        "the report is not released, make the run again"
    )


def outcome(table: pd.DataFrame) -> str:
    """What became of the records of transactions."""
    found = by_source(table, PARTS)[ORDERS]
    read, used = found["records"], found["loaded"]
    if used == read:
        return f"{_every(read, 'record')} of transactions {_are(read)} used."
    rest = [
        f"{count(part.number)} {_are(part.number)} {_STATES[part.words]}"
        for part in equation(table)[2:]
        if part.number
    ]
    share = percent(used / read)
    return (
        f"Of {plural(read, 'record')} of transactions, {count(used)} {_are(used)} used "
        f"({share}); {join(rest)}."
    )


def excluded(table: pd.DataFrame, currency: str) -> str:
    """Which rules took records of transactions, and what these amount to; table: the run's ``excluded``."""
    rules = [
        f"{row['rule']} {count(int(row['records']))} ({money(row['amount'], currency)})"
        for row in table.to_dict("records")
        if row["source"] == ORDERS and row["records"]
    ]
    if not rules:
        return "No record of transactions was excluded by a rule."
    return f"Excluded, not netted: {join(rules)}."


def refused(table: pd.DataFrame) -> str:
    """How many records are in quarantine, of all sources."""
    parts = [
        f"{plural(found['quarantined'], 'record')} of {_named(source)}"
        for source, found in by_source(table, PARTS).items()
        if found["quarantined"]
    ]
    if not parts:
        return "No record is in quarantine: every one could be read."
    return f"In quarantine: {join(parts)}. The run's quarantine.parquet lists each with the reason."


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
    return [*_passed(table, accepted), *told] or ["Every gate is passed: nothing that they look at is amiss."]


def noted(found: Iterable[Row]) -> list[str]:
    """What gates say that neither warn nor stop; found: rows of the run's ``gates``."""
    return [f"{row['told']}." for row in found if row["state"] == "ok" and row["told"]]


def unsaid(found: Iterable[Row]) -> list[str]:
    """What of :func:`noted` the page says nowhere else."""
    return noted(found)


def _passed(table: pd.DataFrame, accepted: Mapping[str, str]) -> list[str]:
    """Which gates are passed with which reason, and which did not need it."""
    used = {name for row in rows(table) if row["state"] == "accepted" for name in _names(row)}
    return [
        f"Accepted: {name}, because {because}."
        if name in used
        else f"Accepted: {name}, because {because}. It was not needed: the gate did not stop."
        for name, because in accepted.items()
    ]


def _names(row: Row) -> tuple[str, str]:
    """How ``--accept`` may name the gate of a row."""
    return row["gate"], f"{row['source']}.{row['gate']}"


def disagreed(conflicts: pd.DataFrame) -> str:
    """Where extracts contradict each other; conflicts: source, column, times."""
    if conflicts.empty:
        return "No two extracts say different things about the same record."
    parts = [
        f"{plural(int(row['times']), 'value')} of {row['column']} in {_named(row['source'])}"
        for row in conflicts.to_dict("records")
    ]
    return f"A later extract says something else about {join(parts)}. The later one is used."


def others(table: pd.DataFrame) -> list[str]:
    """What is used beside the transactions; nothing where there is nothing else."""
    found = [
        f"{_of(n['loaded'], n['records'])} of {_named(source)}"
        for source, n in by_source(table, PARTS).items()
        if source != ORDERS
    ]
    return [f"Also used: {join(found)}."] if found else []


def notes(table: pd.DataFrame, exclusions: pd.DataFrame, currency: str) -> list[str]:
    """What to say below :func:`equation`, a sentence each."""
    return [excluded(exclusions, currency), refused(table), *others(table)]


def months(frame: pd.DataFrame, run_date: dt.date) -> str:
    """What the orders of the months say of the deliveries; frame: month (its first day), orders."""
    found = monthly(frame)
    orders, first, last = found.orders, found.first, found.last
    if first == last:
        return f"{_every(orders[first], 'order')} {_are(orders[first])} of {month(first)}."
    told = [f"Orders reach from {month(first)} to {month(last)}; most are of {_month(found.most, orders)}."]
    if found.least:
        told.append(f"Between the first and the last month, fewest are of {_month(found.least, orders)}.")
    if last < run_date.replace(day=1):
        told.append(f"No order is of {month(run_date)}, the month of the run date.")
    missing = found.missing
    if len(missing) > NAMED:
        told.append(f"{count(len(missing))} months have no order; the last of them is {month(missing[-1])}.")
    elif missing:
        told.append(f"No order is of {join([month(day) for day in missing], 'or')}: is a delivery missing?")
    else:
        told.append("No month in between is missing.")
    return " ".join(told)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _every(number: int, one: str) -> str:
    return f"The only {one}" if number == 1 else f"All {plural(number, one)}"


def _of(number: int, records: int) -> str:
    if not records:
        return "no record"
    every = number == records > 1
    return f"{'all' if every else f'{count(number)} of'} {plural(records, 'record')}"


def _month(day: dt.date, orders: dict[dt.date, int]) -> str:
    return f"{month(day)} ({count(orders[day])})"


def _named(source: str) -> str:
    return NAMES.get(source, source)


NAMES = {
    "transactions": "transactions",
    "customers": "customers",
    "followups": "follow-ups",
    "reps": "representatives",
}
"""Source → its name in a sentence."""

STATED = {"ok": "", "warned": "Warning: ", "stopped": "Stopped: ", "accepted": "Passed once: "}
"""The state of a gate → how its sentence begins."""

PARTS = {
    "records": ("", "record read", "records read"),
    "loaded": ("=", "used", "used"),
    "duplicates": ("+", "duplicate", "duplicates"),
    "after_run_date": ("+", "after the run date", "after the run date"),
    "excluded": ("+", "excluded by rule", "excluded by rule"),
    "quarantined": ("+", "quarantined", "quarantined"),
}
"""The parts of the equation: column → sign, words for one record, words for several."""

_STATES = {
    "duplicate": "a duplicate",
    "duplicates": "duplicates",
    "after the run date": "dated after the run date",
    "excluded by rule": "excluded by a rule",
    "quarantined": "in quarantine",
}
"""What a part of the equation is in a sentence."""
