"""How far each edge could lie elsewhere: the breaks of many customers drawn anew.

Had other customers of the same kind been there, the edges would lie a little elsewhere. So as many
customers as there were are drawn from them with replacement, `DRAWS` times, and each draw is cut
anew; an edge's interval holds the middle of what comes out (Efron & Tibshirani 1993, chapter 13).

All draws have the same values and differ in their weights, so one pass of the programme of
`segcore.jenks_search` serves them together: its sums get a second axis, a column for each draw.

References
----------
Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from segcore.jenks import Cut, Scale, natural_breaks, plain
from segcore.jenks_sums import Counts, Floats, Histogram, Indices

DRAWS = 200
SEED = 20_251_231
OUTSIDE = 40
"""One in so many draws may lie below an interval, and one above it: 2.5 % each."""
MOST_VALUES = 4096
"""Distinct values that are told apart; drawing moves an edge by far more than one of so many."""
LOST = 1e-7
"""Of the sum of squares within classes, the most that floats may lose; else each draw is cut exactly."""

Edges: TypeAlias = tuple[int | float | Decimal, ...]


def edge_intervals(
    values: npt.ArrayLike | Sequence[Decimal],
    counts: npt.ArrayLike,
    edges: Edges,
    *,
    scale: Scale = "linear",
) -> tuple[Edges, Edges]:
    """The interval of each edge, over draws of as many customers.

    Parameters
    ----------
    values, counts, scale
        As for :func:`segcore.jenks.natural_breaks`.
    edges
        What it gave for them.

    Returns
    -------
    low, high
        Values of the data, two for each edge, both ascending. Of 200 draws the fifth lowest and the
        fifth highest edge, widened where that leaves out the edge itself. Draws with fewer distinct
        values than classes cannot be cut and are left out.

    Examples
    --------
    >>> edge_intervals([1, 2, 3, 8, 9, 10], [40, 1, 1, 1, 40, 40], (3,))
    ((1,), (3,))
    """
    cut = Cut.at(values, counts, edges, scale=scale)
    classes, histogram, own = len(edges) + 1, cut.histogram, np.array(cut.cuts, dtype=np.intp)
    if len(histogram.weights) <= classes:  # there is one way to cut them
        return edges, edges
    ends = _ends(histogram, own)
    apart, weights = _gathered(histogram, ends)
    lossy = histogram.floats(0, len(histogram.weights)).error > LOST * cut.within
    cuts = (_exact_cuts if lossy else draw_cuts)(apart, draws(weights), classes)
    lower, upper = (tuple(plain(cut.held[c - 1]) for c in bound) for bound in _bounds(ends[cuts], own))
    return lower, upper


def draws(counts: Counts) -> Counts:
    """As many customers drawn with replacement, `DRAWS` times.

    Returns
    -------
    array, DRAWS x n
        How many customers of each draw have each of the n values.
    """
    # The legacy generator, because its numbers are promised to stay the same in later numpy.
    total = int(counts.sum())
    drawn: Counts = np.random.RandomState(SEED).multinomial(total, counts / total, size=DRAWS)
    return drawn


def draw_cuts(apart: Floats, drawn: Counts, classes: int) -> Indices:
    """The best cuts of every draw that can be cut.

    Parameters
    ----------
    apart
        The n values, ascending, near 0.
    drawn
        As :func:`draws` gives them.
    classes
        How many classes to make, at least 2.

    Returns
    -------
    array, (classes - 1) x draws
        The cuts as in `segcore.jenks_search`; draws with fewer distinct values than classes are left
        out. Of equally good cuts the smallest, so that a value which a draw lacks never is its edge.
    """
    able = (drawn > 0).sum(axis=1) >= classes
    if not able.any():
        return np.empty((classes - 1, 0), dtype=np.intp)
    weights = drawn[able].T.astype(np.float64)
    sums = _Sums(apart, weights)
    n, columns = weights.shape
    rows = [sums.first]
    for edge in range(2, classes):
        rows.append(sums.row(rows[-1], range(edge, n - classes + edge + 1)))
    cuts, end = [], np.full(columns, n)
    for edge in range(classes - 1, 0, -1):
        end = sums.last(rows[edge - 1], edge, end)
        cuts.append(end)
    there = np.maximum.accumulate(np.where(weights > 0, np.arange(1, n + 1)[:, None], 0))
    found: Indices = np.take_along_axis(there, np.array(cuts[::-1]) - 1, axis=0)
    return found


class _Sums:
    """Sums before each cut, in rows, of each draw, in columns."""

    def __init__(self, apart: Floats, weights: Floats) -> None:
        terms = (weights, weights * apart[:, None], weights * (apart**2)[:, None])
        nothing = np.zeros((1, weights.shape[1]))
        self.weight, self.moment, self.square = (
            np.concatenate((nothing, np.cumsum(term, axis=0))) for term in terms
        )
        self.spare = np.empty_like(self.weight), np.empty_like(self.weight)

    @property
    def first(self) -> Floats:
        """The cost of one class of what is before each cut."""
        cost: Floats = self.square - self.moment**2 / np.maximum(self.weight, 1)
        return cost

    def row(self, costs: Floats, target: range) -> Floats:
        """Least costs before each cut of the target, given those with a class less; see `_row` there.

        The middle of the target is solved first, then the middles of both halves and so on. The best
        cuts of all draws together bound what must be looked at: draws of the same customers are cut
        at nearly the same places.
        """
        past = costs - self.square
        least = np.full_like(costs, np.inf)
        waiting = [(target.start, target.stop - 1, target.start - 1, target.stop - 2)]
        while waiting:
            first, last, low, high = waiting.pop()
            cut = (first + last) // 2
            least[cut], lowest, highest = self._least(past, cut, low, min(high, cut - 1))
            if first < cut:
                waiting.append((first, cut - 1, low, highest))
            if cut < last:
                waiting.append((cut + 1, last, lowest, high))
        least += self.square
        return least

    def _least(self, past: Floats, cut: int, low: int, high: int) -> tuple[Floats, int, int]:
        """The least costs before a cut over the cuts low to high, and the ends of where they are."""
        weight, cost = (spare[: high - low + 1] for spare in self.spare)
        np.subtract(self.weight[cut], self.weight[low : high + 1], out=weight)
        np.maximum(weight, 1, out=weight)  # a class of values that a draw lacks costs nothing
        np.subtract(self.moment[cut], self.moment[low : high + 1], out=cost)
        cost *= cost
        cost /= weight
        np.subtract(past[low : high + 1], cost, out=cost)
        least = cost.min(axis=0)
        found = np.flatnonzero((cost == least).any(axis=1))
        return least, low + int(found[0]), low + int(found[-1])

    def last(self, costs: Floats, edge: int, end: Indices) -> Indices:
        """Where each draw's edge lies, given the cut of the edge after it."""
        column = np.arange(len(end))
        weight = np.maximum(self.weight[end, column] - self.weight, 1)
        total = costs - self.square - (self.moment[end, column] - self.moment) ** 2 / weight
        cut = np.arange(len(total))[:, None]
        total[(cut < edge) | (cut >= end)] = np.inf
        place: Indices = total.argmin(axis=0)
        return place


