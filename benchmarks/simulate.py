"""What the follow-up statistics say where the truth is known: ``python -m benchmarks.simulate [SHARE]``.

SHARE, by default 1, is how much of the full number of studies is made; every study has its own seed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.studies import Plan, study
from benchmarks.table import Row, print_table
from segcore.kpi import persontime
from segcore.kpi.adjusted import adjusted, compared, raw
from segcore.kpi.differ import differ, standing
from segcore.kpi.funnel import funnel
from segcore.kpi.holdout import holdout

SEED = 20_260_331
UNEVEN = (15, 25, 35, 45, 55, 60, 60, 65, 75, 85, 95, 105)
EXCHANGES = 199

BASES = {12: 0.132, 25: 0.285, 40: 0.465}
"""Share in percent that reaches a target unfollowed → ``base`` of the plan that gives it, about."""


def studies(plan: Plan, count: int, *, seed: int) -> Iterator[pd.DataFrame]:
    for number in range(count):
        yield study(plan, np.random.default_rng((SEED, seed, number)))


def nothing_planted(count: int) -> dict[str, float]:
    told = []
    for rows in studies(Plan(books=UNEVEN, held=0.1), count, seed=1):
        found, followed = holdout(rows), _followed(rows)
        assert found is not None
        books = followed.groupby("rep")[["observed", "expected"]].sum()
        off, limits = books["observed"] - books["expected"], funnel(books["expected"])
        told.append(
            {
                "covered": 100 * (found.low <= 0 <= found.high),
                "points": 100 * (followed["observed"] - followed["expected"]).mean(),
                "ratio": followed["observed"].sum() / followed["expected"].sum(),
                "naive": _naive(rows),
                "beyond95": 100 * ((off < limits["low95"]) | (off > limits["high95"])).mean(),
                "beyond998": 100 * ((off < limits["low998"]) | (off > limits["high998"])).mean(),
                "differ": 100 * _differ(followed),
                "standing": 100 * _differ(standing(rows)),
            }
        )
    return _means(told)


def eight_points(count: int, rate: int) -> dict[str, float]:
    plan = Plan(base=BASES[rate], called=1.0, held=0.1, lift=0.08)
    found = [holdout(rows) for rows in studies(plan, count, seed=100 + rate)]
    table = pd.DataFrame([vars(one) for one in found if one is not None])
    return {
        "found": 100 * float((table["low"] > 0).mean()),
        "points": 100 * float(table["difference"].mean()),
        "covered": 100 * float(((table["low"] <= 0.08) & (table["high"] >= 0.08)).mean()),
        "held_out": 100 * float(table["other"].mean()),
    }


def confounder(count: int, chosen: str) -> dict[str, float]:
    """Representatives choose whom they call, nothing is held out; five points planted if it is logged."""
    lift = 0.05 if chosen == "recency" else 0.0
    told = []
    for rows in studies(Plan(chosen=chosen, last=5, lift=lift), count, seed=3):
        found, followed = compared(rows), _followed(rows)
        truth, alike, plain = found["truth"].mean(), adjusted(found), raw(found)
        assert alike is not None and plain is not None
        told.append(
            {
                "adjusted": 100 * (alike.difference - truth),
                "covered": 100 * (alike.low <= truth <= alike.high),
                "raw": 100 * (plain.difference - truth),
                "persontime": 100 * (followed["observed"] - followed["expected"]).mean(),
            }
        )
    return _means(told)


def doubled(count: int) -> dict[str, float]:
    """The order rate doubles after a follow-up, in half of the books."""
    sums, found = np.zeros((2, 2)), []
    for rows in studies(Plan(doubled=tuple(range(6))), count, seed=4):
        time = persontime.expected(rows)
        for side in (0, 1):
            there = rows["doubled"].to_numpy() == bool(side)
            sums[side] += time.loc[there, ["ordered", "expected_ordered"]].sum().to_numpy(dtype=float)
        found.append(_differ(_followed(rows)))
    elsewhere, there = sums[:, 0] / sums[:, 1]
    return {"there": there, "elsewhere": elsewhere, "differ": 100 * float(np.mean(found))}


class Bar(NamedTuple):
    """A figure, what it is called, how it is written, and between what it must lie; None: it is told."""

    figure: str
    what: str
    form: str
    least: float | None = None
    most: float | None = None


class Simulation(NamedTuple):
    """What is planted, how many studies are made, what computes them, and their bars."""

    planted: str
    count: int
    run: Callable[[int], dict[str, float]]
    bars: tuple[Bar, ...]


FOUND = (
    Bar("found", "95 % interval of the hold-out lies above 0", "{:.1f} %", 80),
    Bar("points", "hold-out estimates on average", "{:+.2f} points"),
    Bar("covered", "95 % intervals cover 8 points", "{:.1f} %"),
    Bar("held_out", "held out reach a target", "{:.1f} %"),
)

SIMULATIONS = (
    Simulation(
        "nothing",
        2000,
        nothing_planted,
        (
            Bar("covered", "95 % intervals of the hold-out cover 0", "{:.2f} %", 93, 97),
            Bar("points", "observed - expected by person-time", "{:+.3f} points", -0.5, 0.5),
            Bar("ratio", "observed / expected by person-time", "{:.4f}"),
            Bar("naive", "followed - unfollowed by whole customers", "{:+.1f} points"),
            Bar("differ", "representatives differ from what was expected", "{:.2f} %", 4, 6),
            Bar("standing", "representatives differ in who reached", "{:.2f} %", 4, 6),
            Bar("beyond95", "books beyond the funnel's limits of 95 %", "{:.2f} %"),
            Bar("beyond998", "books beyond the funnel's limits of 99.8 %", "{:.2f} %"),
        ),
    ),
    Simulation("8 points at 12 %", 500, lambda count: eight_points(count, 12), FOUND),
    Simulation("8 points at 25 %", 500, lambda count: eight_points(count, 25), FOUND),
    Simulation("8 points at 40 %", 500, lambda count: eight_points(count, 40), FOUND),
    Simulation(
        "5 points, a logged choice",
        500,
        lambda count: confounder(count, "recency"),
        (
            Bar("adjusted", "AIPW - truth", "{:+.2f} points", -0.3, 0.3),
            Bar("covered", "95 % intervals of AIPW cover the truth", "{:.1f} %", 93, 97),
            Bar("raw", "raw - truth", "{:+.2f} points", 2),
        ),
    ),
    Simulation(
        "nothing, an unlogged choice",
        100,
        lambda count: confounder(count, "knowledge"),
        (
            Bar("adjusted", "AIPW - truth", "{:+.2f} points"),
            Bar("raw", "raw - truth", "{:+.2f} points"),
            Bar("persontime", "observed - expected by person-time", "{:+.2f} points"),
        ),
    ),
    Simulation(
        "order rate doubled in half of the books",
        300,
        doubled,
        (
            Bar("there", "observed / expected there", "{:.3f}", 1.9, 2.1),
            Bar("elsewhere", "observed / expected elsewhere", "{:.3f}", 0.95, 1.05),
            Bar("differ", "representatives differ", "{:.1f} %"),
        ),
    ),
)


def rows(share: float = 1.0) -> Iterator[Row]:
    """A row for each bar, with this share of the studies."""
    for simulation in SIMULATIONS:
        count = max(1, round(share * simulation.count))
        print(f"{simulation.planted}: {count:,} studies …", file=sys.stderr, flush=True)
        figures = simulation.run(count)
        for bar in simulation.bars:
            yield _row(f"{simulation.planted} planted, {count:,} studies: {bar.what}", figures, bar)


def _row(what: str, figures: dict[str, float], bar: Bar) -> Row:
    figure = figures[bar.figure]
    least, most = (
        -np.inf if bar.least is None else bar.least,
        np.inf if bar.most is None else bar.most,
    )
    between = " to ".join(f"{bound:g}" for bound in (bar.least, bar.most) if bound is not None)
    asked = f"at least {between}" if between and bar.most is None else between or "told"
    return Row(what, bar.form.format(figure), asked, bool(least <= round(figure, 9) <= most))


def _followed(rows: pd.DataFrame) -> pd.DataFrame:
    """The customer-runs with followed days, as ``differ`` takes them."""
    time = persontime.expected(rows)
    return rows.assign(observed=time["reached"].astype(float), expected=time["expected_reached"])[
        time["followed_days"] > 0
    ]


def _differ(rows: pd.DataFrame) -> bool:
    verdict = differ(rows, exchanges=EXCHANGES)
    return verdict is not None and verdict.differ


def _naive(rows: pd.DataFrame) -> float:
    """Points by which followed customers exceed the others if whole customers are compared.

    Follow-ups after the order are dropped, as a table of "follow-up, then order" would have it.
    """
    called = rows["followed_on"].notna() & ~(rows["followed_on"] > rows["order_on"])
    return 100 * float(rows.loc[called, "reached"].mean() - rows.loc[~called, "reached"].mean())


def _means(told: list[dict[str, float]]) -> dict[str, float]:
    return {str(name): float(mean) for name, mean in pd.DataFrame(told).mean().items()}


if __name__ == "__main__":
    print_table(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
