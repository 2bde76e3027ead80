"""The log of follow-ups: calls as they were made, and those that are written down to claim an order."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from segcore.demo.behaviour import Course, Flags, Life
from segcore.demo.company import CLAIM, OUTCOMES, REPS, Account
from segcore.demo.truth import SAFE, STUDY, TRUTH
from segcore.holdout import draw_number

_BY_A_COLLEAGUE = 0.03


class Visit(NamedTuple):
    """One follow-up: its day, the position of the customer, what came of it, and who logged it."""

    day: int
    customer: int
    outcome: str
    rep: str


def spared(accounts: Sequence[Account], date: dt.date) -> Flags:
    """Whom nobody may call from a run to the next, for the run may hold them out: n truth values."""
    return np.array([draw_number(STUDY, str(date), f"{x.number:010d}") < SAFE for x in accounts])


def draw_log(
    rng: np.random.Generator, life: Life, accounts: Sequence[Account], course: Course
) -> list[Visit]:
    """All follow-ups, by day and customer; a few are logged by a colleague who stood in."""
    count = len(life.visit_day)
    outcomes = rng.integers(0, len(OUTCOMES), size=count)
    colleagues = rng.integers(0, len(REPS), size=count)
    stood_in = rng.random(count) < _BY_A_COLLEAGUE
    calls = zip(life.visit_day.tolist(), life.visit_customer.tolist(), outcomes, strict=True)
    log = [
        Visit(day, who, OUTCOMES[outcome], REPS[colleagues[i]][0] if stood_in[i] else accounts[who].rep)
        for i, (day, who, outcome) in enumerate(calls)
    ]
    return sorted([*log, *_claims(rng, life, accounts, course)])


def _claims(
    rng: np.random.Generator, life: Life, accounts: Sequence[Account], course: Course
) -> Iterator[Visit]:
    """What the gamer logs the day after an order, as long as no run has reported the order."""
    claimed = TRUTH["late claims"]
    drawn = rng.random(len(life.order_day)) < claimed.value
    calls = list(course.calls)
    for day, who in zip(life.order_day[drawn].tolist(), life.order_customer[drawn].tolist(), strict=True):
        period = bisect_right(calls, day)
        reported = day + 1 >= course.days or period != bisect_right(calls, day + 1)
        held = period > 0 and calls[period - 1] in course.spared and course.spared[calls[period - 1]][who]
        if accounts[who].rep in claimed.who and not (reported or held or who in course.scripts):
            yield Visit(day + 1, who, CLAIM, accounts[who].rep)
