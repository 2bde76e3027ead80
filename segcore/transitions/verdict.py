"""Whether representatives differ at all, before anybody reads their rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore import tables

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segcore.engine import Engine

DRAWS, SEED = 20_000, 20090101
LEAST = 5
"""From which expected count on in every cell the chi-squared distribution is near enough."""

VERDICT = {"test": "VARCHAR", "p_value": "DOUBLE", "representatives": "BIGINT", "customers": "BIGINT"}


def verdict(engine: Engine) -> pd.DataFrame:
    """Make ``verdict``: one row, whether the rates of representatives differ by more than chance.

    Parameters
    ----------
    engine
        Holds ``representatives``, see :func:`segcore.transitions.representatives`.

    Notes
    -----
    Columns out: test (``chi-squared``, ``exact``, or ``none`` where fewer than two representatives
    have 20 customers or more), p_value (NULL without a test), representatives and customers: those
    that are compared, whose representative is recorded and not ``few``. No row where there is no
    headline.
    """
    rows = engine.rows(
        "select customers, reached from representatives where recorded and not few order by position"
    )
    test, p = compare([row[0] for row in rows], [row[1] for row in rows])
    row = (test, p, len(rows), sum(row[0] for row in rows))
    there = engine.rows("select 1 from headline limit 1")
    return tables.put(engine, "verdict", VERDICT, [row] if there else [])


def compare(customers: Sequence[int], reached: Sequence[int]) -> tuple[str, float | None]:
    """The test of equal rates in several books, and its p value.

    Parameters
    ----------
    customers, reached
        For every book how many customers it holds, and how many of them reached a target.

    Returns
    -------
    tuple of str and float or None
        ``chi-squared`` where every expected count is 5 or more; else ``exact``: given both sums,
        20,000 seeded draws of how those who reached a target fall into the books by chance, p =
        (1 + draws at least as far from equal) / (1 + draws). ``none`` and None for under two books.
    """
    import numpy as np

    if len(customers) < 2:
        return "none", None
    books, hits = np.array(customers, dtype=np.int64), np.array(reached, dtype=np.int64)
    rate = hits.sum() / books.sum()
    if books.min() * min(rate, 1 - rate) >= LEAST:
        # The distribution alone, for importing scipy.stats takes a second.
        from scipy.special import chdtrc

        return "chi-squared", float(chdtrc(len(books) - 1, _apart(hits, books, rate)))
    if not 0 < rate < 1:
        return "exact", 1.0
    chance, seen = np.random.default_rng(SEED), _apart(hits, books, rate) * (1 - 1e-9)
    # In pieces, so that memory does not grow with many representatives.
    pieces = (chance.multivariate_hypergeometric(books, hits.sum(), size=DRAWS // 20) for _ in range(20))
    as_far = sum(int((_apart(piece, books, rate) >= seen).sum()) for piece in pieces)
    return "exact", (1 + as_far) / (1 + DRAWS)


def _apart(hits: np.ndarray, books: np.ndarray, rate: float) -> np.ndarray:
    """Pearson's chi-squared of hits and misses against equal rates."""
    expected: np.ndarray = books * rate
    apart: np.ndarray = ((hits - expected) ** 2 / (expected * (1 - rate))).sum(axis=-1)
    return apart
