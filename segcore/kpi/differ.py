"""Whether representatives differ at all, by exchanging whole customers between their books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segcore.intervals import LEVEL
from segcore.kpi.hazards import flags

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Floats = npt.NDArray[np.float64]

SEED = 8
EXCHANGES = 1999
MOST = 20_000_000
"""Customers that all exchanges together may move: very large studies make fewer of them."""


@dataclass(frozen=True)
class Verdict:
    """Whether books differ by more than exchanging their customers makes them differ.

    Parameters
    ----------
    differ
        Whether ``p_value`` is 0.05 or less.
    p_value
        Share of the exchanges, the books as they are included, in which they differ as much.
    books, customers, exchanges
        How many took part.
    """

    differ: bool
    p_value: float
    books: int
    customers: int
    exchanges: int


def standing(eligible: pd.DataFrame) -> pd.DataFrame:
    """What ``differ`` takes where nothing is known of follow-ups: who reached, beside those alike.

    Parameters
    ----------
    eligible
        customer_id, rep, segment, recency_class, frequency_class, run_date, reached.

    Returns
    -------
    DataFrame
        Aligned with the rows: customer_id, rep, segment, run_date, observed (reached, 0 or 1) and
        expected (the share of all books that reached, within segment, classes and run as far as 20
        customer-runs are alike, else within segment and classes, within segment, of all).
    """
    import numpy as np

    keys = ["segment", "recency_class", "frequency_class", "run_date"]
    observed = flags(eligible["reached"]).astype(float)
    rows = eligible[["customer_id", "rep", *keys]].assign(observed=observed)
    expected = np.full(len(rows), observed.mean() if len(rows) else 0.0)
    for count in (1, 3, 4):
        alike = rows.groupby(keys[:count], dropna=False)["observed"]
        many = (alike.transform("size") >= 20).to_numpy()
        expected = np.where(many, alike.transform("mean").to_numpy(), expected)
    return rows.assign(expected=expected)


def differ(rows: pd.DataFrame, *, exchanges: int = EXCHANGES) -> Verdict | None:
    """The verdict on whether observed over expected differs between representatives.

    Parameters
    ----------
    rows
        customer_id, rep, run_date, segment, observed and expected of each customer-run: those of
        ``persontime.expected`` (rows with followed days; ``reached``, ``expected_reached``) or of
        ``standing``. Rows without a representative are left out.
    exchanges
        How often customers are exchanged, seeded.

    Returns
    -------
    Verdict or None
        None if there are not two books, or nothing was expected.

    Notes
    -----
    A customer goes from book to book with all customer-runs that stand in one book, so that those
    who come again and again count once. Kept fixed: how many customers of each segment (that of their
    first customer-run) a book has. What is the same for all books, like an effect of following up,
    is no difference: expectations are scaled to the sum of what was observed. Compared is the sum
    over books of (observed - expected)² / variance, this from the book's own customers and from all
    customers, half and half, so that neither small nor uneven books mislead it.
    """
    units, labels = _units(rows)
    total = float(units["expected"].sum()) if len(units) else 0.0
    if labels.max(initial=0) < 1 or total <= 0:
        return None
    expected = units["expected"].to_numpy() * (units["observed"].sum() / total)
    off = units["observed"].to_numpy() - expected
    exchanges = max(199, min(exchanges, MOST // len(units)))
    exceeded = 1 + _exceeding(off, labels, units["segment"].to_numpy(), exchanges)
    p_value = exceeded / (exchanges + 1)
    books = int(labels.max()) + 1
    return Verdict(p_value <= LEVEL, p_value, books, units["customer_id"].nunique(), exchanges)


def _units(rows: pd.DataFrame) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """One row per customer and book with its sums, ordered by segment, and the number of its book."""
    rows = rows[rows["rep"].notna()].sort_values(["run_date", "customer_id"], kind="stable")
    grouped = rows.groupby(["customer_id", "rep"], sort=True)
    units = grouped.agg(
        segment=("segment", "first"), observed=("observed", "sum"), expected=("expected", "sum")
    ).reset_index()
    units = units.sort_values(["segment", "customer_id", "rep"], kind="stable", ignore_index=True)
    units["segment"] = units.groupby("segment").ngroup()
    return units, units.groupby("rep", sort=True).ngroup().to_numpy().astype("int64")


def _exceeding(
    off: Floats, labels: npt.NDArray[np.int64], kept: npt.NDArray[np.int64], exchanges: int
) -> int:
    """In how many exchanges within stretches of equal ``kept`` books lie as far apart as they do."""
    import numpy as np

    generator = np.random.default_rng(SEED)
    books = np.eye(int(labels.max()) + 1)[labels]
    as_they_are = _spread(off[None, :], books)[0] * (1 - 1e-9)
    ends = np.flatnonzero(np.diff(kept)) + 1
    at_once = max(1, 1_000_000 // len(off))
    found = 0
    for done in range(0, exchanges, at_once):
        many = min(at_once, exchanges - done)
        parts = [np.tile(part, (many, 1)) for part in np.split(off, ends)]
        moved = np.concatenate([generator.permuted(part, axis=1) for part in parts], axis=1)
        found += int((_spread(moved, books) >= as_they_are).sum())
    return found


def _spread(off: Floats, books: Floats) -> Floats:
    """How far books lie apart, for each row of ``off`` (exchanges × customers)."""
    import numpy as np

    squares = off**2
    all_of_them = books.sum(axis=0) * squares.mean(axis=1, keepdims=True)
    variance = (squares @ books + all_of_them) / 2
    sums = off @ books
    return np.asarray((sums**2 / np.where(variance > 0, variance, 1)).sum(axis=1))
