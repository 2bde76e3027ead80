"""How large the segments are, what they bring, and what makes a table of segments say little."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segcore.wording import count, day_and_month, join, long_date, month, percent, plural, sentence

if TYPE_CHECKING:
    import pandas as pd


def company(title: str) -> str:
    """Whose customers they are: ``ACME has`` of "ACME customers", else the title before a colon."""
    name = title.removesuffix(" customers")
    return f"{name} has" if name != title else f"{title}:"


def size(who: str, customers: int, before: int | None, dates: tuple[dt.date, dt.date] | None) -> str:
    """How many customers there are, against the run before (dates: the previous run's and this one's)."""
    has = f"{who} **{plural(customers, 'customer')}**"
    if before is None or dates is None:
        return f"{has}."
    more = customers - before
    if not more:
        return f"{has}, as many as {when(*dates)}."
    return f"{has}, {count(abs(more))} {'more' if more > 0 else 'fewer'} than {when(*dates)}."


def when(previous: dt.date, run_date: dt.date) -> str:
    """When the previous run was: ``in February``, with year or day where that is not clear."""
    if (previous.year, previous.month) == (run_date.year, run_date.month):
        return f"on {day_and_month(previous, run_date)}"
    return f"in {month(previous) if previous.year != run_date.year else month(previous).split()[0]}"


def known(facts: pd.DataFrame) -> str:
    """How many customers a run knows, from when to when orders are, and over which time value counts."""
    row = facts.iloc[0]
    first, newest, window = row["first_order"], row["newest_order"], row["value_window"]
    orders = f"from {long_date(first)} to {long_date(newest)}" if first < newest else f"of {long_date(first)}"
    value = f"that of the last {window}" if isinstance(window, str) else (
        "that of all orders, for the data reach back no further"
    )  # fmt: skip
    told = f"{plural(int(row['customers']), 'customer')}, orders {orders}. Order value is {value}."
    if math.isnan(row["years_cut_off"]):
        return told
    early = sentence(percent(row["years_cut_off"]))
    return f"{told} {early} of customers first ordered in the data's first 30 days."


MIDDLE_HALF = "Middle half: at most a quarter of the segment lies below the range, at most a quarter above."


def window(facts: Mapping[str, Any]) -> str:
    """Over which time order value counts: ``last 12 months``, or since the first order of shorter data."""
    known = facts["value_window"]
    return f"last {known}" if known else f"all orders since {long_date(facts['first_order'])}"


def two_best(segments: pd.DataFrame) -> str:
    """What the best segments are and bring: the two best, but only the best where there are few."""
    best = segments.head(2 if len(segments) > 3 else 1)
    one, both = len(best) == 1, best.iloc[-1]
    who = "The best segment" if one else "The two best segments"
    told = f"{who}, {join(list(best['segment']))}, {'has' if one else 'have'} "
    told += f"{percent(float(both['share_to_here']))} of customers"
    if segments["value_share"].isna().any():
        return f"{told}; order value adds up to nothing that could be shared out."
    value = percent(float(both["value_share_to_here"]))
    return f"{told} and {'brings' if one else 'bring'} {value} of order value."


def largest(segments: pd.DataFrame) -> str:
    """Whether a segment has more than half of all customers, and what to try then."""
    total = int(segments["customers"].sum())
    row = segments.iloc[int(segments["customers"].argmax())]
    number = _of(int(row["customers"]), total)
    if 2 * int(row["customers"]) <= total:
        return f"No segment has more than half of the customers; {row['segment']} has most, {number}."
    return (
        f"{row['segment']} has {number}, more than half: it tells little about any of them. Try a narrower "
        "rule for it, more classes, or a window for the variables that its rules ask for."
    )


def rules(table: pd.DataFrame) -> str:
    """Which rules take nobody, why, and what to try then; table: line, customers, fits."""
    nobody = table[table["customers"] == 0]
    if nobody.empty:
        return "Every rule takes at least one customer."
    told = []
    for shadowed in (True, False):
        lines = [count(int(line)) for line in nobody.loc[(nobody["fits"] > 0) == shadowed, "line"]]
        if not lines:
            continue
        what, they, fit, it = (
            (f"rule in line {lines[0]} of the rule table takes", "it", "fits", "it")
            if len(lines) == 1
            else (f"rules in lines {join(lines)} of the rule table take", "they", "fit", "them")
        )
        if shadowed:
            why = f"rules above take every customer whom {they} {fit}. Try to move {it} up"
        else:
            why = f"{they} {fit} no customer. Try to ask for less in {it}"
        told.append(f"The {what} nobody: {why}, or take {it} out.")
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
        return ["No variable decides anybody's segment: another class of one alone moves nobody."]
    first = [name for name, number in found.items() if number == most]
    those = "it" if len(first) == 1 else "either of them" if len(first) == 2 else "any one of them"
    told = [
        f"Most depends on {join(first)}: with another class of {those} "
        f"alone, {_of(most, customers)} could be in another segment."
    ]
    return [*told, *_deciding_nothing([name for name, number in found.items() if not number])]


def _deciding_nothing(names: list[str]) -> list[str]:
    if not names:
        return []
    it, out = ("it", "it") if len(names) == 1 else ("them", "one of them")
    return [
        f"Nobody's segment depends on {join(names, 'or')}: with any other class of {it} alone, every "
        f"customer stays in the same one. Try a rule that asks for {it}, or leave {out} out of the study."
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
        return "All customers are in one segment."
    best, worst = held.iloc[0], held.iloc[-1]
    pairs = [
        f"{name.split(', ')[0]} {_median(best[name])} and {_median(worst[name])}" for name in held.columns[1:]
    ]
    return f"Medians of {best['segment']} and {worst['segment']}: {'; '.join(pairs)}."


def _median(cell: str) -> str:
    return cell.rpartition("(")[2].rstrip(")")


def _of(number: int, customers: int) -> str:
    if number == customers:
        return f"all {plural(customers, 'customer')}" if customers > 1 else "the only customer"
    return f"{count(number)} of {plural(customers, 'customer')}"
