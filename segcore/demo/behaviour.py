"""How the made-up customers behave, day by day: when they order and when somebody calls on them.

What is true of them is written here, so that a measurement can be held against it:

- A follow-up multiplies the daily chance of an order by :data:`FOLLOW_UP_LIFT` for
  :data:`FOLLOW_UP_DAYS` days. Nobody who has left for good comes back through one.
- The lift is the same for all twelve representatives. They differ in how often they follow up
  only, so any other difference between them is chance.
- Follow-ups go mostly to customers that have gone quiet, who would order less in any case: a plain
  comparison of followed and other customers understates the lift.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

FOLLOW_UP_LIFT = 2.0
FOLLOW_UP_DAYS = 42

QUIET_AFTER, QUIET_UNTIL = 60, 300
"""Days without an order from which a customer counts as quiet, and after which nobody calls."""

_WEEKDAY = np.array([1.15, 1.1, 1.0, 1.0, 0.75, 0.1, 0.05])
_CALLS_WHEN_QUIET, _CALLS_ELSE = 0.014, 0.001
_REST_BETWEEN_CALLS = 21
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
    rep, diligence
        Position of their representative, and how often that one follows up (1 is usual).
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


@dataclass(frozen=True)
class Life:
    """What happened: one entry per order and per follow-up, by day and then by customer."""

    order_customer: Ints
    order_day: Ints
    visit_customer: Ints
    visit_day: Ints


def draw_traits(rng: np.random.Generator, customers: int, *, days: int, reps: int, markets: int) -> Traits:
    """Draw what ``customers`` customers are like over ``days`` days."""
    everyone = np.arange(customers)
    newcomer = rng.random(customers) < 0.24
    start = np.where(newcomer, rng.integers(1, days - 20, size=customers), 0)
    # One in eight leaves per year, at a constant hazard.
    end = start + 1 + rng.exponential(365 * 8, size=customers).astype(np.int64)
    # A tenth of them fall silent for so long that they drop out of the population and return.
    dozes = rng.random(customers) < 0.10
    doze = np.where(dozes, rng.integers(20, days - 400, size=customers), _NEVER)
    wake = doze + rng.integers(200, 460, size=customers)
    rep = rng.integers(0, reps, size=customers)
    diligence = rng.uniform(0.4, 1.6, size=reps)
    popularity = np.linspace(1.4, 0.5, markets)
    return Traits(
        rate=rng.lognormal(np.log(5.0), 0.85, size=customers),
        growth=rng.normal(0.0, 0.6, size=customers),
        start=start.astype(np.int64),
        end=end,
        doze=doze.astype(np.int64),
        wake=wake.astype(np.int64),
        spend=rng.lognormal(0.0, 0.6, size=customers),
        markets=_shares(rng, popularity, bought=rng.integers(1, markets + 1, size=customers)),
        rep=rep[everyone],
        diligence=diligence[rep],
    )


def _shares(rng: np.random.Generator, popularity: Floats, *, bought: Ints) -> Floats:
    """Share of each market for customers who buy in ``bought[i]`` of them."""
    weights = rng.gamma(popularity, size=(len(bought), len(popularity))) + 1e-9
    rank = np.argsort(np.argsort(-weights, axis=1), axis=1)
    weights[rank >= bought[:, None]] = 0.0
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def live(
    rng: np.random.Generator, traits: Traits, first_day: dt.date, *, days: int, busy: frozenset[int]
) -> Life:
    """Let the customers live through ``days`` days.

    Parameters
    ----------
    rng, traits
        The source of all chance, and what the n customers are like.
    first_day
        The date of day 0; Saturdays and Sundays are slow.
    busy
        Days on which at least one order arrives: on a day without any, the customer with the
        highest rate orders.
    """
    count = len(traits.rate)
    daily = traits.rate / 365 * 7 / _WEEKDAY.sum()
    last_order = -rng.integers(0, 180, size=count)
    last_visit = np.full(count, -_NEVER)
    orders: list[Ints] = []
    visits: list[Ints] = []
    for day in range(days):
        weekday = (first_day + dt.timedelta(days=day)).weekday()
        awake = (traits.start <= day) & (day < traits.end) & ~((traits.doze <= day) & (day < traits.wake))
        lifted = day - last_visit <= FOLLOW_UP_DAYS
        rate = daily * np.exp(traits.growth * (day / days - 0.5)) * np.where(lifted, FOLLOW_UP_LIFT, 1.0)
        ordered = awake & (rng.random(count) < -np.expm1(-rate * _WEEKDAY[weekday]))
        if day in busy and not ordered.any():
            ordered[np.argmax(traits.rate)] = True
        # Calls look at the orders up to yesterday and have their effect from tomorrow on.
        called = _called(rng, traits, day - last_order, day - last_visit, started=traits.start <= day)
        if weekday < 5:
            last_visit[called] = day
            visits.append(np.flatnonzero(called))
        else:
            visits.append(np.empty(0, dtype=np.int64))
        last_order[ordered] = day
        orders.append(np.flatnonzero(ordered))
    return Life(*_flat(orders), *_flat(visits))


def _called(rng: np.random.Generator, traits: Traits, gap: Ints, rest: Ints, *, started: Flags) -> Flags:
    quiet = (gap > QUIET_AFTER) & (gap <= QUIET_UNTIL)
    chance = np.where(quiet, _CALLS_WHEN_QUIET, _CALLS_ELSE) * traits.diligence
    called: Flags = started & (rest >= _REST_BETWEEN_CALLS) & (rng.random(len(gap)) < chance)
    return called


def _flat(by_day: list[Ints]) -> tuple[Ints, Ints]:
    sizes = [len(day) for day in by_day]
    return np.concatenate(by_day), np.repeat(np.arange(len(by_day)), sizes)
