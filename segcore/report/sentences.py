"""The report's sentences: findings as headings, with one, nobody and nothing to compare with.

Every function takes plain numbers and gives plain text. Two asterisks on both sides make bold, as
``**3,012 customers**``; the page turns them into markup after it has escaped everything.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from segcore.intervals import FEW
from segcore.wording import (
    between,
    count,
    day_and_month,
    in_words,
    join,
    long_date,
    month,
    percent,
    plural,
    sentence,
)

FIRST_RUN = "This is the first run; changes appear from the next run on."
NEEDS_ATTENTION = "Needs attention"


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


def best(names: Sequence[str], customers: int, share: float | None) -> str:
    """What the best segments bring; ``share`` of order value, None if nothing was ordered."""
    who = f"The two best segments, {plural(customers, 'customer')}," if len(names) > 1 else (
        f"The best segment, {names[0]}, {plural(customers, 'customer')},"
    )  # fmt: skip
    verb = "bring" if len(names) > 1 else "brings"
    if share is None:
        return f"{who.rstrip(',')}, {'have' if len(names) > 1 else 'has'} no order value yet"
    return f"{who} {verb} {percent(share)} of order value"


def attention(segment: str, customers: int, before: int | None) -> str:
    """How many are in the segment that is to be followed up first; part of a sentence."""
    if segment == NEEDS_ATTENTION:
        words = {0: "no customer needs attention", 1: "**1 customer needs attention**"}
        said = words.get(customers, f"**{count(customers)} need attention**")
    else:
        words = {0: f"no customer is in {segment}", 1: f"**1 customer is in {segment}**"}
        said = words.get(customers, f"**{count(customers)} are in {segment}**")
    if before is None:
        return said
    return f"{said}, {_more(customers - before)}"


def _more(number: int) -> str:
    return f"{count(abs(number))} {'more' if number > 0 else 'fewer'}" if number else "as many as before"


def moves(up: int, down: int, since: str) -> str:
    """How many moved, in one sentence; ``since`` is the previous run's date."""
    if not up and not down:
        return f"No customer changed segment since {since}."
    rose = {0: "nobody moved up", 1: "1 customer moved up"}.get(up, f"{count(up)} moved up")
    fell = {0: "nobody moved down", 1: "1 customer moved down"}.get(down, f"{count(down)} moved down")
    return f"Since {since} **{rose} and {fell}**."


def no_moves(previous: dt.date) -> str:
    """What stands where moves should be and cannot."""
    return f"Moves cannot be shown: the run of {long_date(previous)} is not in the archive."


def came_and_went(new: int, returned: int, gone: int) -> str:
    """Who is new, has returned or is gone; nothing if nobody."""
    parts = [
        f"{words[0] if number == 1 else words[1]}".replace("#", count(number))
        for number, words in (
            (new, ("# customer is new", "# customers are new")),
            (returned, ("# has returned", "# have returned")),
            (gone, ("# is gone", "# are gone")),
        )
        if number
    ]
    return f"{sentence(join(parts))}." if parts else ""


def moved(up: int, down: int) -> str:
    """The finding about all moves."""
    movers = up + down
    if not movers:
        return "No customer changed segment"
    if movers == 1:
        return f"1 customer changed segment: {'up' if up else 'down'}"
    return f"{count(movers)} customers changed segment, {balance(up, down)}"


def balance(up: int, down: int) -> str:
    """Which way more of them went, as far as chance allows to say (twice the standard deviation)."""
    if not up or not down:
        return f"all of them {'up' if up else 'down'}"
    apart, deviation = abs(up - down), math.sqrt(up + down)
    if apart < deviation / 2:
        return "about as many up as down"
    words = "more up than down" if up > down else "more down than up"
    return f"slightly {words}" if apart < 2 * deviation else words


def headline(segment: str, targets: Sequence[str], counts: tuple[int, int], date: str) -> str:
    """Of those who needed attention, how many are better off now.

    Parameters
    ----------
    segment, targets
        Where they were, and what counts as reached.
    counts
        How many they were, and how many have reached it.
    date
        Of the previous run.
    """
    customers, reached = counts
    where = "who needed attention" if segment == NEEDS_ATTENTION else f"in {segment}"
    goal = join(targets, "or")
    if not customers:
        return (
            f"No customer needed attention on {date}"
            if segment == NEEDS_ATTENTION
            else f"No customer was in {segment} on {date}"
        )
    if customers == 1:
        return f"The one customer {where} on {date} **is {'now' if reached else 'not yet'} {goal}**"
    done = {0: "none is now", 1: "1 is now"}.get(reached, f"{count(reached)} are now")
    return f"Of {count(customers)} customers {where} on {date}, **{done} {goal}**"


