"""How the made-up customers behave, day by day: when they order and when somebody calls on them.

What is true of them stands in :data:`segcore.demo.truth.TRUTH`. How it comes about:

- At every run date each representative picks customers who are quiet or small and have ordered within
  a year, each with the same chance (:attr:`Traits.diligence`), and calls on them within two weeks,
  unless they have ordered since. A second call on some of them changes nothing any more.
- A follow-up adds its representative's effect to the daily chance of an order, from the next day to the
  next run date, whatever the customer would have ordered otherwise.
- Follow-ups go to customers who would order less in any case, and later in the period only to those who
  have not ordered yet: a plain comparison of followed and other customers understates the effect.
- After a run, nobody is called whose number in its draw is below :data:`segcore.demo.truth.SAFE`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

QUIET_AFTER, SMALL, QUIET_UNTIL = 40, 2, 365
"""Called are who ordered nothing for so many days, or so seldom in a year, until they have left."""

_WEEKDAY = np.array([1.15, 1.1, 1.0, 1.0, 0.75, 0.1, 0.05])
_CALLS_WITHIN = 14
_SECOND_CALL, _SECOND_AFTER = 0.2, 14
_NEVER = 100_000


@dataclass(frozen=True)
class Traits:
    """What n customers are like; arrays of length n, days counted from the first day.

    Parameters
    ----------
    rate
        Orders per year in the middle of the two years.
    growth
        Natural logarithm of the factor by which the rate changes over the two years.
    start, end
        First day, and first day no more, on which they may order.
    doze, wake
        They order nothing from ``doze`` to the day before ``wake``.
    spend
        Factor on the typical amount of an order line.
    markets
        Shape (n, markets): share of each market in their order lines, rows sum to 1.
    rep, diligence, effect
        Position of their representative, with which chance that one calls a customer who is quiet or
        small in the time between two runs, and the daily chance of an order that a call adds.
    """

    rate: Floats
    growth: Floats
    start: Ints
    end: Ints
    doze: Ints
    wake: Ints
    spend: Floats
    markets: Floats
    rep: Ints
    diligence: Floats
    effect: Floats


@dataclass(frozen=True)
class Course:
    """What happens to all customers of a company.

    Parameters
    ----------
    days
        How many days there are.
    first_day
        The date of day 0; Saturdays and Sundays are slow.
    busy
        Days on which at least one order arrives: on a day without any, the customer with the highest
        rate orders.
    calls
        Days on which representatives pick whom to call until the next of these days, ascending.
    spared
        Such a day → who must not be called then, as an array of n truth values.
    faster
        Day from which on, and factor by which, everybody orders more often.
    scripts
        Position of a customer who lives by a script → days of the orders; nobody calls on it.
    """

    days: int
    first_day: dt.date
    busy: frozenset[int] = frozenset()
    calls: Sequence[int] = ()
    spared: Mapping[int, Flags] = field(default_factory=dict)
    faster: tuple[int, float] = (_NEVER, 1.0)
    scripts: Mapping[int, Ints] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """What happened: one entry per order and per follow-up, by day and then by customer."""

    order_customer: Ints
    order_day: Ints
    visit_customer: Ints
    visit_day: Ints


def draw_traits(
    rng: np.random.Generator, customers: int, *, days: int, effects: Sequence[float], markets: int
) -> Traits:
    """Draw what ``customers`` customers are like over ``days`` days; ``effects``: one per representative."""
    reps = len(effects)
    newcomer = rng.random(customers) < 0.24
    start = np.where(newcomer, rng.integers(1, days - 20, size=customers), 0)
    # One in forty leaves per year, at a constant hazard.
    end = start + 1 + rng.exponential(365 * 40, size=customers).astype(np.int64)
    # A few of them fall silent for so long that they drop out of the population and return.
    dozes = rng.random(customers) < 0.03
    doze = np.where(dozes, rng.integers(20, days - 400, size=customers), _NEVER)
    wake = doze + rng.integers(200, 460, size=customers)
    rep = rng.integers(0, reps, size=customers)
    diligence = rng.uniform(0.65, 0.9, size=reps)
    popularity = np.linspace(1.4, 0.5, markets)
    return Traits(
        rate=rng.lognormal(np.log(3.2), 0.5, size=customers),
        growth=rng.normal(0.0, 0.4, size=customers),
        start=start.astype(np.int64),
        end=end,
        doze=doze.astype(np.int64),
        wake=wake.astype(np.int64),
        spend=rng.lognormal(0.0, 0.6, size=customers),
        markets=_shares(rng, popularity, bought=rng.integers(1, markets + 1, size=customers)),
        rep=rep,
        diligence=diligence[rep],
        effect=np.array(effects)[rep],
    )


def _shares(rng: np.random.Generator, popularity: Floats, *, bought: Ints) -> Floats:
    """Share of each market for customers who buy in ``bought[i]`` of them."""
    weights = rng.gamma(popularity, size=(len(bought), len(popularity))) + 1e-9
    rank = np.argsort(np.argsort(-weights, axis=1), axis=1)
    weights[rank >= bought[:, None]] = 0.0
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def live(rng: np.random.Generator, traits: Traits, course: Course) -> Life:
    """Let the customers live.

    Parameters
    ----------
    rng, traits
        The source of all chance, and what the n customers are like.
    course
        What happens to all of them.
    """
    count = len(traits.rate)
    quick, factor = course.faster
    daily, brought = (chance * 7 / _WEEKDAY.sum() for chance in (traits.rate / 365, traits.effect))
    ordered = np.zeros((course.days, count), dtype=bool)
    visited = np.zeros_like(ordered)
    lifted = np.zeros(count, dtype=bool)
    plan, again, begun = np.full(count, _NEVER), np.full(count, _NEVER), 0
    scripted = np.isin(np.arange(count), list(course.scripts))
    for day in range(course.days):
        weekday = (course.first_day + dt.timedelta(days=day)).weekday()
        awake = (traits.start <= day) & (day < traits.end) & ~((traits.doze <= day) & (day < traits.wake))
        own = daily * np.exp(traits.growth * (day / course.days - 0.5)) * (factor if day >= quick else 1.0)
        rate = (own * awake + np.where(lifted, brought, 0.0)) * ~scripted
        ordered[day] = rng.random(count) < -np.expm1(-rate * _WEEKDAY[weekday])
        for customer, days in course.scripts.items():
            ordered[day, customer] = day in days
        if day in course.busy and not ordered[day].any():
            ordered[day, np.argmax(np.where(scripted, 0, traits.rate))] = True
        if day in course.calls:
            # What is not delivered yet nobody knows: the orders of the day itself are.
            free = ~(scripted | course.spared.get(day, scripted))
            plan, again = _planned(rng, course, day, _picked(rng, traits, ordered[:day]) & free)
            lifted, begun = np.zeros(count, dtype=bool), day
        # Nobody calls who has ordered since, up to yesterday.
        waits = ~ordered[begun:day].any(axis=0)
        visited[day] = ((plan == day) | (again == day)) & waits
        lifted |= visited[day]
    return Life(*_flat(ordered), *_flat(visited))


def _picked(rng: np.random.Generator, traits: Traits, ordered: Flags) -> Flags:
    """Whom the representatives mean to call, of who is quiet or small; ordered: one row per day so far."""
    days = len(ordered)
    recent = ordered[-QUIET_UNTIL:]
    quiet = ~recent[-QUIET_AFTER:].any(axis=0) | (recent.sum(axis=0) <= SMALL)
    chance = rng.random(len(traits.rate)) < traits.diligence
    picked: Flags = quiet & recent.any(axis=0) & chance & (days > 0)
    return picked


def _planned(rng: np.random.Generator, course: Course, day: int, picked: Flags) -> tuple[Ints, Ints]:
    """On which day each is to be called, and called again; weekends are free."""
    count = len(picked)
    first = day + 1 + rng.integers(0, _CALLS_WITHIN, size=count)
    second = first + _SECOND_AFTER
    twice = rng.random(count) < _SECOND_CALL
    plan = np.where(picked, _on_weekday(course, first), _NEVER)
    return plan, np.where(picked & twice, _on_weekday(course, second), _NEVER)


def _on_weekday(course: Course, days: Ints) -> Ints:
    """The same days, or the Monday after."""
    weekday = (course.first_day.weekday() + days) % 7
    moved: Ints = days + np.where(weekday >= 5, 7 - weekday, 0)
    return moved


def _flat(by_day: Flags) -> tuple[Ints, Ints]:
    """Customers and days of what is true, by day and then by customer."""
    day, customer = np.nonzero(by_day)
    return customer, day
