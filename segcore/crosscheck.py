"""The candidate's edges beside those of a second method.

Up to 10,000 customers that is jenkspy, the implementation that analysts know. It takes one number
per customer, so above that Fisher's programme is followed as it is printed, each value weighted by
its customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segcore import variables
from segcore.features import histogram
from segcore.rules import shown

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model, ModelVariable

MOST_VALUES = 3_000  # both methods' time grows with the square of what they are given
MOST_CUSTOMERS = 10_000
TOLERANCE = 1e-9  # of the least sum of squares
COLUMNS = ("variable", "unit", "scale", "method", "candidate", "other", "worse_by", "same_edges")


def against_jenkspy(engine: Engine, model: Model) -> pd.DataFrame:
    """The edges of every variable of a model, as they stand in it, and those of a second method.

    Parameters
    ----------
    engine
        Where SQL runs, with the table ``features``.
    model
        The candidate: the edges that were fitted on these customers.

    Returns
    -------
    DataFrame
        variable, unit, scale, method ("jenkspy", "textbook", or why neither), candidate and other (edges
        as people read them), worse_by (by which share the candidate's sum of squares within its
        classes exceeds the other's; 0 if they are equal, below 0 if it is smaller), same_edges.
        Where several cuts are equally good, the other method may choose another one.
    """
    import pandas as pd

    rows = [
        {
            "variable": variable.name,
            "unit": variables.unit_alone(variable),
            "scale": variable.scale,
            "candidate": _listed(variable.edges, variable),
            **_compared(*histogram(engine, variable.name), variable),
        }
        for variable in model.variables
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(
    values: Sequence[Any] | np.ndarray, counts: np.ndarray, variable: ModelVariable
) -> dict[str, object]:
    import numpy as np

    if len(counts) > MOST_VALUES:
        return {"method": f"more than {MOST_VALUES:,} distinct values"}
    plain = np.asarray(values, dtype=np.float64)
    fitted = np.log1p(plain) if variable.scale == "log" else plain
    ours = np.searchsorted(plain, np.array(variable.edges, dtype=np.float64), "right")
    method, cut = ("jenkspy", _jenkspy) if counts.sum() <= MOST_CUSTOMERS else ("textbook", _textbook)
    theirs = np.array(cut(fitted, counts, variable.classes), dtype=np.intp)
    mine, other, total = (_within(fitted, counts, cuts) for cuts in (ours, theirs, theirs[:0]))
    equal = abs(mine - other) <= TOLERANCE * min(mine, other) + 1e-30 * total  # a sum of 0 has roundings
    return {
        "method": method,
        "other": _listed([values[at - 1] for at in theirs], variable),
        "worse_by": 0.0 if equal else mine / other - 1 if other else np.inf,
        "same_edges": ours.tolist() == theirs.tolist(),
    }


def _listed(edges: Sequence[Any], variable: ModelVariable) -> str:
    plain = (edge.item() if hasattr(edge, "item") else edge for edge in edges)
    return ", ".join(shown(edge, variable) for edge in plain)


def _jenkspy(fitted: npt.NDArray[np.float64], counts: np.ndarray, classes: int) -> list[int]:
    import jenkspy
    import numpy as np

    bounds = jenkspy.jenks_breaks(np.repeat(fitted, counts), n_classes=classes)[1:-1]
    return [int(np.abs(fitted - bound).argmin()) + 1 for bound in bounds]


def _textbook(fitted: npt.NDArray[np.float64], counts: np.ndarray, classes: int) -> list[int]:
    """Every class that can be, after the best cuts of all that is below it (Fisher 1958)."""
    import numpy as np

    n, apart = len(fitted), fitted - np.average(fitted, weights=counts)
    weight, moment, square = (
        np.append(0.0, np.cumsum(counts * term)) for term in (apart**0, apart, apart**2)
    )
    best = np.full((classes + 1, n + 1), np.inf)
    start = np.zeros((classes + 1, n + 1), dtype=np.intp)
    best[0, 0] = 0.0
    for end in range(1, n + 1):
        explained = (moment[end] - moment[:end]) ** 2 / (weight[end] - weight[:end])
        ways = best[:-1, :end] + (square[end] - square[:end] - explained)
        start[1:, end] = ways.argmin(axis=1)
        best[1:, end] = ways.min(axis=1)
    cuts = [n]
    for number in range(classes, 1, -1):
        cuts.append(int(start[number, cuts[-1]]))
    return cuts[:0:-1]


def _within(fitted: npt.NDArray[np.float64], counts: np.ndarray, cuts: npt.NDArray[np.intp]) -> float:
    """The sum of squared distances to the mean of the own class."""
    import numpy as np

    parts = zip(np.split(fitted, cuts), np.split(counts, cuts), strict=True)
    return float(sum(w @ (x - np.average(x, weights=w)) ** 2 for x, w in parts if len(w)))
