"""Made-up studies of which the truth is known: who is eligible, followed up, and orders when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

DAYS = 45
SEGMENTS = ("At risk", "Needs attention")
REACHED = 0.92
"""Share of those who order that stand in a target segment at the end."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What is planted.

    Parameters
    ----------
    books
        Eligible customers of each representative at each run.
    runs
        How many runs, 45 days apart.
    base
        Share of the eligible who order within a period without a follow-up, about.
    called
        Share of the list that is followed up, each from its own first day on.
    last
        The day by which the list has been followed up.
    held
        Share of the eligible who are held out.
    lift
        Points by which following up raises the share that reaches a target.
    doubled
        Books in which a follow-up doubles the daily rate of first orders from the next day on.
    chosen
        By what representatives choose whom they call: "" (nothing), "recency" (which is logged) or
        "knowledge" (of the customer's own rate, which is not).
    """

    books: tuple[int, ...] = (60,) * 12
    runs: int = 8
    base: float = 0.25
    called: float = 0.6
    last: int = 30
    held: float = 0.0
    lift: float = 0.0
    doubled: tuple[int, ...] = ()
    chosen: str = ""


def study(plan: Plan, generator: np.random.Generator) -> pd.DataFrame:
    """The eligible rows of all runs, as ``segcore.kpi`` takes them, with ``truth`` beside them.

    Customers recur, and each has a rate of its own that nobody knows. ``truth`` is what following up
    adds to the probability of reaching a target, for those without an order on ``plan.last``.
    """
    pool = np.concatenate([np.full(2 * size, book) for book, size in enumerate(plan.books)])
    # Books hold different mixtures, and customers keep their segment, their classes and their rate.
    share = generator.uniform(0.3, 0.7, len(plan.books))
    customers = pd.DataFrame(
        {
            "customer_id": [f"C{number:05d}" for number in range(len(pool))],
            "rep": [f"R{book:02d}" for book in pool],
            "book": pool,
            "segment": np.where(generator.random(len(pool)) < share[pool], *SEGMENTS),
            "recency_class": generator.integers(1, 4, len(pool)),
            "frequency_class": generator.integers(1, 4, len(pool)),
            "frailty": generator.gamma(4.0, 0.25, len(pool)),
        }
    )
    parts, came, was_in = [], np.zeros(len(pool), dtype=bool), np.zeros(len(pool), dtype=bool)
    held_before = np.zeros(len(pool), dtype=bool)
    for run in range(plan.runs):
        now = _eligible(plan, pool, (was_in, came), generator)
        rows = _period(plan, customers.loc[now], held_before[now], generator)
        parts.append(rows.assign(run_date=pd.Timestamp(2025, 1, 1) + pd.Timedelta(days=DAYS * (run + 1))))
        came[:], was_in[:], held_before[:] = False, False, False
        came[now], was_in[now], held_before[now] = rows["reached"], True, rows["held_out"]
    return pd.concat(parts, ignore_index=True)


def _eligible(
    plan: Plan,
    pool: npt.NDArray[np.int64],
    before: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
    generator: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Who is eligible: most of those who were and reached nothing, and others who had not just done so."""
    was_in, came = before
    turn = generator.random(len(pool)) + 1.0
    turn[was_in & ~came & (generator.random(len(pool)) < 0.8)] -= 1.0
    turn[came] += 1.0
    order = np.lexsort((turn, pool))
    starts = np.searchsorted(pool, np.arange(len(plan.books)))
    chosen = [order[start : start + size] for start, size in zip(starts, plan.books, strict=True)]
    return np.sort(np.concatenate(chosen))


def _period(
    plan: Plan, who: pd.DataFrame, first: npt.NDArray[np.bool_], generator: np.random.Generator
) -> pd.DataFrame:
    """What happens to the eligible customers within one period."""
    size = len(who)
    held = _held(plan, who, first, generator)
    followed_on = _followed_on(plan, who, held, generator)
    per_day = _hazards(plan, who)
    book = who["book"].to_numpy()
    after = np.arange(1, DAYS + 1)[None, :] > followed_on[:, None]
    faster = per_day * np.where(after & np.isin(book, plan.doubled)[:, None], 2.0, 1.0)
    waited = generator.exponential(size=size)
    passed = np.cumsum(faster, axis=1) >= waited[:, None]
    order_on = np.where(passed.any(axis=1), passed.argmax(axis=1) + 1.0, np.inf)
    survives = np.exp(-per_day.sum(axis=1))
    extra = np.minimum(plan.lift / REACHED / survives, 1.0)
    hit = (generator.random(size) < extra) & np.isinf(order_on) & np.isfinite(followed_on)
    order_on = np.where(hit, generator.integers(plan.last + 1, DAYS + 1, size), order_on)
    ordered = np.isfinite(order_on)
    waiting = np.exp(-per_day[:, plan.last :].sum(axis=1))  # of no order until the end, at plan.last
    return pd.DataFrame(
        {
            "customer_id": who["customer_id"].to_numpy(),
            "rep": who["rep"].to_numpy(),
            "segment": who["segment"].to_numpy(),
            "recency_class": who["recency_class"].to_numpy(),
            "frequency_class": who["frequency_class"].to_numpy(),
            "days": DAYS,
            "followed_on": np.where(np.isfinite(followed_on), followed_on, np.nan),
            "order_on": np.where(ordered, order_on, np.nan),
            "reached": ordered & (generator.random(size) < REACHED),
            "listed": True,
            "held_out": held,
            "counts": plan.held > 0,
            "rests": first,
            "doubled": np.isin(book, plan.doubled),
            "truth": extra * waiting * REACHED,
        }
    )


def _hazards(plan: Plan, who: pd.DataFrame) -> Floats:
    """Rates of the first order, customers × days: by segment, classes, week and customer."""
    usual = -np.log(1 - plan.base) / DAYS
    known = (
        np.where(who["segment"] == SEGMENTS[0], 0.7, 1.3)
        * (0.5 + 0.25 * who["recency_class"].to_numpy())
        * (0.8 + 0.1 * who["frequency_class"].to_numpy())
    )
    week = 1.3 - 0.1 * (np.arange(DAYS) // 7)
    return np.asarray(usual * (known * who["frailty"].to_numpy())[:, None] * week[None, :])


def _held(
    plan: Plan, who: pd.DataFrame, first: npt.NDArray[np.bool_], generator: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """The lot within each segment; who was held out for the last run stands first, and draws none."""
    held = np.zeros(len(who), dtype=bool)
    for segment in SEGMENTS:
        there = np.flatnonzero((who["segment"] == segment).to_numpy() & ~first)
        held[generator.permutation(there)[: round(plan.held * len(there))]] = True
    return held


def _followed_on(
    plan: Plan, who: pd.DataFrame, held: npt.NDArray[np.bool_], generator: np.random.Generator
) -> Floats:
    chance = np.full(len(who), plan.called)
    if plan.chosen == "recency":
        chance = 0.15 + 0.25 * (who["recency_class"].to_numpy() - 1)
    elif plan.chosen == "knowledge":
        chance = np.clip(who["frailty"].to_numpy() - 0.3, 0.05, 0.95)
    day = generator.integers(1, plan.last + 1, len(who)).astype(float)
    return np.where((generator.random(len(who)) < chance) & ~held, day, np.inf)
