"""From days with an order to order lines: markets, amounts, cancellations, lines without customer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from segcore.demo.behaviour import Course, Ints, Life, Traits
from segcore.demo.company import MARKETS, REPS, TYPICAL_AMOUNT
from segcore.demo.truth import TRUTH

NOBODY = -1
"""Customer of a line that was entered without one."""

_CANCELLED = 0.02
_LATEST_CANCELLATION = 20
_WITHOUT_CUSTOMER = 0.001
_AT_LEAST_WITHOUT = 8


class Line(NamedTuple):
    """One position of an order.

    ``day`` counts from the first day, ``customer`` is a position in the accounts or
    :data:`NOBODY`, ``market`` is one in :data:`~segcore.demo.company.MARKETS`, and money is in cents.
    """

    day: int
    order: str
    item: int
    customer: int
    market: int
    cents: int

    @property
    def cancelled(self) -> bool:
        """Whether it belongs to a cancellation, which has a document of its own."""
        return self.order.startswith("C")


def split_orders(rng: np.random.Generator, traits: Traits, life: Life, course: Course) -> tuple[Life, int]:
    """Write some orders of the gamer's customers down as two, the other one on the next day.

    Returns the life with them, and how many they are.
    """
    split = TRUTH["split orders"]
    his = np.array([number in split.who for number, _, _ in REPS])[traits.rep][life.order_customer]
    his &= ~np.isin(life.order_customer, list(course.scripts))
    drawn = his & (rng.random(len(life.order_day)) < split.value)
    there = set(zip(life.order_day.tolist(), life.order_customer.tolist(), strict=True))
    again = zip((life.order_day[drawn] + 1).tolist(), life.order_customer[drawn].tolist(), strict=True)
    second = [order for order in again if order[0] < course.days and order not in there]
    day, customer = np.array(sorted([*there, *second])).T
    return Life(customer, day, life.visit_customer, life.visit_day), len(second)


def draw_lines(rng: np.random.Generator, traits: Traits, life: Life, *, days: int) -> list[Line]:
    """Order lines and cancellations of all orders, by day, order and item.

    About one order in fifty is cancelled within :data:`_LATEST_CANCELLATION` days, by a document
    with the same lines, negative amounts and a C before the number. One in a thousand has lost its
    customer.
    """
    orders = len(life.order_day)
    items = 1 + np.minimum(rng.poisson(0.45, size=orders), 5)
    owner = np.repeat(np.arange(orders), items)
    who = life.order_customer[owner]
    market = _markets(rng, traits, who)
    amount = np.array(TYPICAL_AMOUNT)[market] * traits.spend[who] * rng.lognormal(0.0, 0.7, size=len(owner))
    cents = np.maximum(np.rint(amount * 100), 100).astype(np.int64)
    lost = np.zeros(orders, dtype=bool)
    _, firsts = np.unique(life.order_customer, return_index=True)
    # A customer's first order keeps its name, or a call would seem to come before any order.
    later = np.setdiff1d(np.arange(orders), firsts)
    without = max(_AT_LEAST_WITHOUT, round(_WITHOUT_CUSTOMER * orders))
    lost[rng.choice(later, size=without, replace=False)] = True
    cancelled = (rng.random(orders) < _CANCELLED) & ~lost
    cancel_day = life.order_day + rng.integers(1, _LATEST_CANCELLATION + 1, size=orders)

    lines: list[Line] = []
    first = np.cumsum(items) - items
    for i in range(orders):
        customer = NOBODY if lost[i] else int(life.order_customer[i])
        number, day = f"{90_000_001 + i}", int(life.order_day[i])
        positions = range(int(first[i]), int(first[i] + items[i]))
        mine = [
            Line(day, number, 10 * n, customer, int(market[p]), int(cents[p]))
            for n, p in enumerate(positions, 1)
        ]
        lines += mine
        if cancelled[i] and cancel_day[i] < days:
            lines += [x._replace(day=int(cancel_day[i]), order=f"C{number}", cents=-x.cents) for x in mine]
    lines.sort()
    return lines


def _markets(rng: np.random.Generator, traits: Traits, who: Ints) -> Ints:
    """One market per line, by the shares of its customer."""
    upto = np.cumsum(traits.markets, axis=1)[who]
    drawn = (rng.random(len(who))[:, None] > upto).sum(axis=1)
    # A cumulated share can end a rounding error below 1.
    chosen: Ints = np.minimum(drawn, len(MARKETS) - 1)
    return chosen