def _exact_cuts(apart: Floats, drawn: Counts, classes: int) -> Indices:
    """As :func:`draw_cuts`, one draw after the other, where floats would lose too many digits."""
    cuts = []
    for weights in drawn:
        there = np.flatnonzero(weights)
        if len(there) >= classes:
            sizes = natural_breaks(apart[there], weights[there], classes).sizes
            ends = np.searchsorted(np.cumsum(weights[there]), np.cumsum(sizes)[:-1])
            cuts.append(there[ends] + 1)
    return np.array(cuts, dtype=np.intp).reshape(-1, classes - 1).T


def _ends(histogram: Histogram, own: Indices) -> Indices:
    """The cuts between values that are told apart; all of them, or about `MOST_VALUES` and the edges."""
    n = len(histogram.weights)
    if n <= MOST_VALUES:
        return np.arange(n + 1)
    sums = histogram.floats(0, n)
    shares = sums.weight / sums.weight[-1] + sums.square / sums.square[-1]
    inner = np.searchsorted(shares, np.linspace(0.0, shares[-1], MOST_VALUES + 1)[1:-1])
    return np.unique(np.concatenate(([0, n], own, inner)))


def _gathered(histogram: Histogram, ends: Indices) -> tuple[Floats, Counts]:
    """The mean and the customers of the values between two cuts."""
    apart, weights = histogram.apart, histogram.weights
    if len(ends) == len(weights) + 1:
        return apart, weights
    together = np.add.reduceat(weights, ends[:-1])
    return np.add.reduceat(apart * weights, ends[:-1]) / together, together


def _bounds(cuts: Indices, own: Indices) -> tuple[Indices, Indices]:
    """The order statistics of each edge's cuts, and the cuts themselves where they lie outside."""
    if not cuts.size:
        return own, own
    ordered = np.sort(cuts, axis=1)
    rank = max(1, cuts.shape[1] // OUTSIDE)
    return np.minimum(ordered[:, rank - 1], own), np.maximum(ordered[:, -rank], own)
