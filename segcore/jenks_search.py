"""The search for the best cuts of a histogram; `segcore.jenks` is how to ask for it.

A cut c stands before the value at position c: c values lie below it. Costs are sums of squared
distances to the mean of the own class. The best j classes of the first i values are the best j - 1
classes of the first c and one class of the rest, for the best cut c (Fisher 1958; Wang & Song 2011).

Three facts make this fast. The best c never moves down as i goes up, so that one row of the programme
takes n log n steps instead of n². Where there are very many distinct values, costs on a coarse grid
show where each edge can lie at all. And floats leave so few places for an edge that whole numbers,
which lose nothing, need only choose among these.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from segcore.jenks_sums import Histogram, Indices, Sums

TIE = 10**12  # costs that differ by no more than the best cost divided by this are equal
COARSE_ABOVE = 10_000  # distinct values above which a coarse grid pays for itself
GRID_POINTS = 512
BLOCK = 1 << 16  # candidates looked at together; about what fits the processor's cache


def best_cuts(histogram: Histogram, classes: int, *, coarse_above: int = COARSE_ABOVE) -> list[int]:
    """The k - 1 cuts with the least sum of squares within the classes.

    Parameters
    ----------
    histogram
        n values.
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
    n = len(histogram.values)
    reaches = _possible(histogram, classes, coarse_above)
    if all(len(reach) == 1 for reach in reaches):
        return [reach.start for reach in reaches]
    cuts = np.unique(np.concatenate([_all(reach) for reach in (range(1), *reaches, range(n, n + 1))]))
    starts = [int(np.searchsorted(cuts, reach.start)) for reach in reaches]
    places = [range(start, start + len(reach)) for start, reach in zip(starts, reaches, strict=True)]
    return [int(cuts[place]) for place in _cuts(histogram.whole(cuts), places)]


def _cuts(sums: Sums, reaches: list[range]) -> list[int]:
    """Least costs forward, edge by edge; then the smallest of the equally good cuts backward."""
    cuts, tie = [len(sums.weight) - 1], None
    for reach, costs in zip(reversed(reaches), reversed(_rows(sums, reaches)), strict=True):
        candidates = _all(reach)[: cuts[-1] - reach.start]
        total = costs[: len(candidates)] + sums.cost(candidates, cuts[-1])
        tie = sums.divide(total.min(), TIE) if tie is None else tie
        cuts.append(reach.start + int(np.argmax(total <= total.min() + tie)))
    return cuts[:0:-1]


def _possible(histogram: Histogram, classes: int, coarse_above: int) -> list[range]:
    """Where each edge can lie as far as floats can tell.

    What lies on both sides of an edge that can be at one place only are problems of their own, of
    smaller numbers: floats that lost all digits beside an outlier have them again without it.
    """
    n = len(histogram.values)
    found = [range(edge, n - classes + edge + 1) for edge in range(1, classes)]
    known, tie = -1, None
    while known < (known := sum(len(reach) == 1 for reach in found)) < len(found):
        reaches, found, best, start, open_ones = found, [], 0.0, 0, []
        for reach in (*reaches, range(n, n + 1)):
            if len(reach) > 1:
                open_ones.append(range(reach.start - start, reach.stop - start))
                continue
            part, least = _left(histogram.floats(start, reach.start), open_ones, tie, coarse_above)
            found += [range(start + other.start, start + other.stop) for other in part] + [reach]
            best, start, open_ones = best + least, reach.start, []
        tie = best / TIE
        found.pop()
    return found


def _left(
    sums: Sums, reaches: list[range], tie: float | None, coarse_above: int
) -> tuple[list[range], float]:
    """Where each edge can lie, given the least costs of what is before and after it; and the best cost."""
    n = len(sums.weight) - 1
    if not reaches:
        return [], float(sums.cost(0, n)) + sums.error
    if n > coarse_above:
        reaches = _narrowed(reaches, sums, tie)
    turned = [range(n - reach.stop + 1, n - reach.start + 1) for reach in reversed(reaches)]
    before, after = _rows(sums, reaches), reversed(_rows(sums.backward(), turned))
    lows, highs, limit = [], [], 0.0
    for reach, costs, rest in zip(reaches, before, after, strict=True):
        total = costs + rest[::-1]
        limit = _limit(sums, len(reaches), total.min(), tie)
        possible = np.flatnonzero(total <= limit)
        lows.append(reach[possible[0]])
        highs.append(reach[possible[-1]])
    return _apart(reaches, lows, highs), limit


def _limit(sums: Sums, edges: int, best: float, tie: float | None) -> float:
    """How much a way to cut may seem to cost and still be chosen, if the best one seems to cost this.

    Each step back may add one tie. Each cost may be off by the error, and each halving of a row may
    have followed a neighbour that only seemed the best, by two errors.
    """
    lost = (4 + 2 * len(sums.weight).bit_length()) * sums.error
    return best + (edges + 2) * (lost + ((best + edges * lost) / TIE if tie is None else tie))


