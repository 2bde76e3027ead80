"""Whether customers moved in this run as they did before, by more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore import tables
from segcore.transitions import generator
from segcore.transitions.states import GONE

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import Engine
    from segcore.transitions.panel import Panel

DRAWS, SEED = 2_000, 20090201
LEAST = 5
"""From which expected count on in every cell the chi-squared distribution is near enough."""

UNUSUAL = {
    "test": "VARCHAR",
    "statistic": "DOUBLE",
    "degrees": "INTEGER",
    "degrees_below": "INTEGER",
    "p_value": "DOUBLE",
    "permutation": "BOOLEAN",
    "even": "BOOLEAN",
    "runs": "SMALLINT",
    "from_segment": "VARCHAR",
    "to_segment": "VARCHAR",
    "customers": "BIGINT",
    "expected": "DOUBLE",
}


def unusual(engine: Engine, panel: Panel) -> pd.DataFrame:
    """Make ``unusual``: is this run unlike those before it, and are all runs unlike each other?

    Parameters
    ----------
    engine
        Where the table is made.
    panel
        The moves so far, see :func:`segcore.transitions.panel.panel`.

    Notes
    -----
    Columns out: test (``this run``: against all before it together; ``all runs``, where more than two
    have moves, for with two it is the same test: each against all together; ``usual spread``, from
    three runs with moves on: whether this run is further from those before it than they are from each
    other, for many customers make every season differ by more than chance), statistic (Pearson's
    chi-squared, see :func:`compare`; of the spread the ratio of both, each
    per degree of freedom, with Fisher's F), degrees, degrees_below (of F), p_value, permutation
    (it was found by drawing, for some count to expect is under 5), even (whether all gaps are equally
    long), runs (whose moves are compared), and of the move in this run that is furthest from what was
    to be expected: from_segment, to_segment, customers, expected. No rows where fewer than two runs
    have moves by the model of today.
    """
    rows: list[tuple[object, ...]] = []
    if len(panel.counts) > 1 and panel.counts[:-1].sum() and panel.counts[-1].sum():
        all_runs = likely(panel)
        tests = {"all runs": all_runs} if len(panel.counts) > 2 else {}
        tests["this run"] = _against_earlier(*all_runs)
        for test, (seen, shape) in tests.items():
            statistic, degrees, p, drawn = compare(seen, shape, even=panel.even)
            said = (round(statistic, 6), degrees, None, p, drawn, panel.even)
            rows.append((test, *said, len(panel.counts), *_furthest(panel, seen, shape)))
        beside = spread(*all_runs)
        if beside:
            rows.append(("usual spread", *beside, False, panel.even, len(panel.counts), *[None] * 4))
    return tables.put(engine, "unusual", UNUSUAL, rows)


def spread(seen: np.ndarray, shape: np.ndarray) -> tuple[float, int, int, float] | None:
    """Whether the last period is further from those before it than they are from each other.

    Parameters
    ----------
    seen, shape
        As for :func:`to_expect`.

    Returns
    -------
    tuple of float, int, int, float, or None
        The ratio of both chi-squared values per degree of freedom, the degrees of both, and the p value
        of Fisher's F. Earlier periods that are more alike than chance makes them count as chance does.
        None where there are fewer than two before the last.
    """
    from scipy.special import fdtrc

    now, before = _against_earlier(seen, shape), (seen[:-1], shape[:-1])
    free, below = degrees_of_freedom(now[0]), degrees_of_freedom(before[0])
    if not free or not below:
        return None
    usual = max(1.0, float(apart(before[0], to_expect(*before))) / below)
    ratio = float(apart(now[0], to_expect(*now))) / free / usual
    return round(ratio, 6), free, below, float(fdtrc(free, below, ratio))


def likely(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Counts and chances, gaps × segments × states; chances are all one where gaps are equal."""
    import numpy as np

    seen = panel.counts[:, :-1]
    if panel.even:
        return seen, np.ones_like(seen)
    by_gap = {days: generator.chances(panel.rates, days)[:-1] for days in set(panel.days)}
    return seen, np.stack([by_gap[days] for days in panel.days])


def _against_earlier(seen: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for two periods: all runs before this one, and this one."""
    import numpy as np

    before = seen[:-1].sum(axis=0)
    there = seen[:-1].sum(axis=2, keepdims=True)
    total = np.where(there.sum(axis=0) > 0, there.sum(axis=0), 1)
    together = (shape[:-1] * there).sum(axis=0) / total
    return np.stack([before, seen[-1]]), np.stack([together, shape[-1]])


def to_expect(seen: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """The counts to expect in each period if moves were alike in all of them.

    Parameters
    ----------
    seen
        Counts, … × periods × from × to.
    shape
        What is known of how chances differ between periods, for their lengths; all one if they do not.

    Returns
    -------
    ndarray
        Counts like ``seen``, with the same sums over periods. Where chances do not differ they are
        the customers of each row times the pooled share.
    """
    import numpy as np

    likely = seen.sum(axis=-1, keepdims=True) * shape
    sums = likely.sum(axis=-3, keepdims=True)
    found: np.ndarray = likely * np.divide(
        seen.sum(axis=-3, keepdims=True), sums, out=np.zeros_like(sums), where=sums > 0
    )
    return found


def degrees_of_freedom(seen: np.ndarray) -> int:
    """How many counts are free: for every row (periods with anybody - 1) × (destinations seen - 1).

    Notes
    -----
    Anderson and Goodman, Annals of Mathematical Statistics 28 (1957) 89-110, leaving out what cannot
    differ: a destination that nobody of the row ever reached, a row that a period does not have.
    """
    periods = (seen.sum(axis=2) > 0).sum(axis=0)
    reached = (seen.sum(axis=0) > 0).sum(axis=1)
    return int(((periods - 1).clip(0) * (reached - 1).clip(0)).sum())


def apart(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Pearson's chi-squared between counts and those to expect, … × periods × from × to."""
    import numpy as np

    parts = np.divide((seen - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    found: np.ndarray = parts.sum(axis=(-3, -2, -1))
    return found


def compare(
    seen: np.ndarray, shape: np.ndarray, *, even: bool = True
) -> tuple[float, int, float | None, bool]:
    """The test that moves are alike in several periods.

    Parameters
    ----------
    seen, shape
        As for :func:`to_expect`, periods × from × to.
    even
        Whether ``shape`` says nothing.

    Returns
    -------
    tuple of float, int, float or None, bool
        Chi-squared, its degrees of freedom, the p value (None if nothing can differ), and whether
        that was drawn: where some count to expect is under 5, from 2,000 seeded draws, p = (1 + draws
        at least as far apart) / (1 + draws). With equal gaps the customers of each row are dealt
        anew to the periods, which is exact; else each row is drawn from the chances of its gap.
    """
    import numpy as np
    from scipy.special import chdtrc

    expected = to_expect(seen, shape)
    statistic, degrees = float(apart(seen, expected)), degrees_of_freedom(seen)
    if not degrees:
        return statistic, 0, None, False
    if expected[expected > 0].min() >= LEAST:
        return statistic, degrees, float(chdtrc(degrees, statistic)), False
    chance = np.random.default_rng(SEED)
    as_far = 0
    for _ in range(DRAWS // PIECE):  # in pieces, so that memory does not grow with many runs
        drawn = _dealt(chance, seen) if even else _drawn(chance, seen, expected)
        as_far += int((apart(drawn, to_expect(drawn, shape)) >= statistic * (1 - 1e-9)).sum())
    return statistic, degrees, (1 + as_far) / (1 + DRAWS), True


PIECE = 500


def _dealt(chance: np.random.Generator, seen: np.ndarray) -> np.ndarray:
    """Tables with the sums of ``seen``, in which chance alone says who of a row fell into which period."""
    import numpy as np

    drawn = np.zeros((PIECE, *seen.shape))
    for row in range(seen.shape[1]):
        left = np.broadcast_to(seen[:, row].sum(axis=0).astype(np.int64), (PIECE, seen.shape[2])).copy()
        for period in range(len(seen) - 1):
            wanted = np.full(PIECE, int(seen[period, row].sum()))
            for place in range(seen.shape[2] - 1):
                rest = left[:, place + 1 :].sum(axis=1)
                took = chance.hypergeometric(left[:, place], rest, wanted)
                drawn[:, period, row, place] = took
                left[:, place] -= took
                wanted -= took
            drawn[:, period, row, -1] = wanted
            left[:, -1] -= wanted
        drawn[:, -1, row] = left
    return drawn


def _drawn(chance: np.random.Generator, seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Tables in which every row has its customers and goes where the chances of its gap lead."""
    import numpy as np

    drawn = np.zeros((PIECE, *seen.shape))
    for period, row in zip(*np.nonzero(seen.sum(axis=2)), strict=True):
        chances = expected[period, row] / expected[period, row].sum()
        drawn[:, period, row] = chance.multinomial(int(seen[period, row].sum()), chances, size=PIECE)
    return drawn


def _furthest(panel: Panel, seen: np.ndarray, shape: np.ndarray) -> tuple[str, str, int, float]:
    """The move of the last period that is furthest from what was to be expected, in deviations."""
    import numpy as np

    expected, now = to_expect(seen, shape)[-1], seen[-1]
    there = now.sum(axis=1, keepdims=True)
    rest = 1 - np.divide(expected, there, out=np.ones_like(expected), where=there > 0)
    spread = np.sqrt((expected * rest).clip(1e-12))
    far = np.abs(now - expected) / spread
    far[np.arange(len(far)), np.arange(len(far))] = -1
    i, j = divmod(int(np.argmax(far)), far.shape[1])
    return panel.segments[i], (*panel.segments, GONE)[j], int(now[i, j]), round(float(expected[i, j]), 2)
