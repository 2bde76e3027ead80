"""How far observed may lie from expected by chance alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segcore.intervals import LIMITS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


def funnel(expected: pd.Series) -> pd.DataFrame:
    """The limits within which observed minus expected stays by chance.

    Parameters
    ----------
    expected
        How many were expected, per book or for the points of a curve; 0 or more.

    Returns
    -------
    DataFrame
        Aligned with it: low95, high95, low998, high998, in customers around 0.

    Notes
    -----
    Quantiles of the Poisson distribution, interpolated between whole numbers so that the curve is
    smooth: D. J. Spiegelhalter, Statistics in Medicine 24 (2005) 1185-1202, appendix A.1.
    """
    import numpy as np
    import pandas as pd

    mean = expected.to_numpy(dtype=float)
    columns = {}
    for name, share in LIMITS.items():
        tail = (1 - share) / 2
        columns[f"low{name}"] = np.maximum(_quantile(tail, mean), 0) - mean
        columns[f"high{name}"] = _quantile(1 - tail, mean) - mean
    return pd.DataFrame(columns, index=expected.index)


def _quantile(share: float, mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    import numpy as np
    from scipy.stats import poisson

    above = poisson.ppf(share, mean)
    reached, mass = poisson.cdf(above, mean), poisson.pmf(above, mean)
    between = np.divide(reached - share, mass, out=np.zeros_like(mean), where=mass > 0)
    return np.where(mean > 0, above - between, 0.0)
