"""Whether following up helped: who was, who reached a target, what was to be expected, how sure it is.

Without a hold-out nothing here is an effect, and each text that could be read as one says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from segcore.intervals import FEW, LEAST_UNFOLLOWED, against_limits
from segcore.sentences.facts import followup as facts
from segcore.sentences.facts.followup import also as also
from segcore.sentences.facts.followup import more as more
from segcore.sentences.facts.followup import pooled as pooled
from segcore.sentences.facts.followup import runs as runs
from segcore.sentences.facts.followup import tenths as tenths
from segcore.sentences.rows import Row, Table
from segcore.wording import (
    between,
    count,
    in_words,
    join,
    long_date,
    money,
    percent,
    plural,
    sentence,
)

NO_LOG = "No follow-ups were recorded, so nothing can be said of what they did."
FIRST = (
    "This is the first run: what became of the customers who were to be followed up can be said from "
    "the next run on."
)
NOT_AN_EFFECT = "**Not an effect.**"
REACHED = (
    "**Reached** is not the number now in a target at the top: it asks for an order in between, and sees "
    "both dates with the boundaries of the run before."
)

WHO_REACHED = "followed up or not"
"""Whom a column of those who reached a target counts: all who were to be followed up."""


EACH_RUN = "a customer counts once in every run"
"""What a count over several runs counts."""


def times(row: Row) -> str:
    """What a count of several runs counts; nothing of one run."""
    return EACH_RUN if row["runs"] > 1 else ""


def since(row: Row, when: str) -> str:
    """How many were to be followed up, were, and reached: of one run or of all."""
    if not row or not row["eligible"]:
        return f"{sentence(when)} nobody was to be followed up."
    of = row["eligible"]
    who = "1 customer was" if of == 1 else f"{count(of)} customers were"
    did = {0: "none was", 1: "1 was"}.get(row["followed"], f"{count(row['followed'])} were")
    reached = {0: "none reached", 1: "1 reached"}.get(row["reached"], f"{count(row['reached'])} reached")
    share = (
        f" ({percent(row['share'])}, 95% interval {between(row['low'], row['high'])})" if of >= FEW else ""
    )
    return (
        f"{sentence(when)} {who} to be followed up and {did}; whether or not they were, "
        f"{reached} a target and ordered in between{share}{also(times(row))}."
    )


def resting(row: Row, previous: dt.date) -> str:
    """Who was to be followed up at the run before and counts nowhere; nothing if nobody."""
    if not row or not row["rests"]:
        return ""
    one = row["rests"] == 1
    who = f"{count(row['rests'])} more {'customer was' if one else 'customers were'}"
    does, them, they = ("does", "it", "it") if one else ("do", "them", "they")
    return (
        f"On {long_date(previous)} {who} to be followed up but {does} not count here: the list before had "
        f"left {them} alone on purpose, so {they} stood first on that day's and "
        f"{'belongs' if one else 'belong'} to neither group."
    )


# "Suggests that follow-ups help" would be too much: a log made up over the real orders of AdventureWorks
# changed none of them, and yet 85 reached against 54 expected, for calls went to those whose order was due.
MORE = (
    "that is more than chance; whether the follow-ups did it or whom they went to, these numbers cannot tell"
)


def expected(row: Row) -> str:
    """What came of the followed days beside what was to be expected of them."""
    if not row or not row["followed"]:
        return "Nobody of them was followed up, so there is nothing to compare."
    if row["expected"] is None:
        few = f"only {plural(row['unfollowed'], 'customer')}" if row["unfollowed"] else "no customer"
        return (
            f"**No comparison:** {few} had no follow-up, and under {LEAST_UNFOLLOWED} the rate to expect "
            f"without one is not known{also(times(row))}."
        )
    verdict = {
        "within": "the difference may be chance",
        "above": MORE,
        "below": "fewer than chance alone makes likely",
    }[against_limits(row)]
    return (
        f"In the days after a follow-up {count(round(row['after']))} ordered for the first time since "
        f"that run and reached a target; at the pace of days without a follow-up "
        f"{tenths(row['expected'])} would have: {more(row['difference'])}, and chance alone stays between "
        f"{more(row['low95'])} and {more(row['high95'])}, so {verdict}."
    )


def coincide(row: Row, targets: Sequence[str]) -> str:
    """That reaching a target and moving up are nearly the same here; nothing where they are not."""
    if not facts.coincide(row):
        return ""
    how = "is the same as" if not row["apart"] else "is nearly the same as"
    return (
        f"Reaching {join(targets, 'or')} {how} moving up here: {count(row['up'])} moved up and ordered, "
        f"{count(row['reached'])} reached, {count(row['apart'])} did only one of the two. One order mostly "
        "lifts to a target."
    )


def revenue(row: Row, when: str, currency: str) -> str:
    """What was ordered after follow-ups; never said without the comparison."""
    if not row or not row["followed"]:
        return ""
    return (
        f"{sentence(when)} those who were followed up ordered for "
        f"{money(row['value_after'] or 0, currency)} after it. How much of that would have come anyway is "
        "not known, so it says nothing by itself."
    )


def sustained(row: Row) -> str:
    """How many of those who reached a target are still there when they would have fallen by themselves."""
    if not row or not row["reached"]:
        return ""
    if row["undated"] == row["reached"]:
        return (
            "**Who stayed** is not known: no run held the dates on which those who reached a target would "
            "fall without another order."
        )
    if not row["due"]:
        return (
            "**Who stayed** is not known yet: no run lies after the date on which those who reached a target "
            "would fall."
        )
    share = (
        f" ({percent(row['share'])}, 95% interval {between(row['low'], row['high'])})"
        if row["due"] >= FEW
        else ""
    )
    due, there = row["due"], row["sustained"]
    who = "who reached a target and would have fallen by now without another order"
    if due == 1:
        return f"**Who stayed:** the one customer {who} is {'still' if there else 'no longer'} there."
    are = {0: "none is", 1: "1 is", due: f"all {count(due)} are"}.get(there, f"{count(there)} are")
    return (
        f"**Who stayed:** of {count(due)} customers {who}, {are} still there{share}; "
        "whoever reached one several times counts each time."
    )


def left_out(table: Table) -> list[str]:
    """Which runs do not count, and why."""
    told = []
    for why, words in (
        ("not kept", "made before follow-ups were counted"),
        ("no follow-ups", "no follow-up is recorded in its time"),
        ("nobody", "nobody was to be followed up whom the model before could still place"),
    ):
        days = [long_date(day) for day in facts.left_out(table, why)]
        if days:
            shown = days if len(days) <= 3 else [*days[:2], f"{count(len(days) - 2)} more"]
            text = words.replace("its", "their") if len(days) > 1 else words
            told.append(f"Left out: the run{'s' * (len(days) > 1)} of {join(shown)} ({text}).")
    return told


def over(number: int) -> str:
    """Over how many runs a figure goes; part of a sentence."""
    return "over the one run so far" if number == 1 else f"over {in_words(number)} runs"


def begun(log: bool, previous: dt.date | None) -> str:
    """Whether there is anything to say: a log of follow-ups, and a run before this one."""
    if previous is None:
        return FIRST
    return "Follow-ups are recorded; what is compared follows." if log else NO_LOG


def compared(table: Table, previous: dt.date, currency: str) -> list[str]:
    """What ``followed`` says: since the last run, over all runs, and beside what was expected.

    Parameters
    ----------
    table
        The run's ``followed``.
    previous
        The date of the run before.
    currency
        Of the study.
    """
    every, number = pooled(table), runs(table)
    if not every:
        return [NOBODY]
    now = facts.last(table, previous)
    last = f"since {long_date(previous)}"
    told = [
        since(now, last) if now else NOW_NOBODY,
        resting(now, previous),
        since(every, over(number)) if number > 1 or not now else "",
        expected(every),
        revenue(now, last, currency),
        REACHED,
    ]
    return [text for text in told if text]


def beside(table: Table, targets: Sequence[str]) -> list[str]:
    """What ``followed`` says below its numbers: where two of them coincide, and which runs do not count."""
    same = coincide(pooled(table), targets)
    return [*([same] if same else []), *left_out(table)]


def told(table: Table, previous: dt.date | None, targets: Sequence[str], currency: str) -> str:
    """What ``followed`` says, without marks, as a notebook says it under the table."""
    if previous is None:
        return FIRST
    texts = [*compared(table, previous, currency), *beside(table, targets), NOT_SHOWN["followed"]]
    return "\n".join(texts).replace("**", "")


def stay(table: Table) -> list[str]:
    """What ``sustained`` says over all runs, and what that does not show; nothing if nobody reached."""
    found = sustained(pooled(table))
    return [found, NOT_SHOWN["sustained"]] if found else []


def stayed(table: Table) -> str:
    """The same without marks, as a notebook says it under the table."""
    return "\n".join(stay(table) or ["Nobody has reached a target yet."]).replace("**", "")


NOW_NOBODY = "No follow-up is recorded since the last run."
NOBODY = "Nobody was to be followed up, or no follow-up fell into the time of a run that counts."


NOT_SHOWN = {
    "followed": "The table does not show that a follow-up made anybody order: not an effect.",
    "funnel": (
        "It does not show who works better, and it is not an effect: books differ in whom they hold, and "
        "in their luck."
    ),
    "books": "It does not show what anybody's follow-ups were worth: not an effect, and not a ranking.",
    "effect": "It does not show what a follow-up does for one customer, or for those who were on no list.",
    "sustained": "It does not show what kept them: whoever ordered again stayed, followed up or not.",
    "late": "It does not show bad will: a call after an order is good manners, it just claims nothing.",
    "suspicions": "It does not show that anybody cheats; it shows where to ask.",
}
"""Figure → what it does not show."""
