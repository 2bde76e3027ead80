"""The search for the best cuts of a histogram; `segcore.jenks` is how to ask for it.

A cut c stands before the value at position c: c values lie below it. Costs are sums of squared
distances to the mean of the own class. The best j classes of the first i values are the best j - 1
classes of the first c and one class of the rest, for the best cut c (Fisher 1958; Wang & Song 2011).

Two facts make this fast. The best c never moves down as i goes up, so that one row of the programme
takes n log n steps instead of n². And where there are very many distinct values, costs on a coarse
grid show where each edge can lie at all, so that only a small part of each row is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
Cuts: TypeAlias = int | Indices

TIE = 1e-12  # costs that differ by no more than this share of the total sum of squares are equal
COARSE_ABOVE = 10_000  # distinct values above which a coarse grid pays for itself
GRID_POINTS = 512
BLOCK = 1 << 16  # candidates looked at together; about what fits the processor's cache


def best_cuts(
    values: Floats, weights: Counts, classes: int, *, coarse_above: int = COARSE_ABOVE
) -> list[int]:
    """The k - 1 cuts with the least sum of squares within the classes.

    Parameters
    ----------
    values
        n ascending values.
    weights
        How often each occurs, at least once.
    classes
        k, from 1 to n.
    coarse_above
        Number of values above which a coarse grid narrows the search. It changes the time, never
        the cuts.

    Returns
    -------
    list of int
        Ascending, from 1 to n - 1. Of equally good ones the componentwise smallest.
    """
    sums = _Sums.of(values, weights)
    reaches = [range(edge, len(values) - classes + edge + 1) for edge in range(1, classes)]
    if reaches and len(values) > coarse_above:
        reaches = _narrowed(reaches, sums, _grid(values, sums))
    return _cuts(sums, reaches)


@dataclass(frozen=True)
class _Sums:
    """Sums over the first c values for every cut c from 0 to n, and what counts as a tie."""

    weight: Floats
    moment: Floats
    square: Floats
    tie: float

    @classmethod
    def of(cls, values: Floats, weights: Counts) -> _Sums:
        centred = values - np.average(values, weights=weights)  # else a large offset eats the digits
        moments = weights * centred
        squares = _running(moments * centred)
        return cls(_running(weights), _running(moments), squares, TIE * float(squares[-1]))

    def cost(self, first: Cuts, last: Cuts) -> Floats:
        """Sum of squares of the class between two cuts, 0 if it is empty; broadcasts."""
        weight = np.asarray(self.weight[last] - self.weight[first])
        moment = np.asarray(self.moment[last] - self.moment[first])
        explained = np.divide(moment * moment, weight, out=np.zeros_like(moment), where=weight > 0)
        return np.where(weight > 0, self.square[last] - self.square[first] - explained, 0.0)


def _running(terms: npt.NDArray[Any], block: int = 1024) -> Floats:
    """Running sums from 0. Added up by blocks, a million terms keep 14 digits instead of 12."""
    padded = np.zeros((-(-len(terms) // block), block))
    padded.flat[: len(terms)] = terms
    sums = np.cumsum(padded, axis=1, out=padded)
    sums[1:] += np.cumsum(sums[:-1, -1])[:, None]
    return np.concatenate(([0.0], sums.ravel()[: len(terms)]))


def _cuts(sums: _Sums, reaches: list[range]) -> list[int]:
    """Least costs forward, edge by edge; then the smallest of the equally good cuts backward."""
    source, rows = range(1), [np.zeros(1)]
    for reach in reaches:
        rows.append(_row(sums, rows[-1], source, reach))
        source = reach
    cuts = [len(sums.weight) - 1]
    for reach, costs in zip(reversed(reaches), reversed(rows), strict=False):
        candidates = _all(reach)[: cuts[-1] - reach.start]
        total = costs[: len(candidates)] + sums.cost(candidates, cuts[-1])
        cuts.append(reach.start + int(np.argmax(total <= total.min() + sums.tie)))
    return cuts[:0:-1]


def _all(cuts: range) -> Indices:
    return np.arange(cuts.start, cuts.stop)


def _row(sums: _Sums, costs: Floats, source: range, target: range) -> Floats:
    """Least costs of the values before each cut of ``target``, given those of ``source``.

    The middle of the target is solved first, then the middles of both halves and so on, all of one
    depth together. The best cuts of the neighbours solved before bound what must be looked at.
    """
    if len(source) == 1:
        return costs + sums.cost(source.start, _all(target))
    known = slice(source.start, source.stop)
    past = (sums.weight[known], sums.moment[known], costs - sums.square[known])
    size = len(target)
    least = np.empty(size)
    best = np.zeros(size + 2, dtype=np.intp)  # position in source; best[at + 1] belongs to target[at]
    best[-1] = len(source) - 1
    step = 1 << (size.bit_length() - 1)
    while step:
        at = np.arange(step - 1, size, 2 * step)
        cut = at + target.start
        low = best[at + 1 - step]
        high = np.minimum(best[np.minimum(at + 1 + step, size + 1)], cut - source.start - 1)
        for part in _parts(high - low + 1):
            here = (sums.weight[cut[part]], sums.moment[cut[part]])
            least[at[part]], best[at[part] + 1] = _least(past, here, low[part], high[part])
        step //= 2
    return least + sums.square[target.start : target.stop]


def _parts(lengths: Indices) -> Iterator[slice]:
    """Slices of about `BLOCK` candidates each."""
    ends = np.cumsum(lengths)
    stops = np.searchsorted(ends, np.arange(BLOCK, ends[-1], BLOCK)) + 1
    start = 0
    for stop in [*np.unique(stops).tolist(), len(lengths)]:
        if stop > start:
            yield slice(start, stop)
        start = stop


def _least(
    past: tuple[Floats, Floats, Floats], here: tuple[Floats, Floats], low: Indices, high: Indices
) -> tuple[Floats, Indices]:
    """For each cut here, the least cost over the cuts low to high of the past, and where it is.

    The sum of squares before the cut here is the same for all candidates and left to the caller.
    """
    lengths = high - low + 1
    ends = np.cumsum(lengths)
    starts = ends - lengths
    candidates = np.arange(ends[-1]) + np.repeat(low - starts, lengths)
    weight = np.repeat(here[0], lengths) - past[0][candidates]
    moment = np.repeat(here[1], lengths) - past[1][candidates]
    costs = past[2][candidates] - moment * moment / weight
    least = np.minimum.reduceat(costs, starts)
    found = np.flatnonzero(costs == np.repeat(least, lengths))
    return least, candidates[found[np.searchsorted(found, starts)]]


def _grid(values: Floats, sums: _Sums) -> Indices:
    """A few hundred cuts from 0 to n, half of them even over the values, half over the customers."""
    half = GRID_POINTS // 2
    by_value = np.searchsorted(values, np.linspace(values[0], values[-1], half))
    by_weight = np.searchsorted(sums.weight, np.linspace(0.0, sums.weight[-1], half))
    return np.unique(np.concatenate(([0, len(values)], by_value, by_weight)))


def _narrowed(reaches: list[range], sums: _Sums, grid: Indices) -> list[range]:
    """Where each edge can lie if all classes together cost no more than the best cuts on the grid.

    Let an edge lie between two neighbours of the grid. What is before the lower and what is after
    the upper neighbour then has its least cost or more. Where the two exceed a cost that can be had,
    the edge does not lie. Equally good cuts are kept, for each step back may add one tie.
    """
    costs = sums.cost(grid[:, None], grid)
    costs[np.tril_indices(len(grid), -1)] = np.inf
    reached = costs[0]
    for _ in reaches[1:]:
        reached = (reached[:, None] + costs).min(axis=0)
    limit = (reached + costs[:, -1]).min() + (len(reaches) + 10) * sums.tie
    before = _bounds(costs, len(reaches))
    after = [bound[::-1] for bound in reversed(_bounds(costs.T[::-1, ::-1], len(reaches)))]
    lows, highs = [], []
    for lower, upper in zip(before, after, strict=True):
        possible = np.flatnonzero(lower[:-1] + upper[1:] <= limit)
        lows.append(int(grid[possible[0]]))
        highs.append(int(grid[possible[-1] + 1]))
    return _apart(reaches, lows, highs)


def _bounds(costs: Floats, edges: int) -> list[Floats]:
    """At least this much cost 1, 2, … classes of the values before each point of the grid.

    The values between the two neighbours of an edge are counted for nothing.
    """
    bounds = [costs[0]]
    for _ in range(edges - 1):
        bounds.append(np.append(0.0, (bounds[-1][:-1, None] + costs[1:, 1:]).min(axis=0)))
    return bounds


def _apart(reaches: list[range], lows: list[int], highs: list[int]) -> list[range]:
    """The reaches cut down to low..high, each end at least one value from the next edge's."""
    for edge, reach in enumerate(reaches):
        lows[edge] = max(lows[edge], reach.start, lows[edge - 1] + 1 if edge else 0)
    for edge, reach in reversed([*enumerate(reaches)]):
        highs[edge] = min([highs[edge], reach.stop - 1, *(high - 1 for high in highs[edge + 1 : edge + 2])])
    return [range(low, high + 1) for low, high in zip(lows, highs, strict=True)]