def _rows(sums: Sums, reaches: list[range]) -> list[npt.NDArray[Any]]:
    """Least costs of the values before each cut of each edge."""
    source, rows = range(1), [np.zeros(1, dtype=sums.square.dtype)]
    for reach in reaches:
        rows.append(_row(sums, rows[-1], source, reach))
        source = reach
    return rows[1:]


def _all(cuts: range) -> Indices:
    return np.arange(cuts.start, cuts.stop)


def _row(sums: Sums, costs: npt.NDArray[Any], source: range, target: range) -> npt.NDArray[Any]:
    """Least costs of the values before each cut of ``target``, given those of ``source``.

    The middle of the target is solved first, then the middles of both halves and so on, all of one
    depth together. The best cuts of the neighbours solved before bound what must be looked at.
    """
    if len(source) == 1:
        alone: npt.NDArray[Any] = costs + sums.cost(source.start, _all(target))
        return alone
    known = slice(source.start, source.stop)
    past = (sums.weight[known], sums.moment[known], costs - sums.square[known])
    size = len(target)
    least = np.empty(size, dtype=costs.dtype)
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
            least[at[part]], best[at[part] + 1] = _least(sums, past, here, low[part], high[part])
        step //= 2
    least += sums.square[target.start : target.stop]
    return least


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
    sums: Sums, past: tuple[Any, Any, Any], here: tuple[Any, Any], low: Indices, high: Indices
) -> tuple[npt.NDArray[Any], Indices]:
    """For each cut here, the least cost over the cuts low to high of the past, and where it is.

    The sum of squares before the cut here is the same for all candidates and left to the caller.
    """
    lengths = high - low + 1
    ends = np.cumsum(lengths)
    starts = ends - lengths
    candidates = np.arange(ends[-1]) + np.repeat(low - starts, lengths)
    weight = np.repeat(here[0], lengths) - past[0][candidates]
    moment = np.repeat(here[1], lengths) - past[1][candidates]
    costs = past[2][candidates] - sums.divide(moment * moment, weight)
    least = np.minimum.reduceat(costs, starts)
    found = np.flatnonzero(costs == np.repeat(least, lengths))
    return least, candidates[found[np.searchsorted(found, starts)]]


def _grid(sums: Sums) -> Indices:
    """A few hundred cuts from 0 to n, even over values, customers and their squares together."""
    shares = np.linspace(0.0, 1.0, len(sums.weight))
    shares += sums.weight / sums.weight[-1] + sums.square / sums.square[-1]
    inner = np.searchsorted(shares, np.linspace(0.0, shares[-1], GRID_POINTS)[1:-1])
    return np.unique(np.concatenate(([0, len(shares) - 1], inner)))


def _narrowed(reaches: list[range], sums: Sums, tie: float | None) -> list[range]:
    """Where each edge can lie if all classes together cost no more than the best cuts on the grid.

    Let an edge lie between two neighbours of the grid. What is before the lower and what is after
    the upper neighbour then has its least cost or more. Where the two exceed a cost that can be had,
    the edge does not lie. Equally good cuts are kept.
    """
    grid = _grid(sums)
    costs = sums.cost(grid[:, None], grid)
    costs[np.tril_indices(len(grid), -1)] = np.inf
    reached = costs[0]
    for _ in reaches[1:]:
        reached = (reached[:, None] + costs).min(axis=0)
    limit = _limit(sums, len(reaches), (reached + costs[:, -1]).min(), tie)
    before = _bounds(costs, len(reaches))
    after = [bound[::-1] for bound in reversed(_bounds(costs.T[::-1, ::-1], len(reaches)))]
    lows, highs = [], []
    for lower, upper in zip(before, after, strict=True):
        possible = np.flatnonzero(lower[:-1] + upper[1:] <= limit)
        lows.append(int(grid[possible[0]]))
        highs.append(int(grid[possible[-1] + 1]))
    return _apart(reaches, lows, highs)


def _bounds(costs: npt.NDArray[Any], edges: int) -> list[npt.NDArray[Any]]:
    """At least this much cost 1, 2, … classes of the values before each point of the grid.

    The values between the two neighbours of an edge are counted for nothing.
    """
    bounds = [costs[0]]
    for _ in range(edges - 1):
        bounds.append(np.append(0, (bounds[-1][:-1, None] + costs[1:, 1:]).min(axis=0)))
    return bounds


def _apart(reaches: list[range], lows: list[int], highs: list[int]) -> list[range]:
    """The reaches cut down to low..high, each end at least one value from the next edge's."""
    for edge, reach in enumerate(reaches):
        lows[edge] = max(lows[edge], reach.start, lows[edge - 1] + 1 if edge else 0)
    for edge, reach in reversed([*enumerate(reaches)]):
        highs[edge] = min([highs[edge], reach.stop - 1, *(high - 1 for high in highs[edge + 1 : edge + 2])])
    return [range(low, high + 1) for low, high in zip(lows, highs, strict=True)]
