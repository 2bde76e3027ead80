"""From a histogram (value, how many customers) to exact natural breaks.

Natural breaks cut sorted values into k classes so that the values of a class lie as close to their
mean as they can: the sum of squared distances within the classes is the least of all ways to cut.
In one dimension this is solved exactly, and from the distinct values alone, so the number of
customers does not matter.

The method is Fisher's (1958), which Jenks brought to maps (1977); the dynamic programme is that of
Wang and Song (2011) and stands in `segcore.jenks_search`. Each value is taken as exactly the number
that it is, so that neither long numbers nor one far from all others cost a digit.

References
----------
Fisher, W. D. (1958). On grouping for maximum homogeneity. JASA 53, 789-798.
Jenks, G. F. (1977). Optimal data classification for choropleth maps. University of Kansas.
Wang, H. and Song, M. (2011). Ckmeans.1d.dp. The R Journal 3(2), 29-33.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from numbers import Number
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segcore.errors import BreaksError
from segcore.jenks_search import best_cuts
from segcore.jenks_sums import MOST, Counts, Floats, Histogram

Scale: TypeAlias = Literal["linear", "log"]

LARGEST = 1e100  # squares of larger numbers, added up, could leave the range of floats


@dataclass(frozen=True)
class Breaks:
    """The edges between classes, and how well they fit.

    Parameters
    ----------
    edges
        The k - 1 inner edges, ascending. Each is a value of the data; interval i is
        (edges[i - 1], edges[i]], open to both sides at the ends.
    sizes
        Customers in each of the k intervals, in ascending values.
    within
        Sum of squared distances to the mean of the own class, on the scale of the fit.
    total
        Sum of squared distances to the mean of all, on the same scale.
    """

    edges: tuple[int | float | Decimal, ...]
    sizes: tuple[int, ...]
    within: float
    total: float

    @property
    def gvf(self) -> float:
        """Goodness of variance fit: 1 if each class holds one value, 0 if nothing is explained."""
        return 1.0 - self.within / self.total if self.total else 1.0


def natural_breaks(
    values: npt.ArrayLike | Sequence[Decimal],
    counts: npt.ArrayLike,
    classes: int,
    *,
    scale: Scale = "linear",
    name: str = "values",
) -> Breaks:
    """Cut a histogram into classes with the least sum of squares within them.

    Costs within 1e-12 of the best cost are equal; of equal cuts the smaller wins, from the last edge
    back, which gives the componentwise smallest optimum. Time is about n log n for n distinct
    values, memory n times ``classes``.

    Parameters
    ----------
    values
        The n distinct values, ascending: an array of numbers, or a sequence of Decimals.
    counts
        How many customers have each value: n whole numbers of at least 1.
    classes
        How many classes to make.
    scale
        ``"linear"`` fits the values as they are, ``"log"`` fits ln(1 + value). Edges are values of
        the data either way.
    name
        The variable, for messages.

    Returns
    -------
    Breaks
        Edges of the type of the data: int, float or Decimal.

    Raises
    ------
    BreaksError
        With fewer distinct values than classes, or values of -1 and less on the log scale.
    ValueError
        If ``values`` and ``counts`` are not a histogram, or ``classes`` is less than 1.

    Examples
    --------
    Eight customers with five values. The classes are {1, 1, 1, 1, 2} with a sum of squares of 0.8
    and {8, 9, 10} with 2.

    >>> breaks = natural_breaks([1, 2, 8, 9, 10], [4, 1, 1, 1, 1], classes=2)
    >>> breaks.edges, breaks.sizes
    ((2,), (5, 3))
    >>> round(breaks.within, 3), round(breaks.gvf, 3)
    (2.8, 0.976)
    """
    held, numbers = _numbers(values)
    weights = _weights(counts, len(numbers))
    _check_ascending(held, numbers)
    _check_classes(numbers, classes, scale, name)
    histogram = Histogram.of(_fitted(held, numbers, scale), weights)
    ends = [0, *best_cuts(histogram, classes), len(numbers)]
    return Breaks(
        edges=tuple(plain(held[cut - 1]) for cut in ends[1:-1]),
        sizes=tuple(int(size) for size in np.add.reduceat(weights, ends[:-1])),
        within=sum(histogram.spread(*span) for span in pairwise(ends)),
        total=histogram.spread(0, len(numbers)),
    )


@dataclass(frozen=True)
class Cut:
    """A histogram that is cut already, by these customers' edges or by those of others.

    Parameters
    ----------
    held
        The values as they were given.
    histogram
        The same on the scale of the fit.
    cuts
        How many of the values lie up to each edge, ascending.
    """

    held: Any
    histogram: Histogram
    cuts: tuple[int, ...]

    @classmethod
    def at(
        cls,
        values: npt.ArrayLike | Sequence[Decimal],
        counts: npt.ArrayLike,
        edges: Sequence[int | float | Decimal],
        *,
        scale: Scale = "linear",
    ) -> Cut:
        """Cut at edges; values and counts as for :func:`natural_breaks`."""
        held, numbers = _numbers(values)
        histogram = Histogram.of(_fitted(held, numbers, scale), _weights(counts, len(numbers)))
        return cls(held, histogram, tuple(bisect_right(held, edge) for edge in edges))

    @property
    def within(self) -> float:
        """Sum of squared distances to the mean of the own class, on the scale of the fit."""
        ends = sorted({0, *self.cuts, len(self.histogram.weights)})  # a class may have nobody
        return sum(self.histogram.spread(*span) for span in pairwise(ends))

    @property
    def gvf(self) -> float:
        """Goodness of variance fit, see :attr:`Breaks.gvf`."""
        total = self.histogram.spread(0, len(self.histogram.weights))
        return 1.0 - self.within / total if total else 1.0


def thin_classes(sizes: Sequence[int], *, fewest: int = 20, share: float = 0.005) -> tuple[int, ...]:
    """Which classes hold so few customers that little can be said about them.

    Parameters
    ----------
    sizes
        Customers per class.
    fewest, share
        A class is thin with fewer customers than ``fewest``, or than this share of all.

    Returns
    -------
    tuple of int
        Positions in ``sizes``, from 0.

    Examples
    --------
    >>> thin_classes([4751, 936, 170, 19, 2])
    (3, 4)
    """
    least = max(fewest, share * sum(sizes))
    return tuple(position for position, size in enumerate(sizes) if size < least)


def _numbers(values: Any) -> tuple[Any, Floats]:
    """The values as they were given, and as floats."""
    held = values if isinstance(values, list | tuple) else np.asarray(values)
    array = np.asarray(held)
    if array.dtype == object and all(isinstance(value, Number) for value in array.flat):
        array = np.array([float(value) for value in array.flat]).reshape(array.shape)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iuf"):
        raise ValueError(f"values must be one list of numbers (got {array.ndim}-d {array.dtype})")
    numbers = array.astype(np.float64)
    if np.ma.is_masked(values) or not (np.abs(numbers) < LARGEST).all():
        raise ValueError(f"values must be finite, less than {LARGEST:g} in size, and none may be missing")
    return held, numbers


def _weights(counts: npt.ArrayLike, n: int) -> Counts:
    array = np.asarray(counts)
    if array.shape != (n,):
        raise ValueError(f"counts must be one for each value (got {array.size} for {n} values)")
    if n and (array.dtype.kind not in "iu" or array.min() < 1):
        raise ValueError("counts must be whole numbers of at least 1")
    if array.sum(dtype=np.float64) > MOST:
        raise ValueError(f"counts must add up to {MOST:,} at most")
    return array.astype(np.int64)


def _check_ascending(held: Any, numbers: Floats) -> None:
    # Decimals and long integers are compared as they are: as floats, neighbours may be equal.
    if isinstance(held, np.ndarray) and held.dtype != object:
        ascending = bool((held[1:] > held[:-1]).all())
    else:
        ascending = all(low < high for low, high in pairwise(held))
    if not ascending:
        raise ValueError("values must be distinct and ascending")


def _check_classes(numbers: Floats, classes: int, scale: Scale, name: str) -> None:
    """Whether the values can be cut into so many classes at all."""
    if classes < 1:
        raise ValueError(f"classes must be at least 1 (got {classes})")
    if len(numbers) == 0:
        raise BreaksError(
            f"{name} must have a value for at least one customer (got none): "
            "look at the run date, at exclude and at population in the study"
        )
    if len(numbers) < classes:
        raise BreaksError(
            f"{name} must have at least {classes} distinct values for {classes} classes "
            f"(got {len(numbers)}): lower variables.{name}.classes in the study to at most {len(numbers)}"
        )
    if scale not in ("linear", "log"):
        raise ValueError(f"scale must be 'linear' or 'log' (got {scale!r})")
    if scale == "log" and numbers[0] <= -1:
        raise BreaksError(
            f"{name} must be greater than -1 everywhere to be cut on the log scale "
            f"(got {numbers[0]:g}): set variables.{name}.scale to linear in the study"
        )


def _fitted(held: Any, numbers: Floats, scale: Scale) -> Any:
    """The values on the scale of the fit."""
    return held if scale == "linear" else np.log1p(numbers)


def plain(value: Any) -> Any:
    """A number of an array as Python's own."""
    return value.item() if isinstance(value, np.generic) else value
