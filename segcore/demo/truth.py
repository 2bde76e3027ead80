"""What is true of the made-up company: one table, from which the demo is made and its analysis is tested.

Whatever the report says about causes, follow-ups and call lists can be held against this table, for
nothing else was planted. ``tests/test_demo_truth.py`` does so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

STUDY = "demo"
"""The study's name, by which the hold-out is drawn."""

RUN_DATES = tuple(dt.date(2025, 12, 31) - dt.timedelta(days=45 * back) for back in range(7, -1, -1))
"""The eight dates on which the demo's extracts are delivered and its runs are made."""

FIRST_DAY = dt.date(2024, 1, 2)
"""The day on which the orders begin."""


@dataclass(frozen=True)
class Planted:
    """One thing that was planted.

    Parameters
    ----------
    who
        Numbers of representatives, or names of customers; empty where it is about all.
    value
        How strong it is.
    says
        What is true, as a sentence.
    found
        Where the analysis must find it: tables of a run.
    since
        The first day of it; None for always.
    """

    who: tuple[str, ...]
    value: float
    says: str
    found: tuple[str, ...]
    since: dt.date | None = None


TRUTH: Mapping[str, Planted] = {
    "with effect": Planted(
        who=("0101", "0103", "0105", "0108", "0110", "0112"),
        value=0.01,
        says="A follow-up of theirs adds this to the daily chance of an order, from the next day to the next "
        "run: it doubles it, for those who are to be followed up order as often by themselves.",
        found=("books", "effect", "insights"),
    ),
    "without effect": Planted(
        who=("0102", "0104", "0106", "0107", "0109", "0111"),
        value=0.0,
        says="A follow-up of theirs changes nothing.",
        found=("books",),
    ),
    "late claims": Planted(
        who=("0107",),
        value=0.5,
        says="Of this share of the orders in the book a follow-up is logged the day after, to claim them.",
        found=("late", "suspicions"),
    ),
    "split orders": Planted(
        who=("0107",),
        value=0.3,
        says="This share of the orders in the book stands there as two, on two days in a row.",
        found=("suspicions",),
    ),
    "held out": Planted(
        who=(),
        value=0.1,
        says="Of the customers on a list to call this share is drawn, and nobody calls them until the next.",
        found=("draw", "eligible", "effect"),
        since=RUN_DATES[0],
    ),
    "faster": Planted(
        who=(),
        value=1.3,
        says="From this day on everybody orders by this factor more often, as small orders cost no postage. "
        "So the run of 4 July is unusual, and no segment has the size that the run before forecast; too "
        "little for a refit to be proposed.",
        found=("drift", "unusual", "forecast"),
        since=dt.date(2025, 5, 21),
    ),
    "new breaks": Planted(
        who=(),
        value=0.0,
        says="The breaks are those of the first run until this one; only here do boundaries move customers.",
        found=("marks", "bridge"),
        since=RUN_DATES[6],
    ),
    "ageing": Planted(
        who=("Altmann Maschinenbau AG",),
        value=0.0,
        says="Ordered every week and orders nothing from this day on: it falls by the calendar alone.",
        found=("marks", "clock"),
        since=dt.date(2025, 7, 1),
    ),
    "comes back": Planted(
        who=("Rückkehr Bürobedarf GmbH", "Wiederkehr Hotelbedarf KG"),
        value=0.0,
        says="Ordered nothing for over a year, the first since before the first run, and orders again.",
        found=("moves",),
        since=dt.date(2025, 12, 8),
    ),
}
"""All that was planted. Beside it, chance: customers begin, grow, shrink, doze and leave by themselves."""

SAFE = 0.2
"""Nobody whose number in the draw of a run is below this is called before the next.

Who is held out depends on the list, which the company's sales users have and its generator has not. The
drawn are those of the smallest numbers within a segment, a tenth of it; of the hundred customers or
more of a segment on the list, a tenth lies below this number but for one draw in a thousand.
"""


def effect_of(rep: str) -> float:
    """What a follow-up of a representative adds to the daily chance of an order."""
    return TRUTH["with effect"].value if rep in TRUTH["with effect"].who else TRUTH["without effect"].value


def scripts() -> Mapping[str, tuple[dt.date, ...]]:
    """The customers who live by a script: name → days of their orders."""
    lapsed, returned = TRUTH["comes back"].who
    (aged,) = TRUTH["ageing"].who
    stops, again = TRUTH["ageing"].since, TRUTH["comes back"].since
    assert stops and again
    return {
        lapsed: (dt.date(2024, 1, 10), dt.date(2024, 1, 31), dt.date(2024, 2, 14), again),
        returned: (*_every(28, FIRST_DAY, dt.date(2024, 9, 10)), again + dt.timedelta(days=2)),
        aged: tuple(_every(7, FIRST_DAY, stops)),
    }


def _every(days: int, first: dt.date, end: dt.date) -> list[dt.date]:
    """Days from ``first`` on, so far apart, before ``end``."""
    count = -(-(end - first).days // days)
    return [first + dt.timedelta(days=days * n) for n in range(count)]