def interval(customers: int, rate: tuple[float, float, float]) -> str:
    """How sure a share is: ``40%, 95% interval 35–45%``, or that there are too few to say."""
    if customers < FEW:
        return f"too few to judge ({count(customers)})"
    share, low, high = rate
    return f"{percent(share)}, 95% interval {between(low, high)}"


def others(segment: str, counts: Mapping[str, int]) -> str:
    """What became of those who have not reached it: counts of still, rose, fell and gone."""
    parts = [
        f"{count(counts[name])} {words}"
        for name, words in (
            ("still", f"still in {segment}"),
            ("rose", "in a better segment below that"),
            ("fell", "in a worse one"),
            ("gone", "gone"),
        )
        if counts[name]
    ]
    return f"**The others:** {join(parts)}." if parts else ""


def two_best(names: Sequence[str], customers: float, value: float | None) -> str:
    """The finding about segments today."""
    who = "The two best segments are" if len(names) > 1 else f"The best segment, {names[0]}, is"
    if value is None:
        return f"{who} {percent(customers)} of customers"
    return f"{who} {percent(customers)} of customers and {percent(value)} of order value"


def over_runs(sizes: Mapping[str, Sequence[int]], first: dt.date) -> str:
    """The finding about segments over runs.

    Parameters
    ----------
    sizes
        Segment, best first → its customers in every run.
    first
        The date of the first run shown.
    """
    trends = {segment: _streak(numbers) for segment, numbers in sizes.items()}
    steps = len(next(iter(sizes.values()))) - 1
    steady = sorted((s for s in trends if abs(trends[s]) >= 3), key=lambda s: -abs(trends[s]))[:2]
    if steady:
        return "; ".join(f"{segment} has {_steadily(trends[segment], steps)}" for segment in steady)
    change = {segment: numbers[-1] - numbers[0] for segment, numbers in sizes.items()}
    most = max(change, key=lambda segment: abs(change[segment]))
    if not change[most]:
        return f"Every segment is as large as in {month(first)}"
    how = "grown" if change[most] > 0 else "shrunk"
    return f"{most} has {how} most since {month(first)}, by {plural(abs(change[most]), 'customer')}"


def _streak(numbers: Sequence[int]) -> int:
    """How many times in a row, up to now, it grew (positive) or shrank (negative)."""
    length = 0
    for before, after in zip(numbers[-2::-1], numbers[:0:-1], strict=True):
        step = (after > before) - (after < before)
        if not step or (length and (step > 0) != (length > 0)):
            break
        length += step
    return length


def _steadily(streak: int, steps: int) -> str:
    how = "grown" if streak > 0 else "shrunk"
    return f"{how} in every run" if abs(streak) == steps else f"{how} {in_words(abs(streak))} times in a row"


def made(fitted: dt.date, run_date: dt.date, moving: int) -> str:
    """The finding about how the segments were made; moving: whom this run's own breaks would move."""
    if fitted == run_date:
        return "The breaks were made from this run’s own customers"
    own = {0: "nobody", 1: "1 customer"}.get(moving, f"{count(moving)} customers")
    return f"The breaks of {long_date(fitted)} are in use; this run’s own would place {own} elsewhere"


def stale(newest: dt.date, run_date: dt.date) -> str:
    """The warning on top when the newest order is older than the study allows."""
    gap = (run_date - newest).days
    return (
        f"The newest order is of {long_date(newest)}, {plural(gap, 'day')} before the run date. "
        "Old data alone move customers down: "
        "check whether an extract is missing before acting on this report."
    )


def other_model(previous: dt.date) -> str:
    """The warning when the two runs that are compared used different rules or breaks."""
    return (
        f"The segments of {long_date(previous)} were made with others, so part of the moves is not the "
        "customers’ doing. To compare like with like, make the earlier runs again: "
        "segcore backfill with --force."
    )


def cut_off(share: float) -> str:
    """The warning when years cannot be trusted."""
    return (
        f"{percent(share)} of customers first ordered in the first 30 days of the data, so many are older "
        "customers than their years say. Map since: in the study to mend it."
    )
