"""What became of those who needed attention: now, in every run, and by representative."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import (
    all_of,
    between,
    count,
    day_and_month,
    in_words,
    join,
    long_date,
    percent,
    plural,
    sentence,
)

CAUTION = (
    "**Ein Anteil ist kein Beweis.** Manche Kunden steigen von selbst auf. Diese Zahlen zeigen also nicht, "
    "dass ein Kontakt geholfen hat."
)
BY_REPRESENTATIVE = "Jetzt in einem Zielsegment, nach Betreuer"
NO_PROOF = "Das zeigt nicht, dass ein Kontakt geholfen hat: Gezählt werden alle, ob kontaktiert oder nicht."
NOTHING = "Es gibt keine Kernzahl: Dies ist der erste Lauf, oder kein Segment ist zum Nachfassen vorgesehen."


def attention(segment: str, customers: int, before: int | None) -> str:
    """How many are in the segment that is to be followed up first; part of a sentence."""
    words = {0: f"kein Kunde ist im Segment {segment}", 1: f"**1 Kunde ist im Segment {segment}**"}
    said = words.get(customers, f"**{count(customers)} Kunden sind im Segment {segment}**")
    if before is None:
        return said
    more = customers - before
    how = (
        f"{count(abs(more))} {'mehr' if more > 0 else 'weniger'} als zuvor"
        if more
        else "ebenso viele wie zuvor"
    )
    return f"{said}, {how}"


def headline(now: Row, targets: Sequence[str], previous: dt.date, *, sure: bool = False) -> str:
    """Of those who needed attention, how many are better off now: ``Von 409 Kunden, … **sind jetzt 39 …**``.

    Parameters
    ----------
    now
        The row of ``headline`` of this run.
    targets
        The segments to be in now.
    previous
        The date of the previous run.
    sure
        Say the share and its interval, too.
    """
    customers, there, goal = now["customers"], now["in_target"], f"im Segment {join(targets, 'oder')}"
    day, segment = day_and_month(previous, now["run_date"]), f"im Segment {now['segment']}"
    if not customers:
        return f"Am {day} war kein Kunde {segment}"
    if customers == 1:
        return f"Der eine Kunde, der am {day} {segment} war, **ist jetzt {'' if there else 'nicht '}{goal}**"
    done = {0: "ist jetzt keiner", 1: "ist jetzt 1"}.get(there, f"sind jetzt {count(there)}")
    if there == customers:
        done = f"sind jetzt {'beide' if customers == 2 else f'alle {count(customers)}'}"
    told = f"Von {count(customers)} Kunden, die am {day} {segment} waren, **{done} {goal}**"
    return f"{told} ({interval(now)})" if sure else told


def interval(row: Row) -> str:
    """How sure a share is: ``40 %, 95-%-Intervall 35–45 %``, or that there are too few to say."""
    if row["customers"] < FEW:
        return f"weniger als {FEW}, zu wenige für eine Prozentzahl"
    return f"{percent(row['share'])}, 95-%-Intervall {between(row['low'], row['high'])}"


def others(now: Row) -> str:
    """What became of those who are in no target now; nothing if there is nobody else."""
    parts = [
        f"{count(now[name])} {words}"
        for name, words in (
            ("still", f"weiterhin im Segment {now['segment']}"),
            ("rose", "in einem besseren Segment unter dem Ziel"),
            ("fell", "in einem schlechteren Segment"),
            ("gone", "weggefallen"),
        )
        if now[name]
    ]
    return f"**Die übrigen Kunden:** {join(parts)}." if parts else ""


def series(runs: Sequence[Row], pooled: Row) -> list[str]:
    """The headline of this run beside that of all runs; nothing with a single one.

    Parameters
    ----------
    runs, pooled
        The rows of ``headline``: one for every run, ascending, and the one over all of them.
    """
    if len(runs) < 2:
        return []
    empty = [long_date(row["run_date"]) for row in runs if not row["customers"]]
    which = "dem Lauf" if len(empty) == 1 else "den Läufen"
    if len(empty) > 3:
        empty = [*empty[:2], f"{count(len(empty) - 2)} weiteren"]
    told = [f"Vor {which} vom {join(empty)} war niemand in einem Segment dieses Namens."] if empty else []
    if pooled["customers"] < FEW:
        return [*told, "Alle Läufe zusammen haben zu wenige Kunden für eine Prozentzahl."]
    some = sum(1 for row in runs if row["customers"])
    over = "In einem Lauf" if some == 1 else f"In {in_words(some)} Läufen zusammen"
    return [
        *told,
        f"{over} waren es {count(pooled['in_target'])} von {count(pooled['customers'])} "
        f"({interval(pooled)}); ein Kunde, der mehrmals im Segment {pooled['segment']} war, zählt jedes Mal.",
    ]


def told(table: Table, targets: Sequence[str], previous: dt.date | None) -> str:
    """The headline, the others, and all runs, without marks, as a notebook says them under the table."""
    found = rows(table)
    if not found or previous is None:
        return NOTHING
    *runs, pooled = found
    first = f"{headline(runs[-1], targets, previous, sure=True)}."
    texts = [first, others(runs[-1]), *series(runs, pooled)]
    return "\n".join(text for text in texts if text).replace("**", "")


def not_recorded(table: Table) -> str:
    """For how many customers no representative is known; nothing if for none."""
    found = rows(table)
    number = sum(row["customers"] for row in found if not row["recorded"])
    of = sum(row["customers"] for row in found)
    if not number:
        return ""
    if number == of:
        return "Für keinen dieser Kunden ist ein Betreuer erfasst."
    return f"Für {count(number)} von {plural(of, 'Kunden', 'Kunden')} ist kein Betreuer erfasst."


def books(table: Table) -> str:
    """What is said of ``representatives`` as a whole: that all have too few, and who has none."""
    return " ".join(text for text in (all_few(table), not_recorded(table)) if text)


def all_few(table: Table) -> str:
    """That no representative has enough customers to judge; nothing unless it is so."""
    found = [row for row in rows(table) if row["recorded"]]
    if not found or not all(row["few"] for row in found):
        return ""
    if len(found) == 1:
        return f"Der einzige Betreuer, {found[0]['name']}, hat weniger als {FEW} dieser Kunden."
    who = f"{sentence(all_of(len(found)))} Betreuer"
    return f"{who} haben jeweils weniger als {FEW} dieser Kunden: zu wenige für ein Urteil."
