"""Sums over the first values of a histogram, in whole numbers and in floats.

The cost of a class, its sum of squares, is a difference of such sums. In floats it loses its digits
as soon as one value lies far from the others: 0, 1, 2 beside 1e8 have squares of 1e16 in all, and
of that a float knows no part smaller than 1. In whole numbers nothing is lost, but they are slow.
So floats say where an edge can lie, by a bound on what they lose; whole numbers choose.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
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

FINER = 32  # bits after the point of a whole moment, twice as many of a cost; divisions drop the rest
FITS = 2**62  # sums below fit into the processor's whole numbers
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
        parts = (sums[last] - sums[first] for sums in (self.weight, self.moment, self.square))
        weight, moment, square = (np.asarray(part, dtype=self.weight.dtype) for part in parts)
        explained = self.divide(moment * moment, np.where(weight > 0, weight, 1))
        return np.where(weight > 0, square - explained, 0)

    def backward(self) -> Sums:
        """The same over the values after each cut, the last cut first."""
        after = [sums[-1] - sums[::-1] for sums in (self.weight, self.moment, self.square)]
        return Sums(*after, self.error, self.divide)


@dataclass(frozen=True)
class Whole:
    """A histogram whose values are whole numbers of some unit, counted from the middle customer's.

    Parameters
    ----------
    numbers
        The values, ascending: int64, or Python's whole numbers where those are too small.
    weights
        How many customers have each.
    unit
        What 1 is worth.
    """

    numbers: npt.NDArray[Any]
    weights: Counts
    unit: Fraction

    @classmethod
    def of(cls, values: npt.NDArray[Any] | Sequence[Any], weights: Counts) -> Whole:
        """From ascending ints, floats or Decimals, each taken as exactly the number that it is."""
        numbers, unit = _numbers(values)
        middle = np.searchsorted(np.cumsum(weights), weights.sum() / 2)
        return cls(numbers - numbers[middle], weights, unit)

    def exact(self, cuts: Indices) -> Sums:
        """Sums before each of these cuts, of which the first is 0 and the last n, all digits kept."""
        numbers, weights = self.numbers, self.weights
        if max(-int(numbers[0]), int(numbers[-1])) ** 2 * int(weights.sum()) >= FITS:
            numbers = numbers.astype(object)
        moments = weights * numbers
        sums = []
        for terms, bits in ((weights, 0), (moments, FINER), (moments * numbers, 2 * FINER)):
            parts = np.add.reduceat(terms, cuts[:-1]).astype(object)
            sums.append(np.concatenate((np.zeros(1, dtype=object), np.cumsum(parts))) << bits)
        return Sums(*sums, 1, operator.floordiv)

    def size(self, cost: int) -> float:
        """A cost of exact sums as a sum of squares of values."""
        return float(cost * (self.unit / 2**FINER) ** 2)

    def floats(self) -> Sums:
        """Sums before every cut, and how much they lose.

        Adding up in blocks loses sqrt(n) roundings instead of n. The bound is for the worst case, of
        a class whose mean is as far away as the farthest value.
        """
        bits = max(int(self.numbers[0]).bit_length(), int(self.numbers[-1]).bit_length())
        apart = (self.numbers >> max(0, bits - 300)).astype(np.float64)  # squares must stay floats
        moments = self.weights * apart
        squares = moments * apart
        share = EPSILON * (isqrt(len(apart)) + 8)
        moment, square = float(np.abs(moments).sum()), float(squares.sum())
        lost = share * moment
        error = 2 * share * square + 4 * lost * float(np.abs(apart[[0, -1]]).max()) + (2 * lost) ** 2
        return Sums(*(_running(terms) for terms in (self.weights, moments, squares)), error, operator.truediv)


def _numbers(values: npt.NDArray[Any] | Sequence[Any]) -> tuple[npt.NDArray[Any], Fraction]:
    """The values as whole numbers of a unit."""
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        fits = max(abs(int(array[0])), abs(int(array[-1]))) < FITS
        return array.astype(np.int64 if fits else object), Fraction(1)
    if isinstance(values, np.ndarray) and array.dtype.kind == "f":
        part, exponent = np.frexp(array.astype(np.float64))  # of 53 bits
        exponent = np.where(array == 0, exponent.max(), exponent)
        lowest = int(exponent.min())
        numbers = np.ldexp(part, 53).astype(np.int64).astype(object) << (exponent - lowest).astype(object)
        return numbers, Fraction(2) ** (lowest - 53)
    ratios = [value.as_integer_ratio() for value in values]
    common = lcm(*{below for _, below in ratios})
    return np.array([above * (common // below) for above, below in ratios], dtype=object), Fraction(1, common)


def _running(terms: npt.NDArray[Any]) -> Floats:
    """Running sums from 0."""
    block = isqrt(len(terms)) + 1
    padded = np.zeros((-(-len(terms) // block), block))
    padded.flat[: len(terms)] = terms
    sums = np.cumsum(padded, axis=1, out=padded)
    sums[1:] += np.cumsum(sums[:-1, -1])[:, None]
    return np.concatenate(([0.0], sums.ravel()[: len(terms)]))
