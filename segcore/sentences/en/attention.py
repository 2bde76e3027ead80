"""What became of those who needed attention: now, in every run, and by representative."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.intervals import FEW
from segcore.sentences.rows import Row, Table, rows
from segcore.wording import (
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
    "**A share is no proof.** Some customers move up by themselves, so these numbers do not show that a "
    "follow-up helped."
)
BY_REPRESENTATIVE = "Now in a target, by representative"
NO_PROOF = "It does not show that a follow-up helped: it counts all of them, called or not."
NOTHING = "There is no headline: this is the first run, or no segment is to be followed up."


def attention(segment: str, customers: int, before: int | None) -> str:
    """How many are in the segment that is to be followed up first; part of a sentence."""
    words = {0: f"no customer is in {segment}", 1: f"**1 customer is in {segment}**"}
    said = words.get(customers, f"**{count(customers)} are in {segment}**")
    if before is None:
        return said
    more = customers - before
    how = f"{count(abs(more))} {'more' if more > 0 else 'fewer'}" if more else "as many as before"
    return f"{said}, {how}"


def headline(now: Row, targets: Sequence[str], previous: dt.date, *, sure: bool = False) -> str:
    """Of those who needed attention, how many are better off now.

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
    customers, there, goal = now["customers"], now["in_target"], join(targets, "or")
    when = f"in {now['segment']} on {day_and_month(previous, now['run_date'])}"
    if not customers:
        return f"No customer was {when}"
    if customers == 1:
        return f"The one customer {when} **is {'now' if there else 'not'} {goal}**"
    done = {0: "none is now", 1: "1 is now"}.get(there, f"{count(there)} are now")
    if there == customers:
        done = f"{'both' if customers == 2 else f'all {count(customers)}'} are now"
    return f"Of {count(customers)} customers {when}, **{done} {goal}**{f' ({interval(now)})' if sure else ''}"


def interval(row: Row) -> str:
    """How sure a share is: ``40%, 95% interval 35–45%``, or that there are too few to say."""
    if row["customers"] < FEW:
        return f"fewer than {FEW}, too few for a percentage"
    return f"{percent(row['share'])}, 95% interval {between(row['low'], row['high'])}"


def others(now: Row) -> str:
    """What became of those who are in no target now; nothing if there is nobody else."""
    parts = [
        f"{count(now[name])} {words}"
        for name, words in (
            ("still", f"still in {now['segment']}"),
            ("rose", "in a better segment below that"),
            ("fell", "in a worse one"),
            ("gone", "gone"),
        )
        if now[name]
    ]
    return f"**The others:** {join(parts)}." if parts else ""


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
    if len(empty) > 3:
        empty = [*empty[:2], f"{count(len(empty) - 2)} more"]
    told = [f"Before the runs of {join(empty)} nobody was in a segment of this name."] if empty else []
    if pooled["customers"] < FEW:
        return [*told, "All runs together have too few customers for a percentage."]
    some = sum(1 for row in runs if row["customers"])
    return [
        *told,
        f"Over {in_words(some)} run{'s' * (some > 1)} it was {count(pooled['in_target'])} of "
        f"{count(pooled['customers'])} ({interval(pooled)}); a customer who was in {pooled['segment']} "
        "several times counts each time.",
    ]


def _all(number: int) -> str:
    return "both" if number == 2 else f"all {in_words(number)}"


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
        return "No representative is recorded for any of them."
    return f"For {count(number)} of {plural(of, 'customer')} no representative is recorded."


def books(table: Table) -> str:
    """What is said of ``representatives`` as a whole: that all have too few, and who has none."""
    return " ".join(text for text in (all_few(table), not_recorded(table)) if text)


def all_few(table: Table) -> str:
    """That no representative has enough customers to judge; nothing unless it is so."""
    found = [row for row in rows(table) if row["recorded"]]
    if not found or not all(row["few"] for row in found):
        return ""
    if len(found) == 1:
        return f"The only representative, {found[0]['name']}, has fewer than {FEW} of these customers."
    who = f"{sentence(_all(len(found)))} representatives"
    return f"{who} have fewer than {FEW} of these customers each: too few to judge."
