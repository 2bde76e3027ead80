"""Whom to call before the next run, by when, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from segcore.sentences.en.unshown import NOT_SHOWN
from segcore.sentences.rows import Row, Table, date, rows
from segcore.wording import count, day_and_month, in_words, join, money, percent, plural, singular

NOT_AHEAD = (
    "Nobody is left alone on purpose in this run: it was made after its time (in a backfill, once more, or "
    "from extracts that hold later records), and a list that was not out before cannot be compared."
)
NO_LIST_BEFORE = "The run before this one made no list, so nobody stands first for having been left alone."


def limit(label: str, now: str, unit: str, at_most: str) -> str:
    """How far a variable is from its edge: ``last order 131 days ago, limit 135``."""
    named = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    return f"{named} {now} {singular(unit) if now == '1' else unit}".rstrip() + f", limit {at_most}"


def reason(why: str, segment: str, near: str) -> str:
    """Why a customer stands on a call list.

    Parameters
    ----------
    why
        ``held out``, ``falls`` or ``follow_up``.
    segment
        The customer's.
    near
        How far the variable that counts is from its edge, see :func:`limit`; empty for nothing near.
    """
    if why == "held out":
        return f"left alone since the last run{f'; {near}' if near else ''}"
    return near or f"{segment} is to be followed up"


def to_do(days: int, segment: str, action: str) -> str:
    """Why somebody who does not fall is to be followed up.

    Parameters
    ----------
    days
        Since the last order.
    segment, action
        The customer's, and what the study says is to be done with it; may be empty.
    """
    ago = f"last order {plural(days, 'day')} ago" if days else "last order today"
    return f"{ago}; {segment}: {action}" if action else f"{ago}; {segment} is to be followed up"


def falling(customers: int, value: Decimal, until: str, currency: str, *, windowed: bool = False) -> str:
    """How many fall until the next run unless they order.

    Parameters
    ----------
    customers, value
        How many they are, and what they are worth.
    until
        The date of the next run, see :func:`day`.
    windowed
        Whether orders may leave a window until then, so that more may fall.
    """
    if not customers and windowed:
        return f"No customer will fall before the run of {until} for days alone"
    if not customers:
        return f"No customer will fall before the run of {until}"
    who = "One customer" if customers == 1 else f"{count(customers)} customers"
    if windowed:
        who = f"At least {who[0].lower()}{who[1:]}"
    orders = "it orders" if customers == 1 else "they order"
    return f"{who} worth {money(value, currency)} will fall before the run of {until} unless {orders}"


def to_follow(total: Row, currency: str) -> str:
    """How many are to be followed up beside those who fall, and what they are worth; empty for nobody.

    Parameters
    ----------
    total
        The row of ``call_reps`` of all together.
    currency
        Of their order value.
    """
    customers = total["to_follow"]
    if not customers:
        return ""
    who = plural(customers, "customer")
    if total["falling"]:
        who = f"{count(customers)} more"
    are = "is" if customers == 1 else "are"
    told = f"{who} worth {money(total['follow_value'], currency)} {are} to be followed up"
    return told + _left_off(customers, total.get("follow_cut", 0))


def _left_off(customers: int, cut: int) -> str:
    """How many of them the capacity leaves off; older runs counted none of these."""
    if not cut:
        return ""
    if cut == customers:
        return f", but {'does not fit' if cut == 1 else 'none of them fits'} on a list"
    return f", {count(cut)} of whom {'does' if cut == 1 else 'do'} not fit on the lists"


def day(until: dt.date, run_date: dt.date) -> str:
    """A coming day as sentences write it."""
    return day_and_month(until, run_date)


def in_file(customers: int, shown: int, file: str) -> str:
    """How many of a list stand in the file only; empty if all are shown."""
    more = customers - shown
    return f"{plural(more, 'more customer')} in {file}." if more else ""


BECAME = {
    "fell": ("fell", "fell"),
    "ordered": ("ordered and did not fall", "ordered and did not fall"),
    "gone": ("is gone", "are gone"),
    "others": ("neither fell nor ordered", "neither fell nor ordered"),
}
"""What became of somebody who was named → of one and of several."""


def last_list(table: Table, run_date: dt.date) -> str:
    """What became of those who the last run said would fall; nothing where it said nothing.

    Parameters
    ----------
    table
        The run's ``last_list``.
    run_date
        Of this run.
    """
    found = rows(table)
    if not found:
        return ""
    row = found[0]
    day, named = row["run_date"], row["named"]
    run = f"the run of {day_and_month(date(day), run_date)}"
    there = [(row[name], words) for name, words in BECAME.items() if row[name]]
    if named == 1:
        told = f"the one customer that {run} said would fall unless it ordered: it {there[0][1][0]}."
    elif named:
        parts = [f"{count(number)} {words[number > 1]}" for number, words in there]
        told = f"of {count(named)} customers who {run} said would fall unless they ordered, {join(parts)}."
    else:
        told = f"{run} said of nobody that it would fall."
    return f"**How the last list did:** {told} {_unnamed(row)} {NOT_SHOWN['last_list']}"


def no_last_list(last_run: dt.date, run_date: dt.date) -> str:
    """Why nothing is said of the last list."""
    return (
        f"**How the last list did:** the run of {day_and_month(last_run, run_date)} kept none (an older "
        "version made it), so nothing can be said of it."
    )


def _unnamed(row: Row) -> str:
    """Who fell and had not been named."""
    number, ordered = row["unnamed"], row["unnamed_ordered"]
    if not number:
        return "Nobody else fell."
    who = "1 other customer" if number == 1 else f"{count(number)} others"
    if not ordered:
        return f"{who} fell."
    whose = "in spite of an order" if ordered == number else f"{count(ordered)} of them in spite of an order"
    return f"{who} fell, {whose}."


def named(shown: int, falling: int) -> tuple[str, str]:
    """Which of those who fall a table names: its heading, and what stands below it."""
    if shown == falling:
        return "Who falls, by date", "Sorted by date."
    which = "one" if shown == 1 else in_words(shown)
    below = f"Sorted by date: the {which} of highest value among {count(falling)} who fall."
    return f"The {which} of highest value, by date", f"{below} Others may fall earlier."


def lists(total: Row, capacity: int | None) -> str:
    """How long the lists are, and who was left off."""
    if not total["customers"]:
        return "Nobody is to be called."
    stand = "stands" if total["customers"] == 1 else "stand"
    told = f"{plural(total['customers'], 'customer')} {stand} on call lists"
    if total["cut"]:
        told += f"; {count(total['cut'])} more would, but each list is cut to {count(capacity or 0)}"
    return f"{told}."


def held_out(draw: Table, *, first_run: bool) -> list[str]:
    """Who is left alone on purpose, and where the study asks for it, why nobody is.

    Parameters
    ----------
    draw
        The rows of the table ``draw``.
    first_run
        Whether there is no run before this one.
    """
    drawn = rows(draw)
    if not drawn or not drawn[0]["share"]:
        return []
    if not drawn[0]["published_ahead"]:
        return [NOT_AHEAD]
    held, listed = (sum(row[name] for row in drawn) for name in ("held_out", "listed"))
    where = join([row["segment"] for row in drawn], "or")
    who = f"{count(held)} of {plural(listed, 'customer')}"
    told = [
        f"**{who} {'is' if held == 1 else 'are'} left alone** until the next run, of those on a list who are "
        f"in {where}: drawn by lot within each segment, so that the next report can say whether calls help. "
        "Whoever is left alone is on no list now and stands first on the next one."
        if held
        else f"**Nobody is left alone** until the next run, so it adds nothing to what a hold-out shows: "
        f"{plural(listed, 'customer')} on a list {'is' if listed == 1 else 'are'} in {where}, too few to "
        f"leave {percent(drawn[0]['share'])} of each segment alone."
    ]
    if not first_run and not drawn[0]["listed_before"]:
        told.append(NO_LIST_BEFORE)
    return told


def first(total: Row) -> str:
    """Who stands first for having been left alone; empty for nobody."""
    if not total["first"]:
        return ""
    stand = "stands" if total["first"] == 1 else "stand"
    return (
        f"{plural(total['first'], 'customer')} {stand} first, having been left alone on purpose since the "
        "last run."
    )


def of_nobody(lists: Sequence[Row]) -> str:
    """How many have no representative who could call; empty if all have."""
    unknown = sum(row["customers"] for row in lists if row["position"] and not row["recorded"])
    if not unknown:
        return ""
    have = "has" if unknown == 1 else "have"
    return f"{plural(unknown, 'customer')} {have} no representative; the file names them last."


def windows(asked: Sequence[str]) -> str:
    """What the dates do not foresee.

    Parameters
    ----------
    asked
        The windows of the variables that have one.
    """
    if not asked:
        return "An order before the date moves it."
    return (
        "An order before the date moves it. Orders that leave the window of "
        f"{join(list(dict.fromkeys(asked)))} until then are not foreseen: a customer may fall earlier."
    )


def of_one(row: Row) -> str:
    """The list of one representative in a line."""
    name = row["name"] or "No representative"
    return f"{name}: {plural(row['customers'], 'customer')} to call, {count(row['would_fall'])} would fall"
