"""Sums over the first values of a histogram, in floats and in whole numbers.

The cost of a class, its sum of squares, is a difference of such sums. In floats it loses its digits
as soon as one value lies far from the others: 0, 1, 2 beside 1e8 have squares of 1e16 in all, and
of that a float knows no part smaller than 1. In whole numbers nothing is lost, but they are slow.
So floats say where an edge can lie, by a bound on what they lose, and whole numbers choose.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
Cuts: TypeAlias = int | Indices

MOST = 2**53  # beyond, floats skip whole numbers
FITS = 2**62  # sums below fit into the processor's whole numbers
FINER = 32  # bits after the point of a whole moment, twice as many of a cost; a division drops the rest
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Sums:
    """Sums over the values before each cut.

    Parameters
    ----------
    weight, moment, square
        How many customers, the sum of their values, and of the squares of these.
    error
        By how much the cost of a class may be off, at most.
    divide
        How a quotient is taken: of floats, or of whole numbers, rounded down.
    """

    weight: npt.NDArray[Any]
    moment: npt.NDArray[Any]
    square: npt.NDArray[Any]
    error: float
    divide: Callable[[Any, Any], Any]

    def cost(self, first: Cuts, last: Cuts) -> npt.NDArray[Any]:
        """Sum of squares of the class between two cuts, 0 if it is empty; broadcasts."""
        weight = np.asarray(self.weight[last] - self.weight[first])
        moment = self.moment[last] - self.moment[first]
        explained = self.divide(moment * moment, np.where(weight > 0, weight, 1))
        return np.where(weight > 0, self.square[last] - self.square[first] - explained, 0)

    def backward(self) -> Sums:
        """The same over the values after each cut, the last cut first."""
        weight, moment, square = (all_[-1] - all_[::-1] for all_ in (self.weight, self.moment, self.square))
        return Sums(weight, moment, square, self.error, self.divide)


@dataclass(frozen=True)
class Histogram:
    """Values, each taken as exactly the number that it is, and how many customers have each.

    Parameters
    ----------
    values
        Ascending: float64, or whole numbers of the unit, as int64 or, where that is too small, as
        Python's own.
    weights
        At least 1 each.
    unit
        What the number 1 is worth.
    """

    values: npt.NDArray[Any]
    weights: Counts
    unit: Fraction

    @classmethod
    def of(cls, values: Any, weights: Counts) -> Histogram:
        """From an array of ints or floats, or a list of ints, floats or Decimals."""
        array = np.asarray(values)
        small = array.dtype.kind in "iuf" and -MOST < array[0] <= array[-1] < MOST
        if array.dtype.kind == "f" and (small or isinstance(values, np.ndarray)):
            return cls(array.astype(np.float64), weights, Fraction(1))
        if small:
            return cls(array.astype(np.int64), weights, Fraction(1))
        ratios = [value.as_integer_ratio() for value in array.tolist()]
        common = lcm(*{below for _, below in ratios})
        numbers = [above * (common // below) for above, below in ratios]
        fits = max(-numbers[0], numbers[-1]) < FITS
        return cls(np.array(numbers, dtype=np.int64 if fits else object), weights, Fraction(1, common))

    def spread(self, first: int, last: int) -> float:
        """Sum of squared distances to the mean of the values between two cuts, by two passes."""
        weights, apart = self.weights[first:last], self._from(first, first, last)
        return float(np.sum(weights * (apart - np.average(apart, weights=weights)) ** 2))

    @property
    def apart(self) -> Floats:
        """How far the values lie from the middle one of the customers."""
        middle = np.searchsorted(np.cumsum(self.weights), self.weights.sum() / 2)
        return self._from(int(middle), 0, len(self.weights))

    def floats(self, first: int, last: int) -> Sums:
        """Sums before every cut from ``first`` to ``last``, and how much they lose.

        The bound is for the worst case: a class whose mean is as far away as the farthest value.
        Adding up in blocks, a sum of n terms loses sqrt(n) roundings and not n.
        """
        weights = self.weights[first:last]
        middle = int(np.searchsorted(np.cumsum(weights), weights.sum() / 2))
        apart = self._from(first + middle, first, last)
        moments = weights * apart
        running = _running(weights), _running(moments), _running(moments * apart)
        rounding = EPSILON * (isqrt(last - first) + 8)
        square, lost = float(running[2][-1]), rounding * float(np.abs(moments).sum())
        farthest = max(abs(float(apart[0])), abs(float(apart[-1])))
        error = 2 * rounding * square + 4 * lost * farthest + (2 * lost) ** 2
        return Sums(*running, error, operator.truediv)

    def whole(self, cuts: Indices) -> Sums:
        """Sums before each of these cuts, of which the first is 0 and the last n; all digits kept."""
        values, weights = self.values, self.weights
        if values.dtype == np.float64:
            values = _numerators(values)
        elif values.dtype == np.int64:
            values = values - values[len(values) // 2]
            if max(-int(values[0]), int(values[-1])) ** 2 * int(weights.sum()) >= FITS:
                values = values.astype(object)
        moments = weights * values

        def before(terms: npt.NDArray[Any], bits: int = 0) -> npt.NDArray[Any]:
            parts = np.add.reduceat(terms, cuts[:-1]).astype(object)
            return np.concatenate((np.zeros(1, dtype=object), np.cumsum(parts))) << bits

        square = before(moments * values, 2 * FINER)
        return Sums(before(weights), before(moments, FINER), square, 1, operator.floordiv)

    def _from(self, origin: int, first: int, last: int) -> Floats:
        """How far the values between two cuts lie from one of them."""
        apart: npt.NDArray[Any] = self.values[first:last] - self.values[origin]
        if apart.dtype == object:
            return np.array([float(number * self.unit) for number in apart])
        return apart if apart.dtype == np.float64 else apart * float(self.unit)


def _numerators(values: Floats) -> npt.NDArray[Any]:
    """Floats as whole multiples of the smallest step among them."""
    part, exponent = np.frexp(values)
    exponent = np.where(values == 0, exponent.max(), exponent)
    steps: npt.NDArray[Any] = np.ldexp(part, 53).astype(np.int64).astype(object)
    steps <<= (exponent - exponent.min()).astype(object)
    return steps


def _running(terms: npt.NDArray[Any]) -> Floats:
    """Running sums from 0."""
    block = isqrt(len(terms)) + 1
    padded = np.zeros((-(-len(terms) // block), block))
    padded.flat[: len(terms)] = terms
    sums = np.cumsum(padded, axis=1, out=padded)
    sums[1:] += np.cumsum(sums[:-1, -1])[:, None]
    return np.concatenate(([0.0], sums.ravel()[: len(terms)]))
