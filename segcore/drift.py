"""Whether customers are still spread over the classes as they were when the edges were fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from segcore.intervals import LEVEL

RULE = 0.10
"""The usual rule of thumb: up to here a distribution is called stable."""
NOBODY = 0.5
"""As how many customers a class without any counts; its logarithm would be endless."""


@dataclass(frozen=True)
class Shift:
    """How far customers have shifted between classes.

    Parameters
    ----------
    psi
        The population stability index: the sum over classes of (q - p) ln(q / p), where p and q are
        the shares then and now.
    limit
        What chance alone stays under in 95 of 100 cases, if nothing has shifted.
    """

    psi: float
    limit: float

    @property
    def shifted(self) -> bool:
        """Whether it is more than chance, and more than the rule of thumb allows."""
        return self.psi > max(self.limit, RULE)


def shift(then: Sequence[int], now: Sequence[int]) -> Shift:
    """How far customers have shifted between two counts of the same classes.

    Parameters
    ----------
    then, now
        Customers of each class, at least one in all.

    Notes
    -----
    With n and m customers and B classes, PSI / (1/n + 1/m) is about chi-squared with B - 1 degrees of
    freedom if nothing has shifted: B. Yurdakul, "Statistical Properties of Population Stability
    Index", Western Michigan University (2018).

    Examples
    --------
    >>> round(shift([10, 20, 30, 40], [12, 18, 35, 35]).psi, 7)
    0.0201377
    """
    # scipy.stats would give the same quantile, and cost each run more than a second to import.
    from scipy.special import chdtri

    n, m = sum(then), sum(now)
    shares = [(max(a, NOBODY) / n, max(b, NOBODY) / m) for a, b in zip(then, now, strict=True)]
    psi = sum((q - p) * log(q / p) for p, q in shares)
    return Shift(psi, float(chdtri(len(shares) - 1, LEVEL)) * (1 / n + 1 / m))
